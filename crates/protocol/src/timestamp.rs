//! Moments in time, in both forms that are met on the wire.

use std::fmt;

use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment: RFC 3339 as TaskTree's server writes it, or the local date and time without a zone that older backends send
/// (with `T` or a space between).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// Milliseconds since 1970-01-01 00:00: in UTC, or on the sender's clock where it named no zone.
    millis: i64,
    zoned: bool,
}

impl Timestamp {
    /// The moment `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub fn from_unix_millis(millis: i64) -> Self {
        // What cannot be written as a date is brought to the nearest that can.
        let first = jiff::Timestamp::MIN.as_second() * 1000;
        let last = jiff::Timestamp::MAX.as_second() * 1000;
        let millis = millis.clamp(first, last);
        Self {
            millis,
            zoned: true,
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z. `local_offset_minutes` is how far local time is ahead of UTC; it is used only where the
    /// sender named no zone.
    pub fn unix_millis(self, local_offset_minutes: i32) -> i64 {
        if self.zoned {
            self.millis
        } else {
            self.millis - i64::from(local_offset_minutes) * 60_000
        }
    }

    /// Reads either form.
    ///
    /// # Errors
    /// A sentence that quotes the text, where it is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::from_unix_millis(moment.as_millisecond()));
        }
        let civil: DateTime = text
            .parse()
            .map_err(|_| format!("{text:?} is not a date and time (RFC 3339)"))?;
        let millis = jiff::tz::Offset::UTC
            .to_timestamp(civil)
            .map_err(|_| format!("{text:?} is out of range"))?
            .as_millisecond();
        Ok(Self {
            zoned: false,
            ..Self::from_unix_millis(millis)
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = jiff::Timestamp::from_millisecond(self.millis) else {
            return write!(formatter, "{} ms", self.millis);
        };
        if self.zoned {
            write!(formatter, "{moment:.3}")
        } else {
            write!(
                formatter,
                "{:.3}",
                jiff::tz::Offset::UTC.to_datetime(moment)
            )
        }
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
