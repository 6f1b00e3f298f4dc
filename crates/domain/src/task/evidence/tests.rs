use super::*;

fn commit() -> Statement {
    Statement {
        commit: Some("0123abc".to_owned()),
        ..Statement::default()
    }
}

fn verdict(stated: Statement, seen: Signs, observed: Observed) -> Option<Verdict> {
    nth_verdict(1, stated, seen, observed)
}

fn nth_verdict(
    generation: u64,
    stated: Statement,
    seen: Signs,
    observed: Observed,
) -> Option<Verdict> {
    let observed = Observed {
        generation,
        is_first_claim: generation == 1,
        ..observed
    };
    judge(stated, seen, observed, generation).map(|(_, verdict)| verdict)
}

/// A commit on the task's branch that the main branch lacks.
const AHEAD: Observed = Observed {
    generation: 0,
    is_first_claim: true,
    commit_exists: Some(true),
    branch_exists: Some(true),
    commit_on_branch: Some(true),
    commits_ahead: Some(1),
    commit_on_task_branch: Some(true),
    commit_in_main: Some(false),
    commit_was_in_main: Some(false),
    commit_is_new: None,
};

#[test]
fn a_commit_proves_what_was_done_in_its_claim() {
    let is = |generation, observed| nth_verdict(generation, commit(), Signs::LOG, observed);
    let new = Observed {
        commit_is_new: Some(true),
        ..AHEAD
    };
    let old = Observed {
        commit_is_new: Some(false),
        ..AHEAD
    };
    assert_eq!(is(1, AHEAD), Some(Verdict::Proven));
    assert_eq!(is(2, new), Some(Verdict::Proven));
    assert_eq!(is(2, AHEAD), Some(Verdict::Stated), "its age is unknown");
    assert_eq!(is(2, old), Some(Verdict::Stated), "it is another claim's");
    let merged = Observed {
        commit_in_main: Some(true),
        commits_ahead: None,
        ..AHEAD
    };
    assert_eq!(is(1, merged), Some(Verdict::Proven), "merged in the claim");
    let before = Observed {
        commit_was_in_main: Some(true),
        ..merged
    };
    assert_eq!(is(1, before), Some(Verdict::Stated), "merged before it");
    let elsewhere = Observed {
        commit_on_task_branch: Some(false),
        ..AHEAD
    };
    assert_eq!(is(1, elsewhere), Some(Verdict::Stated), "on another branch");
    let unknown = Observed {
        commit_in_main: None,
        ..AHEAD
    };
    assert_eq!(is(1, unknown), Some(Verdict::Stated));
}

#[test]
fn what_was_seen_under_another_claim_counts_for_nothing() {
    let seen = |generation| Observed {
        generation,
        ..AHEAD
    };
    let is = |observed| judge(commit(), Signs::LOG, observed, 1).map(|(_, verdict)| verdict);
    assert_eq!(is(seen(1)), Some(Verdict::Proven));
    assert_eq!(is(seen(2)), Some(Verdict::Stated));
}

#[test]
fn a_branch_that_went_with_its_merge_is_no_lie() {
    let stated = Statement {
        branch: Some("task-1".to_owned()),
        ..commit()
    };
    let gone = Observed {
        branch_exists: Some(false),
        commit_on_branch: None,
        commit_on_task_branch: None,
        commit_in_main: Some(true),
        ..AHEAD
    };
    let is = |observed| verdict(stated.clone(), Signs::LOG, observed);
    assert_eq!(is(gone), Some(Verdict::Proven));
    let before = Observed {
        commit_was_in_main: Some(true),
        ..gone
    };
    assert_eq!(is(before), Some(Verdict::Contradicted));
}

#[test]
fn a_claim_without_any_sign_of_work_cannot_be_proven() {
    assert_eq!(
        verdict(commit(), Signs::default(), AHEAD),
        Some(Verdict::Stated)
    );
    assert_eq!(verdict(commit(), Signs::LOG, AHEAD), Some(Verdict::Proven));
}

#[test]
fn a_fact_against_the_statement_contradicts_it() {
    let facts = [
        Observed {
            commit_exists: Some(false),
            ..Observed::default()
        },
        Observed {
            commit_exists: Some(true),
            commit_on_branch: Some(false),
            ..Observed::default()
        },
    ];
    for observed in facts {
        assert_eq!(
            verdict(commit(), Signs::LOG, observed),
            Some(Verdict::Contradicted),
            "{observed:?}"
        );
    }
    let branch = Statement {
        branch: Some("task-1".to_owned()),
        ..Statement::default()
    };
    let empty = Observed {
        branch_exists: Some(true),
        commits_ahead: Some(0),
        ..Observed::default()
    };
    assert_eq!(
        verdict(branch, Signs::LOG, empty),
        Some(Verdict::Contradicted)
    );
}

#[test]
fn nothing_stated_has_no_verdict_and_nothing_checked_is_stated() {
    let nothing = Statement::default();
    assert_eq!(verdict(nothing, Signs::LOG, Observed::default()), None);
    assert_eq!(
        verdict(commit(), Signs::LOG, Observed::default()),
        Some(Verdict::Stated)
    );
}
