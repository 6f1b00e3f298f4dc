//! Leases on files.

use tasktree_protocol::Event;
use tasktree_protocol::agent::Lease;
use tasktree_server::domain::{LeaseRequest, RegisterAgent};
use tasktree_server::error::Error;

use crate::core_support::{Core, event, human};

async fn core() -> Core {
    let core = Core::in_memory().await;
    for id in ["a", "b"] {
        let new = RegisterAgent {
            id: id.into(),
            task_id: None,
            branch: None,
            description: None,
            run: None,
        };
        core.service
            .register_agent(human(), &core.project, new)
            .await
            .unwrap();
    }
    core.told.take();
    core
}

async fn grant(core: &Core, agent: &str, path: &str, exclusive: bool) -> Lease {
    let request = LeaseRequest {
        agent: agent.into(),
        paths: vec![path.to_owned()],
        exclusive,
        ttl_seconds: 60,
        reason: Some("work".to_owned()),
    };
    let receipt = core
        .service
        .grant_leases(human(), &core.project, request)
        .await
        .unwrap();
    receipt.value.into_iter().next().unwrap()
}

#[tokio::test]
async fn an_overlap_is_granted_and_reported_to_both() {
    let core = core().await;
    assert!(
        grant(&core, "a", "src/**/*.rs", true)
            .await
            .conflicts
            .is_empty()
    );
    assert_eq!(
        grant(&core, "b", "./src/net/socket.rs", false)
            .await
            .conflicts,
        ["a".into()]
    );
    assert!(grant(&core, "b", "docs", true).await.conflicts.is_empty());
    let all = core.service.list_leases(&core.project).await.unwrap().value;
    assert_eq!(all[0].conflicts, ["b".into()]);
    let told = core.told.events();
    let Event::FileLocksUpdate(locks) = event(told.last().unwrap()) else {
        panic!("{told:?}")
    };
    assert_eq!(locks.leases, all);
    assert_eq!(locks.locks["src/net/socket.rs"], "b");
}

#[tokio::test]
async fn two_shared_leases_are_no_conflict_and_neither_are_ones_own() {
    let core = core().await;
    grant(&core, "a", "src", false).await;
    assert!(
        grant(&core, "b", "src/a.rs", false)
            .await
            .conflicts
            .is_empty()
    );
    assert_eq!(
        grant(&core, "a", "src/a.rs", true).await.conflicts,
        ["b".into()]
    );
}

#[tokio::test]
async fn a_lease_ends_with_its_time_unless_it_is_renewed() {
    let core = core().await;
    let short = grant(&core, "a", "short", true).await;
    let long = grant(&core, "a", "long", true).await;
    core.service
        .renew_lease(human(), &core.project, long.id, 120)
        .await
        .unwrap();
    core.clock.advance(60_000);
    // It has ended even before the sweeper comes by.
    let held = core.service.list_leases(&core.project).await.unwrap().value;
    assert_eq!(
        held.iter().map(|lease| lease.id).collect::<Vec<_>>(),
        [long.id]
    );
    let late = core
        .service
        .renew_lease(human(), &core.project, short.id, 60)
        .await;
    assert!(matches!(late, Err(Error::NotFound(_))));
    core.told.take();
    core.service.sweep().await.unwrap();
    core.service.sweep().await.unwrap();
    assert_eq!(core.told.kinds(), ["file_locks_update"]);
}

#[tokio::test]
async fn a_lease_needs_an_agent_a_path_and_a_time() {
    let core = core().await;
    let request = |agent: &str, path: &str, ttl_seconds| LeaseRequest {
        agent: agent.into(),
        paths: vec![path.to_owned()],
        exclusive: true,
        ttl_seconds,
        reason: None,
    };
    let refused = async |request| {
        core.service
            .grant_leases(human(), &core.project, request)
            .await
            .unwrap_err()
    };
    assert!(matches!(
        refused(request("nobody", "src", 60)).await,
        Error::NotFound(_)
    ));
    for (path, ttl, field) in [
        ("", 60, "paths.0"),
        ("src/[a", 60, "paths.0"),
        ("src", 0, "ttl_seconds"),
        ("src", u64::MAX, "ttl_seconds"),
    ] {
        let Error::Invalid(fields) = refused(request("a", path, ttl)).await else {
            panic!("{path}")
        };
        assert_eq!(fields[0].field, field);
    }
    assert!(core.told.take().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_set_back_extends_no_lease() {
    let hour = 3_600_000;
    for back in [10_000, 50_000] {
        let core = core().await;
        let held = async || {
            core.service
                .list_leases(&core.project)
                .await
                .unwrap()
                .value
                .len()
        };
        grant(&core, "a", "src", true).await;
        core.clock.advance(50_000);
        core.clock.advance(-back);
        core.service.sweep().await.unwrap();
        assert_eq!(held().await, 1, "{back}: it has ten seconds more");
        core.clock.advance(9_000);
        assert_eq!(held().await, 1, "{back}");
        core.clock.advance(1_000);
        assert_eq!(held().await, 0, "{back}");
        core.service.sweep().await.unwrap();
    }
    // Nobody has looked yet: what is from the future has no known end.
    let core = core().await;
    grant(&core, "a", "src", true).await;
    core.clock.advance(-hour);
    assert!(
        core.service
            .list_leases(&core.project)
            .await
            .unwrap()
            .value
            .is_empty()
    );
}
