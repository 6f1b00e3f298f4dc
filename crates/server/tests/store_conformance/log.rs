//! The log of events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tasktree_protocol::project::NewProject;
use tasktree_protocol::{
    AgentStatus, Event, Maybe, NewTask, Status, StreamId, TaskCard, TaskId, TaskPatch,
};
use tasktree_server::domain::{AgentPatch, Plan, RegisterAgent};
use tasktree_server::error::Error;
use tasktree_server::limits::{
    EVENTS_BYTES_KEPT, EVENTS_KEPT, EVENTS_TRIM_EVERY, EVENTS_TRIMMED, HISTORY_KEPT,
    HISTORY_TRIM_EVERY,
};
use tasktree_server::service::MergeBy;
use tasktree_server::store::{ChangeQuery, EventRow, Store};

use crate::core_support::{Core, Told, event, human};
use crate::jobs::queue;

/// Operation of a random history; most are refused at one time or another.
#[derive(Clone, Debug)]
enum Step {
    Create { status: Status, needs: Vec<u64> },
    Update { task: u64, patch: Box<TaskPatch> },
    Delete(u64),
    Restore(u64),
    Register { agent: u8, task: u64 },
    Finish { agent: u8, status: AgentStatus },
    Leave(u8),
    Merge(u64),
    ResetTasks,
    Plan,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let status = || prop::sample::select(Status::ALL.to_vec());
    let task = || 1_u64..8;
    let needs = || prop::collection::vec(task(), 0..3);
    let patch = (
        prop::option::of(status()),
        prop::option::of("[a-c]{1,3}"),
        prop::option::of(needs()),
        prop::option::of(0_u32..5),
    )
        .prop_map(|(status, title, needs, priority)| TaskPatch {
            status: status.map_or(Maybe::Absent, Maybe::Value),
            title: title.map_or(Maybe::Absent, Maybe::Value),
            dependencies: needs.map_or(Maybe::Absent, |needs| Maybe::Value(ids(&needs))),
            priority: priority.map_or(Maybe::Absent, Maybe::Value),
            ..TaskPatch::default()
        });
    let finish = prop::sample::select(vec![
        AgentStatus::Working,
        AgentStatus::Waiting,
        AgentStatus::Done,
        AgentStatus::Failed,
    ]);
    let step = prop_oneof![
        4 => (status(), needs()).prop_map(|(status, needs)| Step::Create { status, needs }),
        6 => (task(), patch).prop_map(|(task, patch)| Step::Update { task, patch: Box::new(patch) }),
        1 => task().prop_map(Step::Delete),
        1 => task().prop_map(Step::Restore),
        3 => (0_u8..3, task()).prop_map(|(agent, task)| Step::Register { agent, task }),
        2 => (0_u8..3, finish).prop_map(|(agent, status)| Step::Finish { agent, status }),
        1 => (0_u8..3).prop_map(Step::Leave),
        1 => task().prop_map(Step::Merge),
        1 => Just(Step::ResetTasks),
        1 => Just(Step::Plan),
    ];
    prop::collection::vec(step, 1..60)
}

fn ids(numbers: &[u64]) -> Vec<TaskId> {
    numbers
        .iter()
        .map(|number| number.to_string().into())
        .collect()
}

async fn perform(core: &Core, step: Step) -> Result<(), Error> {
    let (service, project) = (&core.service, &core.project);
    let id = |number: u64| TaskId::new(number, project);
    match step {
        Step::Create { status, needs } => {
            let new = NewTask {
                title: "Task".to_owned(),
                status,
                dependencies: ids(&needs),
                ..NewTask::default()
            };
            service.create_task(human(), project, new).await.map(drop)
        }
        Step::Update { task, patch } => service
            .update_task(human(), project, &id(task), *patch, None)
            .await
            .map(drop),
        Step::Delete(task) => service
            .delete_task(human(), project, &id(task))
            .await
            .map(drop),
        Step::Restore(task) => service
            .restore_task(human(), project, &id(task))
            .await
            .map(drop),
        Step::Register { agent, task } => {
            let new = RegisterAgent {
                id: format!("agent-{agent}").into(),
                task_id: Some(id(task)),
                branch: None,
                description: None,
                run: None,
            };
            service
                .register_agent(human(), project, new)
                .await
                .map(drop)
        }
        Step::Finish { agent, status } => {
            let patch = AgentPatch {
                status: Maybe::Value(status),
                ..AgentPatch::default()
            };
            let agent = format!("agent-{agent}").into();
            service
                .update_agent(human(), project, &agent, patch)
                .await
                .map(drop)
        }
        Step::Leave(agent) => service
            .remove_agent(human(), project, &format!("agent-{agent}").into())
            .await
            .map(drop),
        Step::Merge(task) => service
            .merge_task(human(), project, &id(task), MergeBy::Hand)
            .await
            .map(drop),
        Step::ResetTasks => service.reset_agent_tasks(human(), project).await.map(drop),
        Step::Plan => {
            // The second task is wrong, so neither may remain.
            let bad = NewTask {
                dependencies: ids(&[999]),
                ..NewTask::default()
            };
            let good = NewTask {
                title: "Planned".to_owned(),
                ..NewTask::default()
            };
            let plan = Plan {
                plan: "Plan".to_owned(),
                tasks: vec![good, bad],
            };
            service.store_plan(human(), project, plan).await.map(drop)
        }
    }
}

/// Checks that after any operations, also refused ones, the events lead to the rows.
///
/// Each write's position is that of its last event.
pub(crate) async fn the_events_give_the_rows(store: Arc<dyn Store>) {
    let mut runner = TestRunner::deterministic();
    let core = Core::over(store).await;
    for _ in 0..12 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        core.service
            .reset_project(human(), &core.project)
            .await
            .unwrap();
        core.told.take();
        let mut rows: BTreeMap<TaskId, TaskCard> = BTreeMap::new();
        let mut seq = 0;
        for step in steps {
            core.clock.advance(1);
            let refused = perform(&core, step.clone()).await.is_err();
            let events = core.told.events();
            assert!(
                !refused || events.is_empty(),
                "{step:?} was refused and told"
            );
            for logged in events
                .iter()
                .filter(|logged| logged.stream.as_str() == "alpha")
            {
                seq += 1;
                assert_eq!(logged.seq, seq);
                let event = event(logged);
                assert!(!matches!(event, Event::Unknown { .. }), "{event:?}");
                for card in event.rows() {
                    rows.insert(card.id.clone(), card.clone());
                }
                if let Event::TaskDeleted(deleted) = event {
                    rows.remove(&deleted.task_id);
                }
            }
            let snapshot = core.service.list_cards(&core.project).await.unwrap();
            let stored: BTreeMap<_, _> = snapshot
                .value
                .into_iter()
                .map(|card| (card.id.clone(), card))
                .collect();
            assert_eq!(stored, rows, "after {step:?}");
            assert_eq!(snapshot.cursor.seq, seq);
        }
    }
}

/// Writes that many events, about nothing in particular.
async fn fill_log(store: &Arc<dyn Store>, stream: &StreamId, events: u64) {
    fill_log_with(store, stream, events, 2).await;
}

async fn fill_log_with(store: &Arc<dyn Store>, stream: &StreamId, events: u64, bytes: usize) {
    let stream = stream.clone();
    let message = bytes::Bytes::from(vec![b'1'; bytes]);
    let outcome = queue(store, move |rows| {
        for _ in 0..events {
            let seq = rows.advance_stream(&stream)?.seq;
            rows.add_event(&EventRow {
                stream: stream.clone(),
                seq,
                kind: "notification".to_owned(),
                message: message.clone(),
            })?;
        }
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn what_happened_to_a_task_stays_when_the_log_has_gone_past_it(
    store: Arc<dyn Store>,
) {
    let core = Core::over(store.clone()).await;
    let id = core.task("First").await.id;
    core.service
        .reset_agent_tasks(human(), &core.project)
        .await
        .unwrap();
    let before = core.service.history(&core.project, &id, 10).await.unwrap();
    let stream = StreamId::project(&core.project);
    fill_log(&store, &stream, EVENTS_KEPT + EVENTS_TRIM_EVERY).await;
    assert!(core.service.read_events(&stream, 0, 1).await.is_err());
    let after = core.service.history(&core.project, &id, 10).await.unwrap();
    assert_eq!((after[0].seq, after[0].kind.as_str()), (1, "task_created"));
    assert_eq!(after, before);
}

pub(crate) async fn a_task_that_changes_all_the_time_keeps_the_newest_of_its_history(
    store: Arc<dyn Store>,
) {
    let core = Core::over(store).await;
    let (busy, other) = (core.task("Busy").await.id, core.task("Other").await.id);
    let changes = HISTORY_KEPT as u64 + 101;
    for number in 0..changes {
        // In turns, so that the task that is looked at has only every second position.
        for task in [&other, &busy] {
            let patch = TaskPatch {
                title: Maybe::Value(format!("Title {number}")),
                ..TaskPatch::default()
            };
            core.service
                .update_task(human(), &core.project, task, patch, None)
                .await
                .unwrap();
        }
    }
    for (task, top) in [(&busy, 2 + 2 * changes), (&other, 1 + 2 * changes)] {
        let history = core.service.history(&core.project, task, 1000);
        let history = history.await.unwrap();
        let most = HISTORY_KEPT + HISTORY_TRIM_EVERY as usize;
        let kept = history.len();
        assert!((HISTORY_KEPT..most).contains(&kept), "{kept}");
        let newest: Vec<u64> = (0..kept as u64).map(|back| top - 2 * back).collect();
        let seqs: Vec<u64> = history.iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, newest);
        assert_eq!(history[0].changed, ["title"]);
    }
}

pub(crate) async fn changes_are_dropped_by_age_and_by_size_a_few_at_a_time(store: Arc<dyn Store>) {
    let core = Core::over(store.clone()).await;
    for number in 0..30 {
        core.clock.advance(1000);
        core.task(&format!("Task {number}")).await;
    }
    let read = async || {
        let query = ChangeQuery {
            limit: 1000,
            ..ChangeQuery::default()
        };
        let page = core.service.changes(&core.project, query).await.unwrap();
        page.value.changes
    };
    let drop = async |until: i64, most: u64, limit: usize| {
        let more = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&more);
        let outcome = queue(&store, move |rows| {
            told.store(rows.drop_changes(until, most, limit)?, Ordering::SeqCst);
            Ok(())
        });
        outcome.await.await.unwrap().unwrap();
        more.load(Ordering::SeqCst)
    };
    let before = read().await;
    assert_eq!(before.len(), 31);
    // The oldest at or before the time, and no more than the limit.
    let until = before[20].entry.timestamp.unix_millis(0);
    assert!(drop(until, u64::MAX, 5).await, "six more are as old");
    assert_eq!(read().await, before[..26]);
    assert!(!drop(until, u64::MAX, 100).await);
    assert_eq!(read().await, before[..20]);
    // The oldest beyond the size.
    let drops_one = async || drop(0, 1, 1).await;
    assert!(drops_one().await);
    assert_eq!(read().await, before[..19]);
    assert!(!drop(0, 1, 1000).await);
    assert_eq!(read().await, []);
    // Records of a project that is gone for good go too.
    core.task("Another").await;
    let gone = core.project.clone();
    let outcome = queue(&store, move |rows| rows.delete_project(&gone));
    outcome.await.await.unwrap().unwrap();
    assert!(!drop(0, u64::MAX, 1000).await);
}

pub(crate) async fn the_newest_events_are_kept_and_older_ones_are_said_to_be_gone(
    store: Arc<dyn Store>,
) {
    let core = Core::over(store.clone()).await;
    let stream = StreamId::project(&core.project);
    let written = EVENTS_KEPT + 3 * EVENTS_TRIM_EVERY;
    fill_log(&store, &stream, written).await;
    let Err(Error::Trimmed { first_available }) = core.service.read_events(&stream, 0, 1).await
    else {
        panic!("the first events should be gone");
    };
    let kept = written + 1 - first_available;
    assert!(
        (EVENTS_KEPT..EVENTS_KEPT + EVENTS_TRIM_EVERY).contains(&kept),
        "{kept} are kept"
    );
    let page = core
        .service
        .read_events(&stream, first_available - 1, 2000)
        .await
        .unwrap();
    assert_eq!(page.first_available, first_available);
    assert_eq!(page.events[0].seq, first_available);
    assert_eq!((page.top, page.events.len()), (written, 2000));
}

pub(crate) async fn large_events_drive_out_older_ones_as_they_come(store: Arc<dyn Store>) {
    let core = Core::over(store.clone()).await;
    let stream = StreamId::project(&core.project);
    let first_kept = async || match core.service.read_events(&stream, 0, 1).await {
        Err(Error::Trimmed { first_available }) => first_available,
        other => panic!("the first events should be gone: {other:?}"),
    };
    let (small, large) = (8 << 10, 1 << 20);
    let all_small = EVENTS_BYTES_KEPT / small as u64;
    fill_log_with(&store, &stream, all_small, small).await;
    fill_log_with(&store, &stream, 1, large).await;
    let first = first_kept().await;
    assert!(
        (2..=EVENTS_TRIMMED + 1).contains(&first),
        "a few go with each that comes: {first}"
    );
    let more_large = all_small / EVENTS_TRIMMED + 20;
    fill_log_with(&store, &stream, more_large, large).await;
    let kept = all_small + 1 + more_large + 1 - first_kept().await;
    assert_eq!(kept * large as u64, EVENTS_BYTES_KEPT);
}

pub(crate) async fn a_reset_begins_a_new_epoch_at_0_and_removes_everything(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    let before = core.service.list_cards(&core.project).await.unwrap().cursor;
    core.task("First").await;
    core.told.take();
    let receipt = core
        .service
        .reset_project(human(), &core.project)
        .await
        .unwrap();
    assert_ne!(receipt.cursor.epoch, before.epoch);
    assert_eq!(receipt.cursor.seq, 0);
    let told = core.told.take();
    assert!(matches!(&told[0], Told::Reset(stream, cursor)
        if stream.as_str() == "alpha" && *cursor == receipt.cursor));
    assert!(matches!(&told[1], Told::Event(event)
        if event.stream == StreamId::system() && event.kind == "project_reset"));
    assert!(
        core.service
            .list_cards(&core.project)
            .await
            .unwrap()
            .value
            .is_empty()
    );
    let page = core
        .service
        .read_events(&StreamId::project(&core.project), 0, 10)
        .await
        .unwrap();
    assert!(page.events.is_empty());
}

pub(crate) async fn a_removed_project_leaves_nothing_and_can_be_made_again(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    core.task("First").await;
    let before = core.service.list_cards(&core.project).await.unwrap().cursor;
    core.told.take();
    core.service
        .delete_project(human(), &core.project)
        .await
        .unwrap();
    let told = core.told.take();
    assert!(matches!(&told[0], Told::Event(event) if event.kind == "project_deleted"));
    assert!(matches!(&told[1], Told::Removed(stream) if stream.as_str() == "alpha"));
    let stream = StreamId::project(&core.project);
    assert_eq!(core.service.stream_position(&stream).await.unwrap(), None);
    assert!(matches!(
        core.service.delete_project(human(), &core.project).await,
        Err(Error::NotFound(_))
    ));
    let new = NewProject::new("alpha", "Alpha again");
    let receipt = core.service.create_project(human(), new).await.unwrap();
    assert_ne!(receipt.cursor.epoch, before.epoch);
    assert!(
        core.service
            .list_cards(&core.project)
            .await
            .unwrap()
            .value
            .is_empty()
    );
    assert_eq!(core.task("First of the second life").await.number, 1);
}

pub(crate) async fn a_page_of_the_log_goes_on_where_the_last_ended(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    for index in 0..7 {
        core.task(&format!("Task {index}")).await;
    }
    let told = core.told.events();
    let stream = StreamId::project(&core.project);
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let page = core.service.read_events(&stream, after, 3).await.unwrap();
        let Some(last) = page.events.last() else {
            break;
        };
        after = last.seq;
        assert_eq!(page.more(), after < 7);
        read.extend(page.events);
    }
    let wire = |events: &[tasktree_server::store::LoggedEvent]| -> Vec<_> {
        events
            .iter()
            .map(|event| (event.seq, event.epoch.clone(), event.v1.clone()))
            .collect()
    };
    assert_eq!(wire(&read), wire(&told), "byte for byte what was published");
}
