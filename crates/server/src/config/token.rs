//! The secret that a server can be started with.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;

/// A shared secret. It is never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Returns true if `presented` is this secret, in a time that depends on its length only.
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// Returns the secret, to be sent.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // It is sent in a header and in a cookie, where other characters would have to be quoted.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if text.len() < 8 {
            Err("a token must have at least 8 characters".into())
        } else if text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err("a token may contain only letters, digits and - . _ ~ + / =".into())
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_matches() {
        let token: Token = "correct-horse".parse().unwrap();
        assert!(token.matches("correct-horse"));
        for wrong in [
            "",
            "correct-hors",
            "correct-horse-",
            "correct-horsf",
            "correct-horse\0",
        ] {
            assert!(!token.matches(wrong), "{wrong:?}");
        }
        assert_eq!(format!("{token:?}"), "Token(..)");
        assert!("short".parse::<Token>().is_err());
        assert!("with a space".parse::<Token>().is_err());
    }
}
