//! Tests of the ways in which the answer of a person reaches the agent that asked.
//!
//! The way of a hook that waits for a decision is in [`super::attention`].

use std::process::{Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::harness::Home;
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Browser, Server};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::terminal::Terminal;

/// Program that asks for a permission twice.
const ASKS: &str = r#"
for question in 'Delete it?' 'Delete everything?'; do
    printf '\033]7501;state=blocked:kind=permission:msg=RGVsZXRlPw==\033\\%s [y/N] ' "$question"
    read -r answer
    printf 'got <%s>\n' "$answer"
done
"#;

/// Question of an agent, and another one that replaces it.
const QUESTIONS: [&str; 2] = ["Which color?", "Which size?"];

/// Way of an answer to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The next `tasktree next`.
    Next,
    /// `tasktree inbox`.
    Inbox,
    /// A heartbeat.
    Beat,
    /// The result of the next tool of MCP.
    Mcp,
    /// The context of the next prompt, by the hook of a harness.
    Prompt,
    /// The context of the next session, by the hook of a harness.
    Session,
    /// `tasktree ask --wait`.
    Ask,
    /// Keys in the terminal of `tasktree run`.
    Run,
}

impl Way {
    const ALL: [Self; 8] = [
        Self::Next,
        Self::Inbox,
        Self::Beat,
        Self::Mcp,
        Self::Prompt,
        Self::Session,
        Self::Ask,
        Self::Run,
    ];

    /// Returns the answer, and what the agent sees of it.
    const fn answer(self) -> (&'static str, &'static str) {
        match self {
            Self::Run => ("Yes", "got <y>"),
            _ => ("Blue", "Blue"),
        }
    }
}

/// Agent that has asked.
enum Asker {
    /// It looks for the answer later.
    Later,
    /// It waits for the answer.
    Waiting(Child),
    /// It asks in a terminal.
    InTerminal(Terminal),
}

/// Server with the project `pay`, and one agent for each way.
struct Desk {
    server: Server,
    home: Home,
}

impl Desk {
    async fn open() -> Result<Self> {
        let server = Server::start().await?;
        server.project_with_tasks("pay", &[]).await?;
        let home = Home::new(server.binary()).await?;
        Ok(Self { server, home })
    }

    /// Returns a call of `tasktree` by the agent of that way.
    fn call(&self, way: Way, arguments: &[&str]) -> Command {
        let mut command = self.home.command("tasktree");
        command
            .args(arguments)
            .env("TASKTREE_SERVER", self.server.url(""))
            .env("TASKTREE_PROJECT", "pay")
            .env("TASKTREE_AGENT", agent(way));
        command
    }

    /// Lets the agent ask its first question.
    async fn ask(&self, way: Way) -> Result<Asker> {
        let ask = ["ask", QUESTIONS[0], "--option", "Blue", "--option", "Red"];
        let asker = match way {
            Way::Run => {
                let tasktree = self.call(way, &[]).into_std();
                let program = self.server.binary().as_os_str();
                let words = ["run", "--", "sh", "-c", ASKS].map(AsRef::as_ref);
                let words = std::iter::once(program).chain(words);
                Asker::InTerminal(Terminal::start(tasktree, words))
            }
            Way::Ask => {
                let mut call = self.call(way, &ask);
                call.args(["--wait", "2m"]);
                call.stdout(Stdio::piped()).stderr(Stdio::piped());
                Asker::Waiting(call.spawn()?)
            }
            _ => {
                self.said(self.call(way, &ask)).await?;
                Asker::Later
            }
        };
        Ok(asker)
    }

    /// Lets the agent go on and ask something else.
    async fn ask_again(&self, way: Way, asker: &Asker) -> Result<()> {
        match asker {
            Asker::InTerminal(terminal) => {
                terminal.wait_for("Delete it? [y/N] ");
                terminal.type_in("no\r");
                terminal.wait_for("Delete everything? [y/N] ");
            }
            Asker::Later | Asker::Waiting(_) => {
                self.said(self.call(way, &["ask", QUESTIONS[1]])).await?;
            }
        }
        Ok(())
    }

    /// Lets the agent look for the answer. Returns everything that it sees.
    async fn receive(&self, way: Way, asker: Asker) -> Result<String> {
        match (way, asker) {
            (_, Asker::InTerminal(terminal)) => {
                terminal.wait_for("got <");
                terminal.wait_for("Delete everything? [y/N] ");
                terminal.type_in("no\r");
                Ok(terminal.end().0)
            }
            (_, Asker::Waiting(child)) => {
                let output = timeout(PATIENCE, child.wait_with_output()).await??;
                Ok(text(&output))
            }
            (Way::Next, _) => self.said(self.call(way, &["next"])).await,
            (Way::Inbox, _) => self.said(self.call(way, &["inbox"])).await,
            (Way::Beat, _) => self.said(self.call(way, &["beat"])).await,
            (Way::Mcp, _) => self.tool(way).await,
            (Way::Session, _) => self.hook(way, "SessionStart").await,
            (_, Asker::Later) => self.hook(way, "UserPromptSubmit").await,
        }
    }

    /// Calls a tool of MCP over standard input and output.
    async fn tool(&self, way: Way) -> Result<String> {
        let mut call = self.call(way, &["mcp"]);
        call.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = call.spawn()?;
        let request = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": "board_heartbeat", "arguments": {} },
        });
        let mut input = child.stdin.take().context("no input")?;
        input.write_all(format!("{request}\n").as_bytes()).await?;
        drop(input);
        Ok(text(&timeout(PATIENCE, child.wait_with_output()).await??))
    }

    /// Runs the hook of an event that takes context.
    async fn hook(&self, way: Way, event: &str) -> Result<String> {
        let event = json!({
            "session_id": "7c1c8b1e-0000-4000-8000-000000000001",
            "cwd": self.home.repository(), "hook_event_name": event, "source": "startup",
        });
        let event = event.to_string();
        let call = ["hook", "claude-code", &event, "--context"];
        self.said(self.call(way, &call)).await
    }

    /// Runs a call, and returns everything that it says.
    async fn said(&self, mut call: Command) -> Result<String> {
        Ok(text(&timeout(PATIENCE, call.output()).await??))
    }

    /// Waits until a question of the agent is open, and returns it.
    async fn question(&self, way: Way, text: &str) -> Result<Value> {
        let is_open = format!("{way:?} asks {text:?}");
        until(&is_open, PATIENCE, || async {
            let all = self.questions(way).await?;
            let mut open = all.into_iter().filter(|found| found["closed_at"].is_null());
            Ok(open.find(|found| found["text"].as_str().is_some_and(|all| all.contains(text))))
        })
        .await
    }

    /// Returns the questions of the agent, newest first.
    async fn questions(&self, way: Way) -> Result<Vec<Value>> {
        let path = format!("/api/projects/pay/questions?agent={}", agent(way));
        let all = self.server.call(Method::GET, &path, None).await?;
        all.as_array().cloned().context("a list")
    }
}

fn agent(way: Way) -> String {
    format!("{way:?}").to_lowercase()
}

/// Returns everything that a program has said.
fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts.map(|part| String::from_utf8_lossy(part)).concat()
}

/// Clicks the row of an agent, and returns true if there is one.
const CLICK_ROW: &str = "const row = [...document.querySelectorAll('.inbox-row')]
    .find(row => row.querySelector('strong').textContent === arguments[0]);
    row?.click();
    return !!row;";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_of_a_phone_reaches_the_agent_by_every_way() -> Result<()> {
    let desk = Desk::open().await?;
    let browser = Browser::start(390, 844, "en").await?;
    let phone = Board::open_in(browser, &desk.server.url("/inbox")).await?;
    for way in Way::ALL {
        let (answer, mark) = way.answer();
        let asker = desk.ask(way).await?;
        // An agent that has its answer may wait on, so there are rows of others.
        let row = format!("the row of {way:?}");
        let name = vec![agent(way).into()];
        phone.browser.until(&row, CLICK_ROW, name).await?;
        phone.until_text(".inbox-item", &agent(way)).await?;
        let buttons = ".answer-options button";
        phone.until_text(buttons, answer).await?;
        phone.click(buttons).await?;
        let stored = format!("{way:?} has an answer");
        until(&stored, PATIENCE, || async {
            let questions = desk.questions(way).await?;
            let answers = &questions.last().context("no question")?["answers"];
            Ok(answers.get(0).map(|_| ()))
        })
        .await?;

        let seen = desk.receive(way, asker).await?;
        ensure!(seen.contains(mark), "{way:?}: {seen}");
        let arrived = format!("{way:?} shows the answer as delivered");
        until(&arrived, PATIENCE, || async {
            let questions = desk.questions(way).await?;
            let answer = &questions.last().context("no question")?["answers"][0];
            ensure!(answer["late"] == false, "{answer}");
            Ok((!answer["delivered_at"].is_null()).then_some(()))
        })
        .await?;
        phone.browser.open(&desk.server.url("/inbox")).await?;
        phone.until_live().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_an_outdated_question_reaches_the_agent_by_no_way() -> Result<()> {
    let desk = Desk::open().await?;
    for way in Way::ALL {
        let (answer, mark) = way.answer();
        let [first, second] = match way {
            Way::Run => ["Delete it?", "Delete everything?"],
            _ => QUESTIONS,
        };
        let asker = desk.ask(way).await?;
        let outdated = desk.question(way, first).await?;
        desk.ask_again(way, &asker).await?;
        desk.question(way, second).await?;

        let path = format!("/api/projects/pay/questions/{}/answers", outdated["id"]);
        let answer = json!({ "text": answer });
        let answer = desk.server.call(Method::POST, &path, Some(answer)).await?;
        assert_eq!(answer["late"], true, "{way:?}: {answer}");

        let seen = desk.receive(way, asker).await?;
        ensure!(!seen.contains(mark), "{way:?}: {seen}");
        if way == Way::Ask {
            ensure!(seen.contains("the question no longer stands"), "{seen}");
        }
        let questions = desk.questions(way).await?;
        let outdated = questions.iter().find(|found| found["id"] == outdated["id"]);
        let answer = &outdated.context("the question is gone")?["answers"][0];
        assert_eq!(answer["late"], true, "{way:?}: {answer}");
        assert_eq!(answer["delivered_at"], Value::Null, "{way:?}: {answer}");
    }
    Ok(())
}
