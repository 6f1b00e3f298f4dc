//! Lengths and ranges of fields in the description, from the limits that are enforced.

use serde_json::{Value, json};

use crate::domain::task::{Bound as TaskBound, TaskBounds, TextBound};
use crate::limits::Limits;

/// Pattern of a line with a visible character, as close as an expression can define it.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u00a0\u2028\u2029][^\u0000-\u001f\u007f-\u009f]*$";

/// Bound of a field.
#[derive(Clone, Copy)]
enum Bound {
    /// A line of at most this many characters.
    Line(usize),
    /// A name of letters, digits and some signs.
    Name(usize, &'static str),
    /// A text of at most this many bytes.
    Text(usize),
    /// A text that is not empty, of at most this many bytes.
    Words(usize),
    /// The name of a git branch.
    Branch(usize),
    /// A list of at most this many entries, each a text of at most this many characters.
    List(usize, usize),
    /// A list of at most this many tasks.
    Tasks(usize),
    /// A number in a range.
    Range(u64, u64),
    /// A time.
    Time,
}

impl Bound {
    /// Returns the bound of a task's field, unless it has a rule of its own.
    const fn of_task(bound: TaskBound) -> Option<Self> {
        Some(match bound {
            TaskBound::Any => return None,
            TaskBound::Text(bound) => match bound {
                TextBound::OwnRule => return None,
                TextBound::Line(chars) | TextBound::Trimmed(chars) => Self::Line(chars),
                TextBound::Bytes(bytes) => Self::Text(bytes),
                TextBound::Branch(chars) => Self::Branch(chars),
            },
            TaskBound::Number(most) => Self::Range(0, most as u64),
            TaskBound::Tasks(entries) => Self::Tasks(entries),
            TaskBound::List(list) => Self::List(list.entries, list.entry.chars()),
        })
    }
}

/// Adds the bounds of all fields of requests.
pub(super) fn add(schemas: &mut Value, limits: &Limits) {
    for (schema, field, bound) in table(limits) {
        if let Some(property) = schemas[schema]["properties"].get_mut(field) {
            describe(property, bound);
        }
    }
    let paths = &mut schemas["NewLeases"]["properties"]["paths"];
    paths["minItems"] = json!(1);
    paths["items"]["pattern"] = json!(LINE);
    for (schema, field) in NOT_NULL {
        if let Some(property) = schemas[schema]["properties"].get_mut(field) {
            not_null(property);
        }
    }
    for (schema, field) in TASKS {
        if let Some(property) = schemas[schema]["properties"].get_mut(field) {
            also_a_number(property);
        }
    }
}

/// Fields of changes that cannot be cleared.
const NOT_NULL: [(&str, &str); 7] = [
    ("TaskPatch", "title"),
    ("TaskPatch", "status"),
    ("ProjectPatch", "name"),
    ("ProjectPatch", "max_agents"),
    ("ProjectPatch", "active"),
    ("AgentPatch", "status"),
    ("AgentPatch", "progress"),
];

/// Marks a field as not nullable. Parameters are texts, so they cannot be null either.
pub(super) fn not_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            schema["type"] = one.clone();
        }
    }
    let choices = schema.get("oneOf").and_then(Value::as_array);
    let choices = choices.into_iter().flatten();
    let choices: Vec<_> = choices.filter(|choice| choice["type"] != "null").collect();
    if let [one] = choices.as_slice() {
        *schema = (*one).clone();
    }
}

/// Fields of requests that name a task, or tasks.
const TASKS: [(&str, &str); 10] = [
    ("NewTask", "dependencies"),
    ("NewTask", "parent"),
    ("TaskPatch", "dependencies"),
    ("TaskPatch", "parent"),
    ("NewAgent", "task_id"),
    ("AgentPatch", "task_id"),
    ("NextRequest", "task"),
    ("NewLogLines", "task_id"),
    ("Notification", "task_id"),
    ("ImportedTask", "parent"),
];

/// Allows the task's number in a field that names a task.
fn also_a_number(property: &mut Value) {
    if let Some(items) = property.get_mut("items") {
        also_a_number(items);
        return;
    }
    let kinds = match property["type"].take() {
        Value::Array(kinds) => kinds,
        kind => vec![kind],
    };
    property["type"] = kinds.into_iter().chain([json!("integer")]).collect();
    property["minimum"] = json!(0);
}

fn describe(property: &mut Value, bound: Bound) {
    match bound {
        Bound::Line(most) => {
            property["minLength"] = json!(1);
            property["maxLength"] = json!(most);
            property["pattern"] = json!(LINE);
        }
        Bound::Name(most, pattern) => {
            property["minLength"] = json!(1);
            property["maxLength"] = json!(most);
            property["pattern"] = json!(pattern);
        }
        Bound::Text(most) => property["maxLength"] = json!(most),
        Bound::Words(most) => {
            property["minLength"] = json!(1);
            property["maxLength"] = json!(most);
            property["pattern"] = json!(r"[^\s]");
        }
        Bound::Branch(most) => {
            property["maxLength"] = json!(most);
            property["description"] =
                json!("A valid name of a git branch (`git check-ref-format --branch`)");
        }
        Bound::List(entries, chars) => {
            property["maxItems"] = json!(entries);
            property["items"]["maxLength"] = json!(chars);
        }
        Bound::Tasks(entries) => property["maxItems"] = json!(entries),
        Bound::Range(least, most) => {
            property["minimum"] = json!(least);
            property["maximum"] = json!(most);
        }
        Bound::Time => property["format"] = json!("date-time"),
    }
}

fn table(limits: &Limits) -> Vec<(&'static str, &'static str, Bound)> {
    let name = Bound::Line(limits.name_chars);
    let branch = Bound::Branch(limits.branch_chars);
    let project_text = Bound::Text(limits.project_text_bytes);
    let message = Bound::Text(limits.message_bytes);
    let id = Bound::Name(limits.name_chars, r"^[A-Za-z0-9_@][A-Za-z0-9_@.-]*$");
    let mut table = vec![
        (
            "NewProject",
            "id",
            Bound::Name(
                limits.project_id_chars,
                r"^[^\s\u0000-\u002c/\u003a-\u0040\u005b-\u005e`\u007b-\u00a9.][^\s\u0000-\u002c/\u003a-\u0040\u005b-\u005e`\u007b-\u00a9]*$",
            ),
        ),
        ("NewMessage", "from", name),
        ("NewMessage", "body", Bound::Words(limits.message_bytes)),
        ("NewComment", "body", Bound::Words(limits.comment_bytes)),
        (
            "NewAnswer",
            "text",
            Bound::Words(limits.question_answer_bytes),
        ),
        ("NewRun", "source", name),
        ("NewRun", "session", name),
        (
            "NewAgent",
            "id",
            Bound::Name(limits.name_chars, r"^[!-.0-~]([ -.0-~]*[!-.0-~])?$"),
        ),
        ("NewAgent", "description", message),
        ("NewAgent", "branch", branch),
        ("AgentPatch", "last_activity", message),
        ("AgentPatch", "reason", message),
        ("AgentPatch", "progress", Bound::Range(0, 100)),
        ("Heartbeat", "last_activity", message),
        ("NewWait", "until", Bound::Time),
        ("NewProject", "created_at", Bound::Time),
        ("NewWait", "text", Bound::Text(limits.question_bytes)),
        (
            "NewWait",
            "options",
            Bound::List(limits.question_options, limits.list_entry_chars),
        ),
        (
            "NewLeases",
            "paths",
            Bound::List(limits.list_entries, limits.list_entry_chars),
        ),
        (
            "NewLeases",
            "ttl_seconds",
            Bound::Range(1, limits.lease_ttl_seconds),
        ),
        (
            "Renewal",
            "ttl_seconds",
            Bound::Range(1, limits.lease_ttl_seconds),
        ),
        ("Notification", "title", name),
        ("Notification", "message", message),
        ("NewToken", "name", id),
        ("NewToken", "person", id),
        ("PersonPatch", "name", id),
        ("Mark", "key", Bound::Line(limits.mark_key_chars)),
        ("SocketCommand", "id", Bound::Line(limits.key_chars)),
        ("NewPlan", "plan", project_text),
        ("ImportedTask", "source", name),
    ];
    for schema in ["NewTask", "TaskPatch", "ImportedTask"] {
        let bounds = TaskBounds::new(limits);
        let bounds = bounds
            .named()
            .filter_map(|(field, bound)| Some((schema, field, Bound::of_task(bound)?)));
        table.extend(bounds);
    }
    for schema in ["NewProject", "ProjectPatch"] {
        table.extend([
            (schema, "name", name),
            (schema, "description", project_text),
            (schema, "project_overview", project_text),
            (schema, "initial_prompt", project_text),
            (schema, "plan", project_text),
            (
                schema,
                "max_agents",
                Bound::Range(0, limits.max_agents.into()),
            ),
            (schema, "main_branch", branch),
        ]);
    }
    table
}
