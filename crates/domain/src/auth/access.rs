//! End of a credential's access, which all that it opened share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything that one credential or sign-in opened, until it ends.
#[derive(Debug)]
pub struct Access {
    credential: String,
    ended: AtomicBool,
}

impl Access {
    /// Returns the access that a credential opens.
    pub fn new(credential: &str) -> Arc<Self> {
        Arc::new(Self {
            credential: credential.to_owned(),
            ended: AtomicBool::new(false),
        })
    }

    /// Returns the id of the credential.
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// Ends the access for good.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Returns true if it was revoked, signed out or has expired.
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}
