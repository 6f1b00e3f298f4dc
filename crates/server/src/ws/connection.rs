//! Connection of `/ws/updates`. One task writes the events that its cursors pull and reads the
//! client's frames.
//!
//! This module holds the parts common to both modes; [`super::v1`] and [`crate::compat::legacy`]
//! hold the differences. Only replies to the client's own frames are queued: events wait in the
//! log.

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
use tasktree_protocol::Timestamp;
use tasktree_protocol::frame::close;
use tokio::time::{Sleep, sleep_until};

use super::heartbeat::{Deadlines, Due};
use super::rate::Rate;
use super::transport::{Socket, SocketEvent};
use super::{Close, Realtime};
use crate::buffers::Reservation;
use crate::compat::legacy::{self, LegacyStreams};
use crate::hub::{ConnectionGuard, Subscription};
use crate::service::{Service, system_millis};
use page::Reading;
pub(super) use reply::Reply;

/// Counts a received frame of any kind: unsolicited pongs and fragments cost as much as other
/// frames.
pub(crate) fn count_frame(frames: &Rate) -> Result<(), Close> {
    frames
        .check()
        .map_err(|_| Close::new(close::RATE_LIMITED, "too many frames per second"))
}

/// Protocol that the client speaks.
#[derive(Debug)]
pub(super) enum Mode {
    Legacy(LegacyStreams),
    V1 {
        /// True once `sys.hello` was received.
        greeted: bool,
        /// True if the client reads batches.
        batch: bool,
    },
}

/// Connection with its socket, its cursors and its pending replies.
pub(super) struct Connection {
    pub(super) realtime: Realtime,
    /// Service acting as this connection's principal, for commands and subscription checks. Pages
    /// of the log are shared and are not read through it.
    pub(super) acting: Service,
    pub(super) guard: ConnectionGuard,
    pub(super) mode: Mode,
    pub(super) subscriptions: Vec<Subscription>,
    /// Commands being executed. Their results are sent in the order of the commands.
    pub(super) commands: FuturesOrdered<BoxFuture<'static, Reply>>,
    pub(super) deadlines: Deadlines,
    socket: Socket,
    /// Replies to the client's frames.
    outbox: VecDeque<Reply>,
    outbox_bytes: usize,
    /// True if a subscription may have something to pull.
    hungry: bool,
    /// Index of the subscription that was pulled last.
    turn: usize,
    /// Page of the log that is being read.
    page: Option<Reading>,
    /// Row of a large reply that is being read. Nothing else is sent meanwhile.
    row: Option<reply::Reading>,
    /// Memory reserved for a row that is being written.
    written_room: Option<Reservation>,
    frames: Rate,
    pub(super) command_rate: Rate,
    /// Commit time of the oldest event that is queued but not written.
    unsent_since: Option<Instant>,
}

impl Connection {
    pub(super) fn new(
        realtime: Realtime,
        guard: ConnectionGuard,
        (mode, subscriptions): (Mode, Vec<Subscription>),
        socket: Socket,
    ) -> Self {
        let limits = &realtime.limits;
        Self {
            deadlines: Deadlines::new(limits, matches!(mode, Mode::V1 { .. })),
            frames: Rate::new(limits.frames_per_second, limits.frames_burst),
            command_rate: Rate::new(limits.commands_per_second, limits.commands_burst),
            unsent_since: None,
            acting: realtime.service.acting_for(guard.principal().clone()),
            realtime,
            guard,
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
        self.publish_progress();
        let timer = sleep_until(self.deadlines.next());
        tokio::pin!(timer);
        let close = loop {
            if let Err(close) = self.step(timer.as_mut()).await {
                break close;
            }
        };
        self.realtime.finish(&mut self.socket, close).await;
    }

    /// Writes pending data, then waits for the next event.
    async fn step(&mut self, mut timer: Pin<&mut Sleep>) -> Result<(), Close> {
        let reading = self.commands.len() < self.realtime.limits.max_commands
            && self.outbox_bytes < self.realtime.limits.max_waiting_answers
            && self.row.is_none();
        if self.deadlines.next() <= tokio::time::Instant::now()
            && let Due::Ping(number) = self.deadlines.check(&self.realtime.limits, reading)?
        {
            self.ping(number);
            // Look at all streams from time to time, so that nothing depends on a bell alone.
            self.hungry = true;
        }
        self.fill()?;
        self.deadlines
            .writing(&self.realtime.limits, self.socket.is_writing());
        // An early timer is harmless, and costs less than setting it again.
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
                        let reason = "binary frames are not supported";
                        return Err(Close::new(close::BAD_REQUEST, reason));
                    }
                }
                SocketEvent::Ping | SocketEvent::Fragment => self.count_frame()?,
                SocketEvent::Pong => {
                    self.count_frame()?;
                    if let Mode::Legacy(_) = self.mode {
                        self.deadlines.pong();
                    }
                }
                SocketEvent::Written => self.written(),
                SocketEvent::Closed(code) => return Err(Close::by_peer(code)),
                SocketEvent::Violation(code) => return Err(Close::new(code, "invalid frame")),
            },
            Some(reply) = self.commands.next(), if !self.commands.is_empty() => self.queue(reply),
            row = reply::next(&mut self.row) => self.take_row(row),
            read = page::next(&mut self.page) => self.take_page(read)?,
            () = self.guard.rung() => {}
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

    /// Subscribes a legacy client to the streams that were added since the last look.
    fn find_new_streams(&mut self) {
        let Mode::Legacy(streams) = &mut self.mode else {
            return;
        };
        if streams.add_new(&self.guard, &mut self.subscriptions) {
            self.publish_progress();
        }
    }

    /// Publishes the progress of the current subscriptions after they changed.
    pub(super) fn publish_progress(&self) {
        let all = self.subscriptions.iter();
        self.guard
            .reads(all.map(|one| Arc::clone(one.progress())).collect());
    }

    async fn read(&mut self, text: &str) -> Result<(), Close> {
        match self.mode {
            Mode::Legacy(_) => {
                let now = Timestamp::from_unix_millis(system_millis());
                if let Some(answer) = legacy::answer(text, now) {
                    self.post(answer.into());
                }
            }
            Mode::V1 { .. } => self.read_v1(text).await?,
        }
        Ok(())
    }

    fn ping(&mut self, number: u64) {
        match self.mode {
            Mode::Legacy(_) => self.socket.ping(),
            Mode::V1 { .. } => self.ping_v1(number),
        }
    }
}
