//! Moments in time, in both forms that occur on the wire.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use speedate::{DateTime, DateTimeConfig, TimestampUnit};

/// First and last moment that RFC 3339 can express, in milliseconds: the years 0000 to 9999.
const FIRST: i64 = -62_167_219_200_000;
const LAST: i64 = 253_402_300_799_999;

/// A moment in time, with or without a time zone. TaskTree's server writes RFC 3339; older backends
/// send the local date and time without a zone, with `T` or a space between.
///
/// The default is the beginning of 1970.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// Milliseconds since 1970-01-01 00:00: in UTC, or on the sender's clock if it named no zone.
    millis: i64,
    zoned: bool,
}

impl Default for Timestamp {
    fn default() -> Self {
        Self::from_unix_millis(0)
    }
}

impl Timestamp {
    /// Creates the moment `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub fn from_unix_millis(millis: i64) -> Self {
        Self {
            // Moments that cannot be written as a date become the nearest that can.
            millis: millis.clamp(FIRST, LAST),
            zoned: true,
        }
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z. `local_offset_minutes` is the offset of
    /// local time ahead of UTC; it is used only if the sender named no zone.
    pub fn unix_millis(self, local_offset_minutes: i32) -> i64 {
        if self.zoned {
            self.millis
        } else {
            self.millis - i64::from(local_offset_minutes) * 60_000
        }
    }

    /// Parses either form.
    ///
    /// # Errors
    /// Returns a sentence that quotes the text if it has neither form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let moment = DateTime::parse_bytes_rfc3339(text.as_bytes())
            .map_err(|_| format!("{text:?} is not an RFC 3339 date and time"))?;
        Ok(Self {
            zoned: moment.time.tz_offset.is_some(),
            ..Self::from_unix_millis(moment.timestamp_tz_ms())
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = DateTimeConfig {
            timestamp_unit: TimestampUnit::Millisecond,
            ..DateTimeConfig::default()
        };
        let DateTime { date, time } = DateTime::from_timestamp_with_config(self.millis, 0, &config)
            .map_err(|_| fmt::Error)?;
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}",
            date.year,
            date.month,
            date.day,
            time.hour,
            time.minute,
            time.second,
            time.microsecond / 1000,
            if self.zoned { "Z" } else { "" }
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Timestamp({self})")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}
