#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use serde_json::{Value, json};
use tasktree_protocol::Timestamp;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::i18n::Locale;

const NOW: &str = "2026-11-29T10:00:00.000Z";

/// Returns data of an event of that type.
fn data_of(kind: &str) -> Value {
    let card = json!({
        "id": "3-p1", "task_id": 3, "title": "Parse", "status": "in_progress", "branch": "task-3",
        "updated_at": NOW, "rev": 2,
    });
    let question = json!({ "id": 7, "agent": "ada", "task_id": "3-p1", "answer": 9 });
    let project = json!({ "id": "p1", "name": "First", "created_at": NOW, "updated_at": NOW });
    match kind {
        "task_created" | "task_updated" => card,
        "task_deleted" => json!({ "task_id": "3-p1" }),
        "task_status_changed"
        | "task_merged"
        | "task_completed"
        | "task_queued_for_merge"
        | "agent_spawned" => json!({ "task_id": "3-p1", "status": "merged", "task": card }),
        "tasks_reset" => json!({ "reset_count": 2 }),
        "agent_status_update" => {
            json!({ "id": "ada", "task_id": "3-p1", "task_title": "Parse", "started_at": NOW })
        }
        "agent_removed" => json!({ "id": "ada" }),
        "agent_messages" => json!({ "agent": "ada", "pending_messages": 1, "from": "bob" }),
        "comments_changed" => json!({ "task_id": "3-p1", "id": 1, "comments": 1 }),
        "question_asked" | "question_closed" | "question_answered" | "answer_delivered" => question,
        "attention_changed" => json!({ "opened": [], "closed": [7] }),
        "attention_marked" => json!({ "person": "you", "project": "p1", "id": 7, "seen": true }),
        "coordination_update" => json!({ "active_agents": 2 }),
        "file_locks_update" => json!({ "locks": {}, "leases": [] }),
        "plan_generated" => json!({ "plan": "", "tasks_created": 2 }),
        "log" => json!({ "agent": "ada", "lines": ["built"] }),
        "notification" => json!({ "title": "Disk is full" }),
        "project_created" | "project_updated" => project,
        "project_deleted" => json!({ "project_id": "p1" }),
        "project_reset" => json!({ "message": "Reset" }),
        other => panic!("{other} needs words in the list of events"),
    }
}

fn described(kind: &str, data: &Value, locale: Locale) -> Described {
    let event = Event::from_json(kind, &data.to_string()).unwrap();
    assert!(
        !matches!(event, Event::Unknown { .. }),
        "{kind} is not {data}"
    );
    let project = ProjectId::from("p1");
    let at = Timestamp::from_unix_millis(0);
    let mut message = Message::new(event, Some(project.clone()), at);
    message.actor = Some("agent:ada".into());
    describe(I18n::new(locale), &message, &project)
}

#[wasm_bindgen_test]
fn every_event_has_words_in_both_languages() {
    for kind in Event::KINDS {
        for locale in [Locale::En, Locale::ZhCn] {
            let words = described(kind, &data_of(kind), locale);
            assert!(!words.is_raw, "{kind} is shown as it came");
            assert_ne!(words.title, *kind);
            assert_eq!(words.title.is_ascii(), locale == Locale::En, "{kind}");
            assert!(!words.subject.is_empty(), "{kind} is about nothing");
            assert_eq!(words.actor, "ada");
        }
    }
}

#[wasm_bindgen_test]
fn an_agent_that_waits_or_is_silent_is_not_said_to_report() {
    let mut agent = data_of("agent_status_update");
    agent["is_alive"] = true.into();
    agent["status"] = "waiting".into();
    agent["waiting_for"] = json!({ "kind": "question", "text": "Which?", "since": NOW });
    let words = described("agent_status_update", &agent, Locale::En);
    assert_eq!(words.title, "Agent report");
    assert_eq!(words.detail.as_deref(), Some("Which?"));
    agent["is_alive"] = false.into();
    let words = described("agent_status_update", &agent, Locale::En);
    assert_eq!(words.title, "Agent is silent");
    let by_person = json!({ "agent": "ada", "pending_messages": 1, "from": "local" });
    let words = described("agent_messages", &by_person, Locale::En);
    assert_eq!(words.subject, "a person → ada");
}

#[wasm_bindgen_test]
fn an_event_of_a_question_names_the_agent_and_leads_to_the_task() {
    for (kind, title) in [
        ("question_asked", "Question asked"),
        ("question_answered", "Question answered"),
        ("answer_delivered", "Answer delivered"),
        ("question_closed", "Question closed"),
    ] {
        let words = described(kind, &data_of(kind), Locale::En);
        assert_eq!(words.title, title);
        assert_eq!(words.subject, "ada on #3");
        assert!(words.href.unwrap().ends_with("/p/p1/t/3"));
    }
    let chinese = described("question_asked", &data_of("question_asked"), Locale::ZhCn);
    assert_eq!(chinese.subject, "ada（#3）");
    let without_task = json!({ "id": 7, "agent": "ada" });
    let words = described("question_asked", &without_task, Locale::En);
    assert_eq!(words.subject, "ada");
    assert!(words.href.unwrap().ends_with("/p/p1/agents"));
}
