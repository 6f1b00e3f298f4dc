//! One connection of `/ws/updates`: one task, which writes what its cursors pull and reads what the client sends.
//!
//! What is common to both modes is here; what differs is in [`super::v1`] and [`super::legacy`]. Nothing is queued for a client
//! but answers to its own frames: events wait in the log.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, pending};
use futures_util::stream::FuturesUnordered;
use governor::clock::MonotonicClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tasktree_protocol::frame::{ServerFrame, close};
use tasktree_protocol::{CommandResult, Cursor};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::heartbeat::{Deadlines, Due};
use super::transport::{ABNORMAL, Socket, SocketEvent};
use super::{Close, Realtime};
use crate::error::Error;
use crate::hub::{Connected, Encoded, Page, Pulled, Stream, Subscription};

/// Bytes of events that are queued at once for a client that does not read batches.
const SINGLES_BYTES: usize = 8 << 10;

/// How long a connection that sent too large a frame is kept after the closing frame, so that a client which is still
/// sending gets to read it.
const LINGER: std::time::Duration = std::time::Duration::from_millis(500);

type FrameLimiter = RateLimiter<
    NotKeyed,
    InMemoryState,
    MonotonicClock,
    NoOpMiddleware<<MonotonicClock as governor::clock::Clock>::Instant>,
>;

/// How the client speaks.
#[derive(Debug)]
pub(super) enum Mode {
    Legacy {
        /// The hub's streams that were seen.
        generation: u64,
    },
    V1 {
        /// Whether hello came.
        greeted: bool,
        /// Whether the client reads batches.
        batch: bool,
    },
}

/// What the reading of a page gave.
enum PageRead {
    Page(Page),
    Trimmed(Cursor),
    Failed(Error),
}

/// See the module.
pub(super) struct Connection {
    pub(super) realtime: Realtime,
    pub(super) place: Connected,
    pub(super) mode: Mode,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) commands: FuturesUnordered<BoxFuture<'static, CommandResult>>,
    pub(super) deadlines: Deadlines,
    socket: Socket,
    /// Answers to the client's frames.
    outbox: VecDeque<Bytes>,
    outbox_bytes: usize,
    /// Whether a subscription may have something to pull.
    hungry: bool,
    /// Which subscription is asked first.
    turn: usize,
    page: Option<(Arc<Stream>, BoxFuture<'static, PageRead>)>,
    limiter: FrameLimiter,
}

impl Connection {
    pub(super) fn new(realtime: Realtime, place: Connected, mode: Mode, socket: Socket) -> Self {
        let limits = &realtime.limits;
        let one = std::num::NonZeroU32::MIN;
        let quota = Quota::per_second(limits.frames_per_second.try_into().unwrap_or(one))
            .allow_burst(limits.frames_burst.try_into().unwrap_or(one));
        Self {
            deadlines: Deadlines::new(limits, matches!(mode, Mode::V1 { .. })),
            limiter: RateLimiter::direct_with_clock(quota, MonotonicClock),
            realtime,
            place,
            mode,
            subscriptions: Vec::new(),
            commands: FuturesUnordered::new(),
            socket,
            outbox: VecDeque::new(),
            outbox_bytes: 0,
            hungry: true,
            turn: 0,
            page: None,
        }
    }

    /// Serves the connection until it ends.
    pub(super) async fn run(mut self) {
        if let Mode::Legacy { .. } = self.mode {
            self.start_at_tops();
        }
        let timer = sleep_until(self.deadlines.next());
        tokio::pin!(timer);
        let close = loop {
            if let Err(close) = self.step(timer.as_mut()).await {
                break close;
            }
        };
        tracing::debug!(
            session = self.place.session(),
            code = close.code,
            reason = close.reason,
            "closed"
        );
        finish(&mut self.socket, close, self.realtime.limits.close_timeout).await;
    }

    /// Writes what there is to write, then waits for whatever happens next.
    async fn step(&mut self, mut timer: Pin<&mut Sleep>) -> Result<(), Close> {
        let reading = self.commands.len() < self.realtime.limits.max_commands
            && self.outbox_bytes < self.realtime.limits.max_waiting_answers;
        if timer.deadline() <= Instant::now() || self.deadlines.next() < timer.deadline() {
            if let Due::Ping(number) = self.deadlines.check(&self.realtime.limits, reading)? {
                self.ping(number);
                // A look at all streams once in a while: nothing depends on a bell alone.
                self.hungry = true;
            }
            timer.as_mut().reset(self.deadlines.next());
        }
        self.fill()?;
        self.deadlines
            .writing(&self.realtime.limits, self.socket.is_writing());
        tokio::select! {
            biased;
            event = self.socket.event(reading) => match event {
                SocketEvent::Text(text) => {
                    self.count_frame()?;
                    self.read(&text).await?;
                }
                SocketEvent::Binary => {
                    self.count_frame()?;
                    if let Mode::V1 { .. } = self.mode {
                        return Err(Close::new(close::BAD_REQUEST, "binary frames are not spoken here"));
                    }
                }
                SocketEvent::Ping => self.count_frame()?,
                SocketEvent::Pong => {
                    if let Mode::Legacy { .. } = self.mode {
                        self.deadlines.pong();
                    }
                }
                SocketEvent::Written => self.deadlines.progress(),
                SocketEvent::Closed(code) => return Err(Close::by_peer(code)),
                SocketEvent::Violation(code) => return Err(Close::new(code, "the frame is not valid")),
            },
            Some(result) = self.commands.next(), if !self.commands.is_empty() => {
                self.answer(&ServerFrame::Result(result));
            }
            read = next_page(&mut self.page) => self.take_page(read)?,
            () = self.place.rung() => {}
            () = timer => {}
        }
        Ok(())
    }

    fn count_frame(&self) -> Result<(), Close> {
        self.limiter
            .check()
            .map_err(|_| Close::new(close::RATE_LIMITED, "too many frames a second"))
    }

    async fn read(&mut self, text: &str) -> Result<(), Close> {
        match self.mode {
            Mode::Legacy { .. } => self.read_legacy(text),
            Mode::V1 { .. } => self.read_v1(text).await?,
        }
        Ok(())
    }

    fn ping(&mut self, number: u64) {
        match self.mode {
            Mode::Legacy { .. } => self.socket.ping(),
            Mode::V1 { .. } => self.ping_v1(number),
        }
    }

    /// Queues an answer or a notice.
    pub(super) fn answer(&mut self, frame: &ServerFrame) {
        match serde_json::to_vec(frame) {
            Ok(frame) => self.post(frame.into()),
            Err(error) => tracing::error!(%error, "a frame could not be encoded"),
        }
    }

    pub(super) fn post(&mut self, frame: Bytes) {
        self.outbox_bytes += frame.len();
        self.outbox.push_back(frame);
    }

    /// Subscriptions changed: look at all of them.
    pub(super) fn look_again(&mut self) {
        self.hungry = true;
    }

    /// Queues frames while there is room.
    fn fill(&mut self) -> Result<(), Close> {
        if self.place.take_ring() {
            self.hungry = true;
            if let Some(code) = self.place.asked_to_close() {
                self.say_goodbye(code)?;
            }
            self.find_new_streams();
        }
        while self.socket.has_room() {
            if let Some(frame) = self.outbox.pop_front() {
                self.outbox_bytes -= frame.len();
                self.socket.send(frame);
            } else if !(self.hungry && self.pull()) {
                break;
            }
        }
        Ok(())
    }

    /// Asks the subscriptions in turn until one has something; says whether one had.
    fn pull(&mut self) -> bool {
        let limits = &self.realtime.limits;
        let bytes = match self.mode {
            Mode::V1 { batch: true, .. } => limits.batch_bytes,
            _ => SINGLES_BYTES,
        };
        for _ in 0..self.subscriptions.len() {
            self.turn = (self.turn + 1) % self.subscriptions.len();
            let subscription = &mut self.subscriptions[self.turn];
            match subscription.pull(limits.batch_events, bytes) {
                Pulled::Nothing => {}
                Pulled::Behind => {
                    if self.page.is_none() {
                        self.page = Some(read_page(&self.realtime, subscription));
                    }
                }
                Pulled::Events(events) => {
                    self.send_events(events);
                    return true;
                }
                Pulled::Ephemeral(frame) => {
                    self.socket.send(frame);
                    return true;
                }
                notice => {
                    self.tell(self.turn, notice);
                    return true;
                }
            }
        }
        self.hungry = false;
        false
    }

    fn send_events(&mut self, events: Vec<Encoded>) {
        match self.mode {
            Mode::V1 { batch: true, .. } if events.len() > 1 => {
                self.socket.send(super::v1::batch(&events));
            }
            Mode::V1 { .. } => {
                for event in events {
                    self.socket.send(event.v1);
                }
            }
            Mode::Legacy { .. } => {
                for event in events {
                    self.socket.send(event.legacy.unwrap_or(event.v1));
                }
            }
        }
    }

    /// Tells the client what became of a subscription.
    fn tell(&mut self, index: usize, notice: Pulled) {
        let removed = matches!(notice, Pulled::Removed);
        if let Mode::V1 { .. } = self.mode {
            self.tell_v1(index, notice);
        }
        if removed {
            let subscription = self.subscriptions.swap_remove(index);
            self.place.unsubscribe(subscription.stream());
        }
    }

    fn take_page(&mut self, read: PageRead) -> Result<(), Close> {
        let Some((stream, _)) = self.page.take() else {
            return Ok(());
        };
        self.hungry = true;
        let found = self
            .subscriptions
            .iter()
            .position(|one| Arc::ptr_eq(one.stream(), &stream));
        // It may have been unsubscribed meanwhile.
        let Some(index) = found else { return Ok(()) };
        let subscription = &mut self.subscriptions[index];
        let notice = match read {
            PageRead::Page(page) => subscription.turn_to(page),
            PageRead::Trimmed(position) => Some(subscription.skip_to(position)),
            // The hub is about to say that the stream is gone.
            PageRead::Failed(Error::NotFound(_)) => None,
            PageRead::Failed(error) => {
                tracing::error!(%error, stream = %stream.id(), "the log could not be read");
                return Err(Close::new(close::SERVER_ERROR, "the log could not be read"));
            }
        };
        if let Some(notice) = notice {
            self.tell(index, notice);
        }
        Ok(())
    }

    fn say_goodbye(&mut self, code: u16) -> Result<(), Close> {
        if code != close::DRAIN {
            return Err(Close::new(code, "closed by the server"));
        }
        let window = self.realtime.limits.drain_window;
        let close = match self.mode {
            Mode::V1 { .. } => {
                self.bye_v1();
                Close::new(close::DRAIN, "the server is going down")
            }
            // 1012, service restart: what the older server closed with.
            Mode::Legacy { .. } => Close::new(1012, "the server is going down"),
        };
        self.deadlines.leave_within(window, close);
        Ok(())
    }
}

fn read_page(
    realtime: &Realtime,
    subscription: &Subscription,
) -> (Arc<Stream>, BoxFuture<'static, PageRead>) {
    let (stream, life, seq) = subscription.page_needed();
    let (service, of) = (realtime.service.clone(), Arc::clone(&stream));
    let read = async move {
        match of.read_page(&service, life, seq).await {
            Ok(page) => PageRead::Page(page),
            Err(Error::Trimmed { .. }) => match service.stream_position(of.id()).await {
                Ok(Some(position)) => PageRead::Trimmed(position),
                Ok(None) => PageRead::Failed(Error::no_project(of.id())),
                Err(error) => PageRead::Failed(error),
            },
            Err(error) => PageRead::Failed(error),
        }
    };
    (stream, Box::pin(read))
}

async fn next_page(page: &mut Option<(Arc<Stream>, BoxFuture<'static, PageRead>)>) -> PageRead {
    match page {
        Some((_, read)) => read.await,
        None => pending().await,
    }
}

/// The closing handshake: sends the closing frame unless the peer began, and waits for the end, but not long.
pub(super) async fn finish(socket: &mut Socket, close: Close, within: std::time::Duration) {
    if close.code == ABNORMAL {
        return;
    }
    if !close.peer {
        socket.close(close.code, close.reason);
    }
    let end = async {
        while !matches!(socket.event(true).await, SocketEvent::Closed(ABNORMAL)) {}
        if close.code == close::TOO_BIG {
            tokio::time::sleep(LINGER).await;
        }
    };
    // Whoever does not answer in time is left alone.
    let _ = timeout(within, end).await;
}
