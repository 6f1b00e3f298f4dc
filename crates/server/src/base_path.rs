//! Path of this server within a site, for a proxy that gives it only a part: `/board/` of
//! `https://example.com/board/`.

use std::fmt;
use std::str::FromStr;

/// An absolute path with a slash at both ends. `/` is the whole site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// Returns the path of a server that has the whole site.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Returns the path without the slash at the end; `None` for the whole site.
    pub fn prefix(&self) -> Option<&str> {
        self.0.strip_suffix('/').filter(|prefix| !prefix.is_empty())
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for BasePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |part: &str| {
            let is_name = part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
            is_name && !part.is_empty() && part != "." && part != ".."
        };
        let inner = text.trim_matches('/');
        if inner.is_empty() && !text.is_empty() {
            return Ok(Self::root());
        }
        if !text.starts_with('/') || !inner.split('/').all(plain) {
            return Err(format!(
                "invalid base path {text:?}: expected a path such as /board, of letters, digits \
                 and - . _ ~ between slashes"
            ));
        }
        Ok(Self(format!("/{inner}/")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_more_or_less_at_the_end_is_the_same_path() {
        for (written, kept, prefix) in [
            ("/", "/", None),
            ("/board", "/board/", Some("/board")),
            ("/board/", "/board/", Some("/board")),
            ("/a/b", "/a/b/", Some("/a/b")),
        ] {
            let path: BasePath = written.parse().unwrap();
            assert_eq!((path.to_string().as_str(), path.prefix()), (kept, prefix));
        }
    }

    #[test]
    fn what_would_have_to_be_escaped_is_no_base_path() {
        for wrong in [
            "",
            "board",
            "/a b",
            "/\"><script>",
            "/a/../b",
            "/a//b",
            "/{x}",
            "/?",
        ] {
            assert!(wrong.parse::<BasePath>().is_err(), "{wrong:?}");
        }
    }
}
