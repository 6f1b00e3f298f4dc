//! The command line of agents, against a real server.

mod codes;
mod connect;
mod hook;
mod mcp;
mod questions;
#[cfg(unix)]
mod run;
mod verbs;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use crate::server::{Server, command, out, said};

/// Server with the project "alpha", and a folder in which agents work.
struct Desk {
    server: Server,
    home: TempDir,
}

impl Desk {
    async fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        let server = Server::in_memory(home.path(), &[], "info").await;
        let desk = Self { server, home };
        desk.post("/api/projects", &json!({"id": "alpha", "name": "A"}))
            .await;
        std::fs::create_dir_all(desk.work()).unwrap();
        desk
    }

    /// Folder in which the program is started.
    fn work(&self) -> PathBuf {
        self.home.path().join("work")
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let sent = self.server.http.post(self.server.url(path)).json(body);
        let answer = sent.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn put(&self, path: &str, body: &Value) -> Value {
        let sent = self.server.http.put(self.server.url(path)).json(body);
        let answer = sent.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// Adds a task with that title.
    async fn add(&self, title: &str) {
        let task = json!({"title": title, "prompt": format!("Prompt of {title}")});
        self.post("/api/projects/alpha/tasks", &task).await;
    }

    /// Returns a call of the program.
    fn call<'a>(&'a self, arguments: &[&'a str]) -> Call<'a> {
        Call {
            arguments: arguments.to_vec(),
            folder: self.work(),
            home: self.home.path(),
            variables: vec![
                ("TASKTREE_SERVER", self.server.base.clone()),
                ("TASKTREE_PROJECT", "alpha".to_owned()),
            ],
            input: String::new(),
        }
    }

    /// Runs a verb as an agent, and returns its data.
    async fn json(&self, agent: &str, arguments: &[&str]) -> Value {
        let output = self.call(arguments).agent(agent).json().await;
        envelope(&output)["data"].clone()
    }

    /// Runs a verb as an agent, and returns what it prints for people.
    async fn text(&self, agent: &str, arguments: &[&str]) -> String {
        out(&self.call(arguments).agent(agent).run().await)
    }

    /// Returns a task as the server has it.
    async fn task(&self, number: u64) -> Value {
        let path = format!("/api/projects/alpha/tasks/{number}");
        self.server.get(&path).await
    }
}

/// Call of the program.
struct Call<'a> {
    arguments: Vec<&'a str>,
    folder: PathBuf,
    home: &'a Path,
    variables: Vec<(&'a str, String)>,
    input: String,
}

impl<'a> Call<'a> {
    fn agent(self, name: &str) -> Self {
        self.variable("TASKTREE_AGENT", name)
    }

    /// Sets a variable; an empty value counts as none.
    fn variable(mut self, name: &'a str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    fn folder(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    async fn json(mut self) -> Output {
        self.arguments.push("--json");
        self.run().await
    }

    async fn run(self) -> Output {
        let mut command = command(&self.arguments, self.home);
        command
            .current_dir(&self.folder)
            .envs(self.variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut input = process.stdin.take().unwrap();
        // The program may end without reading all of it.
        let _ = input.write_all(self.input.as_bytes()).await;
        drop(input);
        process.wait_with_output().await.unwrap()
    }
}

/// Returns the JSON on standard output of a call that succeeded.
fn envelope(output: &Output) -> Value {
    let envelope: Value = serde_json::from_str(&out(output)).unwrap();
    assert_eq!(envelope["schema_version"], 1);
    envelope
}

/// Returns the error on standard error of a call with JSON that failed with that exit code.
fn failure(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", said(output));
    assert!(output.stdout.is_empty(), "{}", said(output));
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["schema_version"], 1);
    error["error"].clone()
}
