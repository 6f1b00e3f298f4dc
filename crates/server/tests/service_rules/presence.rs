//! Events about agents: each contains only the agent that changed, however many there are.

use serde_json::Value;
use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::{AgentStatus, Maybe};
use tasktree_server::domain::{AgentPatch, NewRun, RunPatch};
use tasktree_server::store::LoggedEvent;

use crate::core_support::{Core, human};

const AGENTS: usize = 1_000;

/// Maximum bytes of an event about one agent.
const EVENT_BYTES: usize = 2_000;

fn name(number: usize) -> String {
    format!("agent-{number:04}")
}

/// Expects events that are small and name at most one agent, which is this one.
fn check(what: &str, events: &[LoggedEvent], agent: Option<&str>) {
    assert!(!events.is_empty(), "{what} is told");
    for event in events {
        let text = std::str::from_utf8(&event.v1).unwrap();
        assert!(event.v1.len() < EVENT_BYTES, "{what}: {text}");
        let frame = event.legacy_frame();
        assert!(frame.len() < EVENT_BYTES, "{what}: {} bytes", frame.len());
        let named: Vec<_> = (0..AGENTS)
            .map(name)
            .filter(|id| text.contains(id.as_str()))
            .collect();
        match agent {
            Some(agent) => assert!(named.iter().all(|id| id == agent), "{what}: {text}"),
            None => assert!(named.is_empty(), "{what}: {text}"),
        }
        let message: Value = serde_json::from_slice(&event.v1).unwrap();
        let listed = message["data"]["agents"].as_object();
        assert!(
            listed.is_none_or(|agents| agents.len() <= 1),
            "{what}: {text}"
        );
    }
}

#[tokio::test]
async fn an_event_has_one_agent_of_a_thousand() {
    let core = Core::in_memory().await;
    for number in 0..AGENTS {
        core.register(&name(number), None).await.unwrap();
    }
    core.task("One").await;
    core.told.take();
    let (service, project) = (&core.service, &core.project);
    let one = name(500);
    let id = one.as_str().into();

    let claims = AgentPatch {
        task_id: Maybe::Value("1".into()),
        ..AgentPatch::default()
    };
    service
        .update_agent(human(), project, &id, claims)
        .await
        .unwrap();
    check("a claim", &core.told.events(), Some(&one));

    let run = NewRun {
        source: "codex".to_owned(),
        session: "s1".to_owned(),
        ..NewRun::default()
    };
    let run = service.start_run(human(), project, &id, run).await.unwrap();
    check("a run that began", &core.told.events(), Some(&one));
    let opens = RunPatch {
        turn_open: Some(true),
        ..RunPatch::default()
    };
    let run = run.value.id;
    service
        .update_run(human(), project, &id, run, opens)
        .await
        .unwrap();
    check("a turn that began", &core.told.events(), Some(&one));
    let ends = RunPatch {
        ended: Some(true),
        ..RunPatch::default()
    };
    service
        .update_run(human(), project, &id, run, ends)
        .await
        .unwrap();
    check("a run that ended", &core.told.events(), Some(&one));

    let works = AgentPatch {
        status: Maybe::Value(AgentStatus::Working),
        ..AgentPatch::default()
    };
    service
        .update_agent(human(), project, &id, works)
        .await
        .unwrap();
    check("a report", &core.told.events(), Some(&one));
    service
        .heartbeat(human(), project, &id, None)
        .await
        .unwrap();
    let heard = core.told.events();
    assert!(heard.is_empty(), "a sign of life is in no log: {heard:?}");

    service.remove_agent(human(), project, &id).await.unwrap();
    check("a removal", &core.told.events(), Some(&one));

    // All fall silent at once, and each gets an event of its own.
    core.clock.advance(SILENT_AFTER_MS + 1);
    service.sweep().await.unwrap();
    let events = core.told.events();
    assert!(events.len() >= AGENTS - 1, "{}", events.len());
    for event in events {
        let text = std::str::from_utf8(&event.v1).unwrap();
        let named = (0..AGENTS).map(name).find(|id| text.contains(id.as_str()));
        check("silence", std::slice::from_ref(&event), named.as_deref());
    }
    service
        .heartbeat(human(), project, &name(3).as_str().into(), None)
        .await
        .unwrap();
    check(
        "an agent that is heard again",
        &core.told.events(),
        Some(&name(3)),
    );

    let reset = service.reset_agent_tasks(human(), project).await.unwrap();
    assert_eq!(
        reset.value.killed_sessions.len(),
        AGENTS - 1,
        "the answer names them"
    );
    check("a reset", &core.told.events(), None);
}
