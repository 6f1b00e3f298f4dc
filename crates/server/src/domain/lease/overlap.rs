//! When two leases overlap.
//!
//! A lease covers a path, a directory with all that is in it, or what a glob pattern matches. Two overlap if, directory by
//! directory from the top, their names can be the same: equal, or a pattern that matches the name; two patterns
//! in the same place are taken to overlap, and so is everything from a `**` on, except that a plain path with an extension is
//! a file and is held against the whole pattern. It may report an overlap that is none (`*.rs` and `*.css`); it misses only
//! directories whose name looks like a file's. Leases are advice.

use globset::{Error, GlobBuilder, GlobMatcher};
use tasktree_protocol::agent::Lease;

/// The path as it is compared: relative, with single slashes, without a trailing one.
pub(super) fn normalized(path: &str) -> String {
    let parts: Vec<_> = path
        .trim()
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

/// A path or pattern, ready to be compared.
pub(super) struct Pattern {
    text: String,
    /// None where it is a plain path.
    whole: Option<GlobMatcher>,
    parts: Vec<Part>,
}

enum Part {
    Name(String),
    /// A pattern for one name.
    Some(GlobMatcher),
    /// `**`, or something that crosses directories: from here on anything may match.
    Any,
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn glob(text: &str) -> Result<GlobMatcher, Error> {
    Ok(GlobBuilder::new(text)
        .literal_separator(true)
        .build()?
        .compile_matcher())
}

/// Reads a path or pattern.
pub(super) fn pattern(path: &str) -> Result<Pattern, Error> {
    let text = normalized(path);
    let whole = if is_pattern(&text) {
        Some(glob(&text)?)
    } else {
        None
    };
    let mut parts = Vec::new();
    // "." is the directory that all paths are in.
    for part in text.split('/').filter(|part| *part != ".") {
        if !is_pattern(part) {
            parts.push(Part::Name(part.to_owned()));
            continue;
        }
        // A slash within braces or brackets leaves a part that is no pattern by itself.
        match glob(part) {
            Ok(glob) if part != "**" => parts.push(Part::Some(glob)),
            _ => {
                parts.push(Part::Any);
                break;
            }
        }
    }
    Ok(Pattern { text, whole, parts })
}

impl Pattern {
    fn has_any(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Any))
    }

    /// Whether the last name has an extension (`.github` has none).
    fn is_file(&self) -> bool {
        matches!(self.parts.last(), Some(Part::Name(name)) if name.rfind('.').is_some_and(|at| at > 0))
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        if self.text == other.text {
            return true;
        }
        for (plain, pattern) in [(self, other), (other, self)] {
            if let (None, Some(whole)) = (&plain.whole, &pattern.whole) {
                // The file, or a directory above it, matches or not.
                if pattern.has_any() && plain.is_file() {
                    return prefixes(&plain.text).any(|path| whole.is_match(path));
                }
            }
        }
        // Where one ends first, it may be the directory that the other is in.
        self.parts
            .iter()
            .zip(&other.parts)
            .all(|(ours, theirs)| match (ours, theirs) {
                (Part::Name(ours), Part::Name(theirs)) => ours == theirs,
                (Part::Name(name), Part::Some(glob)) | (Part::Some(glob), Part::Name(name)) => {
                    glob.is_match(name)
                }
                (Part::Any, _) | (_, Part::Any) | (Part::Some(_), Part::Some(_)) => true,
            })
    }
}

/// `a`, `a/b`, `a/b/c` of `a/b/c`.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let ends = path
        .match_indices('/')
        .map(|(index, _)| index)
        .chain([path.len()]);
    ends.map(|end| &path[..end])
}

/// Names in each lease the other agents whose leases overlap with it, where either is exclusive.
pub(super) fn fill_conflicts(leases: &mut [Lease]) {
    let patterns: Vec<_> = leases
        .iter()
        .map(|lease| pattern(&lease.path).ok())
        .collect();
    for first in 0..leases.len() {
        for second in first + 1..leases.len() {
            let (ours, theirs) = (&leases[first], &leases[second]);
            if ours.agent == theirs.agent || !(ours.exclusive || theirs.exclusive) {
                continue;
            }
            let (Some(left), Some(right)) = (&patterns[first], &patterns[second]) else {
                continue;
            };
            if !left.overlaps(right) {
                continue;
            }
            for (at, of) in [(first, second), (second, first)] {
                let other = leases[of].agent.clone();
                if !leases[at].conflicts.contains(&other) {
                    leases[at].conflicts.push(other);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn overlap(left: &str, right: &str) -> bool {
        let (left, right) = (pattern(left).unwrap(), pattern(right).unwrap());
        assert_eq!(
            left.overlaps(&right),
            right.overlaps(&left),
            "the order does not matter"
        );
        left.overlaps(&right)
    }

    #[test]
    fn a_directory_covers_what_is_in_it_and_not_what_only_begins_like_it() {
        assert!(overlap("src", "src/lib.rs"));
        assert!(overlap("./src/", "src/a/b.rs"));
        assert!(overlap(".", "src/a/b.rs"));
        assert!(!overlap("src", "src2/lib.rs"));
        assert!(!overlap("src/a.rs", "src/b.rs"));
    }

    #[test]
    fn a_pattern_overlaps_with_the_paths_that_it_matches() {
        assert!(overlap("src/*.rs", "src/lib.rs"));
        assert!(!overlap("src/*.rs", "src/lib.css"));
        assert!(!overlap("src/*.rs", "lib.rs"));
        assert!(overlap("src/**/*.rs", "src/a/b/c.rs"));
        assert!(!overlap("src/**/*.rs", "src/a/b/readme.md"));
        assert!(overlap("src/**/*.rs", "src"));
        assert!(overlap("src/**/*.rs", "src/a"), "which may be a directory");
        assert!(!overlap("src/**", "tests/a.rs"));
    }

    #[test]
    fn two_patterns_in_the_same_place_are_taken_to_overlap() {
        assert!(overlap("src/*.rs", "src/a*"));
        assert!(overlap("src/**", "src/a/*.rs"));
        assert!(!overlap("src/*.rs", "tests/*.rs"));
    }

    #[test]
    fn a_broken_pattern_is_refused() {
        assert!(pattern("src/[a").is_err());
    }

    proptest! {
        #[test]
        fn whatever_a_pattern_matches_overlaps_with_it(
            directories in prop::collection::vec("[ab]{1,2}", 0..3), file in "[ab]{1,2}\\.rs", which in 0..4_usize,
        ) {
            let mut path = directories.join("/");
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&file);
            let pattern = ["**/*.rs", "*.rs", "a/**", "{a,b}*/*.rs"][which];
            if glob(pattern).unwrap().is_match(&path) {
                prop_assert!(overlap(pattern, &path), "{pattern} and {path}");
            }
        }
    }
}
