//! State of loading something from the server.

use crate::api::ApiError;

/// State of loading.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// Nothing was ever loaded: show the skeleton.
    Loading,
    /// Something was loaded, perhaps an empty board.
    Ready,
    /// Nothing could be loaded: offer a retry.
    Failed(ApiError),
}

impl Load {
    /// Returns true if something was loaded.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}
