//! A machine's clock that is set while the server runs: deadlines keep their length.

use tasktree_protocol::NewTask;
use tasktree_server::limits::REQUEST_ANSWER_MS;
use tasktree_server::service::{IdempotencyKey, WriteContext};

use crate::core_support::{Core, human};

/// Creates a task by a request that is always the same; returns true if it was answered before.
async fn is_replayed(core: &Core) -> bool {
    let context = WriteContext {
        idempotency: Some(IdempotencyKey::request("same", &[b"a request"])),
        ..human()
    };
    let new = NewTask {
        title: "Once".to_owned(),
        ..NewTask::default()
    };
    let made = core.service.create_task(context, &core.project, new).await;
    made.unwrap().replayed
}

#[tokio::test]
async fn an_idempotency_key_holds_for_a_day_whatever_the_clock_says() {
    const DAYS: i64 = 24 * 3_600_000;
    // If the steady clock stands still in sleep, a clock that was set forward looks like a sleep.
    let forward = if cfg!(target_os = "linux") {
        10 * DAYS
    } else {
        0
    };
    for set in [-10 * DAYS, -3_600_000, forward] {
        let core = Core::in_memory().await;
        core.service.sweep().await.unwrap();
        assert!(!is_replayed(&core).await);
        core.clock.advance(REQUEST_ANSWER_MS / 2);
        core.clock.set(set);
        assert!(is_replayed(&core).await, "{set}: before the sweeper looks");
        core.service.sweep().await.unwrap();
        assert!(is_replayed(&core).await, "{set}");
        core.clock.advance(REQUEST_ANSWER_MS / 2 - 1);
        core.service.sweep().await.unwrap();
        assert!(is_replayed(&core).await, "{set}: a millisecond more");
        core.clock.advance(1);
        core.service.sweep().await.unwrap();
        assert!(!is_replayed(&core).await, "{set}: forgotten");
    }
}
