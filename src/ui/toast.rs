//! Short messages that come up in a corner.

use std::time::Duration;

use leptos::prelude::*;

use super::Handler;

pub mod host;

pub use host::ToastHost;

/// How many are in sight at once; the oldest makes room.
const IN_SIGHT: usize = 4;
/// How long one stays.
pub(super) const STAY: Duration = Duration::from_secs(6);
/// How long one stays that something can be done about: there must be time to reach the button.
pub(super) const STAY_WITH_ACTION: Duration = Duration::from_secs(12);

/// How serious a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing.
    #[default]
    Info,
    /// Something went well.
    Success,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
}

impl Level {
    /// The name in `data-level`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A message to show.
#[derive(Clone, Debug, Default)]
pub struct Toast {
    /// How serious it is.
    pub level: Level,
    /// One sentence.
    pub text: String,
    /// What can be done about it: the words of a button, and what it does.
    pub action: Option<(String, Handler)>,
    /// The name of its subject: a newer message with the same tag takes its place.
    pub tag: Option<String>,
    /// Set if it was announced already, so that screen readers need not read it out.
    pub is_announced: bool,
}

impl Toast {
    /// A message without a button.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            level,
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same with a button.
    #[must_use]
    pub fn with_action(mut self, label: impl Into<String>, action: Handler) -> Self {
        self.action = Some((label.into(), action));
        self
    }

    /// The same with a tag: it takes the place of the message that has that tag.
    #[must_use]
    pub fn tagged(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// The same for a message that was announced already.
    #[must_use]
    pub fn announced(mut self) -> Self {
        self.is_announced = true;
        self
    }
}

/// A message in sight.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Which.
    pub id: u64,
    /// What.
    pub toast: Toast,
}

/// Shows messages. It can be copied into callbacks and futures.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    in_sight: RwSignal<Vec<Shown>>,
    next_id: StoredValue<u64>,
}

impl Toasts {
    /// Shows a message. Where there are too many, the oldest makes room. Said again, a sentence is shown once, anew: a key that is held
    /// down does not fill the corner.
    pub fn push(self, toast: Toast) {
        // Answers that come when the page is gone have nobody to tell.
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

    /// Takes a message out of sight.
    pub fn dismiss(self, id: u64) {
        self.in_sight
            .update(|in_sight| in_sight.retain(|shown| shown.id != id));
    }

    /// Takes the messages out of sight whose tag `is_meant`.
    pub fn dismiss_tagged(self, is_meant: impl Fn(&str) -> bool) {
        let is_meant = |shown: &Shown| shown.toast.tag.as_deref().is_some_and(&is_meant);
        // Late answers may ask for it when the page is gone.
        let has_any = self
            .in_sight
            .try_with_untracked(|in_sight| in_sight.iter().any(is_meant));
        if has_any == Some(true) {
            self.in_sight
                .update(|in_sight| in_sight.retain(|shown| !is_meant(shown)));
        }
    }

    /// Those in sight, oldest first.
    pub fn in_sight(self) -> Signal<Vec<Shown>> {
        self.in_sight.into()
    }
}

/// Gives everything below a place for messages; [`ToastHost`] shows them.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        in_sight: RwSignal::default(),
        next_id: StoredValue::new(0),
    };
    provide_context(toasts);
    toasts
}

/// The page's messages. Where none were provided, nobody sees them.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}
