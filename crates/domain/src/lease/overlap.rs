//! Overlaps of leases.
//!
//! A lease covers a path, a directory with all its contents, or the paths that a pattern matches.
//! In a pattern `*` and `?` stand for characters of one name, and `**` for any number of
//! directories. All other characters are literal: web frameworks have `[id]` and `{lang}` in names
//! of files.
//!
//! Two leases overlap if, directory by directory from the top, their names can be the same: equal
//! except for case, or a pattern that matches the name. Two patterns in the same place are assumed
//! to overlap, and so is everything from a `**` on, except that a plain path with an extension is a
//! file and is matched against the whole pattern. This may report an overlap that does not exist
//! (`*.rs` and `*.css`); it misses only directories whose name looks like a file's. Leases are
//! advisory.

use tasktree_protocol::agent::Lease;

use super::spelling::fold;
use crate::limits::LEASE_CONFLICTS_NAMED;

/// A path or pattern, prepared for comparison.
struct Pattern {
    text: String,
    parts: Vec<Part>,
}

enum Part {
    Name(String),
    /// A pattern for one name.
    Wild(Vec<char>),
    /// `**`: any number of directories.
    Any,
}

impl Pattern {
    /// Reads a path or pattern that is relative to the project.
    fn of(path: &str) -> Self {
        let text = fold(path);
        // "." is the project's directory, which contains all paths.
        let names = text.split('/').filter(|name| *name != ".");
        let parts = names.map(|name| match name {
            "**" => Part::Any,
            name if name.contains(['*', '?']) => Part::Wild(name.chars().collect()),
            name => Part::Name(name.to_owned()),
        });
        Self {
            parts: parts.collect(),
            text,
        }
    }

    fn has_any(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Any))
    }

    /// Returns true for a plain path whose last name has an extension (`.github` has none).
    fn is_file(&self) -> bool {
        let is_plain = self.parts.iter().all(|part| matches!(part, Part::Name(_)));
        let last = match self.parts.last() {
            Some(Part::Name(name)) => name.rfind('.'),
            _ => None,
        };
        is_plain && last.is_some_and(|at| at > 0)
    }

    fn overlaps(&self, other: &Self) -> bool {
        if self.text == other.text {
            return true;
        }
        for (file, pattern) in [(self, other), (other, self)] {
            if pattern.has_any() && file.is_file() {
                return covers(&pattern.parts, &file.parts);
            }
        }
        // If one ends first, it may be the directory that contains the other.
        let pairs = self.parts.iter().zip(&other.parts);
        for (ours, theirs) in pairs {
            match (ours, theirs) {
                (Part::Any, _) | (_, Part::Any) => return true,
                (Part::Wild(_), Part::Wild(_)) => {}
                (ours, theirs) if ours.accepts(theirs) || theirs.accepts(ours) => {}
                _ => return false,
            }
        }
        true
    }
}

impl Part {
    /// Returns true if this part matches a name.
    fn accepts(&self, name: &Self) -> bool {
        match (self, name) {
            (Self::Name(ours), Self::Name(name)) => ours == name,
            (Self::Wild(pattern), Self::Name(name)) => is_match(pattern, name),
            (Self::Any, _) => true,
            (Self::Name(_) | Self::Wild(_), _) => false,
        }
    }
}

/// Returns true if a pattern matches a path or a directory above it.
fn covers(pattern: &[Part], path: &[Part]) -> bool {
    // Flags by the number of pattern parts that can have matched the names so far.
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    skip_any(pattern, &mut reached);
    for name in path {
        let mut next = vec![false; pattern.len() + 1];
        for (at, part) in pattern.iter().enumerate() {
            if reached[at] && part.accepts(name) {
                let stays = matches!(part, Part::Any);
                next[if stays { at } else { at + 1 }] = true;
            }
        }
        skip_any(pattern, &mut next);
        if next[pattern.len()] {
            return true;
        }
        reached = next;
    }
    false
}

/// Lets each `**` that was reached match no directory.
fn skip_any(pattern: &[Part], reached: &mut [bool]) {
    for (at, part) in pattern.iter().enumerate() {
        if reached[at] && matches!(part, Part::Any) {
            reached[at + 1] = true;
        }
    }
}

/// Returns true if a pattern with `*` and `?` matches a name.
///
/// It backtracks to the last `*` only, so the time is at most the product of both lengths.
fn is_match(pattern: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut read) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while read < name.len() {
        match pattern.get(at) {
            Some('*') => {
                last_star = Some((at, read));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[read] => {
                at += 1;
                read += 1;
            }
            _ => match &mut last_star {
                Some((star, from)) => {
                    *from += 1;
                    (at, read) = (*star + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// Lists for each lease the other agents with overlapping leases, if either lease is exclusive.
pub(super) fn fill_conflicts(leases: &mut [Lease]) {
    let patterns: Vec<_> = leases
        .iter()
        .map(|lease| Pattern::of(&lease.path))
        .collect();
    for first in 0..leases.len() {
        for second in first + 1..leases.len() {
            let (ours, theirs) = (&leases[first], &leases[second]);
            if ours.agent == theirs.agent || !(ours.exclusive || theirs.exclusive) {
                continue;
            }
            if !patterns[first].overlaps(&patterns[second]) {
                continue;
            }
            for (at, of) in [(first, second), (second, first)] {
                let other = &leases[of].agent;
                let named = &leases[at].conflicts;
                if named.len() < LEASE_CONFLICTS_NAMED && !named.contains(other) {
                    let other = other.clone();
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
        let (left, right) = (Pattern::of(left), Pattern::of(right));
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
    fn brackets_and_braces_are_letters_of_a_name() {
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
        assert!(!overlap("src/{a,b}.rs", "src/b.rs"));
        assert!(overlap("src/{a,b}.*", "src/{a,b}.rs"));
    }

    #[test]
    fn capital_letters_make_no_difference() {
        assert!(overlap("SRC/Config.rs", "src/config.rs"));
        assert!(overlap("SRC/*.RS", "src/config.rs"));
        assert!(overlap("docs/\u{c9}T\u{c9}.md", "docs/\u{e9}t\u{e9}.md"));
        assert!(!overlap("SRC/Config.rs", "src/other.rs"));
    }

    /// Returns the result by definition, character by character.
    fn matches_by_definition(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                matches_by_definition(rest, name)
                    || !name.is_empty() && matches_by_definition(pattern, &name[1..])
            }
            ([letter, rest @ ..], [first, others @ ..]) => {
                (*letter == '?' || letter == first) && matches_by_definition(rest, others)
            }
            _ => false,
        }
    }

    #[test]
    fn a_lease_names_so_many_others_and_no_more() {
        let at = tasktree_protocol::Timestamp::from_unix_millis(0);
        let lease = |number: u64| Lease {
            id: number,
            agent: format!("agent-{number}").into(),
            path: "src/lib.rs".to_owned(),
            exclusive: true,
            reason: None,
            granted_at: at,
            expires_at: at,
            conflicts: Vec::new(),
            soft: false,
            run: None,
        };
        let mut leases: Vec<_> = (0..60).map(lease).collect();
        fill_conflicts(&mut leases);
        for lease in &leases {
            assert_eq!(lease.conflicts.len(), LEASE_CONFLICTS_NAMED);
            assert!(!lease.conflicts.contains(&lease.agent));
        }
    }

    proptest! {
        #[test]
        fn a_name_is_matched_as_defined(pattern in "[ab*?]{0,8}", name in "[ab]{0,8}") {
            let letters: Vec<char> = pattern.chars().collect();
            let expected = matches_by_definition(&letters, &name.chars().collect::<Vec<_>>());
            prop_assert_eq!(is_match(&letters, &name), expected);
        }

        #[test]
        fn what_a_pattern_matches_overlaps_with_it(
            directories in prop::collection::vec("[ab]{1,2}", 0..3), file in "[ab]{1,2}",
        ) {
            let path = |file: &str| [directories.clone(), vec![file.to_owned()]].concat().join("/");
            let path = path(&format!("{file}.rs"));
            prop_assert!(overlap("**/*.rs", &path));
            prop_assert!(overlap("**", &path));
            prop_assert_eq!(overlap("a/**", &path), directories.first().is_some_and(|one| one == "a"));
            prop_assert_eq!(overlap("**/*.css", &path), false);
        }

        #[test]
        fn the_order_of_two_leases_does_not_matter_and_each_overlaps_with_itself(
            one in "[aB*?{},/.\\[\\]]{1,10}", other in "[aB*?{},/.\\[\\]]{1,10}",
        ) {
            let (left, right) = (Pattern::of(&one), Pattern::of(&other));
            prop_assert_eq!(left.overlaps(&right), right.overlaps(&left));
            prop_assert!(left.overlaps(&left));
        }
    }
}
