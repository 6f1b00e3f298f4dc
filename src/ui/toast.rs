//! Short messages that appear in a corner.

use std::time::Duration;

use leptos::prelude::*;

use super::Handler;

pub mod host;

pub use host::ToastHost;

/// Maximum number of visible messages; the oldest makes room.
const IN_SIGHT: usize = 4;
/// Duration for which a message stays.
pub(super) const STAY: Duration = Duration::from_secs(6);
/// Duration for which a message with a button stays: there must be time to reach it.
pub(super) const STAY_WITH_ACTION: Duration = Duration::from_secs(12);

/// Severity of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing.
    #[default]
    Info,
    /// Success of an action.
    Success,
    /// Unexpected result that may need attention.
    Warning,
    /// Failure of an action.
    Error,
}

impl Level {
    /// Returns the value of the attribute `data-level`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Message to show.
#[derive(Clone, Debug, Default)]
pub struct Toast {
    /// Severity of the message.
    pub level: Level,
    /// Text of the message: one sentence.
    pub text: String,
    /// Label and action of its button.
    pub action: Option<(String, Handler)>,
    /// Name of its subject: a newer message with the same tag replaces it.
    pub tag: Option<String>,
    /// Set if it was announced already, so that screen readers need not read it out.
    pub is_announced: bool,
}

impl Toast {
    /// Creates a message without a button.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            level,
            text: text.into(),
            ..Self::default()
        }
    }

    /// Adds a button.
    #[must_use]
    pub fn with_action(mut self, label: impl Into<String>, action: Handler) -> Self {
        self.action = Some((label.into(), action));
        self
    }

    /// Adds a tag: it replaces the message that has that tag.
    #[must_use]
    pub fn tagged(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Marks it as announced already.
    #[must_use]
    pub fn announced(mut self) -> Self {
        self.is_announced = true;
        self
    }
}

/// Visible message.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Unique id of the message.
    pub id: u64,
    /// Content of the message.
    pub toast: Toast,
}

/// Handle that shows messages. It can be copied into callbacks and futures.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    in_sight: RwSignal<Vec<Shown>>,
    next_id: StoredValue<u64>,
}

impl Toasts {
    /// Shows a message. If there are too many, the oldest makes room. A repeated sentence replaces
    /// the former one: holding a key down does not fill the corner.
    pub fn push(self, toast: Toast) {
        // Answers that come when the page is gone have nobody to notify.
        let Some(id) = self.next_id.try_get_value() else {
            return;
        };
        self.next_id.try_set_value(id + 1);
        self.in_sight.try_update(|in_sight| {
            in_sight.retain(|shown| {
                let is_replaced = toast.tag.is_some() && shown.toast.tag == toast.tag;
                let is_same = shown.toast.action.is_none() && shown.toast.text == toast.text;
                !is_replaced && !is_same
            });
            in_sight.push(Shown { id, toast });
            let surplus = in_sight.len().saturating_sub(IN_SIGHT);
            in_sight.drain(..surplus);
        });
    }

    /// Removes a message.
    pub fn dismiss(self, id: u64) {
        self.in_sight
            .update(|in_sight| in_sight.retain(|shown| shown.id != id));
    }

    /// Removes the messages whose tag `is_meant` accepts.
    pub fn dismiss_tagged(self, is_meant: impl Fn(&str) -> bool) {
        let is_meant = |shown: &Shown| shown.toast.tag.as_deref().is_some_and(&is_meant);
        // Late answers may call this when the page is gone.
        let has_any = self
            .in_sight
            .try_with_untracked(|in_sight| in_sight.iter().any(is_meant));
        if has_any == Some(true) {
            self.in_sight
                .update(|in_sight| in_sight.retain(|shown| !is_meant(shown)));
        }
    }

    /// Returns the visible messages, oldest first.
    pub fn in_sight(self) -> Signal<Vec<Shown>> {
        self.in_sight.into()
    }
}

/// Provides messages to everything below; [`ToastHost`] shows them.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        in_sight: RwSignal::default(),
        next_id: StoredValue::new(0),
    };
    provide_context(toasts);
    toasts
}

/// Returns the page's messages. If none were provided, nobody sees them.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}
