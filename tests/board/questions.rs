//! Questions of agents on the board: answered in the drawer, with the delivery of each answer.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::agent::list::AgentList;
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

const QUESTIONS: &str = "projects/p1/questions";
const ANSWERS: &str = "projects/p1/questions/7/answers";

fn question(answers: &[Value]) -> Value {
    json!({
        "id": 7, "agent": "ada", "task_id": "1-p1", "generation": 1, "kind": "question",
        "text": "Which branch?\n<b>main</b>?", "options": ["main", "next"], "asked_at": NOW,
        "closed_at": null, "outcome": null, "answers": answers,
    })
}

fn closed(answers: &[Value], outcome: &str) -> Value {
    let mut question = question(answers);
    question["closed_at"] = NOW.into();
    question["outcome"] = outcome.into();
    question
}

fn answer(text: &str) -> Value {
    json!({
        "id": 9, "question": 7, "by": "human:ann", "text": text, "at": NOW, "late": false,
        "sent_again_at": null, "delivered_at": null, "read_at": null,
    })
}

fn with(mut answer: Value, field: &str) -> Value {
    answer[field] = NOW.into();
    answer
}

fn late() -> Value {
    let mut answer = answer("main");
    answer["late"] = true.into();
    answer
}

fn waiting(task: &str) -> Value {
    json!({
        "id": "ada", "task_id": task, "task_title": "Title", "generation": 1, "status": "waiting",
        "is_alive": true, "started_at": NOW, "last_heartbeat": NOW,
        "waiting_for": { "kind": "question", "text": "Which branch?", "since": NOW, "request": "7" },
    })
}

/// Serves a board on which ada works on task 1, and waits with a question.
fn serve_questions(role: &str, questions: &[Value]) {
    begin();
    serve("GET", "session", &session(role));
    let mut held = card(1, "Title", "in_progress", 1);
    held["session"] = "ada".into();
    held["holder"] = "ada".into();
    serve_board(10, &[held]);
    serve_at("GET", "projects/p1/agents", 10, &json!([waiting("1-p1")]));
    let task = whole(1, "Title", "in_progress", 1);
    serve("GET", "projects/p1/tasks/1-p1", &task);
    serve("GET", "projects/p1/tasks/1-p1/history", &json!([]));
    serve("GET", "projects/p1/tasks/1-p1/comments", &json!([]));
    serve("GET", QUESTIONS, &json!(questions));
}

async fn open_task(locale: Locale) -> (Page<OpenBoard>, Peer) {
    let is_open = RwSignal::new(true);
    let page = open_with(locale, move || {
        view! { <button id="back" on:click=move |_| is_open.update(|open| *open = !*open)></button>
        <Show when=move || is_open.get()><TaskDrawer number=1 /></Show> }
        .into_any()
    });
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the task is shown", || {
        count(&page.root, ".task-title-field") == 1
    })
    .await;
    frame().await;
    (page, peer)
}

fn section(page: &Page<OpenBoard>) -> String {
    text(&element(&page.root, ".agent-questions"))
}

async fn until_told(page: &Page<OpenBoard>, expected: &str) {
    until(expected, || section(page).contains(expected)).await;
}

fn area(page: &Page<OpenBoard>) -> web_sys::HtmlTextAreaElement {
    element(&page.root, ".answer-box textarea").unchecked_into()
}

async fn type_answer(page: &Page<OpenBoard>, written: &str) {
    let area = area(page);
    area.focus().unwrap();
    area.set_value(written);
    let event = web_sys::Event::new("input").unwrap();
    area.dispatch_event(&event).unwrap();
    settle().await;
}

fn changed(peer: &Peer, kind: &str) {
    let about = json!({ "id": 7, "agent": "ada", "task_id": "1-p1", "answer": 9 });
    peer.event(kind, &about);
}

#[wasm_bindgen_test]
async fn a_question_is_read_and_answered_in_the_drawer_and_its_delivery_followed() {
    serve_questions("editor", &[question(&[])]);
    let (page, peer) = open_task(Locale::En).await;
    until_told(&page, "ada asks").await;
    assert!(section(&page).contains("<b>main</b>?"), "words are text");
    assert_eq!(count(&page.root, ".question b"), 0);
    let asked = &requests(&format!("GET {QUESTIONS}"))[0];
    assert_eq!(asked.query, "?task=1-p1");
    let send: web_sys::HtmlButtonElement =
        element(&page.root, ".answer-box [type=submit]").unchecked_into();
    assert!(send.disabled(), "nothing is written yet");
    serve("POST", ANSWERS, &answer("Use main"));
    serve("GET", QUESTIONS, &json!([question(&[answer("Use main")])]));
    type_answer(&page, "Use main").await;
    assert!(press_with("Enter", command()));
    until_told(&page, "Queued: delivered with the next report of ada").await;
    let sent = requests(&format!("POST {ANSWERS}"));
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].body, r#"{"text":"Use main"}"#);
    until("it is said", || {
        announced() == "The answer to ada was sent."
    })
    .await;
    assert_eq!(count(&page.root, ".answer-box"), 0, "it has its answer");
    until("the focus stays near", || {
        let active = document().active_element().unwrap();
        active.class_name() == "question-words"
    })
    .await;
    let delivered = with(answer("Use main"), "delivered_at");
    serve(
        "GET",
        QUESTIONS,
        &json!([question(std::slice::from_ref(&delivered))]),
    );
    changed(&peer, "answer_delivered");
    until_told(&page, "Delivered").await;
    let read = with(delivered, "read_at");
    serve("GET", QUESTIONS, &json!([closed(&[read], "answered")]));
    changed(&peer, "question_closed");
    until_told(&page, "ada got its answer and continued.").await;
    assert!(section(&page).contains("Read"));
}

#[wasm_bindgen_test]
async fn one_of_the_proposed_answers_is_sent_with_one_press_in_chinese() {
    serve_questions("editor", &[question(&[])]);
    let (page, _peer) = open_task(Locale::ZhCn).await;
    until_told(&page, "ada 提问").await;
    let group = element(&page.root, ".answer-options");
    assert_eq!(group.get_attribute("aria-label").unwrap(), "可选的回答");
    assert_eq!(count(&group, "button"), 2);
    serve("POST", ANSWERS, &answer("next"));
    serve("GET", QUESTIONS, &json!([question(&[answer("next")])]));
    element(&group, "button:last-child").click();
    until_told(&page, "排队中").await;
    assert_eq!(
        requests(&format!("POST {ANSWERS}"))[0].body,
        r#"{"text":"next"}"#
    );
}

#[wasm_bindgen_test]
async fn an_answer_that_was_not_sent_stays_with_the_reason_and_outlives_the_drawer() {
    serve_questions("editor", &[question(&[])]);
    let (page, _peer) = open_task(Locale::En).await;
    until_told(&page, "ada asks").await;
    type_answer(&page, "Long thoughts").await;
    refuse(
        "POST",
        ANSWERS,
        400,
        &json!({"detail": "Question 7 has its 10 answers."}),
    );
    element(&page.root, ".answer-box [type=submit]").click();
    until_told(&page, "The answer was not sent.").await;
    assert!(section(&page).contains("10 answers"));
    element(&page.root, "#back").click();
    until("the drawer is closed", || {
        count(&page.root, ".answer-box") == 0
    })
    .await;
    element(&page.root, "#back").click();
    until("it is open", || count(&page.root, ".answer-box") == 1).await;
    assert_eq!(area(&page).value(), "Long thoughts");
    type_answer(&page, "").await;
}

#[wasm_bindgen_test]
async fn a_question_that_is_closed_while_somebody_writes_keeps_their_words() {
    serve_questions("editor", &[question(&[])]);
    let (page, peer) = open_task(Locale::En).await;
    until_told(&page, "ada asks").await;
    type_answer(&page, "Use main").await;
    serve("GET", QUESTIONS, &json!([closed(&[], "resumed")]));
    changed(&peer, "question_closed");
    until_told(
        &page,
        "ada continued without an answer. You can still send an answer",
    )
    .await;
    assert_eq!(area(&page).value(), "Use main");
    serve("POST", ANSWERS, &late());
    serve("GET", QUESTIONS, &json!([closed(&[late()], "resumed")]));
    element(&page.root, ".answer-box [type=submit]").click();
    until_told(&page, "Late: ada did not get it").await;
    let sent_again = with(late(), "sent_again_at");
    let again = format!("{ANSWERS}/9/resend");
    serve("POST", &again, &sent_again);
    serve("GET", QUESTIONS, &json!([closed(&[sent_again], "resumed")]));
    element(&page.root, ".question-delivery button").click();
    until_told(&page, "Sent as a message").await;
    assert_eq!(requests(&format!("POST {again}")).len(), 1);
    assert_eq!(count(&page.root, ".question button"), 0, "it is sent once");
}

#[wasm_bindgen_test]
async fn a_closed_question_without_an_answer_is_not_shown() {
    serve_questions("editor", &[closed(&[], "resumed")]);
    let (page, _peer) = open_task(Locale::En).await;
    until("it is read", || {
        !requests(&format!("GET {QUESTIONS}")).is_empty()
    })
    .await;
    frame().await;
    assert!(element(&page.root, ".agent-questions").hidden());
}

#[wasm_bindgen_test]
async fn who_may_not_answer_reads_and_a_failure_offers_to_try_again() {
    for role in ["viewer", "agent"] {
        serve_questions(role, &[]);
        refuse("GET", QUESTIONS, 400, &json!({"detail": "No."}));
        let (page, _peer) = open_task(Locale::En).await;
        until_told(&page, "The questions of the agent could not be loaded.").await;
        let mut hidden = late();
        hidden["text"] = Value::Null;
        serve("GET", QUESTIONS, &json!([question(&[hidden])]));
        element(&page.root, ".agent-questions [role=alert] button").click();
        until_told(&page, "ada asks").await;
        assert_eq!(
            count(&page.root, ".agent-questions button, .answer-box"),
            0,
            "{role}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_server_without_questions_shows_no_section() {
    serve_questions("editor", &[]);
    refuse(
        "GET",
        QUESTIONS,
        404,
        &json!({"detail": "API endpoint not found"}),
    );
    let (page, _peer) = open_task(Locale::En).await;
    until("it is hidden", || {
        element(&page.root, ".agent-questions").hidden()
    })
    .await;
}

#[wasm_bindgen_test]
async fn the_mark_of_a_waiting_card_leads_to_its_question_also_when_the_agent_falls_silent() {
    for is_alive in [true, false] {
        serve_questions("editor", &[question(&[])]);
        let mut agent = waiting("1-p1");
        agent["is_alive"] = is_alive.into();
        serve_at("GET", "projects/p1/agents", 10, &json!([agent]));
        let page = open(Locale::En);
        let _peer = Peer::accept(0, 10).await;
        ready(&page).await;
        until("the agent is shown", || {
            count(&page.root, ".task-card a.task-card-doing") == 1
        })
        .await;
        let mark = element(&page.root, "a.task-card-doing");
        assert_eq!(text(&mark), "Which branch?");
        assert!(mark.get_attribute("href").unwrap().ends_with("/p/p1/t/1"));
    }
}

#[wasm_bindgen_test]
async fn the_page_of_agents_leads_to_the_drawer_or_asks_there_for_an_agent_without_a_task() {
    for (task, answers) in [("1-p1", "a.agent-answer"), ("", ".agent .answer-box")] {
        serve_questions("editor", &[question(&[])]);
        serve_at("GET", "projects/p1/agents", 10, &json!([waiting(task)]));
        let page = open_with(Locale::En, || {
            view! { <AgentList project=PROJECT.into() /> }.into_any()
        });
        let _peer = Peer::accept(0, 10).await;
        ready(&page).await;
        until("the agent is listed", || count(&page.root, ".agent") == 1).await;
        until(answers, || count(&page.root, answers) == 1).await;
        let words = text(&element(&page.root, ".agent-what"));
        assert_eq!(words.matches("Which branch?").count(), 1, "{words}");
        if task.is_empty() {
            let asked = &requests(&format!("GET {QUESTIONS}"))[0];
            assert_eq!(asked.query, "?agent=ada");
        }
    }
}
