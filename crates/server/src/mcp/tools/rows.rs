//! Rows as tools answer with them: what a model needs, without empty members.

use serde_json::{Map, Value, json};
use tasktree_protocol::question::Answer;
use tasktree_protocol::{ProjectId, Task, TaskCard, TaskId};

/// Returns the numbers of tasks.
pub(super) fn numbers(project: &ProjectId, tasks: &[TaskId]) -> Vec<u64> {
    let numbers = tasks.iter().filter_map(|task| task.number_in(project));
    numbers.collect()
}

/// Returns a task with its texts.
pub(super) fn task(project: &ProjectId, task: &Task) -> Value {
    let files = [
        &task.owned_files,
        &task.exclusive_files,
        &task.creates_files,
    ];
    let files: Vec<&String> = files.into_iter().flatten().collect();
    members([
        ("number", json!(task.number)),
        ("id", json!(task.id)),
        ("title", json!(task.title)),
        ("status", json!(task.status)),
        ("priority", json!(task.priority)),
        ("rev", json!(task.rev)),
        ("claim", json!(task.generation)),
        ("holder", json!(task.holder)),
        ("branch", json!(task.branch)),
        ("labels", json!(task.labels)),
        ("files", json!(files)),
        ("shared_files", json!(task.shared_files)),
        ("blocked_by", json!(numbers(project, &task.blocked_by))),
        ("depends_on", json!(numbers(project, &task.dependencies))),
        (
            "parent",
            json!(task.parent.as_ref().and_then(|id| id.number_in(project))),
        ),
        (
            "on_hold",
            json!(task.on_hold.as_ref().map(|hold| &hold.reason)),
        ),
        ("verdict", json!(task.verdict)),
        ("description", json!(task.description)),
        ("prompt", json!(task.prompt)),
    ])
}

/// Returns a task that was changed: its number, title, status and version.
pub(super) fn changed(task: &Task) -> Value {
    members([
        ("number", json!(task.number)),
        ("title", json!(task.title)),
        ("status", json!(task.status)),
        ("rev", json!(task.rev)),
        ("verdict", json!(task.verdict)),
    ])
}

/// Returns a row of a list.
pub(super) fn card(project: &ProjectId, card: &TaskCard, open: &[u64]) -> Value {
    members([
        ("number", json!(card.number)),
        ("title", json!(card.title)),
        ("status", json!(card.status)),
        ("priority", json!(card.priority)),
        ("agent", json!(card.session)),
        ("blocked_by", json!(open)),
        ("labels", json!(card.labels)),
        (
            "parent",
            json!(card.parent.as_ref().and_then(|id| id.number_in(project))),
        ),
        (
            "on_hold",
            json!(card.on_hold.as_ref().map(|hold| &hold.reason)),
        ),
    ])
}

/// Returns answers of people.
pub(super) fn answers(answers: &[Answer]) -> Vec<Value> {
    let shown = |answer: &Answer| {
        json!({
            "question": answer.question,
            "by": by(&answer.by),
            "text": answer.text,
        })
    };
    answers.iter().map(shown).collect()
}

/// Returns the name in an actor.
pub(super) fn by(actor: &str) -> &str {
    actor.split_once(':').map_or(actor, |(_, name)| name)
}

/// Returns an object of the members that say something.
pub(super) fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter().filter(|(_, value)| !is_empty(value));
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Value::Object(members.collect::<Map<_, _>>())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Object(_) => false,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
    }
}
