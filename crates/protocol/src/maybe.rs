//! A field that a request may omit, clear or set: JSON's absent, `null` and a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A patch field: absent leaves the field unchanged, `null` clears it, a value sets it.
///
/// Mark fields with `#[serde(default, skip_serializing_if = "Maybe::is_absent")]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Maybe<T> {
    /// The field was absent.
    #[default]
    Absent,
    /// The field was `null`.
    Null,
    /// The field had a value.
    Value(T),
}

impl<T> Maybe<T> {
    /// Returns true if the field was omitted.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Maps the value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Maybe<U> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(change(value)),
        }
    }

    /// Writes the change into `target`; `null` writes the empty value. Returns true if the value
    /// differed.
    pub fn apply_to(self, target: &mut impl Target<T>) -> bool {
        match self {
            Self::Absent => false,
            Self::Null => target.set(None),
            Self::Value(value) => target.set(Some(value)),
        }
    }
}

/// Field that a [`Maybe`] of `T` can change: a `T`, or an `Option` of it.
pub trait Target<T> {
    /// Returns true if the field has that value.
    fn has(&self, value: &T) -> bool;

    /// Writes a value, or the empty one. Returns true if the value differed.
    fn set(&mut self, value: Option<T>) -> bool;
}

impl<T: PartialEq + Default> Target<T> for T {
    fn has(&self, value: &T) -> bool {
        self == value
    }

    fn set(&mut self, value: Option<T>) -> bool {
        let value = value.unwrap_or_default();
        let changed = *self != value;
        *self = value;
        changed
    }
}

impl<T: PartialEq> Target<T> for Option<T> {
    fn has(&self, value: &T) -> bool {
        self.as_ref() == Some(value)
    }

    fn set(&mut self, value: Self) -> bool {
        let changed = *self != value;
        *self = value;
        changed
    }
}

impl<T> From<Option<T>> for Maybe<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<T: Serialize> Serialize for Maybe<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}
