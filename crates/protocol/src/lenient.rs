//! Reading rows of older backends, which store whatever a request contained.

use serde::{Deserialize, Deserializer};

/// Reads a value of which `null` is the default.
///
/// # Errors
/// If it is neither.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A priority; one that is negative, too large or `null` is none.
pub(crate) fn priority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = Option::<i64>::deserialize(deserializer)?.unwrap_or_default();
    Ok(u32::try_from(number).unwrap_or_default())
}
