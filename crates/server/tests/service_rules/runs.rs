//! Runs of an agent: several sessions of its harness under one name, and those of its subagents.

use tasktree_protocol::agent::{BUSY_SILENT_AFTER_MS, Run, SILENT_AFTER_MS};
use tasktree_protocol::{Agent, AgentStatus, Maybe};
use tasktree_server::domain::{AgentPatch, NewRun, RegisterAgent, RunPatch};
use tasktree_server::error::Error;

use crate::core_support::{Core, human};

async fn working() -> Core {
    let core = Core::in_memory().await;
    core.task("Work").await;
    let new = RegisterAgent {
        id: "ada".into(),
        task_id: Some("1".into()),
        branch: None,
        description: None,
        run: None,
    };
    core.service
        .register_agent(human(), &core.project, new)
        .await
        .unwrap();
    core
}

async fn start(core: &Core, session: &str, parent: Option<&str>) -> Result<Run, Error> {
    let new = NewRun {
        source: "claude-code".to_owned(),
        session: session.to_owned(),
        machine: "m".to_owned(),
        folder: None,
        parent: parent.map(str::to_owned),
    };
    let started = core
        .service
        .start_run(human(), &core.project, &"ada".into(), new)
        .await;
    started.map(|receipt| receipt.value)
}

async fn set(core: &Core, run: &Run, patch: RunPatch) -> Result<Run, Error> {
    let changed = core
        .service
        .update_run(human(), &core.project, &"ada".into(), run.id, patch)
        .await;
    changed.map(|receipt| receipt.value)
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
    let found = core.service.agent(&core.project, &"ada".into()).await;
    found.unwrap().value
}

#[tokio::test]
async fn an_open_turn_of_any_session_keeps_its_agent_from_silence() {
    let core = working().await;
    let first = start(&core, "s1", None).await.unwrap();
    set(&core, &first, turn(true)).await.unwrap();
    let second = start(&core, "s2", None).await.unwrap();
    set(&core, &second, turn(false)).await.unwrap();
    core.clock.advance(SILENT_AFTER_MS + 1000);
    core.service.sweep().await.unwrap();
    assert!(ada(&core).await.is_alive, "the turn of s1 is open");
    set(&core, &first, turn(false)).await.unwrap();
    core.clock.advance(SILENT_AFTER_MS + 1000);
    core.service.sweep().await.unwrap();
    assert!(!ada(&core).await.is_alive, "no turn is open");
}

#[tokio::test]
async fn an_open_turn_of_any_session_ends_with_the_longer_limit() {
    let core = working().await;
    let first = start(&core, "s1", None).await.unwrap();
    set(&core, &first, turn(true)).await.unwrap();
    start(&core, "s2", None).await.unwrap();
    core.clock.advance(BUSY_SILENT_AFTER_MS + 1000);
    core.service.sweep().await.unwrap();
    assert!(!ada(&core).await.is_alive);
}

#[tokio::test]
async fn an_agent_is_idle_when_its_last_session_ends() {
    let core = working().await;
    let first = start(&core, "s1", None).await.unwrap();
    let second = start(&core, "s2", None).await.unwrap();
    set(&core, &second, end()).await.unwrap();
    let now = ada(&core).await;
    assert_eq!(now.status, AgentStatus::Working, "s1 goes on");
    assert_eq!(now.run.map(|run| run.id), Some(first.id));
    let third = start(&core, "s3", None).await.unwrap();
    set(&core, &first, end()).await.unwrap();
    let now = ada(&core).await;
    assert_eq!(now.status, AgentStatus::Working, "s3 goes on");
    assert_eq!(now.run.map(|run| run.id), Some(third.id));
    set(&core, &third, end()).await.unwrap();
    assert_eq!(ada(&core).await.status, AgentStatus::Idle);
    let works = AgentPatch {
        status: Maybe::Value(AgentStatus::Working),
        ..AgentPatch::default()
    };
    let project = &core.project;
    core.service
        .update_agent(human(), project, &"ada".into(), works)
        .await
        .unwrap();
    set(&core, &third, end()).await.unwrap();
    let now = ada(&core).await;
    assert_eq!(now.status, AgentStatus::Working, "it ended before");
}

#[tokio::test]
async fn subagents_of_all_sessions_count_until_the_agent_has_finished() {
    let core = working().await;
    start(&core, "s1", None).await.unwrap();
    start(&core, "c1", Some("s1")).await.unwrap();
    start(&core, "s2", None).await.unwrap();
    start(&core, "c2", Some("s2")).await.unwrap();
    assert_eq!(ada(&core).await.children, 2);
    let done = AgentPatch {
        status: Maybe::Value(AgentStatus::Done),
        ..AgentPatch::default()
    };
    let project = &core.project;
    core.service
        .update_agent(human(), project, &"ada".into(), done)
        .await
        .unwrap();
    assert_eq!(ada(&core).await.children, 0);
}

#[tokio::test]
async fn a_run_that_has_ended_opens_no_turn_and_has_no_new_subagent() {
    let core = working().await;
    let main = start(&core, "s1", None).await.unwrap();
    let child = start(&core, "c1", Some("s1")).await.unwrap();
    set(&core, &main, end()).await.unwrap();
    for (run, parent) in [("c1", None), ("c1", Some("s1")), ("c2", Some("s1"))] {
        let refused = start(&core, run, parent).await;
        assert!(
            matches!(refused, Err(Error::Invalid(_))),
            "{run} {parent:?}"
        );
    }
    for run in [&main, &child] {
        let refused = set(&core, run, turn(true)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        assert!(!set(&core, run, turn(false)).await.unwrap().turn_open);
    }
    let report = AgentPatch {
        turn_open: Some(true),
        ..AgentPatch::default()
    };
    let project = &core.project;
    let refused = core
        .service
        .update_agent(human(), project, &"ada".into(), report)
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    assert_eq!(ada(&core).await.children, 0);
    start(&core, "s1", None).await.unwrap();
    start(&core, "c1", None).await.unwrap();
    assert_eq!(ada(&core).await.children, 1, "both go on");
}
