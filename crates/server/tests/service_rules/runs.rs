//! Runs of an agent: several sessions of its harness under one name, and those of its subagents.

use tasktree_protocol::agent::{BUSY_SILENT_AFTER_MS, Run, SILENT_AFTER_MS};
use tasktree_protocol::{Agent, AgentStatus, Maybe};
use tasktree_server::domain::{AgentPatch, NewRun, RunPatch};
use tasktree_server::error::Error;

use crate::claims::{agent, report, status};
use crate::core_support::{Core, Told, event, human};

async fn working() -> Core {
    let core = Core::in_memory().await;
    core.task("Work").await;
    core.register("ada", Some("1")).await.unwrap();
    core
}

fn named(session: &str, parent: Option<&str>) -> NewRun {
    NewRun {
        source: "claude-code".to_owned(),
        session: session.to_owned(),
        machine: "m".to_owned(),
        folder: None,
        parent: parent.map(str::to_owned),
    }
}

async fn start(core: &Core, new: NewRun) -> Result<Run, Error> {
    let (project, ada) = (&core.project, "ada".into());
    let begun = core.service.start_run(human(), project, &ada, new);
    begun.await.map(|receipt| receipt.value)
}

async fn update(core: &Core, run: &Run, patch: RunPatch) -> Result<Run, Error> {
    let (project, ada) = (&core.project, "ada".into());
    let updated = core
        .service
        .update_run(human(), project, &ada, run.id, patch);
    updated.await.map(|receipt| receipt.value)
}

fn turn(open: bool) -> RunPatch {
    RunPatch {
        turn_open: Some(open),
        ..RunPatch::default()
    }
}

fn end() -> RunPatch {
    RunPatch {
        ended: Some(true),
        ..RunPatch::default()
    }
}

async fn ada(core: &Core) -> Agent {
    agent(core, "ada").await
}

#[tokio::test]
async fn an_open_turn_of_any_session_keeps_its_agent_from_silence() {
    let core = working().await;
    let first = start(&core, named("s1", None)).await.unwrap();
    update(&core, &first, turn(true)).await.unwrap();
    let second = start(&core, named("s2", None)).await.unwrap();
    update(&core, &second, turn(false)).await.unwrap();
    core.clock.advance(SILENT_AFTER_MS + 1000);
    core.service.sweep().await.unwrap();
    assert!(ada(&core).await.is_alive, "the turn of s1 is open");
    update(&core, &first, turn(false)).await.unwrap();
    core.clock.advance(SILENT_AFTER_MS + 1000);
    core.service.sweep().await.unwrap();
    assert!(!ada(&core).await.is_alive, "no turn is open");
}

#[tokio::test]
async fn an_open_turn_of_any_session_ends_with_the_longer_limit() {
    let core = working().await;
    let first = start(&core, named("s1", None)).await.unwrap();
    update(&core, &first, turn(true)).await.unwrap();
    start(&core, named("s2", None)).await.unwrap();
    core.clock.advance(BUSY_SILENT_AFTER_MS + 1000);
    core.service.sweep().await.unwrap();
    assert!(!ada(&core).await.is_alive);
}

#[tokio::test]
async fn an_agent_is_idle_when_its_last_session_ends() {
    let core = working().await;
    let first = start(&core, named("s1", None)).await.unwrap();
    let second = start(&core, named("s2", None)).await.unwrap();
    update(&core, &second, end()).await.unwrap();
    let now = ada(&core).await;
    assert_eq!(now.status, AgentStatus::Working, "s1 goes on");
    assert_eq!(now.run.map(|run| run.id), Some(first.id));
    let third = start(&core, named("s3", None)).await.unwrap();
    update(&core, &first, end()).await.unwrap();
    let now = ada(&core).await;
    assert_eq!(now.status, AgentStatus::Working, "s3 goes on");
    assert_eq!(now.run.map(|run| run.id), Some(third.id));
    update(&core, &third, end()).await.unwrap();
    assert_eq!(ada(&core).await.status, AgentStatus::Idle);
    report(&core, "ada", status(AgentStatus::Working))
        .await
        .unwrap();
    update(&core, &third, end()).await.unwrap();
    let now = ada(&core).await;
    assert_eq!(now.status, AgentStatus::Working, "it ended before");
}

#[tokio::test]
async fn the_end_of_another_session_leaves_an_agent_in_the_one_that_it_is_in() {
    let core = working().await;
    let first = start(&core, named("s1", None)).await.unwrap();
    let second = start(&core, named("s2", None)).await.unwrap();
    start(&core, named("s3", None)).await.unwrap();
    start(&core, named("s1", None)).await.unwrap();
    update(&core, &second, end()).await.unwrap();
    assert_eq!(ada(&core).await.run.map(|run| run.id), Some(first.id));
}

#[tokio::test]
async fn the_end_of_a_subagent_that_nobody_reports_is_told() {
    let core = working().await;
    start(&core, named("s1", None)).await.unwrap();
    start(&core, named("c1", Some("s1"))).await.unwrap();
    core.clock.advance(BUSY_SILENT_AFTER_MS);
    report(&core, "ada", AgentPatch::default()).await.unwrap();
    core.told.take();
    core.service.sweep().await.unwrap();
    let told = core.told.events();
    let rows = told.iter().map(|logged| event(logged).agent().cloned());
    let children: Vec<u32> = rows.flatten().map(|agent| agent.children).collect();
    assert_eq!(children, [0]);
}

#[tokio::test]
async fn subagents_of_all_sessions_count_until_the_agent_has_finished() {
    let core = working().await;
    start(&core, named("s1", None)).await.unwrap();
    start(&core, named("c1", Some("s1"))).await.unwrap();
    start(&core, named("s2", None)).await.unwrap();
    start(&core, named("c2", Some("s2"))).await.unwrap();
    assert_eq!(ada(&core).await.children, 2);
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    assert_eq!(ada(&core).await.children, 0);
}

#[tokio::test]
async fn a_run_that_has_ended_opens_no_turn_and_has_no_new_subagent() {
    let core = working().await;
    let main = start(&core, named("s1", None)).await.unwrap();
    let child = start(&core, named("c1", Some("s1"))).await.unwrap();
    update(&core, &main, end()).await.unwrap();
    for (run, parent) in [("c1", None), ("c1", Some("s1")), ("c2", Some("s1"))] {
        let refused = start(&core, named(run, parent)).await;
        assert!(
            matches!(refused, Err(Error::Invalid(_))),
            "{run} {parent:?}"
        );
    }
    for run in [&main, &child] {
        let refused = update(&core, run, turn(true)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        assert!(!update(&core, run, turn(false)).await.unwrap().turn_open);
    }
    let opens = AgentPatch {
        turn_open: Some(true),
        ..AgentPatch::default()
    };
    let refused = report(&core, "ada", opens).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    assert_eq!(ada(&core).await.children, 0);
    start(&core, named("s1", None)).await.unwrap();
    start(&core, named("c1", None)).await.unwrap();
    assert_eq!(ada(&core).await.children, 1, "both go on");
}

#[tokio::test]
async fn only_the_end_of_a_run_ends_the_turn_of_its_agent() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let run = start(&core, named("s1", None)).await.unwrap();
    let goes_on = RunPatch {
        ended: Some(false),
        folder: Maybe::Value("/w".to_owned()),
        ..RunPatch::default()
    };
    for patch in [turn(true), turn(false), goes_on] {
        let changed = update(&core, &run, patch).await.unwrap();
        assert_eq!(changed.ended_at, None);
        assert_eq!(ada(&core).await.status, AgentStatus::Working);
    }
    assert_eq!(ada(&core).await.run.unwrap().folder.as_deref(), Some("/w"));
    let unknown = Run {
        id: run.id + 1,
        ..run.clone()
    };
    assert!(matches!(
        update(&core, &unknown, end()).await,
        Err(Error::NotFound(_))
    ));
    assert!(update(&core, &run, end()).await.unwrap().ended_at.is_some());
    assert_eq!(ada(&core).await.status, AgentStatus::Idle);
    let again = start(&core, named("s1", None)).await.unwrap();
    assert_eq!((again.id, again.ended_at), (run.id, None), "it goes on");
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    update(&core, &run, end()).await.unwrap();
    assert_eq!(ada(&core).await.status, AgentStatus::Done);
}

#[tokio::test]
async fn an_agent_is_busy_while_any_of_its_sessions_has_a_turn_open() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let first = start(&core, named("s1", None)).await.unwrap();
    update(&core, &first, turn(true)).await.unwrap();
    let second = start(&core, named("s2", None)).await.unwrap();
    let is_alive_after = async |millis| {
        core.clock.advance(millis);
        core.service.sweep().await.unwrap();
        ada(&core).await.is_alive
    };
    assert!(is_alive_after(14 * 60_000).await);
    update(&core, &first, turn(false)).await.unwrap();
    assert!(!is_alive_after(SILENT_AFTER_MS).await);
    update(&core, &second, turn(true)).await.unwrap();
    assert!(is_alive_after(SILENT_AFTER_MS).await);
    update(&core, &second, end()).await.unwrap();
    assert!(
        !is_alive_after(SILENT_AFTER_MS).await,
        "its end closes its turn"
    );
}

#[tokio::test]
async fn a_run_is_named_and_its_parent_is_another() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    start(&core, named("s1", None)).await.unwrap();
    let wrong = [
        named("", None),
        named("s2", Some("s3")),
        named("s1", Some("s1")),
        NewRun {
            source: " ".to_owned(),
            ..named("s2", None)
        },
        NewRun {
            machine: "other".to_owned(),
            ..named("s2", Some("s1"))
        },
    ];
    for new in wrong {
        let refused = start(&core, new.clone()).await;
        assert!(
            matches!(refused, Err(Error::Invalid(_))),
            "{new:?}: {refused:?}"
        );
    }
    let turn = AgentPatch {
        turn_open: Some(true),
        ..AgentPatch::default()
    };
    assert!(report(&core, "ada", turn.clone()).await.is_ok());
    core.register("bob", None).await.unwrap();
    let refused = report(&core, "bob", turn).await;
    assert!(
        matches!(refused, Err(Error::Invalid(_))),
        "it has no run: {refused:?}"
    );
}

#[tokio::test]
async fn a_sign_of_life_of_a_run_is_no_event() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    start(&core, named("s1", None)).await.unwrap();
    let turn = AgentPatch {
        turn_open: Some(true),
        ..AgentPatch::default()
    };
    core.told.take();
    report(&core, "ada", turn.clone()).await.unwrap();
    assert_eq!(core.told.kinds(), ["agent_status_update"]);
    core.clock.advance(1000);
    report(&core, "ada", turn).await.unwrap();
    let told = core.told.take();
    assert!(matches!(told.as_slice(), [Told::Ephemeral(..)]), "{told:?}");
}

#[tokio::test]
async fn an_agent_that_has_finished_is_there_for_two_minutes() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    core.clock.advance(SILENT_AFTER_MS - 1);
    assert!(ada(&core).await.is_alive);
    core.clock.advance(1);
    assert!(!ada(&core).await.is_alive);
    core.clock.advance(-SILENT_AFTER_MS - 1);
    assert!(!ada(&core).await.is_alive, "it was heard at a time to come");
}

/// The sweep reads silent agents first and marks them later: one may report between the two.
#[tokio::test]
async fn an_agent_that_speaks_while_a_sweep_looks_is_not_silent() {
    for _ in 0..20 {
        let core = Core::in_memory().await;
        core.register("ada", None).await.unwrap();
        core.clock.advance(SILENT_AFTER_MS);
        let (project, id) = (&core.project, "ada".into());
        let beat = core.service.heartbeat(human(), project, &id, None);
        let (swept, heard) = tokio::join!(core.service.sweep(), beat);
        swept.and(heard.map(drop)).unwrap();
        assert!(ada(&core).await.is_alive);
    }
}

/// Both sweeps may find an agent whose silence only one may publish.
#[tokio::test]
async fn two_sweeps_at_once_tell_of_a_silence_once() {
    for _ in 0..20 {
        let core = Core::in_memory().await;
        core.register("ada", None).await.unwrap();
        core.clock.advance(SILENT_AFTER_MS);
        core.told.take();
        let (first, second) = tokio::join!(core.service.sweep(), core.service.sweep());
        first.and(second).unwrap();
        assert_eq!(
            core.told.kinds(),
            ["agent_status_update", "coordination_update"]
        );
    }
}
