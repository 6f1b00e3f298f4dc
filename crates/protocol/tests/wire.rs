//! Everything that goes over the wire: what is written is read back, and whatever comes is read without harm.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tasktree_protocol::agent::{AgentMessage, FileLocks, Lease};
use tasktree_protocol::frame::{
    ClientFrame, Hello, Incoming, Ping, Pong, ServerFrame, Subscribe, Subscribed, Welcome,
};
use tasktree_protocol::{
    Agent, AgentStatus, Command, CommandResult, Cursor, Event, Maybe, Message, NewTask, Project,
    ProjectStats, Status, StreamId, Task, TaskCard, TaskPatch, Timestamp, WireError,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{1,8}",
        "\\PC{0,12}",
        Just("第一\n\u{1f600}\"\\".to_owned())
    ]
}

fn maybe_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 0..3)
}

fn moment() -> impl Strategy<Value = Timestamp> {
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

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::ALL.to_vec())
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..100, 0u64..1 << 53]
}

fn cursor() -> impl Strategy<Value = Option<Cursor>> {
    prop::option::of((text(), number()).prop_map(|(epoch, seq)| Cursor::new(epoch.into(), seq)))
}

fn value() -> BoxedStrategy<Value> {
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

fn task() -> BoxedStrategy<Task> {
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
                },
            )
    }
    .boxed()
}

fn texts_() -> impl Strategy<Value = Vec<String>> {
    texts()
}

fn patch() -> BoxedStrategy<TaskPatch> {
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

fn agent() -> BoxedStrategy<Agent> {
    {
        let status = prop::sample::select(vec![
            AgentStatus::Running,
            AgentStatus::Waiting,
            AgentStatus::Completed,
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
                },
            )
    }
    .boxed()
}

fn project() -> BoxedStrategy<Project> {
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
            },
        )
    }
    .boxed()
}

fn event() -> BoxedStrategy<Event> {
    {
    let known = (
        task(),
        agent(),
        project(),
        texts(),
        text(),
        number(),
        moment(),
    );
    let known = known.prop_flat_map(|(task, agent, project, lines, name, count, at)| {
        let card = serde_json::to_value(TaskCard::from(&task)).unwrap();
        let lease = Lease {
            id: count, agent: name.as_str().into(), path: name.clone(), exclusive: true, reason: None,
            granted_at: at, expires_at: at, conflicts: vec![name.as_str().into()],
        };
        let locks = FileLocks { locks: [(name.clone(), name.clone())].into(), leases: vec![lease] };
        let change = json!({"task_id": task.id, "status": task.status, "branch": name, "session": name, "agent": agent, "task": card});
        let data = |kind: &str| match kind {
            "task_created" | "task_updated" => card.clone(),
            "task_deleted" => json!({"task_id": task.id}),
            "tasks_reset" => json!({"reset_count": count, "killed_sessions": lines, "tasks": [card]}),
            "agent_status_update" => serde_json::to_value(&agent).unwrap(),
            "agent_messages" => json!({"agent": name, "pending_messages": count, "from": name, "preview": name}),
            "coordination_update" => json!({"active_agents": count, "agents": {name.clone(): {}}}),
            "file_locks_update" => serde_json::to_value(&locks).unwrap(),
            "plan_generated" => json!({"plan": name, "tasks_created": count}),
            "log" => json!({"agent": name, "level": "warning", "lines": lines}),
            "notification" => json!({"level": "error", "title": name, "message": name, "task_id": task.id}),
            "project_created" | "project_updated" => serde_json::to_value(&project).unwrap(),
            "project_deleted" => json!({"project_id": project.id, "cleanup_performed": false}),
            "project_reset" => json!({"message": name}),
            _ => change.clone(),
        };
        let events: Vec<Event> = Event::KINDS.iter().map(|kind| Event::from_parts(kind, data(kind))).collect();
        for event in &events {
            assert!(!matches!(event, Event::Unknown { .. }), "{event:?} should have a type of its own");
        }
        prop::sample::select(events)
    });
    let unknown = (text(), value())
        .prop_map(|(kind, data)| Event::from_parts(&format!("field_{kind}"), data));
    prop_oneof![4 => known, 1 => unknown]
    }
    .boxed()
}

fn message() -> BoxedStrategy<Message> {
    {
        let ids = (
            maybe_text(),
            maybe_text(),
            maybe_text(),
            maybe_text(),
            maybe_text(),
        );
        (event(), moment(), ids, cursor(), texts()).prop_map(
            |(event, at, (project, stream, id, actor, cause), cursor, changed)| {
                let mut message = Message::new(event, project.map(Into::into), at);
                message.stream = stream.map(Into::into);
                message.seq = cursor.as_ref().map(|cursor| cursor.seq);
                message.epoch = cursor.map(|cursor| cursor.epoch);
                (message.id, message.actor, message.cause, message.changed) =
                    (id, actor, cause, changed);
                message
            },
        )
    }
    .boxed()
}

fn command() -> BoxedStrategy<Command> {
    {
        let new = (text(), maybe_text(), texts(), status(), any::<u32>()).prop_map(
            |(title, text, lists, status, priority)| NewTask {
                title,
                description: text.clone(),
                prompt: text,
                status,
                owned_files: lists,
                priority,
                ..NewTask::default()
            },
        );
        (
            text(),
            text(),
            new,
            patch(),
            prop::option::of(number()),
            0..4,
        )
            .prop_map(|(project, task, new, patch, if_rev, which)| {
                let (project_id, task) = (project.into(), task.into());
                match which {
                    0 => Command::CreateTask {
                        project_id,
                        task: new,
                    },
                    1 => Command::UpdateTask {
                        project_id,
                        task,
                        patch,
                        if_rev,
                    },
                    2 => Command::DeleteTask { project_id, task },
                    _ => Command::RestoreTask { project_id, task },
                }
            })
    }
    .boxed()
}

fn error() -> BoxedStrategy<WireError> {
    {
        (
            text(),
            text(),
            any::<bool>(),
            prop::option::of(number()),
            prop::option::of(value()),
        )
            .prop_map(|(code, message, temporary, retry_ms, current)| WireError {
                temporary,
                retry_ms,
                // `null` says as much as nothing.
                current: current.filter(|value| !value.is_null()),
                ..WireError::new(&code, message)
            })
    }
    .boxed()
}

fn client_frame() -> BoxedStrategy<ClientFrame> {
    {
        let wanted = || {
            (text(), cursor()).prop_map(|(stream, cursor)| Subscribe {
                stream: stream.into(),
                cursor,
            })
        };
        prop_oneof![
            (
                text(),
                prop::collection::vec(wanted(), 0..3),
                texts(),
                maybe_text()
            )
                .prop_map(|(client, subs, caps, token)| ClientFrame::Hello(Hello {
                    client,
                    subs,
                    caps,
                    token
                })),
            (text(), wanted()).prop_map(|(id, subscribe)| ClientFrame::Subscribe { id, subscribe }),
            (text(), text()).prop_map(|(id, stream)| ClientFrame::Unsubscribe {
                id,
                stream: stream.into()
            }),
            (number(), any::<i64>(), text()).prop_map(|(n, t, stream)| ClientFrame::Ping(Ping {
                n,
                t,
                tops: [(stream.into(), n)].into()
            })),
            (number(), any::<i64>(), text()).prop_map(|(n, t, stream)| ClientFrame::Pong(Pong {
                n,
                t,
                seen: [(stream.into(), n)].into()
            })),
            (text(), command()).prop_map(|(id, command)| ClientFrame::Command { id, command }),
        ]
    }
    .boxed()
}

fn server_frame() -> BoxedStrategy<ServerFrame> {
    {
        let subscribed = || {
            (
                text(),
                text(),
                number(),
                any::<bool>(),
                prop::option::of(number()),
                maybe_text(),
            )
                .prop_map(|(stream, epoch, seq, recovered, replay, reason)| {
                    Subscribed {
                        stream: stream.into(),
                        epoch: epoch.into(),
                        seq,
                        recovered,
                        replay,
                        reason,
                    }
                })
        };
        let result = (text(), prop::option::of(error()), cursor(), maybe_text()).prop_map(
            |(id, error, cursor, stream)| CommandResult {
                id,
                ok: error.is_none(),
                result: error.is_none().then(|| json!({"a": 1})),
                error,
                stream: stream.map(Into::into),
                cursor,
            },
        );
        prop_oneof![
            (
                text(),
                moment(),
                number(),
                prop::collection::vec(subscribed(), 0..3)
            )
                .prop_map(|(session, server_time, ms, subs)| {
                    ServerFrame::Welcome(Welcome {
                        session,
                        server_time,
                        ping_ms: ms,
                        pong_ms: ms,
                        max_frame: ms,
                        subs,
                    })
                }),
            (text(), number()).prop_map(|(stream, seq)| ServerFrame::Live {
                stream: stream.into(),
                seq
            }),
            (text(), subscribed())
                .prop_map(|(id, subscribed)| ServerFrame::Subscribed { id, subscribed }),
            (text(), text()).prop_map(|(id, stream)| ServerFrame::Unsubscribed {
                id,
                stream: stream.into()
            }),
            (maybe_text(), error()).prop_map(|(id, error)| ServerFrame::Error { id, error }),
            prop::collection::vec(message(), 0..3).prop_map(|events| ServerFrame::Batch { events }),
            result.prop_map(ServerFrame::Result),
            (text(), text(), number(), text()).prop_map(|(stream, epoch, seq, reason)| {
                ServerFrame::Resync {
                    stream: stream.into(),
                    epoch: epoch.into(),
                    seq,
                    reason,
                }
            }),
            (number(), number(), text()).prop_map(|(from, to, reason)| ServerFrame::Bye {
                reconnect_in_ms: [from, to],
                reason
            }),
        ]
    }
    .boxed()
}

/// Written and read back it is the same, and so it is with a field that nobody knows.
fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
) -> Result<(), TestCaseError> {
    let text = serde_json::to_string(value).unwrap();
    let back: T = serde_json::from_str(&text)
        .map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    prop_assert_eq!(&back, value);
    let mut json: Value = serde_json::from_str(&text).unwrap();
    if let Value::Object(map) = &mut json {
        map.insert("a_field_of_the_future".into(), json!([1, {"x": null}]));
        if let Some(Value::Object(data)) = map.get_mut("data").filter(|_| text.contains("\"sys.")) {
            data.insert("another".into(), json!(1));
        }
    }
    let back: T = serde_json::from_value(json)
        .map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    prop_assert_eq!(&back, value);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn rows_are_read_back_as_they_were_written(
        task in task(), patch in patch(), agent in agent(), project in project(), command in command(), error in error(),
        count in number(), name in text(), at in moment(),
    ) {
        survives(&TaskCard::from(&task))?;
        survives(&task)?;
        survives(&patch)?;
        survives(&agent)?;
        survives(&project)?;
        survives(&command)?;
        survives(&error)?;
        survives(&at)?;
        survives(&ProjectStats { total_tasks: count, ..ProjectStats::default() })?;
        survives(&AgentMessage { id: count, from: name.clone(), to: name.as_str().into(), body: name, sent_at: at, read_at: Some(at) })?;
    }

    #[test]
    fn a_card_is_read_from_a_whole_task(task in task()) {
        let card: TaskCard = serde_json::from_value(serde_json::to_value(&task).unwrap()).unwrap();
        prop_assert_eq!(card, TaskCard::from(&task));
    }

    #[test]
    fn messages_are_read_back_as_they_were_written(message in message()) {
        survives(&message)?;
        let text = serde_json::to_string(&message).unwrap();
        prop_assert_eq!(Incoming::parse(&text), Ok(Incoming::Message(Box::new(message))));
    }

    #[test]
    fn an_unknown_type_keeps_its_data_as_it_came(kind in "[a-z_]{1,12}", data in value()) {
        let kind = format!("new_{kind}");
        let text = json!({"type": kind, "project_id": null, "data": data, "timestamp": "2026-11-22T23:00:00Z"}).to_string();
        let message: Message = serde_json::from_str(&text).unwrap();
        // `null` is read as no data.
        let data = if data.is_null() { json!({}) } else { data };
        prop_assert_eq!(message.event.data(), data);
        prop_assert_eq!(message.event.kind(), kind);
    }

    #[test]
    fn a_known_type_with_other_data_keeps_it_too(kind in prop::sample::select(Event::KINDS), data in value()) {
        let event = Event::from_parts(kind, data.clone());
        prop_assert_eq!(event.kind(), kind);
        if let Event::Unknown { data: kept, .. } = event {
            prop_assert_eq!(kept, data);
        }
    }

    #[test]
    fn control_frames_are_read_back_as_they_were_written(client in client_frame(), server in server_frame()) {
        survives(&client)?;
        survives(&server)?;
        let text = serde_json::to_string(&server).unwrap();
        prop_assert_eq!(Incoming::parse(&text), Ok(Incoming::Control(server)));
    }

    #[test]
    fn arbitrary_json_and_arbitrary_text_do_no_harm(value in value(), text in "\\PC{0,60}", frame in server_frame(), cut: prop::sample::Index) {
        for text in [value.to_string(), text] {
            let _ = Incoming::parse(&text);
            let _ = serde_json::from_str::<ClientFrame>(&text);
            let _ = serde_json::from_str::<Task>(&text);
            let _ = Timestamp::parse(&text);
        }
        let whole = serde_json::to_string(&frame).unwrap();
        let end = (0..=cut.index(whole.len())).rev().find(|end| whole.is_char_boundary(*end)).unwrap_or(0);
        prop_assert!(Incoming::parse(&whole[..end]).is_err());
    }

    #[test]
    fn a_wrong_type_anywhere_in_a_control_frame_makes_it_unknown_not_an_error(frame in server_frame(), data in value()) {
        let mut json = serde_json::to_value(&frame).unwrap();
        json["data"] = data;
        let read = Incoming::parse(&json.to_string());
        prop_assert!(matches!(read, Ok(Incoming::Control(_) | Incoming::UnknownControl { .. })), "{:?}", read);
    }
}

#[test]
fn ten_thousand_levels_are_an_error_not_a_crash() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let frame =
        format!("{{\"type\":\"x\",\"data\":{deep},\"timestamp\":\"2026-11-22T23:00:00Z\"}}");
    assert!(Incoming::parse(&frame).is_err());
    assert!(Incoming::parse(&frame.replace("\"x\"", "\"sys.x\"")).is_err());
}

#[test]
fn frames_of_an_older_backend_are_read() {
    let frames = [
        r#"{"type": "task_created", "project_id": "a", "data": {"id": "1-a", "task_id": 1, "title": "\u00dcber", "description": null, "prompt": null, "status": "unclaimed", "branch": "task-1", "session": null, "dependencies": [], "priority": 0, "owned_files": [], "shared_files": [], "creates_files": [], "merge_order": 0, "exclusive_files": [], "initialization_deps": [], "created_at": "2026-11-22 23:07:05.337429", "updated_at": "2026-11-22 23:07:05.337433", "completed_at": null, "merged_at": null}, "timestamp": "2026-11-22 23:07:05.337658"}"#,
        r#"{"type": "task_updated", "project_id": "a", "data": {"id": "second", "task_id": 2, "title": "t", "status": "up_next", "branch": null, "dependencies": null, "priority": -3, "updated_at": "2024-01-02 03:04:05+00:00"}, "timestamp": "2026-11-22 23:04:39.320565"}"#,
        r#"{"type": "task_merged", "project_id": "a", "data": {"task_id": "third", "branch": "task-33"}, "timestamp": "2026-11-22 23:04:43.225291"}"#,
        r#"{"type": "task_deleted", "project_id": "a", "data": {"task_id": "negative"}, "timestamp": "2026-11-22 23:04:43"}"#,
        r#"{"type": "tasks_reset", "project_id": "a", "data": {"reset_count": 3, "killed_sessions": ["1-a"]}, "timestamp": "2026-11-22 23:07:06.611933"}"#,
        r#"{"type": "project_created", "project_id": "a", "data": {"id": "a", "name": "A", "path": "/srv/a", "description": null, "project_overview": null, "initial_prompt": null, "plan": null, "max_agents": 5, "active": true, "created_at": "2026-11-22 23:07:05.213091", "updated_at": "2024-01-02 03:04:05", "git_remote": null, "is_git_repo": null}, "timestamp": "2026-11-22 23:07:05.213748"}"#,
        r#"{"type": "project_deleted", "project_id": "a", "data": {"project_id": "a", "cleanup_performed": false}, "timestamp": "2026-11-22 23:04:50.223938"}"#,
        r#"{"type": "project_reset", "project_id": "a", "data": {"message": "done"}, "timestamp": "2026-11-22 23:04:49.676060"}"#,
        r#"{"type": "plan_generated", "project_id": "a", "data": {"plan": "P", "tasks_created": 3}, "timestamp": "2026-11-22 23:07:25.903495"}"#,
        r#"{"type": "task_status_changed", "project_id": "a", "data": {"task_id": "first", "status": "up_next"}, "timestamp": "2026-11-22 23:52:38.587945"}"#,
        r#"{"type": "agent_spawned", "project_id": "a", "data": {"task_id": "first", "session": "1-a", "branch": "task-1"}, "timestamp": "2026-11-22 23:52:38.587966"}"#,
        r#"{"type": "coordination_update", "project_id": "a", "data": {"active_agents": 0, "agents": {}}, "timestamp": "2026-11-22 23:52:38.588047"}"#,
        r#"{"type": "file_locks_update", "project_id": "a", "data": {"locks": {}}, "timestamp": "2026-11-22 23:52:38.588061"}"#,
        r#"{"type": "agent_messages", "project_id": "a", "data": {"agent": "1-a", "pending_messages": 1}, "timestamp": "2026-11-22 23:52:38.588073"}"#,
    ];
    for frame in frames {
        let Ok(Incoming::Message(message)) = Incoming::parse(frame) else {
            panic!("{frame}")
        };
        assert!(!matches!(message.event, Event::Unknown { .. }), "{frame}");
        assert_eq!(message.stream(), StreamId::from("a"));
    }
    for frame in [
        r#"{"type": "git_initialized", "project_id": "g", "data": {"message": "m"}, "timestamp": "2026-11-22 23:04:47.832601"}"#,
        r#"{"type": "orchestrator_started", "project_id": null, "data": {"status": "running"}, "timestamp": "2026-11-22 23:52:38.587811"}"#,
        r#"{"type": "agent_spawn_failed", "project_id": "a", "data": {"task_id": "first", "error": "text"}, "timestamp": "2026-11-22 23:52:38.587984"}"#,
        r#"{"type": "task_updated", "project_id": "a", "data": {"id": "x", "status": "archived"}, "timestamp": "2026-11-22 23:52:38.587984", "changed": null}"#,
    ] {
        let Ok(Incoming::Message(message)) = Incoming::parse(frame) else {
            panic!("{frame}")
        };
        assert!(matches!(message.event, Event::Unknown { .. }), "{frame}");
    }
}

#[test]
fn both_forms_of_a_moment_are_read_and_only_the_one_without_a_zone_is_moved() {
    let zoned = Timestamp::parse("2026-11-22T23:00:00.123Z").unwrap();
    assert_eq!(zoned.unix_millis(480), 1_795_388_400_123);
    assert_eq!(
        Timestamp::parse("2026-11-23T07:00:00.123+08:00").unwrap(),
        zoned
    );
    assert_eq!(zoned.to_string(), "2026-11-22T23:00:00.123Z");
    let naive = Timestamp::parse("2026-11-23 07:00:00.123456").unwrap();
    assert_eq!(naive.unix_millis(480), 1_795_388_400_123);
    assert_eq!(naive.to_string(), "2026-11-23T07:00:00.123");
    for wrong in ["", "now", "2026-13-01T00:00:00Z", "1795388400"] {
        assert!(Timestamp::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_absent_field_of_a_patch_differs_from_null() {
    let patch: TaskPatch =
        serde_json::from_value(json!({"description": null, "title": "t"})).unwrap();
    assert_eq!(patch.description, Maybe::Null);
    assert_eq!(patch.title, Maybe::Value("t".into()));
    assert_eq!(patch.prompt, Maybe::Absent);
    assert_eq!(
        serde_json::to_value(&patch).unwrap(),
        json!({"description": null, "title": "t"})
    );
}
