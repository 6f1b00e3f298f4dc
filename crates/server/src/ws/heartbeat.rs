//! The deadlines of a connection: hello, ping, pong, progress, goodbye.

use std::time::Duration;

use tasktree_protocol::frame::close;
use tokio::time::Instant;

use super::Close;
use crate::config::SocketLimits;

/// Deadlines of one connection. Those that do not apply are `None`.
#[derive(Debug)]
pub(crate) struct Deadlines {
    pub(crate) hello_by: Option<Instant>,
    ping_at: Instant,
    pong_by: Option<Instant>,
    stalled_at: Option<Instant>,
    leave_at: Option<(Instant, Close)>,
    pings: u64,
}

/// Action that is due.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing yet.
    Nothing,
    /// Sending the ping with this number.
    Ping(u64),
}

impl Deadlines {
    /// Creates the deadlines. `hello` is true if the client has to send the first frame.
    pub(crate) fn new(limits: &SocketLimits, hello: bool) -> Self {
        let now = Instant::now();
        Self {
            hello_by: hello.then(|| now + limits.hello_timeout),
            // Connections that were opened together, after a restart, are not pinged together.
            ping_at: now + limits.ping_interval.mul_f64(0.5 + fastrand::f64() / 2.0),
            pong_by: None,
            stalled_at: None,
            leave_at: None,
            pings: 0,
        }
    }

    /// Returns the earliest deadline.
    pub(crate) fn next(&self) -> Instant {
        [
            self.hello_by,
            self.pong_by,
            self.stalled_at,
            self.leave_at.map(|(at, _)| at),
        ]
        .into_iter()
        .flatten()
        .fold(self.ping_at, Instant::min)
    }

    /// Returns the action that is due, or the close code if a deadline has passed.
    ///
    /// `reading` is true if the client's frames are being read: otherwise its pong cannot have been
    /// seen.
    pub(crate) fn check(&mut self, limits: &SocketLimits, reading: bool) -> Result<Due, Close> {
        let now = Instant::now();
        let past = |deadline: Option<Instant>| deadline.is_some_and(|at| at <= now);
        if past(self.hello_by) {
            return Err(Close::new(
                close::NO_HELLO,
                "no sys.hello was received in time",
            ));
        }
        if past(self.stalled_at) {
            return Err(Close::new(close::NO_PROGRESS, "the client does not read"));
        }
        if past(self.pong_by) {
            // A ping waits behind data that the client has not read yet; that has its own deadline.
            if reading && self.stalled_at.is_none() {
                return Err(Close::new(close::NO_PONG, "no pong was received in time"));
            }
            self.pong_by = Some(now + limits.pong_timeout);
        }
        if let Some((at, close)) = self.leave_at
            && at <= now
        {
            return Err(close);
        }
        if self.ping_at > now {
            return Ok(Due::Nothing);
        }
        self.ping_at = now + limits.ping_interval;
        self.pings += 1;
        self.pong_by.get_or_insert(now + limits.pong_timeout);
        Ok(Due::Ping(self.pings))
    }

    /// Records the answer to a ping.
    pub(crate) fn pong(&mut self) {
        self.pong_by = None;
    }

    /// Records that data is waiting to be written, or that all of it was written.
    pub(crate) fn writing(&mut self, limits: &SocketLimits, writing: bool) {
        match (writing, self.stalled_at) {
            (true, None) => self.stalled_at = Some(Instant::now() + limits.stall_timeout),
            (false, Some(_)) => self.stalled_at = None,
            _ => {}
        }
    }

    /// Records that everything queued was written. More may be queued immediately.
    pub(crate) fn progress(&mut self) {
        self.stalled_at = None;
    }

    /// Ends the connection within `window`, at a random moment of it.
    pub(crate) fn leave_within(&mut self, window: Duration, close: Close) {
        self.leave_at
            .get_or_insert((Instant::now() + window.mul_f64(fastrand::f64()), close));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> SocketLimits {
        SocketLimits {
            ping_interval: Duration::from_secs(20),
            ..SocketLimits::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_ping_comes_within_half_to_one_interval_and_the_pong_is_awaited() {
        let limits = limits();
        let mut deadlines = Deadlines::new(&limits, false);
        let first = deadlines.next() - Instant::now();
        assert!((Duration::from_secs(10)..=Duration::from_secs(20)).contains(&first));
        tokio::time::advance(first).await;
        assert_eq!(deadlines.check(&limits, true).unwrap(), Due::Ping(1));
        assert_eq!(deadlines.next() - Instant::now(), limits.pong_timeout);
        tokio::time::advance(limits.pong_timeout).await;
        assert_eq!(
            deadlines.check(&limits, true).unwrap_err().code,
            close::NO_PONG
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_pong_that_cannot_have_been_read_is_not_held_against_the_client() {
        let limits = limits();
        let mut deadlines = Deadlines::new(&limits, false);
        tokio::time::advance(limits.ping_interval).await;
        assert_eq!(deadlines.check(&limits, false).unwrap(), Due::Ping(1));
        tokio::time::advance(limits.pong_timeout).await;
        assert_eq!(deadlines.check(&limits, false).unwrap(), Due::Nothing);
        deadlines.pong();
        tokio::time::advance(limits.pong_timeout).await;
        assert_eq!(deadlines.check(&limits, true).unwrap(), Due::Nothing);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pong_is_not_awaited_while_the_ping_may_be_behind_what_was_not_taken() {
        let limits = limits();
        let mut deadlines = Deadlines::new(&limits, false);
        tokio::time::advance(limits.ping_interval).await;
        assert_eq!(deadlines.check(&limits, true).unwrap(), Due::Ping(1));
        deadlines.writing(&limits, true);
        tokio::time::advance(limits.pong_timeout).await;
        assert_eq!(deadlines.check(&limits, true).unwrap(), Due::Nothing);
        deadlines.progress();
        tokio::time::advance(limits.pong_timeout).await;
        assert_eq!(
            deadlines.check(&limits, true).unwrap_err().code,
            close::NO_PONG
        );
    }

    #[tokio::test(start_paused = true)]
    async fn only_writing_without_end_is_a_stall() {
        let limits = SocketLimits {
            ping_interval: Duration::from_secs(1000),
            ..SocketLimits::default()
        };
        let mut deadlines = Deadlines::new(&limits, false);
        for _ in 0..10 {
            deadlines.writing(&limits, true);
            tokio::time::advance(limits.stall_timeout / 2).await;
            deadlines.progress();
            assert_eq!(deadlines.check(&limits, true).unwrap(), Due::Nothing);
        }
        deadlines.writing(&limits, true);
        tokio::time::advance(limits.stall_timeout).await;
        assert_eq!(
            deadlines.check(&limits, true).unwrap_err().code,
            close::NO_PROGRESS
        );
    }
}
