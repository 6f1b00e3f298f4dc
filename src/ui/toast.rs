//! Short messages that come up in a corner.

use std::time::Duration;

use leptos::prelude::*;

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
    pub action: Option<(String, Callback<()>)>,
}

impl Toast {
    /// A message without a button.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            level,
            text: text.into(),
            action: None,
        }
    }

    /// The same with a button.
    #[must_use]
    pub fn with_action(mut self, label: impl Into<String>, action: Callback<()>) -> Self {
        self.action = Some((label.into(), action));
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
            in_sight.retain(|shown| shown.toast.action.is_some() || shown.toast.text != toast.text);
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
