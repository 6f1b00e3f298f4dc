//! Fifty agents want two hundred tasks at once, through every door that there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tasktree_e2e::Server;
use tasktree_e2e::wait::PATIENCE;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::Barrier;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Agents at each door.
const AGENTS: usize = 10;

/// Tasks that each agent takes. Together they take all.
const EACH: usize = 4;

/// Path of the project.
const PROJECT: &str = "/api/projects/alpha";

/// A way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Mcp,
    CommandLine,
    Hooks,
    Rest,
    Socket,
}

const DOORS: [Door; 5] = [
    Door::Mcp,
    Door::CommandLine,
    Door::Hooks,
    Door::Rest,
    Door::Socket,
];

/// An agent at a door.
struct Agent {
    server: Arc<Server>,
    http: Client,
    name: String,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
}

#[tokio::test]
async fn each_task_goes_to_exactly_one_agent_whatever_door_it_uses() -> Result<()> {
    let server = Server::start().await?;
    let count = DOORS.len() * AGENTS * EACH;
    let titles: Vec<String> = (0..count).map(|number| format!("t{number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    server.project_with_tasks("alpha", &titles).await?;
    let server = Arc::new(server);
    let start = Arc::new(Barrier::new(DOORS.len() * AGENTS));
    let mut running = Vec::new();
    for door in DOORS {
        for index in 0..AGENTS {
            let (server, start) = (Arc::clone(&server), Arc::clone(&start));
            running.push(tokio::spawn(async move {
                let agent = Agent::new(server, format!("{door:?}-{index}"), door).await;
                start.wait().await;
                agent?.work(door).await
            }));
        }
    }
    let mut takers: BTreeMap<u64, String> = BTreeMap::new();
    for agent in running {
        for (task, taker) in agent.await?? {
            let earlier = takers.insert(task, taker.clone());
            ensure!(earlier.is_none(), "#{task}: {earlier:?} and {taker}");
        }
    }
    assert_eq!(takers.len(), count);
    for (task, taker) in takers {
        let path = format!("{PROJECT}/tasks/{task}/attempts");
        let attempts = server.call(Method::GET, &path, None).await?;
        let attempts = attempts.as_array().context("a list")?;
        assert_eq!(attempts.len(), 1, "#{task}: {attempts:?}");
        assert_eq!(attempts[0]["agent"], taker, "#{task}");
        assert_eq!(attempts[0]["outcome"], "completed", "#{task}");
    }
    Ok(())
}

impl Agent {
    async fn new(server: Arc<Server>, name: String, door: Door) -> Result<Self> {
        let mut agent = Self {
            server,
            http: Client::new(),
            name,
            socket: None,
        };
        match door {
            Door::Rest => agent.register().await?,
            Door::Socket => {
                agent.register().await?;
                agent.open_socket().await?;
            }
            Door::Mcp | Door::CommandLine | Door::Hooks => {}
        }
        Ok(agent)
    }

    async fn register(&self) -> Result<()> {
        let body = json!({"id": self.name});
        let path = format!("{PROJECT}/agents");
        self.server.call(Method::POST, &path, Some(body)).await?;
        Ok(())
    }

    /// Takes tasks and completes them. Returns each with the name under which it was taken.
    async fn work(mut self, door: Door) -> Result<Vec<(u64, String)>> {
        let mut taken = Vec::new();
        while taken.len() < EACH {
            let name = self.name.clone();
            match door {
                Door::Mcp => {
                    let next = self.tool("board_next", json!({})).await?;
                    let task = next["task"]["number"].as_u64().context("no task is left")?;
                    self.tool("board_done", json!({"summary": "done"})).await?;
                    taken.push((task, name));
                }
                Door::CommandLine => {
                    let next = self.run(&["next"]).await?;
                    let task = next["task"]["task_id"]
                        .as_u64()
                        .context("no task is left")?;
                    self.run(&["done", "done"]).await?;
                    taken.push((task, name));
                }
                Door::Rest => {
                    let path = format!("{PROJECT}/agents/{name}/next");
                    let next = self.server.call(Method::POST, &path, None).await?;
                    let task = next["task"]["task_id"]
                        .as_u64()
                        .context("no task is left")?;
                    self.complete(&name).await?;
                    taken.push((task, name));
                }
                Door::Hooks => {
                    let name = format!("{name}-{}", taken.len());
                    let task = self.any_ready().await?;
                    // A session starts with a task, or without it if another was faster.
                    if self.start_session(&name, task).await? {
                        self.complete(&name).await?;
                        taken.push((task, name));
                    } else {
                        self.name.push('x');
                    }
                }
                Door::Socket => {
                    let task = self.any_ready().await?;
                    if self.command(task, "in_progress").await? {
                        ensure!(self.command(task, "completed").await?, "#{task}: {name}");
                        taken.push((task, name));
                    }
                }
            }
        }
        Ok(taken)
    }

    /// Completes the task of an agent by a report.
    async fn complete(&self, agent: &str) -> Result<()> {
        let path = format!("{PROJECT}/agents/{agent}");
        let body = json!({"status": "completed"});
        self.server.call(Method::PUT, &path, Some(body)).await?;
        Ok(())
    }

    /// Returns one of the tasks that are ready now, which others want too.
    async fn any_ready(&self) -> Result<u64> {
        let path = format!("{PROJECT}/tasks?ready=true&view=card&limit=10");
        let ready = self.server.call(Method::GET, &path, None).await?;
        let ready = ready.as_array().context("a list")?;
        let one = fastrand::choice(ready).context("no task is left")?;
        one["task_id"].as_u64().context("a number")
    }

    async fn tool(&self, tool: &str, arguments: Value) -> Result<Value> {
        let params = json!({"name": tool, "arguments": arguments});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let request = self.http.post(self.server.url("/mcp")).json(&body);
        let request = request.header("tasktree-agent", &self.name);
        let answer: Value = request.send().await?.json().await?;
        let result = &answer["result"];
        ensure!(result["isError"] == false, "{tool}: {answer}");
        Ok(result["structuredContent"].clone())
    }

    async fn run(&self, arguments: &[&str]) -> Result<Value> {
        let home = self.server.database();
        let home = home.parent().context("a folder")?.join(&self.name);
        std::fs::create_dir_all(&home)?;
        let output = Command::new(self.server.binary())
            .args(arguments)
            .arg("--json")
            .env_clear()
            .env("HOME", &home)
            .env("TASKTREE_SERVER", self.server.url(""))
            .env("TASKTREE_PROJECT", "alpha")
            .env("TASKTREE_AGENT", &self.name)
            .current_dir(&home)
            .output();
        let output = timeout(PATIENCE, output).await??;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}");
        let printed: Value = serde_json::from_slice(&output.stdout)?;
        Ok(printed["data"].clone())
    }

    /// Starts a session with a task. Returns true if it got the task.
    async fn start_session(&self, name: &str, task: u64) -> Result<bool> {
        let body = json!({
            "session_id": format!("{name}-{task}-{}", fastrand::u64(..)),
            "cwd": "/work",
            "hook_event_name": "SessionStart",
        });
        let path =
            format!("/api/hooks/claude-code/context?project=alpha&agent={name}&task={task}-alpha");
        self.server.call(Method::POST, &path, Some(body)).await?;
        let path = format!("{PROJECT}/agents/{name}");
        let agent = self.server.call(Method::GET, &path, None).await?;
        Ok(!agent["generation"].is_null() && agent["task_id"] == format!("{task}-alpha"))
    }

    async fn open_socket(&mut self) -> Result<()> {
        let address = format!("ws://{}/ws/updates", self.server.address());
        let mut request = address.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "board.v1".parse()?);
        headers.insert("tasktree-agent", self.name.parse()?);
        let (mut socket, _) = connect_async(request).await?;
        let hello = json!({"type": "sys.hello", "data": {"client": "test", "subs": []}});
        socket.send(Message::text(hello.to_string())).await?;
        self.socket = Some(socket);
        Ok(())
    }

    /// Changes the status of a task by a command. Returns false if it is refused.
    async fn command(&mut self, task: u64, status: &str) -> Result<bool> {
        let socket = self.socket.as_mut().context("a socket")?;
        let id = format!("{task}-{status}-{}", fastrand::u64(..));
        let args = json!({
            "project_id": "alpha",
            "task": format!("{task}-alpha"),
            "patch": {"status": status},
        });
        let data = json!({"id": id, "op": "update_task", "args": args});
        let frame = json!({"type": "sys.cmd", "data": data});
        socket.send(Message::text(frame.to_string())).await?;
        loop {
            let message = timeout(PATIENCE, socket.next()).await?;
            let Message::Text(text) = message.context("the socket is open")?? else {
                continue;
            };
            let frame: Value = serde_json::from_str(&text)?;
            if frame["type"] == "sys.result" && frame["data"]["id"] == id {
                return Ok(frame["data"]["ok"] == true);
            }
            if frame["type"] == "sys.ping" {
                let pong = json!({"type": "sys.pong", "data": frame["data"]});
                socket.send(Message::text(pong.to_string())).await?;
            }
        }
    }
}
