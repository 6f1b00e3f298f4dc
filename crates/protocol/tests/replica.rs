//! Applies snapshots and events to a replica.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

use proptest::prelude::*;
use tasktree_protocol::event::{Notice, TaskDeleted, TasksReset};
use tasktree_protocol::replica::{Replica, blocked_by};
use tasktree_protocol::{Cursor, Event, Message, ProjectId, Status, TaskCard, TaskId, Timestamp};

const PROJECT: &str = "p";

fn card(number: u64, rev: u64, status: Status, priority: u32) -> TaskCard {
    TaskCard {
        id: TaskId::new(number, &PROJECT.into()),
        number,
        title: format!("task {number}"),
        status,
        branch: format!("task-{number}"),
        priority,
        updated_at: Timestamp::from_unix_millis(rev.cast_signed()),
        rev,
        ..TaskCard::default()
    }
}

fn message(event: Event, seq: Option<u64>) -> Message {
    let mut message = Message::new(event, Some(PROJECT.into()), Timestamp::from_unix_millis(0));
    message.seq = seq;
    message.epoch = seq.map(|_| "e".into());
    message
}

/// Generates a log as a server writes it: rows whose versions only grow, some deleted and restored.
fn log() -> impl Strategy<Value = Vec<Message>> {
    let step = (1u64..8, 0usize..5, 0u32..4, prop::bool::weighted(0.2));
    prop::collection::vec(step, 0..60).prop_map(|steps| {
        let mut revs = [0u64; 8];
        let numbered = steps.into_iter().zip(1..);
        numbered
            .map(|((number, status, priority, deleted), seq)| {
                let rev = &mut revs[usize::try_from(number).unwrap()];
                *rev += 1;
                let row = card(number, *rev, Status::ALL[status], priority);
                let event = match (deleted, *rev) {
                    (true, _) => Event::TaskDeleted(TaskDeleted { task_id: row.id }),
                    (_, 1) => Event::TaskCreated(row),
                    (_, rev) if rev % 5 == 0 => Event::TasksReset(TasksReset {
                        reset_count: 1,
                        killed_sessions: Vec::new(),
                        tasks: vec![row],
                        undo: None,
                    }),
                    _ => Event::TaskUpdated(row),
                };
                message(event, Some(seq))
            })
            .collect()
    })
}

fn replica(messages: &[Message]) -> Replica {
    let mut replica = Replica::new(PROJECT.into());
    replica.apply_snapshot([], Some(Cursor::new("e".into(), 0)));
    for message in messages {
        replica.apply(message);
    }
    replica
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_snapshot_and_the_events_after_it_give_the_same_tasks_wherever_it_was_taken(
        log in log(), split: prop::sample::Index, overlap: prop::sample::Index,
    ) {
        let whole = replica(&log);
        let at = split.index(log.len() + 1);
        let snapshot = replica(&log[..at]);
        let mut second = Replica::new(PROJECT.into());
        second.apply_snapshot(snapshot.tasks().values().cloned(), snapshot.cursor().cloned());
        // Repeat some events that are in the snapshot.
        for message in &log[overlap.index(at + 1)..] {
            second.apply(message);
        }
        prop_assert_eq!(&second, &whole);
        // Applying anything twice changes nothing.
        for message in &log {
            prop_assert_eq!(second.apply(message), Default::default());
        }
        prop_assert_eq!(&second, &whole);
    }
}

#[test]
fn an_older_version_of_a_row_never_replaces_a_newer_one() {
    let mut replica = Replica::new(PROJECT.into());
    replica.apply_snapshot([card(1, 5, Status::Merged, 0)], None);
    let applied = replica.apply(&message(
        Event::TaskUpdated(card(1, 4, Status::Unclaimed, 0)),
        None,
    ));
    assert!(applied.changed.is_empty() && !applied.stale);
    assert_eq!(replica.tasks()["1-p"].status, Status::Merged);
}

#[test]
fn another_project_s_message_changes_nothing() {
    let mut replica = Replica::new("other".into());
    let applied = replica.apply(&message(
        Event::TaskCreated(card(1, 1, Status::Unclaimed, 0)),
        Some(1),
    ));
    assert_eq!(applied, Default::default());
    assert!(replica.tasks().is_empty());
}

#[test]
fn a_reset_empties_the_project_and_asks_for_its_tasks() {
    let mut replica = replica(&[message(
        Event::TaskCreated(card(1, 1, Status::Unclaimed, 0)),
        Some(1),
    )]);
    let mut reset = message(
        Event::ProjectReset(Notice {
            message: "gone".into(),
        }),
        Some(77),
    );
    reset.stream = Some("*".into());
    let applied = replica.apply(&reset);
    assert_eq!(applied.changed, ["1-p".into()]);
    assert!(applied.stale && replica.tasks().is_empty());
}

#[test]
fn what_an_older_backend_sends_asks_for_a_fetch_and_is_not_applied() {
    let mut replica = Replica::new(PROJECT.into());
    for (kind, data) in [
        (
            "task_updated",
            serde_json::json!({"id": "second-task", "task_id": 2, "title": "t", "status": "up_next", "updated_at": "2026-11-22 23:04:39.320044"}),
        ),
        (
            "tasks_reset",
            serde_json::json!({"reset_count": 4, "killed_sessions": []}),
        ),
        (
            "task_merged",
            serde_json::json!({"task_id": "third-task", "branch": "task-33"}),
        ),
        ("task_invented_later", serde_json::json!({})),
        (
            "plan_generated",
            serde_json::json!({"plan": "", "tasks_created": 3}),
        ),
    ] {
        let applied = replica.apply(&message(
            Event::from_json(kind, &data.to_string()).unwrap(),
            None,
        ));
        assert!(applied.stale && applied.changed.is_empty(), "{kind}");
    }
    let applied = replica.apply(&message(
        Event::from_json("log", r#"{"lines": []}"#).unwrap(),
        None,
    ));
    assert!(!applied.stale);
    assert!(replica.tasks().is_empty());
}

#[test]
fn a_task_waits_for_dependencies_that_exist_and_are_not_done() {
    let mut waiting = card(9, 1, Status::Unclaimed, 0);
    waiting.dependencies = (1..=6)
        .map(|number| TaskId::new(number, &ProjectId::from(PROJECT)))
        .collect();
    let status = |id: &TaskId| match id.as_str() {
        "1-p" => Some(Status::Completed),
        "2-p" => Some(Status::Merged),
        "3-p" => Some(Status::InProgress),
        "4-p" => Some(Status::Unclaimed),
        "5-p" => Some(Status::UpNext),
        _ => None,
    };
    assert_eq!(
        blocked_by(&waiting, status),
        ["3-p".into(), "4-p".into(), "5-p".into()]
    );
}

#[test]
fn the_dependencies_that_block_a_task_are_those_of_the_replica_that_are_not_done() {
    let mut waiting = card(9, 1, Status::Unclaimed, 0);
    waiting.dependencies = vec!["1-p".into(), "2-p".into(), "3-p".into()];
    let replica = replica(&[
        message(Event::TaskCreated(card(1, 1, Status::Merged, 0)), Some(1)),
        message(Event::TaskCreated(card(2, 1, Status::UpNext, 0)), Some(2)),
    ]);
    assert_eq!(replica.blocked_by(&waiting), ["2-p".into()]);
}

#[test]
fn a_message_that_changes_no_task_asks_for_no_fetch() {
    let plan = serde_json::json!({"plan": "", "tasks_created": 3}).to_string();
    let plan = Event::from_json("plan_generated", &plan).unwrap();
    let reset = Event::TasksReset(TasksReset {
        reset_count: 0,
        killed_sessions: Vec::new(),
        tasks: Vec::new(),
        undo: None,
    });
    let mut replica = Replica::new(PROJECT.into());
    for (event, seq) in [(plan, Some(1)), (reset, None)] {
        assert!(!replica.apply(&message(event, seq)).stale);
    }
}

#[test]
fn a_deleted_task_is_removed_without_a_fetch() {
    let mut replica = replica(&[message(
        Event::TaskCreated(card(1, 1, Status::Unclaimed, 0)),
        Some(1),
    )]);
    let deleted = TaskDeleted {
        task_id: "1-p".into(),
    };
    let applied = replica.apply(&message(Event::TaskDeleted(deleted), Some(2)));
    assert_eq!(applied.changed, ["1-p".into()]);
    assert!(!applied.stale && replica.tasks().is_empty());
}
