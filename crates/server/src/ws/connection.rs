//! One connection of `/ws/updates`: one task, which writes what its cursors pull and reads what the client sends.
//!
//! What is common to both modes is here; what differs is in [`super::v1`] and [`super::legacy`]. Nothing is queued for a client
//! but answers to its own frames: events wait in the log.

mod outgoing;
mod page;
mod reply;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use tasktree_protocol::frame::close;
use tokio::time::{Sleep, sleep_until};

use super::heartbeat::{Deadlines, Due};
use super::rate::Rate;
use super::transport::{Socket, SocketEvent};
use super::{Close, Realtime};
use crate::buffers::Room;
use crate::hub::{Connected, Subscription};
use crate::service::Service;
use page::Reading;
pub(super) use reply::Reply;

/// Counts a frame that came, whatever it was: a pong that nobody asked for, and a part of a message, cost as much as others.
pub(super) fn count_frame(frames: &Rate) -> Result<(), Close> {
    frames
        .check()
        .map_err(|_| Close::new(close::RATE_LIMITED, "too many frames a second"))
}

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

/// See the module.
pub(super) struct Connection {
    pub(super) realtime: Realtime,
    /// The service as whose connection it is: commands and subscriptions go by it. Pages of the log are read past it, and shared.
    pub(super) acting: Service,
    pub(super) place: Connected,
    pub(super) mode: Mode,
    pub(super) subscriptions: Vec<Subscription>,
    /// Their results come in the order of the commands.
    pub(super) commands: FuturesOrdered<BoxFuture<'static, Reply>>,
    pub(super) deadlines: Deadlines,
    socket: Socket,
    /// Answers to the client's frames.
    outbox: VecDeque<Reply>,
    outbox_bytes: usize,
    /// Whether a subscription may have something to pull.
    hungry: bool,
    /// Which subscription is asked first.
    turn: usize,
    /// The page of the log that is being read.
    page: Option<Reading>,
    /// The row of a large reply that is being read. Nothing else is sent meanwhile.
    row: Option<reply::Reading>,
    /// The room of a row that is being written.
    written_room: Option<Room>,
    frames: Rate,
    pub(super) command_rate: Rate,
    /// When the oldest event was committed that is queued and not written.
    unsent_since: Option<Instant>,
}

impl Connection {
    pub(super) fn new(
        realtime: Realtime,
        place: Connected,
        (mode, subscriptions): (Mode, Vec<Subscription>),
        socket: Socket,
    ) -> Self {
        let limits = &realtime.limits;
        Self {
            deadlines: Deadlines::new(limits, matches!(mode, Mode::V1 { .. })),
            frames: Rate::new(limits.frames_per_second, limits.frames_burst),
            command_rate: Rate::new(limits.commands_per_second, limits.commands_burst),
            unsent_since: None,
            acting: realtime.service.acting_for(place.principal().clone()),
            realtime,
            place,
            mode,
            subscriptions,
            commands: FuturesOrdered::new(),
            socket,
            outbox: VecDeque::new(),
            outbox_bytes: 0,
            hungry: true,
            turn: 0,
            page: None,
            row: None,
            written_room: None,
        }
    }

    /// Serves the connection until it ends.
    pub(super) async fn run(mut self) {
        self.tell_progress();
        let timer = sleep_until(self.deadlines.next());
        tokio::pin!(timer);
        let close = loop {
            if let Err(close) = self.step(timer.as_mut()).await {
                break close;
            }
        };
        self.realtime.finish(&mut self.socket, close).await;
    }

    /// Writes what there is to write, then waits for whatever happens next.
    async fn step(&mut self, mut timer: Pin<&mut Sleep>) -> Result<(), Close> {
        let reading = self.commands.len() < self.realtime.limits.max_commands
            && self.outbox_bytes < self.realtime.limits.max_waiting_answers
            && self.row.is_none();
        if self.deadlines.next() <= tokio::time::Instant::now()
            && let Due::Ping(number) = self.deadlines.check(&self.realtime.limits, reading)?
        {
            self.ping(number);
            // A look at all streams once in a while: nothing depends on a bell alone.
            self.hungry = true;
        }
        self.fill()?;
        self.deadlines
            .writing(&self.realtime.limits, self.socket.is_writing());
        // A timer that is early is harmless, and setting it costs more than that.
        if self.deadlines.next() < timer.deadline() || timer.is_elapsed() {
            timer.as_mut().reset(self.deadlines.next());
        }
        tokio::select! {
            biased;
            event = self.socket.event(reading) => match event {
                SocketEvent::Text(text) => {
                    self.count_frame()?;
                    self.realtime.metrics().received.inc_by(text.len() as u64);
                    self.read(&text).await?;
                }
                SocketEvent::Binary => {
                    self.count_frame()?;
                    if let Mode::V1 { .. } = self.mode {
                        return Err(Close::new(close::BAD_REQUEST, "binary frames are not spoken here"));
                    }
                }
                SocketEvent::Ping | SocketEvent::Fragment => self.count_frame()?,
                SocketEvent::Pong => {
                    self.count_frame()?;
                    if let Mode::Legacy { .. } = self.mode {
                        self.deadlines.pong();
                    }
                }
                SocketEvent::Written => self.written(),
                SocketEvent::Closed(code) => return Err(Close::by_peer(code)),
                SocketEvent::Violation(code) => return Err(Close::new(code, "the frame is not valid")),
            },
            Some(reply) = self.commands.next(), if !self.commands.is_empty() => self.queue(reply),
            row = reply::next(&mut self.row) => self.take_row(row),
            read = page::next(&mut self.page) => self.take_page(read)?,
            () = self.place.rung() => {}
            () = timer => {}
        }
        Ok(())
    }

    fn count_frame(&self) -> Result<(), Close> {
        count_frame(&self.frames)
    }

    fn written(&mut self) {
        self.written_room = None;
        self.deadlines.progress();
        if let Some(since) = self.unsent_since.take() {
            self.realtime.metrics().written(since.elapsed());
        }
    }

    /// The subscriptions changed: others can see what is read now.
    pub(super) fn tell_progress(&self) {
        let all = self.subscriptions.iter();
        self.place
            .reads(all.map(|one| Arc::clone(one.progress())).collect());
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
}
