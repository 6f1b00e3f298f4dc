//! Actors in words: `agent:fix-1`, `human:ann`, `system:import` and the like.

use crate::i18n::I18n;

/// Returns the kind of an actor: `human`, `agent` or `system`.
pub fn actor_kind(actor: &str) -> &'static str {
    match actor.split(':').next() {
        Some("agent") => "agent",
        Some("system") => "system",
        _ => "human",
    }
}

/// Returns the display name of an actor.
pub fn actor_name(i18n: I18n, actor: &str) -> String {
    match actor.split_once(':') {
        Some(("agent", name)) => name.to_owned(),
        Some(("human", name)) if name != "local" => name.to_owned(),
        Some(("system", _)) => i18n.t(|s| s.common.the_server).to_owned(),
        _ => i18n.t(|s| s.common.a_person).to_owned(),
    }
}
