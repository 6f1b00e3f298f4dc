//! The session in a browser: it takes inputs, executes the outputs, and notifies signals and
//! callbacks.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::{ArcRwSignal, GetUntracked, Set};
use tasktree_protocol::frame::board_socket;
use tasktree_protocol::session::{
    Config, ConnectionState, Details, Input, Output, Session, SnapshotReason,
};
use tasktree_protocol::{Command, CommandResult, Cursor, Message, StreamId, WireError};

use super::socket::Socket;
use super::subscribers::Subscribers;
use super::wake;
use crate::api;
use crate::browser::Listener;
use crate::browser::clock::now_ms;

/// Longest delay of a browser's timer; a longer one would fire at once.
const LONGEST_TIMER_MS: i64 = i32::MAX as i64;

/// Callbacks of a stream's subscriber.
pub struct Watcher {
    /// Fetches a snapshot, applies it, and calls
    /// [`StreamGuard::snapshot_applied`](super::StreamGuard::snapshot_applied).
    pub need_snapshot: Box<dyn Fn(SnapshotReason)>,
    /// Handles the loss of messages that are in no log, such as log lines.
    pub missed: Box<dyn Fn()>,
    /// Handles the server's refusal of the stream.
    pub refused: Box<dyn Fn(WireError)>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// Receiver of the result of a command.
pub(super) type Answer = oneshot::Receiver<Result<CommandResult, WireError>>;

/// Id of a guard that watches nothing.
pub(super) const NO_WATCHER: u64 = 0;

/// Watchers of one stream, each with the id by which it can be removed.
type Watchers = Vec<(u64, Rc<Watcher>)>;

/// Signals that components may read; written only here.
#[derive(Clone)]
pub(super) struct Signals {
    pub(super) state: ArcRwSignal<ConnectionState>,
    pub(super) details: ArcRwSignal<Details>,
    pub(super) last_message: ArcRwSignal<Option<Message>>,
}

/// Connection of the page.
pub(super) struct Link {
    url: String,
    session: RefCell<Session>,
    socket: RefCell<Option<Socket>>,
    deadline: RefCell<Option<Timeout>>,
    /// Inputs that arrived while another was processed: a callback may well send a command.
    inputs: RefCell<VecDeque<Input>>,
    busy: Cell<bool>,
    subscribers: Rc<Subscribers>,
    watchers: RefCell<HashMap<StreamId, Watchers>>,
    next_watcher: Cell<u64>,
    answers: RefCell<HashMap<String, oneshot::Sender<Result<CommandResult, WireError>>>>,
    signals: Signals,
    wakes: RefCell<Option<(Vec<Listener>, Interval)>>,
    me: Weak<Self>,
}

impl Signals {
    /// Creates the signals of a connection that is about to be opened.
    pub(super) fn new() -> Self {
        let state = if wake::is_online() {
            ConnectionState::Connecting { attempt: 1 }
        } else {
            ConnectionState::Offline
        };
        Self {
            state: ArcRwSignal::new(state),
            details: ArcRwSignal::new(Details::default()),
            last_message: ArcRwSignal::new(None),
        }
    }
}

impl Link {
    pub(super) fn new(url: String, signals: Signals, subscribers: Rc<Subscribers>) -> Rc<Self> {
        let session = Session::new(Config::default());
        let link = Rc::new_cyclic(|me: &Weak<Self>| Self {
            url,
            signals,
            session: RefCell::new(session),
            socket: RefCell::default(),
            deadline: RefCell::default(),
            inputs: RefCell::default(),
            busy: Cell::new(false),
            subscribers,
            watchers: RefCell::default(),
            next_watcher: Cell::new(NO_WATCHER + 1),
            answers: RefCell::default(),
            wakes: RefCell::default(),
            me: me.clone(),
        });
        let listeners = wake::listen(link.reporter());
        let clock = wake::watch_clock(link.reporter());
        link.wakes.replace(Some((listeners, clock)));
        if !wake::is_online() {
            link.input(Input::Online(false));
        }
        link
    }

    /// Returns a function that passes inputs to the link as long as it exists. The browser's
    /// reference does not keep it alive.
    fn reporter(&self) -> impl Fn(Input) + Clone + 'static {
        let me = self.me.clone();
        move |input| {
            if let Some(link) = me.upgrade() {
                link.input(input);
            }
        }
    }

    fn execute(&self, output: Output) {
        match output {
            Output::Connect { generation } => self.connect(generation),
            Output::Send { generation, text } => {
                if let Some(socket) = self
                    .socket
                    .borrow()
                    .as_ref()
                    .filter(|socket| socket.generation() == generation)
                {
                    socket.send(text);
                }
            }
            Output::CloseSocket {
                generation,
                code,
                reason,
            } => {
                let socket = self.socket.take();
                if let Some(socket) = socket {
                    if socket.generation() == generation {
                        socket.close(code, &reason);
                    } else {
                        self.socket.replace(Some(socket));
                    }
                }
            }
            Output::Poll {
                request,
                stream,
                after,
            } => {
                let report = self.reporter();
                wasm_bindgen_futures::spawn_local(async move {
                    let answer = api::poll_events(&stream, after).await;
                    report(Input::Polled {
                        stream,
                        request,
                        answer,
                    });
                });
            }
            Output::Post { id, project, body } => {
                let report = self.reporter();
                wasm_bindgen_futures::spawn_local(async move {
                    let answer = api::post_command(&project, body).await;
                    report(Input::Posted { id, answer });
                });
            }
            Output::SetDeadline { at_ms } => {
                let timer = at_ms.map(|at_ms| {
                    let delay = (at_ms - now_ms()).clamp(0, LONGEST_TIMER_MS);
                    let report = self.reporter();
                    Timeout::new(u32::try_from(delay).unwrap_or(0), move || {
                        report(Input::Tick);
                    })
                });
                self.deadline.replace(timer);
            }
            Output::Deliver(message) => {
                self.subscribers.notify(&message);
                self.signals.last_message.set(Some(*message));
            }
            Output::NeedSnapshot { stream, reason } => {
                for watcher in self.watchers_of(&stream) {
                    (watcher.need_snapshot)(reason.clone());
                }
            }
            Output::Missed { stream } => {
                for watcher in self.watchers_of(&stream) {
                    (watcher.missed)();
                }
            }
            Output::StreamRefused { stream, error } => {
                for watcher in self.watchers_of(&stream) {
                    (watcher.refused)(error.clone());
                }
            }
            Output::CommandDone { id, result } => {
                let answer = self.answers.borrow_mut().remove(&id);
                if let Some(answer) = answer {
                    // The receiver is gone: the command took effect all the same.
                    let _ = answer.send(result);
                }
            }
            Output::StateChanged(state) => self.signals.state.set(state),
            Output::Diagnostic(text) => leptos::logging::debug_log!("connection: {text}"),
        }
    }

    fn connect(&self, generation: u64) {
        let socket = Socket::open(&board_socket(&self.url), generation, self.reporter());
        let former = match socket {
            Ok(socket) => self.socket.replace(Some(socket)),
            Err(reason) => {
                self.inputs.borrow_mut().push_back(Input::SocketClosed {
                    generation,
                    code: 1006,
                    reason,
                });
                self.socket.take()
            }
        };
        drop(former);
    }

    fn show_details(&self) {
        let details = self.session.borrow().details();
        if details != self.signals.details.get_untracked() {
            self.signals.details.set(details);
        }
    }

    fn watchers_of(&self, stream: &StreamId) -> Vec<Rc<Watcher>> {
        let watchers = self.watchers.borrow();
        watchers
            .get(stream)
            .into_iter()
            .flatten()
            .map(|(_, watcher)| Rc::clone(watcher))
            .collect()
    }
}

impl Link {
    /// Processes an input. An input from a callback is processed after the present one.
    pub(super) fn input(&self, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        if self.busy.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.inputs.borrow_mut().pop_front() else {
                break;
            };
            let buffered = self
                .socket
                .borrow()
                .as_ref()
                .map_or(0, Socket::buffered_bytes);
            let outputs = self
                .session
                .borrow_mut()
                .handle(wake::environment(buffered), input);
            for output in outputs {
                self.execute(output);
            }
        }
        self.busy.set(false);
        self.show_details();
    }

    /// Subscribes to a stream, until [`Self::unwatch`] was called as often. A second watcher of a
    /// stream fetches for itself.
    pub(super) fn watch(&self, stream: &StreamId, watcher: Watcher) -> u64 {
        let id = self.next_watcher.get();
        self.next_watcher.set(id + 1);
        let watcher = Rc::new(watcher);
        let first = {
            let mut watchers = self.watchers.borrow_mut();
            let list = watchers.entry(stream.clone()).or_default();
            list.push((id, Rc::clone(&watcher)));
            list.len() == 1
        };
        if first {
            self.input(Input::Subscribe {
                stream: stream.clone(),
                cursor: None,
            });
        } else {
            (watcher.need_snapshot)(SnapshotReason::New);
        }
        id
    }

    /// Removes one watcher.
    pub(super) fn unwatch(&self, stream: &StreamId, id: u64) {
        let last = {
            let mut watchers = self.watchers.borrow_mut();
            let Some(list) = watchers.get_mut(stream) else {
                return;
            };
            list.retain(|(other, _)| *other != id);
            let last = list.is_empty();
            if last {
                watchers.remove(stream);
            }
            last
        };
        if last {
            self.input(Input::Unsubscribe {
                stream: stream.clone(),
            });
        }
    }

    /// Reports that a snapshot was applied.
    pub(super) fn snapshot_applied(&self, stream: &StreamId, cursor: Option<Cursor>) {
        self.input(Input::SnapshotApplied {
            stream: stream.clone(),
            cursor,
        });
    }

    /// Sends a command; the receiver gets its result once.
    pub(super) fn send(&self, id: String, command: Command) -> Answer {
        let (answer, done) = oneshot::channel();
        self.answers.borrow_mut().insert(id.clone(), answer);
        self.input(Input::Command { id, command });
        done
    }
}
