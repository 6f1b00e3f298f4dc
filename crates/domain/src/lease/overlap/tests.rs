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
