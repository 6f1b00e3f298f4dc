//! A follower in the browser: its fetch, its timer, and the events that wake it.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::{Rc, Weak};

use futures_util::FutureExt;
use futures_util::future::{AbortHandle, abortable};
use gloo_timers::callback::Timeout;
use leptos::prelude::{document, window};
use tasktree_protocol::follower::{Config, Follower, Input, Output};
use tasktree_protocol::{Cursor, Message, StreamId};

use crate::api::{ApiError, Snapshot};
use crate::browser::clock::now_ms;
use crate::browser::{Listener, page_is_visible};

/// Function that replaces a copy by a snapshot. It is one type for all lists, so that the program
/// contains the follower once.
pub(crate) type Replace = Box<dyn FnOnce()>;

/// Fetch of a snapshot.
pub(crate) type Fetching = Pin<Box<dyn Future<Output = Result<Snapshot<Replace>, ApiError>>>>;

/// Copy of server data that a follower keeps current.
pub(crate) trait Followed: 'static {
    /// Starts a fetch. Dropping it cancels it.
    fn fetch(&self) -> Fetching;

    /// Applies a message. `is_new` is false if it is applied once more, after a snapshot.
    fn apply(&self, message: &Message, is_new: bool);

    /// Shows the copy, after a snapshot and the messages since it were applied.
    fn show(&self);

    /// Tells the session that the copy is at a position.
    fn acknowledge(&self, cursor: Option<Cursor>);

    /// Reports a failed fetch. Returns true if it is to be retried.
    fn failed(&self, error: ApiError) -> bool;
}

/// Follower with everything that it needs of a browser. Dropping it cancels a running fetch.
pub(crate) struct Following {
    followed: Box<dyn Followed>,
    follower: RefCell<Follower>,
    /// Outputs to execute. Those of an input that comes during the execution follow the others.
    outputs: RefCell<Vec<Output<Replace>>>,
    is_executing: Cell<bool>,
    fetch: Cell<Option<AbortHandle>>,
    timer: Cell<Option<Timeout>>,
    _wakes: [Listener; 2],
    me: Weak<Self>,
}

impl Following {
    /// Creates a follower of a stream. It fetches on the first request.
    pub(crate) fn new(stream: StreamId, config: Config, followed: Box<dyn Followed>) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            followed,
            follower: RefCell::new(Follower::new(stream, config)),
            outputs: RefCell::default(),
            is_executing: Cell::new(false),
            fetch: Cell::default(),
            timer: Cell::default(),
            _wakes: [
                Listener::new(&window(), "online", waker(me, || true)),
                Listener::new(&document(), "visibilitychange", waker(me, page_is_visible)),
            ],
            me: me.clone(),
        })
    }

    /// Requests a fetch that begins soon, shared with other requests.
    pub(crate) fn fetch_soon(&self) {
        self.input(Input::Stale);
    }

    /// Requests a fetch that begins now or, if one is running, after it.
    pub(crate) fn fetch_now(&self) {
        self.input(Input::FetchNow);
    }

    /// Handles a message.
    pub(crate) fn on_message(&self, message: &Message) {
        self.input(Input::Message(Box::new(message.clone())));
    }

    /// Handles an input, and executes the outputs.
    pub(crate) fn input(&self, input: Input<Replace>) {
        let outputs = self.follower.borrow_mut().handle(now_ms(), input);
        self.outputs.borrow_mut().extend(outputs);
        if self.is_executing.replace(true) {
            return;
        }
        loop {
            let outputs = self.outputs.take();
            if outputs.is_empty() {
                break;
            }
            outputs.into_iter().for_each(|output| self.execute(output));
        }
        self.is_executing.set(false);
    }

    fn execute(&self, output: Output<Replace>) {
        match output {
            Output::Fetch => self.start_fetch(),
            Output::Replace { snapshot, .. } => snapshot(),
            Output::Apply { message, is_new } => self.followed.apply(&message, is_new),
            Output::Show => self.followed.show(),
            Output::Acknowledge(cursor) => self.followed.acknowledge(cursor),
            Output::SetTimer(delay) => self.timer.set(delay.map(|delay| self.timeout(delay))),
        }
    }

    fn start_fetch(&self) {
        let (fetch, handle) = abortable(self.followed.fetch());
        self.fetch.set(Some(handle));
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(fetch.map(move |outcome| {
            if let (Ok(answer), Some(following)) = (outcome, me.upgrade()) {
                following.on_answer(answer);
            }
        }));
    }

    fn on_answer(&self, answer: Result<Snapshot<Replace>, ApiError>) {
        self.fetch.take();
        self.input(match answer {
            Ok(Snapshot { value, cursor }) => Input::Answered {
                snapshot: value,
                cursor,
            },
            Err(error) => Input::Failed {
                is_temporary: self.followed.failed(error),
            },
        });
    }

    fn timeout(&self, delay_ms: i64) -> Timeout {
        let me = self.me.clone();
        Timeout::new(u32::try_from(delay_ms).unwrap_or(0), move || {
            if let Some(following) = me.upgrade() {
                following.input(Input::Tick);
            }
        })
    }
}

/// Returns a handler of events after which, if `is_awake`, a fetch that waits is worth a try.
fn waker(following: &Weak<Following>, is_awake: fn() -> bool) -> impl Fn(web_sys::Event) + 'static {
    let following = following.clone();
    move |_| {
        if let Some(following) = following.upgrade()
            && is_awake()
        {
            following.input(Input::Woke);
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(fetch) = self.fetch.take() {
            fetch.abort();
        }
    }
}
