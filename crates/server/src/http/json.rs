//! JSON of requests. An object that names a member twice is refused: readers disagree on which of
//! the two counts (RFC 8259, section 4), so one of them would be dropped silently.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// JSON value whose objects name each member once.
#[derive(Debug)]
pub(super) struct Json(pub(super) Value);

/// Returns the error for a member that was already given.
pub(super) fn given_twice<E: Error>(name: &str) -> E {
    E::custom(format_args!("the key {name:?} is given more than once"))
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(given_twice(&name));
            }
            let Json(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e300..1e300).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 30, 4, |inner| {
            let members = prop::collection::hash_map("[a-c]{1,2}", inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                members.prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_names_each_member_once_is_read_as_any_json(value in any_json()) {
            let text = value.to_string();
            let Json(read) = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, serde_json::from_str::<Value>(&text).unwrap());
        }

        #[test]
        fn a_member_given_twice_is_refused_at_any_depth(
            first in any_json(), second in any_json(), lists in 0..20_usize,
        ) {
            let object = format!(r#"{{"a":{first},"b":1,"\u0061":{second}}}"#);
            let text = format!("{}{object}{}", "[".repeat(lists), "]".repeat(lists));
            let error = serde_json::from_str::<Json>(&text).unwrap_err().to_string();
            prop_assert!(error.starts_with(r#"the key "a" is given more than once at"#), "{}", error);
        }
    }

    #[test]
    fn members_of_the_same_name_in_different_objects_are_read() {
        let text = r#"{"a":{"a":[{"a":1},{"a":2}]}}"#;
        let Json(read) = serde_json::from_str(text).unwrap();
        assert_eq!(read, json!({"a": {"a": [{"a": 1}, {"a": 2}]}}));
    }
}
