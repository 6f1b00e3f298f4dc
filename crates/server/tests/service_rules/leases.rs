//! Leases on files.

use std::sync::Arc;

use tasktree_protocol::agent::Lease;
use tasktree_protocol::project::ProjectPatch;
use tasktree_protocol::{Event, Maybe};
use tasktree_server::domain::{LeaseRequest, NewRun, RunPatch};
use tasktree_server::error::Error;
use tasktree_server::limits::Limits;
use tasktree_server::store::SqliteStore;

use crate::core_support::{Core, event, human};

async fn core() -> Core {
    with_agents(Core::in_memory().await).await
}

async fn with_agents(core: Core) -> Core {
    for id in ["a", "b"] {
        core.register(id, None).await.unwrap();
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
        soft: false,
        run: None,
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
        soft: false,
        run: None,
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
        ("/src/a.rs", 60, "paths.0"),
        ("../a.rs", 60, "paths.0"),
        ("C:\\src\\a.rs", 60, "paths.0"),
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
    // No sweep was made yet: a lease from the future has no known end.
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

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_clock_that_is_set_forward_ends_no_lease() {
    let core = core().await;
    grant(&core, "a", "src", true).await;
    core.service.sweep().await.unwrap();
    core.clock.advance(50_000);
    core.clock.set(3_600_000);
    // Its leases would end with its silence.
    core.register("a", None).await.unwrap();
    core.service.sweep().await.unwrap();
    let held = async || {
        let leases = core.service.list_leases(&core.project).await.unwrap();
        leases.value.len()
    };
    core.clock.advance(9_000);
    assert_eq!(held().await, 1);
    core.clock.advance(1_000);
    assert_eq!(held().await, 0);
}

/// Grants a soft lease to an agent.
async fn soft(core: &Core, agent: &str, path: &str) -> Lease {
    let request = LeaseRequest {
        agent: agent.into(),
        paths: vec![path.to_owned()],
        exclusive: true,
        ttl_seconds: 24 * 3600,
        reason: None,
        soft: true,
        run: None,
    };
    let receipt = core
        .service
        .grant_leases(human(), &core.project, request)
        .await
        .unwrap();
    receipt.value.into_iter().next().unwrap()
}

async fn held(core: &Core) -> Vec<Lease> {
    core.service.list_leases(&core.project).await.unwrap().value
}

#[tokio::test]
async fn all_spellings_of_a_path_are_one_lease_and_the_first_is_kept() {
    let core = core().await;
    let patch = ProjectPatch {
        path: Maybe::Value("/srv/shop".to_owned()),
        ..ProjectPatch::default()
    };
    let moved = core.service.update_project(human(), &core.project, patch);
    moved.await.unwrap();
    let first = grant(&core, "a", "SRC/Config.rs", true).await;
    for spelling in [
        "src/config.rs",
        "./src/config.rs",
        "src//config.rs",
        "src\\config.rs",
        "src/../src/config.rs",
        "/srv/shop/src/config.rs",
    ] {
        let again = grant(&core, "a", spelling, true).await;
        assert_eq!((again.id, again.path.as_str()), (first.id, "SRC/Config.rs"));
        let other = grant(&core, "b", spelling, true).await;
        assert_eq!(other.conflicts, ["a".into()], "{spelling}");
    }
    assert_eq!(held(&core).await.len(), 2);
}

#[tokio::test]
async fn soft_leases_count_apart_and_the_one_that_ends_first_gives_way() {
    let limits = Limits {
        leases_per_project: 1,
        soft_leases_per_project: 2,
        ..Limits::default()
    };
    let core = with_agents(Core::with(Arc::new(SqliteStore::in_memory().unwrap()), limits).await);
    let core = core.await;
    grant(&core, "a", "firm.rs", true).await;
    let one = soft(&core, "a", "one.rs").await;
    let minutes = one.expires_at.unix_millis(0) - one.granted_at.unix_millis(0);
    assert_eq!(minutes, 15 * 60_000, "however long it was asked for");
    core.clock.advance(1_000);
    soft(&core, "b", "two.rs").await;
    core.clock.advance(1_000);
    assert_eq!(soft(&core, "a", "ONE.rs").await.id, one.id, "it is renewed");
    let three = soft(&core, "a", "three.rs").await;
    let paths: Vec<_> = held(&core).await.into_iter().map(|it| it.path).collect();
    assert_eq!(paths, ["firm.rs", "one.rs", "three.rs"]);
    assert_eq!((three.soft, three.run), (true, None));
}

#[tokio::test]
async fn a_soft_lease_gives_way_to_what_its_agent_asks_for_and_ends_with_its_run() {
    let core = core().await;
    let (project, a) = (&core.project, "a".into());
    let firm = grant(&core, "a", "firm.rs", false).await;
    assert_eq!(soft(&core, "a", "firm.rs").await, firm, "it stays as it is");
    soft(&core, "a", "edited.rs").await;
    let asked = grant(&core, "a", "edited.rs", true).await;
    assert!(!asked.soft);
    assert_eq!(held(&core).await.len(), 2);
    let run = NewRun {
        source: "codex".to_owned(),
        session: "s1".to_owned(),
        ..NewRun::default()
    };
    let run = core.service.start_run(human(), project, &a, run).await;
    let run = run.unwrap().value.id;
    assert_eq!(soft(&core, "a", "run.rs").await.run, Some(run));
    let ends = RunPatch {
        ended: Some(true),
        ..RunPatch::default()
    };
    let ended = core.service.update_run(human(), project, &a, run, ends);
    ended.await.unwrap();
    assert_eq!(held(&core).await.len(), 2);
}
