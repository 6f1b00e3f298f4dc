//! Questions of agents, and the ways of the answers.

use serde_json::{Value, json};

use super::{Desk, envelope, failure};

/// Waits until there is an open question, and returns it.
async fn asked(desk: &Desk) -> Value {
    loop {
        let open = desk
            .server
            .get("/api/projects/alpha/questions?open=true")
            .await;
        if let Some(question) = open.as_array().unwrap().first() {
            return question.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_answer_reaches_the_agent_that_waits_for_it() {
    let desk = Desk::open().await;
    desk.add("One").await;
    desk.json("ada", &["next"]).await;
    let ask = [
        "ask",
        "Which one?",
        "--option",
        "A",
        "--option",
        "B",
        "--wait",
        "60s",
    ];
    let waiting = desk.call(&ask).agent("ada").json();
    let answering = async {
        let question = asked(&desk).await;
        assert_eq!(question["text"], "Which one?");
        assert_eq!(question["options"], json!(["A", "B"]));
        assert_eq!(question["generation"], 1);
        let path = format!("/api/projects/alpha/questions/{}/answers", question["id"]);
        desk.post(&path, &json!({"text": "B"})).await;
    };
    let (answered, ()) = tokio::join!(waiting, answering);
    let data = envelope(&answered)["data"].clone();
    assert_eq!(data["answer"]["text"], "B");
    let agent = desk.server.get("/api/projects/alpha/agents/ada").await;
    assert_eq!(agent["status"], "running");
    let questions = desk.server.get("/api/projects/alpha/questions").await;
    assert_eq!(questions[0]["outcome"], "answered");
    assert!(questions[0]["answers"][0]["read_at"].is_string());
}

#[tokio::test]
async fn without_waiting_the_answer_is_in_the_inbox_and_with_the_next_task() {
    let desk = Desk::open().await;
    let question = desk.json("ada", &["ask", "May I?"]).await;
    assert_eq!(question["answer"], json!(null));
    let id = question["question"].as_u64().unwrap();
    let path = format!("/api/projects/alpha/questions/{id}/answers");
    desk.post(&path, &json!({"text": "Yes"})).await;
    let nothing = failure(&desk.call(&["next"]).agent("ada").json().await, 6);
    assert_eq!(nothing["answers"][0]["text"], "Yes");
    let inbox = desk.json("ada", &["inbox"]).await;
    assert_eq!(inbox["answers"][0]["text"], "Yes");
    assert_eq!(inbox["answers"][0]["question_text"], "May I?");
    assert_eq!(desk.json("ada", &["inbox"]).await["answers"], json!([]));
}

#[tokio::test]
async fn a_question_that_nobody_answers_in_time_is_exit_code_6() {
    let desk = Desk::open().await;
    let ask = ["ask", "Anybody?", "--wait", "0s"];
    let refused = failure(&desk.call(&ask).agent("ada").json().await, 6);
    assert_eq!(refused["code"], "unanswered");
    assert!(refused["question"].is_u64());
}
