//! Something to do when a person asks for it, held by what offers it.

use std::fmt;
use std::sync::Arc;

/// What a line of a menu or a button of a message does.
///
/// Not a `Callback` of Leptos: that is kept by the owner that is current when it is made. In an event handler this is the owner of the view,
/// which would keep one for every menu that was ever opened; where a message of the server is handled there is none, and it would be kept for
/// ever. This one is freed with whatever holds it.
#[derive(Clone)]
pub struct Handler(Arc<dyn Fn() + Send + Sync>);

impl Handler {
    /// One that calls `run`.
    pub fn new(run: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(run))
    }

    /// Does it.
    pub fn run(&self) {
        (self.0)();
    }
}

impl Default for Handler {
    /// One that does nothing.
    fn default() -> Self {
        Self::new(|| ())
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Handler").finish_non_exhaustive()
    }
}
