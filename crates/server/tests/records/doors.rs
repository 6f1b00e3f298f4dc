//! A server whose operations are called one by one, with the records that each leaves.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestServer;

pub(crate) struct Doors {
    pub(crate) server: TestServer,
    /// Operations that were called, as the API's description names them.
    called: BTreeSet<String>,
    /// All records so far, as text.
    seen: BTreeSet<String>,
}

impl Doors {
    pub(crate) async fn open() -> Self {
        let server = TestServer::with_project().await;
        let mut doors = Self {
            server,
            called: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        doors.new_records().await;
        doors
    }

    /// Calls an operation and expects these kinds of records, in order: first those of the project,
    /// then those of the server.
    ///
    /// The subject of each comes before its kind, without its name.
    pub(crate) async fn leaves(
        &mut self,
        operation: &str,
        path: &str,
        body: Value,
        expected: &[&str],
    ) -> Value {
        let answer = self.call(operation, path, body).await;
        let records = self.new_records().await;
        assert_eq!(records, expected, "{operation}");
        assert!(!records.is_empty(), "{operation}: see `leaves_none`");
        answer
    }

    /// Calls an operation that leaves no record, with the reason for that.
    pub(crate) async fn leaves_none(
        &mut self,
        operation: &str,
        path: &str,
        body: Value,
        reason: &str,
    ) -> Value {
        let answer = self.call(operation, path, body).await;
        let records = self.new_records().await;
        assert_eq!(records, [""; 0], "{operation}: {reason}");
        answer
    }

    async fn call(&mut self, operation: &str, path: &str, body: Value) -> Value {
        let (method, template) = operation.split_once(' ').unwrap();
        let real = path.split('?').next().unwrap_or_default();
        assert!(is_of(template, real), "{path} is no {template}");
        self.called.insert(operation.to_owned());
        let method: Method = method.to_uppercase().parse().unwrap();
        let body = Some(body).filter(|body| !body.is_null());
        let answer = self.server.send(method, path, body).await;
        assert!(
            matches!(answer.status, 200 | 204 | 501),
            "{operation}: {} {}",
            answer.status,
            answer.text
        );
        match answer.status {
            204 => Value::Null,
            _ => answer.json(),
        }
    }

    /// Returns the subjects and kinds of the records since the last call, oldest first.
    pub(crate) async fn new_records(&mut self) -> Vec<String> {
        let mut new = Vec::new();
        for path in ["/api/projects/alpha/changes", "/api/changes"] {
            let answer = self.server.get(&format!("{path}?limit=1000")).await;
            if answer.status == 404 {
                continue;
            }
            let answer = answer.ok();
            for record in answer.as_array().unwrap().iter().rev() {
                if self.seen.insert(record.to_string()) {
                    let subject = record["subject"].as_str().unwrap();
                    let subject = subject.split(':').next().unwrap_or_default();
                    new.push(format!("{subject} {}", record["type"].as_str().unwrap()));
                }
            }
        }
        new
    }

    /// Expects that all operations that write were called, by the description of the API.
    pub(crate) async fn expect_all(&self) {
        let description = self.server.get("/api/openapi.json").await.ok();
        let mut writes = BTreeSet::new();
        for (path, operations) in description["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys() {
                if method != "get" {
                    writes.insert(format!("{method} {path}"));
                }
            }
        }
        let missing: Vec<_> = writes.difference(&self.called).collect();
        assert!(missing.is_empty(), "not called: {missing:?}");
    }
}

/// Returns true if a path belongs to an operation: `/a/{b}` has `/a/1`.
fn is_of(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template
            .zip(path)
            .all(|(wanted, real)| wanted.starts_with('{') || wanted == real)
}

/// Returns a body without fields.
pub(crate) fn empty() -> Value {
    json!({})
}
