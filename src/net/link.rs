//! The session in a browser: it takes inputs, executes the outputs, and notifies signals and
//! callbacks.

mod outputs;
mod watchers;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::{ArcRwSignal, GetUntracked, Set};
use tasktree_protocol::session::{Config, ConnectionState, Details, Input, Session};
use tasktree_protocol::{Command, CommandResult, Cursor, Message, StreamId, WireError};

pub use self::watchers::Watcher;
use self::watchers::Watchers;
use super::socket::Socket;
use super::subscribers::Subscribers;
use super::wake;
use crate::browser::Listener;

/// Receiver of the result of a command.
pub(super) type Answer = oneshot::Receiver<Result<CommandResult, WireError>>;

/// Id of a guard that watches nothing.
pub(super) const NO_WATCHER: u64 = 0;

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

    fn show_details(&self) {
        let details = self.session.borrow().details();
        if details != self.signals.details.get_untracked() {
            self.signals.details.set(details);
        }
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
