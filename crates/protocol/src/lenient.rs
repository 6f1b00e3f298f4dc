//! Deserializers for rows of older backends, which store whatever a request contained.

use serde::{Deserialize, Deserializer};

/// Deserializes a value; `null` becomes the default.
///
/// # Errors
/// Returns an error if the input is neither `null` nor a value of type `T`.
pub fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Deserializes a priority; one that is negative, too large or `null` becomes 0.
pub(crate) fn priority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = Option::<i64>::deserialize(deserializer)?.unwrap_or_default();
    Ok(u32::try_from(number).unwrap_or_default())
}
