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

/// Returns true after the page has received the items that need attention.
const LIST_READ: &str = "return performance.getEntriesByType('resource')
    .some(entry => entry.name.endsWith('/api/attention') && entry.responseEnd > 0);";

/// A server with a session of a harness, as its hooks report it.
struct Session {
    server: Server,
    http: Client,
}

impl Session {
    /// Starts a session in the project `pay`.
    async fn start() -> Result<Self> {
        let session = Self {
            server: Server::start().await?,
            http: Client::new(),
        };
        let tasks = ["Take the money"];
        session.server.project_with_tasks("pay", &tasks).await?;
        let started = json!({ "source": "startup" });
        session.send("", "SessionStart", &started).await?;
        Ok(session)
    }

    /// Sends an event to a door, and returns the response.
    async fn send(&self, door: &str, event: &str, more: &Value) -> Result<String> {
        let mut body = json!({
            "session_id": "7c1c8b1e-0000-4000-8000-000000000001",
            "transcript_path": "/home/ada/.claude/projects/pay/1.jsonl",
            "cwd": "/work/pay",
            "hook_event_name": event,
        });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let url = self.server.url(&format!("/api/hooks/claude-code{door}"));
        let request = self.http.post(url).json(&body);
        let request = request.query(&[("project", "pay")]);
        let request = request.header("TaskTree-Machine", "ada-laptop");
        Ok(request.send().await?.error_for_status()?.text().await?)
    }

    /// Asks for a permission, and waits for the decision of a person.
    async fn ask(&self) -> Result<Value> {
        let door = "/decision?wait=120";
        let decided = self.send(door, "PermissionRequest", &permission()).await?;
        Ok(serde_json::from_str(&decided)?)
    }

    /// Opens a page that notes when it tells of a question.
    async fn page(&self, path: &str, size: (u32, u32)) -> Result<Board> {
        let browser = Browser::start(size.0, size.1, "en").await?;
        browser.before_every_page(WATCH).await?;
        let board = Board::open_in(browser, &self.server.url(path)).await?;
        // Items of the first list are not news.
        let list = "the list of items has been read";
        board.browser.until(list, LIST_READ, vec![]).await?;
        if path.starts_with("/p/") {
            board.until_text(".attention-calm", "All running").await?;
        }
        Ok(board)
    }
}

fn permission() -> Value {
    json!({ "tool_name": "Bash", "tool_input": { "command": "run the tests" } })
}

/// Sizes of windows.
const DESK: (u32, u32) = (1400, 900);
const PHONE: (u32, u32) = (390, 844);

#[tokio::test]
async fn a_question_is_on_every_page_and_the_answer_of_a_phone_reaches_the_agent() -> Result<()> {
    let session = Session::start().await?;
    let server = &session.server;
    let tasks = ["Write it down"];
    server.project_with_tasks("docs", &tasks).await?;
    let agent = json!({ "id": "grace" });
    let agents = "/api/projects/docs/agents";
    server.call(Method::POST, agents, Some(agent)).await?;
    let (board, other, projects, phone) = tokio::try_join!(
        session.page("/p/pay", DESK),
        session.page("/p/docs", DESK),
        session.page("/", DESK),
        session.page("/inbox", PHONE),
    )?;
    let pages = [&board, &other, &projects, &phone];

    let people = async {
        let attention = until("the server has the item", PATIENCE, || async {
            let all = server.call(Method::GET, "/api/attention", None).await?;
            Ok(all["items"].get(0).cloned())
        })
        .await?;
        let mut slowest = 0;
        for page in pages {
            let told = "the page tells of the question";
            let counted = page.browser.until(told, TOLD, vec![]).await?;
            let since = "return arguments[0] - Date.parse(arguments[1]);";
            let times = vec![counted, attention["since"].clone()];
            let took = page.browser.run(since, times).await?;
            slowest = slowest.max(took.as_i64().context("a number")?);
        }
        let count = pages.len();
        println!("the slowest of {count} pages counted the question after {slowest} ms");
        phone.click(".inbox-row").await?;
        phone.until_text(".inbox-item", "ada-laptop").await?;
        phone.click(".answer-options button").await?;
        for page in pages {
            let gone = "return !/^\\(\\d/.test(document.title);";
            let is_gone = page.browser.until("the count is gone", gone, vec![]);
            is_gone.await?;
        }
        anyhow::Ok(())
    };
    let (decided, ()) = tokio::try_join!(session.ask(), people)?;
    assert_eq!(decided["decision"], "allow");
    Ok(())
}

#[tokio::test]
async fn an_answer_to_an_outdated_question_is_not_applied_and_says_so() -> Result<()> {
    let session = Session::start().await?;
    let server = &session.server;
    let phone = session.page("/inbox", PHONE).await?;

    let person = async {
        phone.click(".inbox-row").await?;
        let offered = "return !!document.querySelector('.answer-options button');";
        let is_offered = phone.browser.until("answers are offered", offered, vec![]);
        is_offered.await?;
        let path = "/api/projects/pay/questions";
        let question = || async {
            let all = server.call(Method::GET, path, None).await?;
            anyhow::Ok(all[0].clone())
        };
        let id = question().await?["id"].clone();
        // Somebody has answered in the terminal.
        session.send("", "PostToolUse", &permission()).await?;
        until("the question is closed", PATIENCE, || async {
            Ok((question().await?["closed_at"] != Value::Null).then_some(()))
        })
        .await?;
        let path = format!("{path}/{id}/answers");
        let answer = json!({ "text": "Deny" });
        let answer = server.call(Method::POST, &path, Some(answer)).await?;
        assert_eq!(answer["late"], true, "{answer}");
        let late = ".question-answer[data-late]";
        phone.until_text(late, "Deny").await
    };
    let (decided, ()) = tokio::try_join!(session.ask(), person)?;
    assert_eq!(decided["decision"], Value::Null, "{decided}");
    Ok(())
}
