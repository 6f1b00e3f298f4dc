//! Transactions, their order, and idempotency.

use std::collections::BTreeMap;
use std::sync::Arc;

use tasktree_protocol::{Maybe, NewTask, StreamId, TaskPatch};
use tasktree_server::actor::Actor;
use tasktree_server::error::Error;
use tasktree_server::service::{IdempotencyKey, WriteContext};
use tasktree_server::store::Store;

use crate::core_support::{Core, human};
use crate::jobs::{queue, refusal};

pub(crate) async fn a_job_that_fails_leaves_nothing_and_takes_no_other_with_it(
    store: Arc<dyn Store>,
) {
    // Queued together, so that a store with group commit writes them in one commit.
    let before = queue(&store, |rows| rows.put_setting("before", "1")).await;
    let failing = queue(&store, |rows| {
        rows.put_setting("failing", "1")?;
        rows.advance_stream(&StreamId::system())?;
        Err(refusal())
    })
    .await;
    let after = queue(&store, |rows| {
        assert_eq!(rows.setting("failing")?, None);
        assert_eq!(rows.stream(&StreamId::system())?.unwrap().seq, 0);
        rows.put_setting("after", "1")
    })
    .await;
    before.await.unwrap().unwrap();
    assert!(matches!(failing.await.unwrap(), Err(Error::Refused(_))));
    after.await.unwrap().unwrap();
    let seen = queue(&store, |rows| {
        assert!(rows.setting("before")?.is_some() && rows.setting("after")?.is_some());
        assert_eq!(rows.setting("failing")?, None);
        Ok(())
    });
    seen.await.await.unwrap().unwrap();
}

pub(crate) async fn a_job_that_panics_fails_alone(store: Arc<dyn Store>) {
    let panicking = queue(&store, |rows| {
        rows.put_setting("panicking", "1")?;
        panic!("this panic belongs to the test");
    });
    let panicking = panicking.await;
    let after = queue(&store, |rows| {
        assert_eq!(rows.setting("panicking")?, None);
        rows.put_setting("after", "1")
    });
    let after = after.await;
    assert!(panicking.await.unwrap().is_err());
    after.await.unwrap().unwrap();
}

pub(crate) async fn many_writers_get_positions_without_a_gap_and_are_published_in_order(
    store: Arc<dyn Store>,
) {
    const WRITERS: usize = 16;
    const WRITES: usize = 25;
    let core = Core::over(store).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (service, project) = (core.service.clone(), core.project.clone());
        writers.spawn(async move {
            let mut positions = Vec::new();
            for index in 0..WRITES {
                let title = format!("{writer}/{index}");
                let new = NewTask {
                    title,
                    ..NewTask::default()
                };
                let receipt = service.create_task(human(), &project, new).await.unwrap();
                positions.push(receipt.cursor.seq);
                // A refused write takes no position.
                let bad = NewTask {
                    title: String::new(),
                    ..NewTask::default()
                };
                service
                    .create_task(human(), &project, bad)
                    .await
                    .unwrap_err();
            }
            positions
        });
    }
    let mut answered: Vec<u64> = writers.join_all().await.concat();
    answered.sort_unstable();
    let all: Vec<u64> = (1..=(WRITERS * WRITES) as u64).collect();
    assert_eq!(
        answered, all,
        "each write has the position of its own event"
    );
    let published: Vec<u64> = core.told.events().iter().map(|event| event.seq).collect();
    assert_eq!(published, all, "published in the order of the log");
    let stream = StreamId::project(&core.project);
    let page = core.service.read_events(&stream, 0, 2000).await.unwrap();
    assert_eq!(
        page.events
            .iter()
            .map(|event| event.seq)
            .collect::<Vec<_>>(),
        all
    );
    let mut numbers: Vec<u64> = core
        .service
        .list_cards(&core.project)
        .await
        .unwrap()
        .value
        .iter()
        .map(|card| card.number)
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, all);
}

fn keyed(key: &str, request: &str) -> WriteContext {
    let idempotency = Some(IdempotencyKey::request(key, &[request.as_bytes()]));
    WriteContext {
        idempotency,
        ..human()
    }
}

fn titled(title: &str) -> NewTask {
    NewTask {
        title: title.to_owned(),
        ..NewTask::default()
    }
}

pub(crate) async fn duplicates_that_race_have_one_effect_and_the_same_answer(
    store: Arc<dyn Store>,
) {
    let core = Core::over(store).await;
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (service, project) = (core.service.clone(), core.project.clone());
        racers.spawn(async move {
            let context = keyed("one", "make a task");
            service
                .create_task(context, &project, titled("Once"))
                .await
                .unwrap()
        });
    }
    let receipts = racers.join_all().await;
    assert_eq!(
        receipts.iter().filter(|receipt| !receipt.replayed).count(),
        1
    );
    for receipt in &receipts {
        assert_eq!(
            (&receipt.value, &receipt.cursor),
            (&receipts[0].value, &receipts[0].cursor)
        );
    }
    assert_eq!(
        core.service
            .list_cards(&core.project)
            .await
            .unwrap()
            .value
            .len(),
        1
    );
    assert_eq!(core.told.kinds(), ["task_created"]);
}

pub(crate) async fn a_key_is_refused_for_another_request_and_free_again_when_its_answer_has_run_out(
    store: Arc<dyn Store>,
) {
    let core = Core::over(store).await;
    let make = async |request: &str| {
        core.service
            .create_task(keyed("key", request), &core.project, titled(request))
            .await
    };
    make("first").await.unwrap();
    assert!(matches!(make("second").await, Err(Error::KeyReused)));
    core.clock
        .advance(tasktree_server::limits::REQUEST_ANSWER_MS);
    core.service.sweep().await.unwrap();
    assert!(!make("second").await.unwrap().replayed);
}

pub(crate) async fn a_refused_request_may_be_made_again_under_its_key(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    let first = core.task("First").await;
    let second = core.task_after("Second", &["1"]).await;
    let claim = TaskPatch {
        status: Maybe::Value(tasktree_protocol::Status::InProgress),
        ..TaskPatch::default()
    };
    let context = keyed("claim", "claim");
    let update = async |context, task, patch| {
        core.service
            .update_task(context, &core.project, task, patch, None)
            .await
    };
    let refused = update(context.clone(), &second.id, claim.clone()).await;
    assert!(matches!(refused, Err(Error::Blocked(_))));
    let done = TaskPatch {
        status: Maybe::Value(tasktree_protocol::Status::Completed),
        ..TaskPatch::default()
    };
    update(human(), &first.id, done).await.unwrap();
    assert!(!update(context, &second.id, claim).await.unwrap().replayed);
}

pub(crate) async fn an_answer_is_nobody_elses(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    let mut made = BTreeMap::new();
    for name in ["ann", "ben"] {
        let context = WriteContext {
            actor: Actor::human(name),
            ..keyed("same key", "same request")
        };
        let receipt = core
            .service
            .create_task(context, &core.project, titled(name))
            .await
            .unwrap();
        made.insert(receipt.value.number, receipt.replayed);
    }
    assert_eq!(made, BTreeMap::from([(1, false), (2, false)]));
}
