//! Secrets: 256 random bits, shown once when they are made. Only a digest is stored.
//!
//! The digest is a plain SHA-256: slow hashes protect what people choose, and nobody guesses 256
//! bits.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::store::Digest;

/// Number of random bytes in a secret.
const BYTES: usize = 32;

/// Prefix of a token's secret, so that people and scanners recognize it.
const TOKEN_PREFIX: &str = "tt_";

/// A secret that was just made. It is never printed by accident.
pub struct Secret(String);

impl Secret {
    /// Makes the secret of a token.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn token() -> Result<Self> {
        Self::random(TOKEN_PREFIX)
    }

    /// Makes the secret of a sign-in or a ticket.
    ///
    /// # Errors
    /// As [`Self::token`].
    pub fn plain() -> Result<Self> {
        Self::random("")
    }

    fn random(prefix: &str) -> Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::Internal(format!("Cannot get random bytes from the system: {error}"))
        })?;
        Ok(Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// Returns the secret, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns its digest, to be stored.
    pub fn digest(&self) -> Digest {
        digest(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// Returns the digest of a presented secret.
pub fn digest(secret: &str) -> Digest {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_new_each_time_and_not_printed() {
        let (one, other) = (Secret::token().unwrap(), Secret::token().unwrap());
        assert_ne!(one.digest(), other.digest());
        assert_eq!(one.reveal().len(), TOKEN_PREFIX.len() + 43);
        assert_eq!(one.digest(), digest(one.reveal()));
        assert_eq!(format!("{one:?}"), "Secret(..)");
    }

    #[test]
    fn a_ticket_can_be_offered_as_a_subprotocol() {
        let ticket = Secret::plain().unwrap();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(ticket.reveal().bytes().all(legal), "{}", ticket.reveal());
    }
}
