//! Generators of random values and rows.

use proptest::prelude::*;
use serde_json::{Map, Value};
use tasktree_protocol::agent::{WaitKind, WaitingFor};
use tasktree_protocol::task::{Evidence, OnHold, Verdict};
use tasktree_protocol::{
    Agent, AgentStatus, Cursor, Maybe, Project, Status, Task, TaskPatch, Timestamp,
};

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{1,8}",
        "\\PC{0,12}",
        Just("第一\n\u{1f600}\"\\".to_owned())
    ]
}

pub(crate) fn maybe_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

pub(crate) fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 0..3)
}

pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        any::<i64>().prop_map(Timestamp::from_unix_millis),
        (0i64..4_000_000_000_000).prop_map(Timestamp::from_unix_millis),
        (
            1970..2100,
            1..=12,
            1..=28,
            0..24,
            0..60,
            0..60,
            0..1_000_000
        )
            .prop_map(|(y, mo, d, h, mi, s, us)| {
                Timestamp::parse(&format!(
                    "{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}.{us:06}"
                ))
                .unwrap()
            }),
    ]
}

pub(crate) fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::ALL.to_vec())
}

pub(crate) fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..100, 0u64..1 << 53]
}

pub(crate) fn cursor() -> impl Strategy<Value = Option<Cursor>> {
    prop::option::of((text(), number()).prop_map(|(epoch, seq)| Cursor::new(epoch.into(), seq)))
}

pub(crate) fn value() -> BoxedStrategy<Value> {
    {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<i32>().prop_map(|half| Value::from(f64::from(half) / 2.0)),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let key = prop_oneof![
                prop::sample::select(vec![
                    "type",
                    "project_id",
                    "data",
                    "timestamp",
                    "seq",
                    "epoch",
                    "stream",
                    "id",
                    "events",
                    "task",
                    "status",
                    "subs",
                    "op",
                    "args",
                    "changed",
                    "tops",
                    "lines",
                    "error",
                    "rev",
                    "task_id",
                ])
                .prop_map(str::to_owned),
                text(),
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..5)
                    .prop_map(|pairs| pairs.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }
    .boxed()
}

pub(crate) fn task() -> BoxedStrategy<Task> {
    {
        let texts = (text(), maybe_text(), maybe_text(), maybe_text(), text());
        let lists = (texts_(), texts_(), texts_(), texts_(), texts_());
        let times = (
            moment(),
            moment(),
            prop::option::of(moment()),
            prop::option::of(moment()),
            prop::option::of(moment()),
        );
        (
            texts,
            lists,
            times,
            status(),
            number(),
            any::<u32>(),
            any::<i64>(),
        )
            .prop_map(
                |(
                    (title, description, prompt, session, branch),
                    lists,
                    times,
                    status,
                    number,
                    priority,
                    merge_order,
                )| Task {
                    id: format!("{number}-p").into(),
                    number,
                    title,
                    description,
                    prompt,
                    status,
                    branch,
                    session,
                    dependencies: lists.0.iter().map(|id| id.as_str().into()).collect(),
                    priority,
                    owned_files: lists.1,
                    shared_files: lists.2,
                    creates_files: lists.3,
                    merge_order,
                    exclusive_files: lists.4.clone(),
                    initialization_deps: lists.4,
                    created_at: times.0,
                    updated_at: times.1,
                    completed_at: times.2,
                    merged_at: times.3,
                    rev: number,
                    status_changed_at: times.4,
                    blocked_by: Vec::new(),
                    holder: (number % 2 == 0).then(|| "ada".into()),
                    generation: number % 7,
                    on_hold: (number % 3 == 0).then(|| OnHold {
                        reason: "later".to_owned(),
                        since: times.0,
                    }),
                    parent: (number % 5 == 0).then(|| "7-p".into()),
                    evidence: (number % 4 == 0).then(|| Evidence {
                        commit: Some("0123abc".to_owned()),
                        findings: vec!["Commit 0123abc exists.".to_owned()],
                        ..Evidence::default()
                    }),
                    verdict: (number % 4 == 0).then_some(Verdict::Stated),
                    merge_commit: (priority % 2 == 0).then(|| format!("{number:040x}")),
                    assignee: (priority % 3 == 0).then(|| format!("{number:032x}")),
                    labels: (0..number % 3).map(|it| format!("label {it}")).collect(),
                },
            )
    }
    .boxed()
}

pub(crate) fn texts_() -> impl Strategy<Value = Vec<String>> {
    texts()
}

pub(crate) fn patch() -> BoxedStrategy<TaskPatch> {
    {
        let field = || {
            prop_oneof![
                Just(Maybe::Absent),
                Just(Maybe::Null),
                text().prop_map(Maybe::Value)
            ]
        };
        (
            field(),
            field(),
            field(),
            prop::option::of(status()),
            prop::option::of(any::<u32>()),
        )
            .prop_map(
                |(title, description, session, status, priority)| TaskPatch {
                    title,
                    description,
                    session,
                    status: status.map_or(Maybe::Absent, Maybe::Value),
                    priority: priority.map_or(Maybe::Absent, Maybe::Value),
                    ..TaskPatch::default()
                },
            )
    }
    .boxed()
}

pub(crate) fn agent() -> BoxedStrategy<Agent> {
    {
        let status = prop::sample::select(vec![
            AgentStatus::Working,
            AgentStatus::Idle,
            AgentStatus::Waiting,
            AgentStatus::Done,
            AgentStatus::Failed,
        ]);
        (
            text(),
            text(),
            maybe_text(),
            status,
            any::<u8>(),
            moment(),
            any::<bool>(),
        )
            .prop_map(
                |(id, task, activity, status, progress, started_at, is_alive)| Agent {
                    id: id.as_str().into(),
                    session_name: id,
                    task_id: task.clone(),
                    task_title: task.clone(),
                    branch: task,
                    status,
                    progress,
                    started_at,
                    logs: Vec::new(),
                    last_activity: activity.clone(),
                    output_preview: activity.clone(),
                    description: activity,
                    last_heartbeat: is_alive.then_some(started_at),
                    is_alive,
                    generation: is_alive.then_some(u64::from(progress)),
                    waiting_for: is_alive.then(|| WaitingFor {
                        options: Vec::new(),
                        kind: WaitKind::ALL[usize::from(progress) % WaitKind::ALL.len()],
                        text: "?".to_owned(),
                        since: started_at,
                        until: (progress > 50).then_some(started_at),
                        request: (progress > 90).then(|| "7".to_owned()),
                        in_terminal: progress > 70,
                    }),
                    progressed_at: is_alive.then_some(started_at),
                    reason: (progress > 99).then(|| "why".to_owned()),
                    run: None,
                    children: progress.into(),
                },
            )
    }
    .boxed()
}

pub(crate) fn project() -> BoxedStrategy<Project> {
    {
        (text(), maybe_text(), any::<u32>(), any::<bool>(), moment()).prop_map(
            |(name, text, max_agents, active, at)| Project {
                id: name.as_str().into(),
                path: name.clone(),
                name,
                description: text.clone(),
                project_overview: text.clone(),
                initial_prompt: text.clone(),
                plan: text.clone(),
                max_agents,
                active,
                created_at: at,
                updated_at: at,
                git_remote: text,
                is_git_repo: active.then_some(active),
                demo: active,
                main_branch: active.then(|| "main".to_owned()),
            },
        )
    }
    .boxed()
}
