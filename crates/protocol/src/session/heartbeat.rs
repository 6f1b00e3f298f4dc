//! Detection of dead links.

use super::constants::{
    ANSWER_TIMEOUT_MS, PING_GRACE_MS, PING_INTERVAL_MS, PROBE_AFTER_SILENCE_MS, PROBE_DOUBT_MS,
    PROBE_TIMEOUT_MS, WATCHDOG_MS,
};
use crate::frame::{Ping, Pong};

/// Action of a heartbeat that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Send a ping.
    Ping,
    /// Give up the link, which is dead.
    Dead,
}

/// A ping sent by us that must be answered soon.
#[derive(Clone, Copy, Debug)]
struct Probe {
    sent: i64,
    /// Time at which the link is dead without an answer.
    dead_at: i64,
    /// True if the answer is later than on a link that is alive.
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

/// State of the heartbeat. Times are those of the session's clock.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    last_frame: i64,
    /// Time of the last frame that the server sends even if nothing happens: welcome, ping or pong.
    last_beat: i64,
    /// Time to request a beat if none arrives by itself.
    beat_due: i64,
    interval: i64,
    probe: Option<Probe>,
    /// Number and time of our last unanswered ping.
    sent: Option<(u64, i64)>,
    numbered: u64,
}

impl Heartbeat {
    /// Starts with the server's welcome, which contains its ping interval.
    pub(super) fn start(&mut self, now: i64, ping_ms: u64) {
        self.interval = i64::try_from(ping_ms)
            .unwrap_or(PING_INTERVAL_MS)
            .clamp(1, 3_600_000);
        self.probe = None;
        self.sent = None;
        self.frame(now);
        self.beat(now);
    }

    /// Records that a frame arrived.
    pub(super) fn frame(&mut self, now: i64) {
        self.last_frame = now;
        self.probe = None;
    }

    /// Records that a ping or a pong arrived.
    pub(super) fn beat(&mut self, now: i64) {
        self.last_beat = now;
        self.beat_due = now.saturating_add(self.limit());
    }

    /// Returns the time of the last ping or pong.
    pub(super) fn last_beat(&self) -> i64 {
        self.last_beat
    }

    /// Returns the time for which the link has been silent.
    pub(super) fn silence(&self, now: i64) -> i64 {
        now.saturating_sub(self.last_frame)
    }

    /// Returns true if the server was heard from in time and answers probes: only then is a board
    /// known to be complete.
    pub(super) fn is_fresh(&self, now: i64) -> bool {
        let doubtful = self.probe.is_some_and(|probe| probe.doubtful);
        !doubtful && now.saturating_sub(self.last_beat) < self.limit()
    }

    /// Handles a wake of the page. Returns true if the link must be probed. A probe in flight gets
    /// an earlier deadline.
    pub(super) fn wake(&mut self, now: i64) -> bool {
        let Some(probe) = &mut self.probe else {
            return self.silence(now) > PROBE_AFTER_SILENCE_MS;
        };
        probe.dead_at = probe.dead_at.min(now.saturating_add(PROBE_TIMEOUT_MS));
        false
    }

    /// Creates a ping. If it is a probe, an answer must arrive soon.
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

    /// Marks the link as possibly dead, until the current probe is answered.
    pub(super) fn doubt(&mut self) {
        if let Some(probe) = &mut self.probe {
            probe.doubtful = true;
        }
    }

    /// Handles a pong. Returns the round trip in milliseconds if it answers our last ping.
    pub(super) fn pong(&mut self, pong: &Pong, now: i64) -> Option<i64> {
        let (_, sent) = self.sent.take_if(|(number, _)| *number == pong.n)?;
        Some(now.saturating_sub(sent))
    }

    /// Returns the time at which [`Heartbeat::due`] must be called.
    pub(super) fn deadline(&self, visible: bool) -> i64 {
        let silence = self.last_frame.saturating_add(self.patience(visible));
        self.probe
            .map_or(silence, Probe::deadline)
            .min(self.beat_due)
    }

    /// Returns the action that is due; `visible` is true if a person may be looking.
    ///
    /// A link that was silent for too long is probed before it is given up, however far the clock
    /// jumped.
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

    /// Returns the silence after which the link is probed. While nobody can see the board, the
    /// server's own frames suffice; the last seconds of the watchdog are for the probe.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Heartbeat of a link that was welcomed at time 0.
    fn started(ping_ms: u64) -> Heartbeat {
        let mut heartbeat = Heartbeat::default();
        heartbeat.start(0, ping_ms);
        heartbeat
    }

    #[test]
    fn a_link_is_fresh_until_the_beat_is_later_than_the_interval_and_its_grace() {
        let heartbeat = started(60_000);
        let limit = 60_000 + PING_GRACE_MS;
        assert!(heartbeat.is_fresh(limit - 1));
        assert!(!heartbeat.is_fresh(limit));
        let often = started(1_000);
        assert!(often.is_fresh(WATCHDOG_MS - 1));
        assert!(!often.is_fresh(WATCHDOG_MS));
    }

    #[test]
    fn a_hidden_page_probes_a_link_shortly_before_the_watchdog_ends() {
        let heartbeat = started(60_000);
        let limit = 60_000 + PING_GRACE_MS;
        assert_eq!(heartbeat.deadline(false), limit - PROBE_TIMEOUT_MS);
        assert_eq!(heartbeat.deadline(true), PROBE_AFTER_SILENCE_MS);
    }

    #[test]
    fn a_wake_asks_for_a_probe_only_after_a_silence_and_only_if_none_is_under_way() {
        let mut heartbeat = started(20_000);
        assert!(!heartbeat.wake(PROBE_AFTER_SILENCE_MS));
        assert!(heartbeat.wake(PROBE_AFTER_SILENCE_MS + 1));
        heartbeat.ping(PROBE_AFTER_SILENCE_MS + 1, true);
        assert!(!heartbeat.wake(PROBE_AFTER_SILENCE_MS + 2));
    }

    #[test]
    fn only_the_pong_to_the_last_ping_measures_the_round_trip() {
        let mut heartbeat = started(20_000);
        let first = heartbeat.ping(100, false);
        let last = heartbeat.ping(200, false);
        assert_ne!(first.n, last.n);
        assert_eq!((first.t, last.t), (100, 200));
        let pong = |ping: &Ping| Pong {
            n: ping.n,
            ..Pong::default()
        };
        assert_eq!(heartbeat.pong(&pong(&first), 250), None);
        assert_eq!(heartbeat.pong(&pong(&last), 250), Some(50));
        assert_eq!(heartbeat.pong(&pong(&last), 260), None);
    }
}
