//! A monotonic clock, derived from the wall clock, which may go back.

/// Range of a browser's `Date`: ±8.64e15 ms.
const WALL_LIMIT_MS: i64 = 8_640_000_000_000_000;

/// Clock of the session. When the wall clock is set back, this clock pauses for that moment, so
/// deadlines are not delayed. When the wall clock jumps ahead, so does this one, because a machine
/// that slept looks the same.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: i64,
    wall: Option<i64>,
}

impl Clock {
    /// Advances to a reading of the wall clock. Returns the session's time.
    pub(super) fn advance(&mut self, wall: i64) -> i64 {
        let wall = wall.clamp(-WALL_LIMIT_MS, WALL_LIMIT_MS);
        let passed = self.wall.map_or(wall, |last| (wall - last).max(0));
        self.now = self.now.saturating_add(passed);
        self.wall = Some(wall);
        self.now
    }

    /// Returns the time of the last [`Clock::advance`].
    pub(super) fn now(&self) -> i64 {
        self.now
    }

    /// Converts a time of this clock to the expected time of the wall clock.
    pub(super) fn to_wall(&self, at: i64) -> i64 {
        self.wall
            .unwrap_or_default()
            .saturating_add(at.saturating_sub(self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_is_set_back_does_not_delay_what_is_waited_for() {
        let mut clock = Clock::default();
        let now = clock.advance(1_000_000);
        let deadline = now + 5_000;
        assert_eq!(clock.to_wall(deadline), 1_005_000);
        clock.advance(400_000);
        assert_eq!(clock.to_wall(deadline), 405_000);
        assert!(clock.advance(405_000) >= deadline);
    }
}
