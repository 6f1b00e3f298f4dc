//! Whether the other side is still there.

use super::constants::{
    ANSWER_TIMEOUT_MS, PING_GRACE_MS, PING_INTERVAL_MS, PROBE_AFTER_SILENCE_MS, PROBE_DOUBT_MS,
    PROBE_TIMEOUT_MS, WATCHDOG_MS,
};
use crate::frame::{Ping, Pong};

/// What a heartbeat that is due asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Send a ping.
    Ping,
    /// The link is dead.
    Dead,
}

/// A ping of ours that must be answered soon.
#[derive(Clone, Copy, Debug)]
struct Probe {
    sent: i64,
    /// Without an answer by then, the link is dead.
    dead_at: i64,
    /// It was not answered as soon as on a link that is alive.
    doubtful: bool,
}

impl Probe {
    fn new(sent: i64, timeout: i64) -> Self {
        Self {
            sent,
            dead_at: sent.saturating_add(timeout),
            doubtful: false,
        }
    }

    fn deadline(self) -> i64 {
        if self.doubtful {
            self.dead_at
        } else {
            self.sent.saturating_add(PROBE_DOUBT_MS)
        }
    }
}

/// Times are those of the session's clock.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    last_frame: i64,
    /// The last frame that the server sends whether or not anything happens: welcome, ping or pong.
    last_beat: i64,
    /// When to ask for a beat, where none came by itself.
    beat_due: i64,
    interval: i64,
    probe: Option<Probe>,
    /// Number and time of the last ping of ours that was not answered yet.
    sent: Option<(u64, i64)>,
    numbered: u64,
}

impl Heartbeat {
    /// The server said welcome, and how often it pings.
    pub(super) fn start(&mut self, now: i64, ping_ms: u64) {
        self.interval = i64::try_from(ping_ms)
            .unwrap_or(PING_INTERVAL_MS)
            .clamp(1, 3_600_000);
        self.probe = None;
        self.sent = None;
        self.frame(now);
        self.beat(now);
    }

    /// Any frame came.
    pub(super) fn frame(&mut self, now: i64) {
        self.last_frame = now;
        self.probe = None;
    }

    /// A ping or a pong came.
    pub(super) fn beat(&mut self, now: i64) {
        self.last_beat = now;
        self.beat_due = now.saturating_add(self.limit());
    }

    /// When a ping or a pong last came.
    pub(super) fn last_beat(&self) -> i64 {
        self.last_beat
    }

    /// How long the link has been silent.
    pub(super) fn silence(&self, now: i64) -> i64 {
        now.saturating_sub(self.last_frame)
    }

    /// Whether the server was heard from in time, and answers when it is asked: only then is a board known to be complete.
    pub(super) fn is_fresh(&self, now: i64) -> bool {
        let doubtful = self.probe.is_some_and(|probe| probe.doubtful);
        !doubtful && now.saturating_sub(self.last_beat) < self.limit()
    }

    /// The page woke up: whether the link is to be probed. A probe that is under way has to be answered sooner than it would have.
    pub(super) fn wake(&mut self, now: i64) -> bool {
        let Some(probe) = &mut self.probe else {
            return self.silence(now) > PROBE_AFTER_SILENCE_MS;
        };
        probe.dead_at = probe.dead_at.min(now.saturating_add(PROBE_TIMEOUT_MS));
        false
    }

    /// A ping of ours; if it is a probe, an answer must come soon.
    pub(super) fn ping(&mut self, now: i64, probe: bool) -> Ping {
        self.numbered += 1;
        self.sent = Some((self.numbered, now));
        if probe {
            self.probe = Some(Probe::new(now, PROBE_TIMEOUT_MS));
        }
        Ping {
            n: self.numbered,
            t: now,
            ..Ping::default()
        }
    }

    /// There is reason to believe that the link is dead: the answer to the present probe must come first.
    pub(super) fn doubt(&mut self) {
        if let Some(probe) = &mut self.probe {
            probe.doubtful = true;
        }
    }

    /// A pong came; gives the round trip in milliseconds, if it answers our last ping.
    pub(super) fn pong(&mut self, pong: &Pong, now: i64) -> Option<i64> {
        let (_, sent) = self.sent.take_if(|(number, _)| *number == pong.n)?;
        Some(now.saturating_sub(sent))
    }

    /// When [`Heartbeat::due`] has to be asked.
    pub(super) fn deadline(&self, visible: bool) -> i64 {
        let silence = self.last_frame.saturating_add(self.patience(visible));
        self.probe
            .map_or(silence, Probe::deadline)
            .min(self.beat_due)
    }

    /// What has to be done now; `visible` is whether somebody may be looking.
    ///
    /// A link that was silent for too long is asked before it is given up, however far the clock jumped.
    pub(super) fn due(&mut self, now: i64, visible: bool) -> Due {
        if let Some(probe) = &mut self.probe {
            probe.doubtful |= now >= probe.deadline();
            if now >= probe.deadline() {
                return Due::Dead;
            }
        }
        let silent = self.probe.is_none() && self.silence(now) >= self.patience(visible);
        if silent {
            let timeout = if visible {
                ANSWER_TIMEOUT_MS
            } else {
                PROBE_TIMEOUT_MS
            };
            self.probe = Some(Probe::new(now, timeout));
        }
        if silent || now >= self.beat_due {
            self.beat_due = now.saturating_add(PROBE_AFTER_SILENCE_MS);
            return Due::Ping;
        }
        Due::Nothing
    }

    /// How long a silence may last until the link is asked. Where nobody can see the board, what the server sends by itself suffices;
    /// the last seconds of the watchdog are those of the question.
    fn patience(&self, visible: bool) -> i64 {
        if visible {
            PROBE_AFTER_SILENCE_MS
        } else {
            self.limit() - PROBE_TIMEOUT_MS
        }
    }

    fn limit(&self) -> i64 {
        WATCHDOG_MS.max(self.interval + PING_GRACE_MS)
    }
}
