//! Actions of menus and messages, freed together with them.

use std::fmt;
use std::sync::Arc;

/// Action of a menu item or of the button of a message.
///
/// A Leptos `Callback` belongs to the owner that is current when it is created. In an event handler
/// that is the owner of the view, which would keep one for every menu that was ever opened. While a
/// message of the server is handled there is no owner, and a `Callback` is never freed. A handler
/// is freed with the value that holds it.
#[derive(Clone)]
pub struct Handler(Arc<dyn Fn() + Send + Sync>);

impl Handler {
    /// Creates a handler that calls `run`.
    pub fn new(run: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(run))
    }

    /// Runs the action.
    pub fn run(&self) {
        (self.0)();
    }
}

impl Default for Handler {
    /// Creates a handler that does nothing.
    fn default() -> Self {
        Self::new(|| ())
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Handler").finish_non_exhaustive()
    }
}
