//! When two leases overlap.
//!
//! A lease covers a path, a directory with all that is in it, or what a glob pattern matches. Two overlap if, directory by
//! directory from the top, their names can be the same: equal but for capital letters, or a pattern that matches the name; two patterns
//! in the same place are taken to overlap, and so is everything from a `**` on, except that a plain path with an extension is
//! a file and is held against the whole pattern. It may report an overlap that is none (`*.rs` and `*.css`); it misses only
//! directories whose name looks like a file's. Leases are advice.
//!
//! A pattern has `*`, `?` or `{a,b}`. Brackets are letters of a name: web frameworks have `[id]` and
//! `[[...slug]]` in the names of files and directories.

use std::ops::Range;

use globset::{Error, GlobBuilder, GlobMatcher};
use tasktree_protocol::agent::Lease;

use super::spelling::fold;

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

/// A text with its alternatives such as `{a,b}`. `{a}` is a name.
struct Text<'a> {
    text: &'a str,
    /// Positions of the braces around alternatives.
    alternatives: Vec<(usize, usize)>,
}

impl<'a> Text<'a> {
    fn of(text: &'a str) -> Self {
        let mut open: Vec<(usize, bool)> = Vec::new();
        let mut alternatives = Vec::new();
        for (at, letter) in text.char_indices() {
            match letter {
                '{' => open.push((at, false)),
                ',' => {
                    if let Some((_, has_comma)) = open.last_mut() {
                        *has_comma = true;
                    }
                }
                '}' => {
                    if let Some((start, true)) = open.pop() {
                        alternatives.push((start, at));
                    }
                }
                _ => {}
            }
        }
        Self { text, alternatives }
    }

    /// Returns true for a part that is a pattern.
    fn is_pattern(&self, part: &Range<usize>) -> bool {
        self.text[part.clone()].contains(['*', '?'])
            || self
                .alternatives
                .iter()
                .any(|(start, _)| part.contains(start))
    }

    /// Returns true for a part in which alternatives begin that end after it.
    fn is_broken_off(&self, part: &Range<usize>) -> bool {
        let mut alternatives = self.alternatives.iter();
        alternatives.any(|(start, end)| part.contains(start) && !part.contains(end))
    }

    fn glob(&self, part: Range<usize>) -> Result<GlobMatcher, Error> {
        let is_brace = |at| {
            let mut alternatives = self.alternatives.iter();
            alternatives.any(|(start, end)| *start == at || *end == at)
        };
        let mut glob = String::new();
        for (at, letter) in self.text[part.clone()].char_indices() {
            match letter {
                '{' | '}' if is_brace(part.start + at) => glob.push(letter),
                '[' | ']' | '{' | '}' => glob.extend(['[', letter, ']']),
                letter => glob.push(letter),
            }
        }
        let mut builder = GlobBuilder::new(&glob);
        Ok(builder.literal_separator(true).build()?.compile_matcher())
    }
}

/// Reads a path or pattern that is relative to the project.
pub(super) fn pattern(path: &str) -> Result<Pattern, Error> {
    let folded = fold(path);
    let text = Text::of(&folded);
    let all = 0..folded.len();
    let whole = match text.is_pattern(&all) {
        true => Some(text.glob(all)?),
        false => None,
    };
    let (mut parts, mut start) = (Vec::new(), 0);
    for name in folded.split('/') {
        let part = start..start + name.len();
        start = part.end + 1;
        // "." is the directory that all paths are in.
        if name == "." {
            continue;
        }
        if !text.is_pattern(&part) {
            parts.push(Part::Name(name.to_owned()));
        } else if name == "**" || text.is_broken_off(&part) {
            parts.push(Part::Any);
            break;
        } else {
            parts.push(Part::Some(text.glob(part)?));
        }
    }
    Ok(Pattern {
        text: folded,
        whole,
        parts,
    })
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
        assert!(overlap("src", "src/a/b.rs"));
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
    fn brackets_and_braces_without_alternatives_are_letters_of_a_name() {
        let names = [
            "app/sign-in/[[...sign-in]]/page.tsx",
            "app/posts/[post-id]/page.tsx",
            "app/users/[id]/page.tsx",
            "app/users/[slug]/page.tsx",
            "app/(shop)/[...rest]/page.tsx",
            "src/routes/[x+2e]well-known/+server.ts",
            "src/{a/b.rs",
            "src/{id}/b.rs",
            "notes/[draft.md",
        ];
        for one in names {
            for other in names {
                assert_eq!(overlap(one, other), one == other, "{one} and {other}");
            }
        }
        assert!(overlap("app/users/[id]/*.tsx", "app/users/[id]/page.tsx"));
        assert!(!overlap("app/users/[id]/*.tsx", "app/users/i/page.tsx"));
        assert!(overlap("app/**", "app/users/[id]/page.tsx"));
        assert!(overlap("src/{a,b}.rs", "src/b.rs"));
        assert!(!overlap("src/{a,b}.rs", "src/c.rs"));
        assert!(overlap("src/{a/b,c}/x.rs", "src/a/b/x.rs"));
    }

    #[test]
    fn capital_letters_make_no_difference() {
        assert!(overlap("SRC/Config.rs", "src/config.rs"));
        assert!(overlap("SRC/*.RS", "src/config.rs"));
        assert!(overlap("docs/\u{c9}T\u{c9}.md", "docs/\u{e9}t\u{e9}.md"));
        assert!(!overlap("SRC/Config.rs", "src/other.rs"));
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
            let glob = GlobBuilder::new(pattern).literal_separator(true).build().unwrap();
            if glob.compile_matcher().is_match(&path) {
                prop_assert!(overlap(pattern, &path), "{pattern} and {path}");
            }
        }

        #[test]
        fn the_order_of_two_leases_does_not_matter_and_each_overlaps_with_itself(
            one in "[aB*?{},/.\\[\\]]{1,10}", other in "[aB*?{},/.\\[\\]]{1,10}",
        ) {
            let read = |text: &str| pattern(text).ok();
            if let (Some(left), Some(right)) = (read(&one), read(&other)) {
                prop_assert_eq!(left.overlaps(&right), right.overlaps(&left));
                prop_assert!(left.overlaps(&left));
            }
        }
    }
}
