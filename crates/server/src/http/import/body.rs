//! Body of an import, read task by task: as one JSON value it would take ten times its size in
//! memory.

use std::fmt;

use axum::http::HeaderMap;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tasktree_protocol::{Status, imported_task_fields};

use crate::domain::import::ImportedTask;
use crate::http::caller::MAX_BODY_BYTES;
use crate::http::error::ApiError;
use crate::http::extract::{FromBody, Object, is_json, json_problem, json_problem_at};
use crate::http::fields::Fields;
use crate::http::json::{Json, given_twice};
use crate::http::task_fields::Omissible;
use crate::limits::FAULTS_LISTED;

/// Tasks of an import, or the refusal that lists their problems.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) tasks: Result<Vec<ImportedTask>, ApiError>,
}

impl FromBody for Body {
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError> {
        let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
        if !is_json(headers) || !is_object {
            // Fails with the reason.
            Object::read(headers, bytes)?;
        }
        let outer: Outer<'_> =
            serde_json::from_slice(bytes).map_err(|error| json_problem(bytes, &error))?;
        let unknown: Map<_, _> = outer.unknown.into_iter().collect();
        let mut others = Fields::of_body(&unknown);
        let _: Option<Vec<String>> = others.optional("tasks");
        if let Err(refusal) = others.finish() {
            return Ok(Self {
                tasks: Err(refusal),
            });
        }
        let Some(tasks) = outer.tasks else {
            // Show the caller the body that was sent, unless it is very large.
            let object = if bytes.len() <= MAX_BODY_BYTES {
                Object::read(headers, bytes)?.0
            } else {
                Map::new()
            };
            let mut fields = Fields::of_body(&object);
            fields.missing("tasks");
            let tasks = fields.finish().map(|()| Vec::new());
            return Ok(Self { tasks });
        };
        if !tasks.get().starts_with('[') {
            let tasks = Map::from_iter([("tasks".to_owned(), parsed(tasks, bytes)?)]);
            let mut fields = Fields::of_body(&tasks);
            let tasks = fields.objects("tasks", task);
            let tasks = fields.finish().map(|()| tasks);
            return Ok(Self { tasks });
        }
        let Tasks(tasks) = parsed(tasks, bytes)?;
        Ok(Self { tasks })
    }
}

/// Reads a part of a body. Faults inside its strings and numbers are only found here.
fn parsed<'a, T: Deserialize<'a>>(part: &'a RawValue, body: &[u8]) -> Result<T, ApiError> {
    let part = part.get();
    serde_json::from_str(part).map_err(|error| {
        let before = part.as_ptr().addr().saturating_sub(body.as_ptr().addr());
        json_problem_at(before, part.as_bytes(), &error)
    })
}

/// Reads one task.
fn task(task: &mut Fields<'_>) -> ImportedTask {
    macro_rules! one {
        (title: $type:ty) => {
            task.required("title")
        };
        ($name:ident: $type:ty) => {
            <$type as Omissible>::read_or_empty(task, stringify!($name))
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => {
            ImportedTask {
                source: task.required("source"),
                dependencies: task.or_default("dependencies"),
                $($name: one!($name: $type),)*
            }
        };
    }
    imported_task_fields!(all)
}

/// JSON text of the tasks in the body's object, and the names of its other members.
struct Outer<'a> {
    tasks: Option<&'a RawValue>,
    unknown: Vec<(String, Value)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Outer<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Outer<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outer<'de>, A::Error> {
                let (mut tasks, mut unknown) = (None, Vec::new());
                while let Some(name) = map.next_key::<String>()? {
                    if name == "tasks" {
                        if tasks.is_some() {
                            return Err(given_twice(&name));
                        }
                        tasks = Some(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        if unknown.len() < FAULTS_LISTED {
                            unknown.push((name, Value::Null));
                        }
                    }
                }
                Ok(Outer { tasks, unknown })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// Tasks that were read one by one, or the refusal that lists their faults.
struct Tasks(Result<Vec<ImportedTask>, ApiError>);

impl<'de> Deserialize<'de> for Tasks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;

        impl<'de> Visitor<'de> for Items {
            type Value = Tasks;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tasks, A::Error> {
                let nothing = Map::new();
                let mut fields = Fields::of_body(&nothing);
                let (mut tasks, mut index) = (Vec::new(), 0);
                while let Some(Json(item)) = items.next_element()? {
                    if !fields.item("tasks", index, &item, &task, &mut tasks) {
                        break;
                    }
                    index += 1;
                }
                // The rest still has to be JSON.
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Tasks(fields.finish().map(|()| tasks)))
            }
        }

        deserializer.deserialize_seq(Items)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};
    use proptest::prelude::*;

    use super::*;

    /// Reads a body as one value, like every other body.
    fn whole(headers: &HeaderMap, bytes: &[u8]) -> Result<Vec<ImportedTask>, ApiError> {
        let Object(object) = Object::read(headers, bytes)?;
        let mut fields = Fields::of_body(&object);
        if !fields.has("tasks") {
            fields.missing("tasks");
        }
        let tasks = fields.objects("tasks", task);
        fields.finish().map(|()| tasks)
    }

    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Vec<ImportedTask>, ApiError> {
        Body::read(headers, bytes)?.tasks
    }

    fn json() -> HeaderMap {
        let json = HeaderValue::from_static("application/json");
        HeaderMap::from_iter([(header::CONTENT_TYPE, json)])
    }

    #[track_caller]
    fn check(headers: &HeaderMap, body: &str) {
        let (read, whole) = (
            read(headers, body.as_bytes()),
            whole(headers, body.as_bytes()),
        );
        assert_eq!(format!("{read:?}"), format!("{whole:?}"), "{body}");
    }

    #[test]
    fn a_body_is_read_or_refused_as_if_it_were_one_value() {
        let bodies = [
            "",
            "7",
            "[]",
            "{",
            "{}",
            " {\"tasks\": null}",
            "{\"tasks\": 7}",
            "{\"tasks\": {}}",
            "{\"tasks\": []}",
            "{\"tasks\": [7, {}, {\"source\": 1}]}",
            "{\"tasks\": [{\"source\": \"1\", \"title\": \"One\", \"status\": \"odd\"}]}",
            "{\"tasks\": [], \"tasks\": [{\"source\": \"1\", \"title\": \"One\"}]}",
            "{\"tasks\": [}",
            "{\"tasks\": []} x",
        ];
        for body in bodies {
            check(&json(), body);
            check(&HeaderMap::new(), body);
        }
    }

    #[test]
    fn faults_are_listed_up_to_the_bound_and_what_follows_them_has_to_be_json() {
        let many = vec!["{}"; 3 * FAULTS_LISTED].join(",");
        check(&json(), &format!("{{\"tasks\": [{many}]}}"));
        let Tasks(tasks) = serde_json::from_str(&format!("[{many}]")).unwrap();
        let refused = format!("{:?}", tasks.unwrap_err());
        assert_eq!(refused.matches("Field required").count(), FAULTS_LISTED);
        assert!(refused.contains("too_many_faults"), "{refused}");
        let broken = format!("{{\"tasks\": [{many}, {{]}}");
        let refused = format!("{:?}", read(&json(), broken.as_bytes()).unwrap_err());
        assert!(refused.contains("json_invalid"), "{refused}");
    }

    #[test]
    fn what_else_is_in_a_body_is_refused_by_its_name() {
        for body in [
            "{\"more\": [1, {}]}",
            "{\"tasks\": [{\"source\": \"1\", \"title\": \"One\"}], \"more\": [1, {}]}",
        ] {
            let refused = format!("{:?}", read(&json(), body.as_bytes()).unwrap_err());
            assert!(refused.contains("extra_forbidden"), "{refused}");
            assert!(refused.contains("more"), "{refused}");
        }
    }

    #[test]
    fn a_string_that_is_none_is_refused_with_its_place() {
        let body = "{\"tasks\": [{\"source\": \"\\ud800\"}]}";
        let refused = format!("{:?}", read(&json(), body.as_bytes()).unwrap_err());
        assert!(refused.contains("json_invalid"), "{refused}");
    }

    proptest! {
        #[test]
        fn tasks_come_as_they_were_sent(
            tasks in prop::collection::vec((".{1,8}", ".{1,20}", prop::option::of(".{0,30}"), 0_u32..9), 0..20),
        ) {
            let tasks = tasks.into_iter().map(|(source, title, description, priority)| ImportedTask {
                source,
                title,
                description,
                priority,
                ..ImportedTask::default()
            });
            let tasks: Vec<ImportedTask> = tasks.collect();
            let body = serde_json::to_vec(&serde_json::json!({"tasks": tasks})).unwrap();
            prop_assert_eq!(read(&json(), &body).unwrap(), tasks);
        }
    }
}
