//! `use_websocket`: the view that components have of the connection.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use leptos::prelude::*;
use tasktree_protocol::error::code;
use tasktree_protocol::session::{ConnectionState, Details, Input};
use tasktree_protocol::{Command, CommandResult, Cursor, Message, StreamId, WireError};

use super::Subscription;
use super::link::{Link, NO_WATCHER, Signals, Watcher};
use super::subscribers::Subscribers;
use crate::api;
use crate::browser::clock::now_ms;

/// Connection of the page. All copies are handles to the same connection.
#[derive(Clone, Copy, Debug)]
pub struct WebSocketHandle {
    /// State of the connection.
    pub state: Signal<ConnectionState>,
    /// Numbers about the connection.
    pub details: Signal<Details>,
    /// Latest message. It skips messages that arrive together with later ones: [`Self::on_message`]
    /// receives every one.
    pub last_message: Signal<Option<Message>>,
    /// Time that the server took to answer the last ping, in milliseconds.
    pub round_trip_ms: Signal<Option<f64>>,
    page: StoredValue<Rc<Page>, LocalStorage>,
}

/// Parts of the page's connection.
struct Page {
    signals: Signals,
    subscribers: Rc<Subscribers>,
    link: Rc<Link>,
}

thread_local! {
    /// Connection of the page. It lives as long as one of its owners.
    static PAGE: RefCell<Weak<Page>> = const { RefCell::new(Weak::new()) };
}

/// Provides the page's connection to everything below the current owner.
///
/// If there is none yet, it is opened: to `url`, by default `ws/updates` under the page's base. It
/// is closed when its last owner ends.
pub fn provide_websocket(url: Option<String>) -> WebSocketHandle {
    if let Some(handle) = use_context::<WebSocketHandle>() {
        return handle;
    }
    let page = PAGE.with_borrow(Weak::upgrade).unwrap_or_else(|| open(url));
    PAGE.set(Rc::downgrade(&page));
    let details = page.signals.details.clone();
    let handle = WebSocketHandle {
        state: page.signals.state.read_only().into(),
        round_trip_ms: Memo::new({
            let details = details.clone();
            move |_| details.read().round_trip_ms
        })
        .into(),
        details: details.read_only().into(),
        last_message: page.signals.last_message.read_only().into(),
        page: StoredValue::new_local(page),
    };
    provide_context(handle);
    handle
}

/// Opens a connection.
fn open(url: Option<String>) -> Rc<Page> {
    let (signals, subscribers) = (Signals::new(), Rc::<Subscribers>::default());
    let link = Link::new(
        url.unwrap_or_else(api::websocket_url),
        signals.clone(),
        Rc::clone(&subscribers),
    );
    link.input(Input::Open);
    Rc::new(Page {
        signals,
        subscribers,
        link,
    })
}

/// Returns the page's connection. The first caller opens it if [`provide_websocket`] was not called
/// above.
#[must_use]
pub fn use_websocket() -> WebSocketHandle {
    provide_websocket(None)
}

impl WebSocketHandle {
    /// Returns the link, or `None` after its owner ended: late answers and event handlers may still
    /// call.
    fn link(&self) -> Option<Rc<Link>> {
        Some(Rc::clone(&self.page.try_get_value()?.link))
    }

    fn input(&self, input: Input) {
        if let Some(link) = self.link() {
            link.input(input);
        }
    }

    /// Connects, and stays connected until [`Self::close`].
    pub fn open(&self) {
        self.input(Input::Open);
    }

    /// Disconnects, and stays disconnected until [`Self::open`].
    pub fn close(&self) {
        self.input(Input::Close);
    }

    /// Retries at once instead of waiting for the next attempt.
    pub fn retry_now(&self) {
        self.input(Input::RetryNow);
    }

    /// Calls `callback` with every message, in order, until the subscription is dropped. Callbacks
    /// may subscribe, end subscriptions and send.
    pub fn on_message(&self, callback: impl Fn(&Message) + 'static) -> Subscription {
        self.page
            .try_get_value()
            .map_or_else(Subscription::ended, |page| page.subscribers.add(callback))
    }

    /// Subscribes to a stream until the guard is dropped. `watcher` is asked for a snapshot at
    /// once, and whenever the server cannot replay missed messages. Messages of the log come only
    /// after the snapshot was applied.
    #[must_use = "the stream is received until this is dropped"]
    pub fn watch(&self, stream: StreamId, watcher: Watcher) -> StreamGuard {
        let id = self
            .link()
            .map_or(NO_WATCHER, |link| link.watch(&stream, watcher));
        StreamGuard {
            handle: *self,
            stream,
            id,
        }
    }

    /// Sends a command and waits for its result. Without a connection it waits for one, for half a
    /// minute at most.
    ///
    /// # Errors
    /// The server's refusal, or code `unsent` if no answer came.
    pub async fn send(&self, command: Command) -> Result<CommandResult, WireError> {
        self.send_with_id(new_command_id(), command).await
    }

    /// Sends a command as [`Self::send`] does, with an id of the caller, by which the events that
    /// it causes can be recognized.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_with_id(
        &self,
        id: String,
        command: Command,
    ) -> Result<CommandResult, WireError> {
        let gone = || {
            WireError::new(
                code::UNSENT,
                "The connection was closed before an answer came.",
            )
        };
        let done = self.link().ok_or_else(gone)?.send(id, command);
        let result = done.await.map_err(|_| gone())??;
        match &result.error {
            Some(error) if !result.ok => Err(error.clone()),
            None if !result.ok => Err(WireError::new(
                code::INTERNAL,
                "The server refused without a reason.",
            )),
            _ => Ok(result),
        }
    }
}

/// Returns an id for a command that no other command of any page has.
#[must_use]
pub fn new_command_id() -> String {
    // Two draws of 32 bits and the clock: an id must be unique only within the minutes that the
    // server remembers it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a draw from [0, 2^32)"
    )]
    let draw = || (js_sys::Math::random() * 4_294_967_296.0) as u32;
    format!("{:x}-{:08x}{:08x}", now_ms(), draw(), draw())
}

/// Guard of a subscribed stream: dropping it unsubscribes.
#[derive(Debug)]
pub struct StreamGuard {
    handle: WebSocketHandle,
    stream: StreamId,
    id: u64,
}

impl StreamGuard {
    /// Reports that a snapshot was applied; messages after its position follow. `None` if the
    /// server did not send the position.
    pub fn snapshot_applied(&self, cursor: Option<Cursor>) {
        if let Some(link) = self.handle.link() {
            link.snapshot_applied(&self.stream, cursor);
        }
    }
}

impl Drop for StreamGuard {
    fn drop(&mut self) {
        if let Some(link) = self.handle.link() {
            link.unwatch(&self.stream, self.id);
        }
    }
}
