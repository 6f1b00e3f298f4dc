//! The server's own log: what callers send is in it, and cannot make up lines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// What a forged line would begin with, after a line break, an escape sequence, or both.
const FORGED: &str = "2020-01-01T00:00:00.000000Z  INFO forged: everything is fine";

/// How the first of [`hostile`] is in the log.
const QUOTED: &str = r"innocent\n2020-01-01T00:00:00.000000Z  INFO forged";

/// The program, with its log on a pipe.
struct Program {
    process: Child,
    /// Reads all the while: a full pipe would stop the program.
    log: JoinHandle<String>,
    address: SocketAddr,
    http: Client,
}

impl Program {
    fn start(format: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tasktree"))
            .args(["serve", "--listen", "127.0.0.1:0", "--db", ":memory:"])
            .args(["--log-format", format])
            .env("RUST_LOG", "tasktree=trace,tower_http=trace")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let mut first = String::new();
        let stdout = process.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut first).unwrap();
        let address = first.trim().rsplit("http://").next().unwrap();
        Self {
            address: address.parse().unwrap_or_else(|_| panic!("{first}")),
            process,
            log,
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Sends hostile texts wherever a caller can send one.
    async fn provoke(&self, text: &str) {
        let url = |path: &str| format!("http://{}{path}", self.address);
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let project = json!({"id": "alpha", "name": "alpha"});
        for (method, path, body) in [
            (Method::POST, "/api/projects", project),
            (
                Method::POST,
                "/api/projects",
                json!({"id": text, "name": text}),
            ),
            (
                Method::POST,
                "/api/projects/alpha/tasks",
                json!({"title": text}),
            ),
            (
                Method::POST,
                "/api/projects/alpha/agents",
                json!({"id": text}),
            ),
            (
                Method::POST,
                "/api/projects/alpha/logs",
                json!({"lines": [text]}),
            ),
            (
                Method::PUT,
                "/api/projects/alpha/tasks/1",
                json!({"branch": text}),
            ),
        ] {
            let request = self.http.request(method, url(path)).json(&body);
            request.send().await.unwrap();
        }
        for path in [
            format!("/api/projects/{encoded}/tasks?title={encoded}"),
            format!("/{encoded}"),
        ] {
            for (header, value) in [
                ("origin", format!("http://{encoded}")),
                ("host", format!("{encoded}.example")),
                ("idempotency-key", encoded.clone()),
                ("user-agent", encoded.clone()),
            ] {
                let request = self.http.get(url(&path)).header(header, value);
                request.send().await.unwrap();
            }
        }
        let mut request = format!("ws://{}/ws/updates", self.address)
            .into_client_request()
            .unwrap();
        let v1 = "board.v1".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", v1);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let hello = json!({"type": "sys.hello", "data": {"client": text, "subs": [{"stream": text}], "caps": [text]}});
        for frame in [
            hello,
            json!({"type": text, "data": {"id": text}}),
            json!({"type": "sys.subscribe", "data": {"id": text, "stream": text}}),
            json!({"type": "sys.cmd", "data": {"id": text, "op": text, "args": {}}}),
        ] {
            socket.send(Message::text(frame.to_string())).await.unwrap();
            let answer = socket.next().await.unwrap().unwrap();
            let answer: Value = serde_json::from_str(answer.to_text().unwrap()).unwrap();
            assert!(answer["type"].is_string(), "{answer}");
        }
        socket.close(None).await.unwrap();
        while socket.next().await.is_some() {}
    }

    /// Ends it, and gives all that it has logged.
    fn end(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.log.join().unwrap()
    }
}

fn hostile() -> [String; 3] {
    [
        format!("innocent\n{FORGED}"),
        format!("innocent\r\n\u{1b}[2K{FORGED}"),
        format!("innocent\u{2028}\u{202e}\u{85}\0{FORGED}"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_log_has_a_line_an_event_and_no_control_character() {
    let program = Program::start("text");
    for text in hostile() {
        program.provoke(&text).await;
    }
    let log = program.end();
    assert!(log.contains(QUOTED), "nothing hostile was logged:\n{log}");
    for line in log.lines() {
        let stamp = line.split_whitespace().next().unwrap_or_default();
        assert!(
            stamp.len() == FORGED.find(' ').unwrap()
                && stamp.starts_with("20")
                && stamp.ends_with('Z'),
            "no line of the server's: {line:?}"
        );
        assert!(!line.starts_with(FORGED), "{line:?}");
        let odd = |letter: char| letter.is_control() || "\u{2028}\u{202e}".contains(letter);
        assert!(!line.contains(odd), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_json_log_has_an_object_a_line() {
    let program = Program::start("json");
    for text in hostile() {
        program.provoke(&text).await;
    }
    let log = program.end();
    assert!(log.contains(QUOTED), "nothing hostile was logged:\n{log}");
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        assert!(
            event["timestamp"].is_string() && event["level"].is_string(),
            "{line}"
        );
    }
}
