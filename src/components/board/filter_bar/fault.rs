//! Sentences about searches that cannot be applied.

use tasktree_protocol::query::{Fault, KEYS, State};

use crate::i18n::I18n;
use crate::state::QueryFault;

/// Returns a sentence about a search that cannot be applied.
pub(super) fn fault_text(i18n: I18n, fault: &QueryFault) -> String {
    let error = match fault {
        QueryFault::NotKnown(State::Mine) => return i18n.t(|s| s.search.needs_sign_in).to_owned(),
        QueryFault::NotKnown(state) => {
            return i18n.t(|s| (s.search.not_known)(state.as_str()));
        }
        QueryFault::Wrong(error) => error,
    };
    let comma = i18n.t(|s| s.common.list_comma);
    let text = &error.text;
    match error.fault {
        Fault::UnknownKey => {
            let known = match error.likely_key() {
                Some(likely) => format!("{likely}:"),
                None => KEYS.map(|key| format!("{key}:")).join(comma),
            };
            i18n.t(|s| (s.search.unknown_key)(text, &known))
        }
        Fault::UnknownStatus | Fault::UnknownState => {
            i18n.t(|s| (s.search.unknown_value)(text, &error.known_values().join(comma)))
        }
        Fault::MissingValue => i18n.t(|s| (s.search.missing_value)(text)),
        Fault::OpenQuote => i18n.t(|s| s.search.open_quote).to_owned(),
        Fault::NotANumber => i18n.t(|s| (s.search.not_a_number)(text)),
        Fault::TooMany => i18n.t(|s| s.search.too_many).to_owned(),
    }
}
