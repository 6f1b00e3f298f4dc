//! Clocks of agents whose harnesses report by hooks.

use serde_json::{Value, json};
use tasktree_protocol::agent::{
    BUSY_SILENT_AFTER_MS, RESTING_SILENT_AFTER_MS, SILENT_AFTER_MS, WaitKind,
};
use tasktree_protocol::project::ProjectPatch;
use tasktree_protocol::{Agent, AgentStatus, Maybe};
use tasktree_server::domain::agent::Heard;
use tasktree_server::domain::hook::{Memory, read};

use crate::claims::agent;
use crate::core_support::{Core, START_MS, human};

/// A session of Claude Code in the folder `/w`.
struct Session {
    core: Core,
    memory: Memory,
}

impl Session {
    async fn new() -> Self {
        let core = Core::in_memory().await;
        let patch = ProjectPatch {
            path: Maybe::Value("/w".to_owned()),
            ..ProjectPatch::default()
        };
        core.service
            .update_project(human(), &core.project, patch)
            .await
            .unwrap();
        Self {
            core,
            memory: Memory::default(),
        }
    }

    async fn send(&mut self, name: &str, more: Value) -> Agent {
        let mut body = json!({"session_id": "s1", "cwd": "/w", "hook_event_name": name});
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        let now = self.core.service.now().unix_millis(0);
        let hook = read(&body, None, now).unwrap();
        let late = self.memory.is_late(&hook, now);
        let heard = Heard {
            hook: hook.clone(),
            agent: None,
            task: None,
            machine: "m".to_owned(),
            branch: None,
            late,
            wait: self.memory.wait().cloned(),
            decides: false,
            speaker: None,
        };
        let project = &self.core.project;
        let applied = self.core.service.apply_hook(project, heard, false).await;
        let applied = applied.unwrap().applied;
        if !late {
            self.memory.note(&hook, now, applied.asked());
        }
        agent(&self.core, "claude-s1").await
    }

    async fn is_alive_after(&self, millis: i64) -> bool {
        self.core.clock.advance(millis);
        self.core.service.sweep().await.unwrap();
        agent(&self.core, "claude-s1").await.is_alive
    }
}

fn bash(command: &str) -> Value {
    json!({"tool_name": "Bash", "tool_input": {"command": command}})
}

#[tokio::test]
async fn an_open_turn_is_silent_after_a_quarter_of_an_hour() {
    let mut session = Session::new().await;
    session.send("PreToolUse", bash("cargo test")).await;
    assert!(session.is_alive_after(BUSY_SILENT_AFTER_MS - 1).await);
    assert!(!session.is_alive_after(1).await);
    let agent = session.send("PostToolUse", bash("cargo test")).await;
    assert!(agent.is_alive, "it only took long");
}

#[tokio::test]
async fn an_agent_that_rests_in_its_harness_is_idle_and_not_silent() {
    let mut session = Session::new().await;
    session.send("SessionStart", json!({})).await;
    assert!(session.is_alive_after(SILENT_AFTER_MS + 1).await);
    session.send("PermissionRequest", bash("push")).await;
    assert!(
        session.is_alive_after(BUSY_SILENT_AFTER_MS + 1).await,
        "people take their time"
    );
    session.send("Stop", json!({})).await;
    assert!(session.is_alive_after(RESTING_SILENT_AFTER_MS - 1).await);
    assert!(!session.is_alive_after(1).await, "its terminal may be gone");
}

#[tokio::test]
async fn an_agent_whose_session_has_ended_is_silent_at_once() {
    let mut session = Session::new().await;
    session.send("SessionStart", json!({})).await;
    let agent = session.send("SessionEnd", json!({})).await;
    assert!(!agent.is_alive && agent.run.unwrap().ended_at.is_some());
    assert_eq!(agent.status, AgentStatus::Idle);
}

#[tokio::test]
async fn a_successor_brings_the_end_of_an_open_turn_forward() {
    let mut session = Session::new().await;
    session.send("PreToolUse", bash("cargo test")).await;
    assert!(session.is_alive_after(SILENT_AFTER_MS + 1).await);
    let mut memory = std::mem::take(&mut session.memory);
    let starts = json!({"session_id": "s2", "source": "startup"});
    session.send("SessionStart", starts).await;
    std::mem::swap(&mut session.memory, &mut memory);
    assert!(
        !session.is_alive_after(0).await,
        "it was silent for two minutes"
    );
}

#[tokio::test]
async fn a_usage_limit_is_a_wait_with_its_end() {
    let mut session = Session::new().await;
    session
        .send("UserPromptSubmit", json!({"prompt": "a"}))
        .await;
    let limited = json!({"error": "rate_limit", "error_details": "retry after 1200 s"});
    let agent = session.send("StopFailure", limited).await;
    let wait = agent.waiting_for.unwrap();
    assert_eq!(
        (agent.status, wait.kind),
        (AgentStatus::Waiting, WaitKind::RateLimit)
    );
    let until = wait.until.unwrap().unix_millis(0);
    assert_eq!(until, START_MS + 1_200_000);
    assert!(wait.request.is_none(), "nobody is asked");
    let agent = session.send("Stop", json!({})).await;
    assert_eq!(
        agent.status,
        AgentStatus::Waiting,
        "the end of the same turn"
    );
    session.core.clock.advance(1_200_000);
    let agent = session.send("PreToolUse", bash("cargo test")).await;
    assert_eq!(
        (agent.status, agent.waiting_for),
        (AgentStatus::Working, None)
    );
}

#[tokio::test]
async fn a_wait_ends_when_another_call_begins_later() {
    let mut session = Session::new().await;
    session.send("PermissionRequest", bash("push")).await;
    session.core.clock.advance(1_000);
    let agent = session.send("PreToolUse", bash("test")).await;
    assert_eq!(agent.status, AgentStatus::Waiting, "it may run beside it");
    session.core.clock.advance(1_000);
    let agent = session.send("PreToolUse", bash("build")).await;
    assert_eq!(agent.status, AgentStatus::Working);
}

#[tokio::test]
async fn leases_of_edits_last_a_quarter_of_an_hour_and_are_renewed() {
    let mut session = Session::new().await;
    let edits = || json!({"tool_name": "Edit", "tool_input": {"file_path": "/w/a.rs"}});
    session.send("PreToolUse", edits()).await;
    let end = async |session: &Session| {
        let leases = session
            .core
            .service
            .list_leases(&session.core.project)
            .await;
        leases
            .unwrap()
            .value
            .first()
            .map(|lease| lease.expires_at.unix_millis(0))
    };
    let first = end(&session).await;
    assert_eq!(first, Some(START_MS + 15 * 60_000));
    session.core.clock.advance(30_000);
    session.send("PostToolUse", edits()).await;
    assert_eq!(end(&session).await, first, "it is fresh");
    session.core.clock.advance(60_000);
    session.send("PreToolUse", edits()).await;
    assert_eq!(end(&session).await, Some(START_MS + 90_000 + 15 * 60_000));
    session.core.clock.advance(15 * 60_000);
    session.core.service.sweep().await.unwrap();
    assert_eq!(end(&session).await, None);
}

#[tokio::test]
async fn tools_are_signs_of_work_and_prompts_are_none() {
    let mut session = Session::new().await;
    let agent = session
        .send("UserPromptSubmit", json!({"prompt": "a"}))
        .await;
    assert_eq!(agent.progressed_at, None);
    let agent = session.send("PostToolUse", bash("test")).await;
    assert_eq!(
        agent.progressed_at.map(|at| at.unix_millis(0)),
        Some(START_MS)
    );
}
