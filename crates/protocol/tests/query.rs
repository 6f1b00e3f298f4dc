//! Queries: which tasks they select, and which they refuse.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use tasktree_protocol::query::{Fault, Fold, MAX_TERMS, Query, State};
use tasktree_protocol::{Status, TaskCard};

struct Task {
    card: TaskCard,
    states: Vec<State>,
}

impl Default for Task {
    fn default() -> Self {
        let card = TaskCard {
            number: 7,
            title: "Fix the login".into(),
            branch: "task-7".into(),
            session: Some("Ada".into()),
            labels: vec!["Backend".into(), "needs review".into()],
            status: Status::InProgress,
            priority: 2,
            ..TaskCard::default()
        };
        Self {
            card,
            states: vec![State::Waiting],
        }
    }
}

impl Task {
    fn with_priority(priority: u32) -> Self {
        let mut task = Self::default();
        task.card.priority = priority;
        task
    }
}

const FOLD: Fold = |text| text.to_lowercase();

fn selects(query: &str, task: &Task) -> bool {
    let is = |state| task.states.contains(&state);
    Query::parse(query, FOLD)
        .unwrap()
        .matches(&task.card, is, FOLD)
}

#[test]
fn every_term_has_to_apply() {
    let task = Task::default();
    for query in [
        "",
        "  ",
        "login",
        "LOGIN fix #7",
        "\"the login\"",
        "label:backend label:\"needs review\"",
        "status:working",
        "status:in_progress",
        "status:进行中",
        "agent:ADA",
        "priority:2 priority:<=2 priority:≥2 priority:>1 priority:<3",
        "is:waiting",
        "IS:waiting LABEL:backend",
        "-is:failed -label:ui -docs -\"other words\" -status:done",
        "-",
        "\" \"",
    ] {
        assert!(selects(query, &task), "{query}");
    }
    for query in [
        "login docs",
        "\"login the\"",
        "label:back",
        "-label:backend",
        "status:todo",
        "agent:bob",
        "priority:1",
        "is:ready",
        "-login",
        "-\"the login\"",
    ] {
        assert!(!selects(query, &task), "{query}");
    }
}

#[test]
fn no_priority_is_neither_more_nor_less_than_another() {
    let none = Task::with_priority(0);
    for query in ["priority:<=2", "priority:<1", "priority:>=0", "priority:>0"] {
        assert!(!selects(query, &none), "{query}");
    }
    assert!(selects("priority:0 -priority:<=2", &none));
}

#[test]
fn a_text_with_a_colon_that_is_no_condition_can_be_written() {
    let mut task = Task::default();
    task.card.title = "see https://x.org at 12:30 in src/a.rs:7 and fix: it".into();
    assert!(selects("https://x.org 12:30 src/a.rs:7 \"fix: it\"", &task));
}

#[test]
fn a_fault_has_its_place_and_the_likely_word() {
    let fault = |query: &str| Query::parse(query, FOLD).unwrap_err();
    let unknown = fault("修 lable:ui");
    assert_eq!(unknown.at, 2);
    assert_eq!(unknown.fault, Fault::UnknownKey);
    assert_eq!(unknown.likely_key(), Some("label"));
    let sentence = "'lable:' at character 3 is no condition; did you mean 'label:'?";
    assert_eq!(unknown.to_string(), sentence);
    assert_eq!(fault("fix: it").likely_key(), None);
    let value = fault("a -is:blokced");
    assert_eq!((value.at, value.text.as_str()), (6, "blokced"));
    assert_eq!(
        (value.fault, value.known_values()[0]),
        (Fault::UnknownState, "blocked")
    );
    let status = fault("status:unclaimd");
    assert_eq!(
        (status.fault, status.known_values().len()),
        (Fault::UnknownStatus, 5)
    );
    for (query, expected) in [
        ("label:", Fault::MissingValue),
        ("label: ui", Fault::MissingValue),
        ("agent:\"\"", Fault::MissingValue),
        ("a \"b", Fault::OpenQuote),
        ("label:\"b", Fault::OpenQuote),
        ("priority:high", Fault::NotANumber),
        ("priority:<", Fault::NotANumber),
        ("priority:<=-1", Fault::NotANumber),
        ("priority:+1", Fault::NotANumber),
        ("priority:99999999999", Fault::NotANumber),
    ] {
        assert_eq!(fault(query).fault, expected, "{query}");
    }
    let many = "x ".repeat(MAX_TERMS + 1);
    assert_eq!(fault(&many).fault, Fault::TooMany);
    assert!(Query::parse(&"x ".repeat(MAX_TERMS), FOLD).is_ok());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_at_a_place_in_it(text in ".{0,40}") {
        if let Err(error) = Query::parse(&text, FOLD) {
            prop_assert!(error.at <= text.chars().count());
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn a_negated_term_selects_the_other_tasks(
        term in prop::sample::select(vec![
            "login", "docs", "\"the login\"", "label:backend", "label:ui", "status:done",
            "status:working", "agent:ada", "priority:<=2", "priority:0", "is:waiting", "is:mine",
        ]),
        priority in 0_u32..5,
    ) {
        let task = Task::with_priority(priority);
        let negated = format!("-{term}");
        prop_assert_ne!(selects(term, &task), selects(&negated, &task));
    }

    #[test]
    fn a_query_selects_what_all_of_its_terms_select(
        terms in prop::collection::vec(
            prop::sample::select(vec!["login", "-docs", "label:backend", "is:ready", "priority:2"]),
            0..5,
        ),
    ) {
        let task = Task::default();
        let all = terms.iter().all(|term| selects(term, &task));
        prop_assert_eq!(selects(&terms.join(" "), &task), all);
    }
}
