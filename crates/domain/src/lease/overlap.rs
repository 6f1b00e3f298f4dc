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
use crate::limits::{LEASE_CONFLICT_PAIRS, LEASE_CONFLICT_PATHS, LEASE_CONFLICTS_NAMED};
use crate::record::{Clash, Clashes};

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
/// Returns the pairs of such agents: the first [`LEASE_CONFLICT_PAIRS`] by name.
pub(super) fn fill_conflicts(leases: &mut [Lease]) -> Clashes {
    let mut clashes = Clashes::new();
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
            note_clash(&mut clashes, &leases[first], &leases[second]);
        }
    }
    clashes
}

/// Adds the overlap of two leases to the pairs of agents.
fn note_clash(clashes: &mut Clashes, one: &Lease, other: &Lease) {
    let (lower, upper) = match one.agent < other.agent {
        true => (one, other),
        false => (other, one),
    };
    let began = match one.granted_at.unix_millis(0) > other.granted_at.unix_millis(0) {
        true => one.granted_at,
        false => other.granted_at,
    };
    let pair = (lower.agent.clone(), upper.agent.clone());
    let clash = clashes.entry(pair).or_insert_with(|| Clash {
        paths: Vec::new(),
        since: began,
    });
    if began.unix_millis(0) < clash.since.unix_millis(0) {
        clash.since = began;
    }
    for path in [&lower.path, &upper.path] {
        if clash.paths.len() < LEASE_CONFLICT_PATHS && !clash.paths.contains(path) {
            clash.paths.push(path.clone());
        }
    }
    if clashes.len() > LEASE_CONFLICT_PAIRS {
        clashes.pop_last();
    }
}

#[cfg(test)]
mod tests;
