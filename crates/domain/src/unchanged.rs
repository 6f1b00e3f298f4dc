//! Read-only fields that a request sends back unchanged.

use serde::Serialize;
use serde_json::Value;

use super::validate::Checks;
use crate::error::Result;

/// Values of read-only fields in a request, so that a row from a response can be sent back whole.
///
/// Each must match the stored value, so that none is silently ignored.
#[derive(Clone, Debug, Default)]
pub struct Unchanged(Vec<(String, Value)>);

impl Unchanged {
    /// Adds the value of a field; `on_hold.since` names one of a nested object.
    pub fn add(&mut self, field: impl Into<String>, value: Value) {
        self.0.push((field.into(), value));
    }

    /// Returns true if no field was given.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses values that differ from the stored ones.
    pub(super) fn check(&self, stored: &impl Serialize) -> Result<()> {
        let stored = serde_json::to_value(stored)?;
        let mut checks = Checks::default();
        for (field, given) in &self.0 {
            let pointer = format!("/{}", field.replace('.', "/"));
            let is = stored.pointer(&pointer).unwrap_or(&Value::Null);
            if is != given {
                let message = format!("is read-only; its value is {is}");
                checks.fail(field.as_str(), "read_only", message, given.clone());
            }
        }
        checks.finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Error;

    #[test]
    fn what_is_as_it_is_stored_passes_and_the_rest_is_named() {
        let stored = json!({"rev": 3, "holder": null, "on_hold": {"since": "now"}});
        let mut unchanged = Unchanged::default();
        unchanged.add("rev", json!(3));
        unchanged.add("holder", Value::Null);
        unchanged.add("verdict", Value::Null);
        unchanged.add("on_hold.since", json!("now"));
        unchanged.check(&stored).unwrap();
        unchanged.add("rev", json!(2));
        let Err(Error::Invalid(faults)) = unchanged.check(&stored) else {
            panic!("another version is refused")
        };
        assert_eq!(faults[0].field, "rev");
        assert_eq!(faults[0].message, "is read-only; its value is 3");
    }
}
