//! Tests of a question of an agent: every open page shows it, and the answer reaches the agent.

use anyhow::{Context as _, Result};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Browser, Server};

/// Notes in the page the time at which its title first counts one item, and what it announced.
const WATCH: &str = "
    addEventListener('DOMContentLoaded', () => {
        new MutationObserver(() => {
            if (document.title.startsWith('(1) ')) window.countedAt ??= Date.now();
        }).observe(document.head, { subtree: true, childList: true, characterData: true });
        new MutationObserver(() => {
            const region = document.getElementById('announcer');
            if (region) (window.announced ??= []).push(region.textContent);
        }).observe(document.documentElement, { subtree: true, childList: true, characterData: true });
    });";

/// Returns the time of the page's count, once it counts, announces and has marked its icon.
const TOLD: &str = "
    const icon = document.querySelector('link[rel=icon]').href;
    return window.countedAt && icon.includes('circle')
        && (window.announced ?? []).some(text => text.includes('run the tests'))
        && window.countedAt;";

/// A session of a harness, as its hooks report it.
struct Session<'a> {
    server: &'a Server,
    http: Client,
}

impl Session<'_> {
    fn body(event: &str, more: &Value) -> Value {
        let mut body = json!({
            "session_id": "7c1c8b1e-0000-4000-8000-000000000001",
            "transcript_path": "/home/ada/.claude/projects/pay/1.jsonl",
            "cwd": "/work/pay",
            "hook_event_name": event,
        });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        body
    }

    /// Sends an event to a door, and returns the response.
    async fn send(&self, door: &str, event: &str, more: Value) -> Result<String> {
        let path = format!("/api/hooks/claude-code{door}");
        let url = format!(
            "{}{}project=pay",
            self.server.url(&path),
            if door.contains('?') { "&" } else { "?" }
        );
        let request = self.http.post(url).json(&Self::body(event, &more));
        let request = request.header("TaskTree-Machine", "ada-laptop");
        Ok(request.send().await?.error_for_status()?.text().await?)
    }
}

fn permission() -> Value {
    json!({ "tool_name": "Bash", "tool_input": { "command": "run the tests" } })
}

async fn page(server: &Server, path: &str, size: (u32, u32)) -> Result<Board> {
    let browser = Browser::start(size.0, size.1, "en").await?;
    browser.before_every_page(WATCH).await?;
    Board::open_in(browser, &server.url(path)).await
}

#[tokio::test]
async fn a_question_is_on_every_page_and_the_answer_of_a_phone_reaches_the_agent() -> Result<()> {
    let server = Server::start().await?;
    server
        .project_with_tasks("pay", &["Take the money"])
        .await?;
    server
        .project_with_tasks("docs", &["Write it down"])
        .await?;
    let session = Session {
        server: &server,
        http: Client::new(),
    };
    session
        .send("", "SessionStart", json!({ "source": "startup" }))
        .await?;

    let (board, other, projects, phone) = tokio::try_join!(
        page(&server, "/p/pay", (1400, 900)),
        page(&server, "/p/docs", (1400, 900)),
        page(&server, "/", (1400, 900)),
        page(&server, "/inbox", (390, 844)),
    )?;
    let pages = [&board, &other, &projects, &phone];

    let decision = session.send("/decision?wait=120", "PermissionRequest", permission());
    let people = async {
        let mut slowest = 0;
        let attention = until("the server has the item", PATIENCE, || async {
            let all = server.call(Method::GET, "/api/attention", None).await?;
            Ok(all["items"].get(0).cloned())
        })
        .await?;
        let since = attention["since"].as_str().context("a time")?.to_owned();
        for page in pages {
            let counted = page
                .browser
                .until("the page tells of the question", TOLD, vec![]);
            let counted = counted.await?.as_i64().context("a time")?;
            let took = page
                .browser
                .run(
                    "return arguments[0] - Date.parse(arguments[1]);",
                    vec![json!(counted), json!(since)],
                )
                .await?;
            slowest = slowest.max(took.as_i64().context("a number")?);
        }
        println!(
            "the slowest of {} pages counted the question after {slowest} ms",
            pages.len()
        );
        phone.click(".inbox-row").await?;
        phone.until_text(".inbox-item", "ada-laptop").await?;
        phone.click(".answer-options button").await?;
        for page in pages {
            let gone = "return !/^\\(\\d/.test(document.title);";
            page.browser
                .until("the count is gone", gone, vec![])
                .await?;
        }
        anyhow::Ok(())
    };
    let (decided, _) = tokio::try_join!(decision, people)?;
    let decided: Value = serde_json::from_str(&decided)?;
    assert_eq!(decided["decision"], "allow");
    Ok(())
}

#[tokio::test]
async fn an_answer_to_an_outdated_question_is_not_applied_and_says_so() -> Result<()> {
    let server = Server::start().await?;
    server
        .project_with_tasks("pay", &["Take the money"])
        .await?;
    let session = Session {
        server: &server,
        http: Client::new(),
    };
    session
        .send("", "SessionStart", json!({ "source": "startup" }))
        .await?;
    let phone = page(&server, "/inbox", (390, 844)).await?;

    let decision = session.send("/decision?wait=120", "PermissionRequest", permission());
    let person = async {
        phone
            .browser
            .until(
                "the question is shown",
                "return !!document.querySelector('.inbox-row');",
                vec![],
            )
            .await?;
        phone.click(".inbox-row").await?;
        phone
            .browser
            .until(
                "its answers are shown",
                "return !!document.querySelector('.answer-options button');",
                vec![],
            )
            .await?;
        // The page does not hear of it: what it still offers is outdated.
        let questions = server
            .call(Method::GET, "/api/projects/pay/questions", None)
            .await?;
        let id = questions[0]["id"].as_u64().context("a question")?;
        session.send("", "PostToolUse", permission()).await?;
        until("the question is closed", PATIENCE, || async {
            let questions = server
                .call(Method::GET, "/api/projects/pay/questions", None)
                .await?;
            Ok((questions[0]["closed_at"] != Value::Null).then_some(()))
        })
        .await?;
        let path = format!("/api/projects/pay/questions/{id}/answers");
        let answer = server
            .call(Method::POST, &path, Some(json!({ "text": "Deny" })))
            .await?;
        assert_eq!(answer["late"], true, "{answer}");
        phone
            .until_text(".question-answer[data-late]", "Deny")
            .await?;
        anyhow::Ok(())
    };
    let (decided, ()) = tokio::try_join!(decision, person)?;
    let decided: Value = serde_json::from_str(&decided)?;
    assert_eq!(
        decided["decision"],
        Value::Null,
        "the terminal has answered already"
    );
    Ok(())
}
