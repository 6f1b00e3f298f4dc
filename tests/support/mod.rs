//! A page for tests of the board: the browser's WebSocket and `fetch` are scripted (see
//! `browser.js`), all else is real.

// Every test binary has its own copy of this module and uses a part of it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic
)]

use std::cell::RefCell;
use std::rc::Rc;

use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::state::{DraftOf, FRAME_MS, keep_draft};
use tasktree_protocol::{ProjectId, WireError};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/tests/support/browser.js")]
extern "C" {
    fn install();
    pub fn socket_count() -> usize;
    pub fn live_sockets() -> usize;
    pub fn socket_state(index: usize) -> u16;
    pub fn socket_url(index: usize) -> String;
    pub fn socket_protocols(index: usize) -> String;
    pub fn socket_close_code(index: usize) -> i32;
    pub fn socket_open(index: usize, protocol: &str);
    pub fn socket_receive(index: usize, text: &str);
    /// Ends the connection, as the other side or the network does.
    pub fn socket_finish(index: usize, code: u16);
    fn socket_sent(index: usize) -> String;
    pub fn set_buffered(index: usize, bytes: u32);
    fn route(method: &str, path: &str, status: u16, headers: &str, body: &str);
    fn unroute(method: &str, path: &str);
    fn requests_made() -> String;
    fn held_count(method: &str, path: &str) -> usize;
    fn answer_held(method: &str, path: &str, status: u16, headers: &str, body: &str) -> bool;
    /// Puts the clock of the page forward, as a sleep of the machine does.
    pub fn put_clock_forward(milliseconds: f64);
    /// Returns the kept changes that are not answered, as JSON.
    pub fn kept_changes() -> String;
    pub fn fill_storage();
    /// Takes the browser's locks away until the next [`begin`].
    pub fn hide_locks();
    /// Returns all that is stored of unsent changes and their owners.
    pub fn storage_text() -> String;
    /// Stores what [`storage_text`] returned again, in place of what is there.
    pub fn set_storage(text: &str);
    /// Resumes the page, as the browser does after it was frozen.
    pub fn resume_page();
    pub fn listener_count() -> i32;
    pub fn asks_before_leaving() -> bool;
}

/// Project of most tests.
pub const PROJECT: &str = "p1";
/// Epoch of its stream.
pub const EPOCH: &str = "e1";
/// Arbitrary moment.
pub const NOW: &str = "2026-11-22T23:00:00.000Z";

/// Page with a mounted view, which is unmounted when this is dropped.
pub struct Page<T: 'static> {
    pub root: web_sys::HtmlElement,
    pub value: T,
    _mounted: Box<dyn std::any::Any>,
}

impl<T> Drop for Page<T> {
    fn drop(&mut self) {
        self._mounted = Box::new(());
        self.root.remove();
    }
}

/// Starts a test: nothing is open, nothing is requested, and nobody answers.
pub fn begin() {
    console_error_panic_hook::set_once();
    install();
    let project = ProjectId::from(PROJECT);
    for kept in [
        DraftOf::Title(project.clone()),
        DraftOf::Description(project),
        DraftOf::Token,
        DraftOf::Person,
    ] {
        keep_draft(&kept, "");
    }
}

/// Runs `setup` as the root component of a page of its own, and keeps its result.
pub fn mount<T: 'static, V: IntoView + 'static>(
    setup: impl FnOnce() -> (T, V) + 'static,
) -> Page<T> {
    let root = document()
        .create_element("div")
        .unwrap()
        .unchecked_into::<web_sys::HtmlElement>();
    document().body().unwrap().append_child(&root).unwrap();
    let slot: Rc<RefCell<Option<T>>> = Rc::default();
    let mounted: UnmountHandle<_> = mount_to(root.clone(), {
        let slot = Rc::clone(&slot);
        move || {
            let (value, view) = setup();
            slot.replace(Some(value));
            view
        }
    });
    let value = slot.take().unwrap();
    Page {
        root,
        value,
        _mounted: Box::new(mounted),
    }
}

/// Runs `setup` as [`mount`] does, without a view.
pub fn run<T: 'static>(setup: impl FnOnce() -> T + 'static) -> Page<T> {
    mount(|| (setup(), ()))
}

/// Waits until a condition is true. Fails after ten seconds, naming the condition.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        gloo_timers::future::TimeoutFuture::new(5).await;
    }
    panic!("waited in vain: {what}");
}

/// Runs everything that is due now: effects, promises and timers without delay.
pub async fn settle() {
    for _ in 0..3 {
        gloo_timers::future::TimeoutFuture::new(0).await;
        leptos::task::tick().await;
    }
    // One timer flushes the signals of a burst. This one is set after it for a later moment, and a
    // browser runs timers in the order of their moments: so the flush has run when this one fires,
    // however slow the machine.
    gloo_timers::future::TimeoutFuture::new(FRAME_MS + 1).await;
    leptos::task::tick().await;
}

/// Waits for a period in which something must not happen, in milliseconds.
pub async fn pass(milliseconds: u32) {
    gloo_timers::future::TimeoutFuture::new(milliseconds).await;
}

/// Goes to an address without leaving the page, and returns the former one.
pub fn go(address: &str) -> String {
    let window = web_sys::window().unwrap();
    let at = window.location().pathname().unwrap();
    window
        .history()
        .unwrap()
        .replace_state_with_url(&"".into(), "", Some(address))
        .unwrap();
    at
}

/// Outcome of a future, once it is known.
pub type Outcome<T> = Rc<RefCell<Option<Result<T, WireError>>>>;

/// Stores the outcome when there is one.
pub fn outcome<T: 'static>(
    future: impl Future<Output = Result<T, WireError>> + 'static,
) -> Outcome<T> {
    let slot = Rc::new(RefCell::new(None));
    let noted = Rc::clone(&slot);
    leptos::task::spawn_local(async move {
        let result = future.await;
        noted.replace(Some(result));
    });
    slot
}

// ---- HTTP ----

fn headers(cursor: Option<(&str, u64)>) -> String {
    cursor.map_or_else(
        || "{}".into(),
        |(epoch, seq)| json!({ "Stream-Epoch": epoch, "Stream-Seq": seq.to_string() }).to_string(),
    )
}

/// Answers requests to `path` (below `/api/`) with this from now on.
pub fn serve(method: &str, path: &str, body: &Value) {
    route(method, path, 200, "{}", &body.to_string());
}

/// Answers as [`serve`] does, with a position of the project's stream.
pub fn serve_at(method: &str, path: &str, seq: u64, body: &Value) {
    route(
        method,
        path,
        200,
        &headers(Some((EPOCH, seq))),
        &body.to_string(),
    );
}

/// Refuses requests to `path` from now on; status 0 means that there is no network.
pub fn refuse(method: &str, path: &str, status: u16, body: &Value) {
    route(method, path, status, "{}", &body.to_string());
}

/// Puts requests to `path` off from now on, as a busy server does.
pub fn put_off(method: &str, path: &str, seconds: u32) {
    let headers = json!({ "Retry-After": seconds.to_string() }).to_string();
    route(method, path, 503, &headers, "{}");
}

/// Lets requests to `path` wait for [`release`] from now on.
pub fn hold(method: &str, path: &str) {
    unroute(method, path);
}

/// Returns the number of requests to `path` that wait.
pub fn waiting(method: &str, path: &str) -> usize {
    held_count(method, path)
}

/// Answers the oldest request to `path` that waits.
pub fn release(method: &str, path: &str, seq: Option<u64>, body: &Value) {
    let cursor = seq.map(|seq| (EPOCH, seq));
    assert!(
        answer_held(method, path, 200, &headers(cursor), &body.to_string()),
        "no request to {path} waits"
    );
}

/// Refuses the oldest request to `path` that waits.
pub fn refuse_held(method: &str, path: &str, status: u16, body: &Value) {
    assert!(
        answer_held(method, path, status, "{}", &body.to_string()),
        "no request to {path} waits"
    );
}

/// Request that was made: `GET projects/p1/tasks`, its query string and its body.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Request {
    pub key: String,
    pub query: String,
    pub body: String,
}

/// Returns all requests so far whose key begins with `key`.
pub fn requests(key: &str) -> Vec<Request> {
    let all: Vec<Request> = serde_json::from_str(&requests_made()).unwrap();
    all.into_iter()
        .filter(|request| request.key.starts_with(key))
        .collect()
}

// ---- the live connection ----

/// Other end of the page's newest socket, speaking `board.v1`. It answers hello, subscriptions and
/// pings, and keeps commands for the test to answer.
pub struct Peer {
    pub index: usize,
    read: RefCell<usize>,
    pub commands: RefCell<Vec<(String, Value)>>,
    pub subscribed: RefCell<Vec<String>>,
    /// Number of the last event of every stream.
    pub seq: RefCell<u64>,
}

impl Peer {
    /// Waits for socket number `index` (from 0) and accepts it; streams are at `seq`.
    pub async fn accept(index: usize, seq: u64) -> Self {
        until("a socket is opened", || socket_count() > index).await;
        assert_eq!(
            socket_protocols(index),
            "",
            "a proxy may drop them, and the browser fails the connection then"
        );
        assert!(socket_url(index).ends_with("?protocol=board.v1"));
        socket_open(index, "board.v1");
        let peer = Self {
            index,
            read: RefCell::new(0),
            commands: RefCell::default(),
            subscribed: RefCell::default(),
            seq: RefCell::new(seq),
        };
        until("hello is said", || peer.pump()).await;
        peer
    }

    /// Reads the frames sent since the last call and answers them. Returns true if there were any.
    pub fn pump(&self) -> bool {
        let sent: Vec<String> = serde_json::from_str(&socket_sent(self.index)).unwrap();
        let from = self.read.replace(sent.len());
        for frame in &sent[from..] {
            let frame: Value = serde_json::from_str(frame).unwrap();
            self.answer(frame["type"].as_str().unwrap(), &frame["data"]);
        }
        sent.len() > from
    }

    fn answer(&self, kind: &str, data: &Value) {
        let seq = *self.seq.borrow();
        let begun = |stream: &Value| {
            self.subscribed
                .borrow_mut()
                .push(stream.as_str().unwrap().into());
            json!({ "stream": stream, "epoch": EPOCH, "seq": seq, "recovered": true, "replay": 0 })
        };
        match kind {
            "sys.hello" => {
                let subs: Vec<Value> = data["subs"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|sub| begun(&sub["stream"]))
                    .collect();
                self.control("sys.welcome", &json!({ "session": "s1", "server_time": NOW, "ping_ms": 20_000, "pong_ms": 8_000,
                    "max_frame": 65_536, "subs": subs }));
                subs.iter().for_each(|sub| {
                    self.control("sys.live", &json!({ "stream": sub["stream"], "seq": seq }));
                });
            }
            "sys.subscribe" => {
                let mut answer = begun(&data["stream"]);
                answer["id"] = data["id"].clone();
                self.control("sys.subscribed", &answer);
                self.control("sys.live", &json!({ "stream": data["stream"], "seq": seq }));
            }
            "sys.ping" => self.control("sys.pong", data),
            "sys.cmd" => self
                .commands
                .borrow_mut()
                .push((data["id"].as_str().unwrap().into(), data.clone())),
            _ => {}
        }
    }

    /// Waits until a stream is subscribed to.
    pub async fn subscribed(&self, stream: &str) {
        until("the stream is subscribed to", || {
            self.pump();
            self.subscribed.borrow().iter().any(|other| other == stream)
        })
        .await;
        settle().await;
    }

    /// Waits for a command and returns its id and frame data.
    pub async fn command(&self) -> (String, Value) {
        until("a command is sent", || {
            self.pump();
            !self.commands.borrow().is_empty()
        })
        .await;
        self.commands.borrow_mut().remove(0)
    }

    pub fn control(&self, kind: &str, data: &Value) {
        socket_receive(
            self.index,
            &json!({ "type": kind, "data": data }).to_string(),
        );
    }

    /// Returns the next event of the project's stream.
    pub fn next(&self, kind: &str, data: &Value) -> Value {
        let mut seq = self.seq.borrow_mut();
        *seq += 1;
        json!({ "type": kind, "project_id": PROJECT, "data": data, "timestamp": NOW, "seq": *seq, "epoch": EPOCH, "actor": "agent:a1" })
    }

    /// Sends the next event of the project's stream.
    pub fn event(&self, kind: &str, data: &Value) {
        socket_receive(self.index, &self.next(kind, data).to_string());
    }

    /// Accepts a command.
    pub fn accept_command(&self, id: &str, result: &Value) {
        self.control("sys.result", &json!({ "id": id, "ok": true, "result": result, "stream": PROJECT, "epoch": EPOCH, "seq": *self.seq.borrow() }));
    }

    /// Refuses a command.
    pub fn refuse_command(&self, id: &str, code: &str, message: &str) {
        self.control(
            "sys.result",
            &json!({ "id": id, "ok": false, "error": { "code": code, "message": message } }),
        );
    }
}

/// Returns a message as older servers send it.
pub fn legacy(kind: &str, project: &str, data: &Value) -> String {
    json!({ "type": kind, "project_id": project, "data": data, "timestamp": "2026-11-22 23:04:37.327900" }).to_string()
}

/// Returns a card as the server sends it: task `number` of [`PROJECT`] in its version `rev`.
pub fn card(number: u64, title: &str, status: &str, rev: u64) -> Value {
    json!({ "id": format!("{number}-{PROJECT}"), "task_id": number, "title": title, "status": status, "branch": format!("task-{number}"),
        "updated_at": NOW, "rev": rev })
}

/// Returns the same task in full, as a conflict contains it and as it is fetched.
pub fn whole(number: u64, title: &str, status: &str, rev: u64) -> Value {
    let mut row = card(number, title, status, rev);
    let rest = json!({ "description": "", "prompt": null, "session": null, "dependencies": [], "priority": 0,
        "owned_files": [], "shared_files": [], "creates_files": [], "merge_order": 0, "exclusive_files": [],
        "initialization_deps": [], "created_at": NOW, "completed_at": null, "merged_at": null });
    row.as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    row
}

/// Returns a card with a priority.
pub fn ranked(number: u64, priority: u32, status: &str) -> Value {
    let mut row = card(number, &format!("Task {number}"), status, 1);
    row["priority"] = priority.into();
    row
}

/// Returns a session in that role, as the server sends it.
pub fn session(role: &str) -> Value {
    let may: &[&str] = match role {
        "admin" => &["read", "change", "speak", "manage", "destroy", "administer"],
        "editor" => &["read", "change", "speak", "manage", "destroy"],
        "agent" => &["read", "change", "speak"],
        "viewer" => &["read"],
        other => panic!("there is no role {other}"),
    };
    json!({ "name": "ann", "role": role, "project": null, "sign_in": "required", "may": may })
}

/// Answers as [`serve_board`] does, in that epoch of the project.
pub fn serve_board_of(epoch: &str, seq: u64, tasks: &[Value]) {
    serve_board(seq, tasks);
    let headers = headers(Some((epoch, seq)));
    let tasks = json!(tasks).to_string();
    route("GET", "projects/p1/tasks", 200, &headers, &tasks);
}

/// Answers every request of a board: those tasks, no agents, no leases, at that position.
pub fn serve_board(seq: u64, tasks: &[Value]) {
    serve_at("GET", "projects/p1/tasks", seq, &json!(tasks));
    serve_at("GET", "projects/p1/agents", seq, &json!([]));
    serve_at("GET", "projects/p1/leases", seq, &json!({ "leases": [] }));
}

/// Returns an attention item about a task of [`PROJECT`] and the agent ada.
pub fn attention_item(id: u64, kind: &str, task: u64, text: &str) -> Value {
    json!({
        "id": id, "project": PROJECT, "kind": kind, "agent": "ada",
        "task": format!("{task}-{PROJECT}"), "text": text, "since": NOW, "answerable": true,
    })
}

/// Returns an item about a question of ada, who waits on task 1.
pub fn question_item(id: u64, question: u64, text: &str) -> Value {
    let mut item = attention_item(id, "waiting", 1, text);
    item["question"] = question.into();
    item["wait"] = "question".into();
    item
}

/// Answers the request for attention items.
pub fn serve_attention(items: &[Value]) {
    let cursor = json!({ "epoch": EPOCH, "seq": 4 });
    serve(
        "GET",
        "attention",
        &json!({ "items": items, "cursor": cursor }),
    );
}

/// Returns an event of the system's stream about [`PROJECT`].
pub fn system_event(seq: u64, kind: &str, data: &Value) -> String {
    json!({ "type": kind, "project_id": PROJECT, "stream": "*", "data": data, "timestamp": NOW, "seq": seq, "epoch": EPOCH }).to_string()
}
