//! The texts of the question before typed text is discarded.

use crate::i18n::I18n;
use crate::ui::DiscardWords;

/// Returns the texts, in the language of the page.
pub fn discard_words(i18n: I18n) -> DiscardWords {
    DiscardWords {
        question: (move || i18n.t(|s| s.common.discard_question)).into(),
        discard: (move || i18n.t(|s| s.common.discard)).into(),
        keep: (move || i18n.t(|s| s.common.keep_writing)).into(),
    }
}
