//! Versions of the tools that this project is built with: the only place to change them.
//!
//! `wasm-bindgen-cli` is not here: it must equal the `wasm-bindgen` in `Cargo.lock`, and is read
//! from there.

use std::path::Path;

use anyhow::{Context as _, Result};

/// Bundler of the board. 0.22 needs a newer compiler than `rust-version` in `Cargo.toml`.
pub(crate) const TRUNK: Version = Version(0, 21, 14);

/// Checker of licenses, sources and known vulnerabilities of dependencies.
pub(crate) const CARGO_DENY: Version = Version(0, 20, 2);

/// Driver of Firefox for the tests.
pub(crate) const GECKODRIVER: Version = Version(0, 37, 1);

/// Oldest accepted `wasm-opt` of the user: it supports every feature that the compiler's output
/// uses.
pub(crate) const WASM_OPT_OLDEST: Version = Version(119, 0, 0);

/// Version of the npm package `binaryen`, which contains a `wasm-opt` that runs wherever Node runs.
pub(crate) const BINARYEN: &str = "132.0.0";

/// Packages of npm with the coding agents that the tests run, each with its version.
pub(crate) const HARNESSES: [(&str, &str); 4] = [
    ("@anthropic-ai/claude-code", "2.1.332"),
    ("@google/gemini-cli", "0.61.0"),
    ("@openai/codex", "0.171.0"),
    ("opencode-ai", "1.18.33"),
];

/// Packages of npm with the official tools and clients of the Model Context Protocol. They need a
/// newer Node than other tools, so it is among them.
pub(crate) const MCP_TOOLS: [(&str, &str); 4] = [
    ("@modelcontextprotocol/client", "2.4.0"),
    ("@modelcontextprotocol/conformance", "0.2.0-alpha.12"),
    ("@modelcontextprotocol/inspector", "2.12.0"),
    ("node", "22.23.3"),
];

/// A version as tools print it: major, minor, patch. Order is by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// Finds the first version in a tool's output: `trunk 0.21.14`, `wasm-opt version 132
    /// (version_132)`.
    pub(crate) fn find_in(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse)
    }

    /// Parses `1.95.0`, `132`, `0.2.129-alpha` or `1.95.0+dfsg1-2`; any suffix is ignored.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let numbers = word.split(['-', '+', '~']).next()?;
        let mut parts = numbers.split('.').map(|part| part.parse::<u32>().ok());
        let major = parts.next()??;
        let minor = parts.next().unwrap_or(Some(0))?;
        let patch = parts.next().unwrap_or(Some(0))?;
        Some(Self(major, minor, patch))
    }

    /// Returns true if `self` is compatible with `wanted`: the same up to the number that may
    /// break, and not older.
    pub(crate) fn fits(self, wanted: Self) -> bool {
        let same_line = self.0 == wanted.0 && (self.0 != 0 || self.1 == wanted.1);
        same_line && self >= wanted
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Returns the version of `wasm-bindgen` that this workspace is locked to.
///
/// # Errors
/// `Cargo.lock` cannot be read or has no `wasm-bindgen`.
pub(crate) fn wasm_bindgen(root: &Path) -> Result<Version> {
    let path = root.join("Cargo.lock");
    let lock = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    locked(&lock, "wasm-bindgen")
        .with_context(|| format!("{} does not contain wasm-bindgen", path.display()))
}

/// Returns the version of a package in the text of a `Cargo.lock`.
fn locked(lock: &str, package: &str) -> Option<Version> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')?;
    Version::parse(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_print() {
        assert_eq!(
            Version::find_in("trunk 0.21.14\n"),
            Some(Version(0, 21, 14))
        );
        assert_eq!(
            Version::find_in("wasm-bindgen 0.2.129 (abcdef)"),
            Some(Version(0, 2, 129))
        );
        assert_eq!(
            Version::find_in("wasm-opt version 132 (version_132)"),
            Some(Version(132, 0, 0))
        );
        assert_eq!(
            Version::find_in("rustc 1.97.0-nightly (e22c616e4 2026)"),
            Some(Version(1, 97, 0))
        );
        assert_eq!(Version::find_in("usage: trunk [options]"), None);
    }

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        assert!(Version(0, 21, 14) > Version(0, 21, 9));
        assert!(Version::parse("1.95.0+dfsg1-2~bpo13+1") < Version::parse("1.100.0"));
    }

    #[test]
    fn a_newer_patch_fits_but_a_new_breaking_version_does_not() {
        let wanted = Version(0, 21, 14);
        assert!(Version(0, 21, 14).fits(wanted));
        assert!(Version(0, 21, 20).fits(wanted));
        assert!(!Version(0, 21, 13).fits(wanted));
        assert!(!Version(0, 22, 20).fits(wanted));
        assert!(Version(1, 3, 0).fits(Version(1, 2, 9)));
        assert!(!Version(2, 0, 0).fits(Version(1, 2, 9)));
    }

    #[test]
    fn the_locked_version_is_that_of_the_package_itself_and_not_of_one_with_a_longer_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some(Version(0, 2, 129)));
        assert_eq!(locked(lock, "bindgen"), None);
    }

    #[test]
    fn this_workspace_locks_a_wasm_bindgen() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert!(wasm_bindgen(&root).is_ok());
    }
}
