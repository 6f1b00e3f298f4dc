//! Generators of random messages, commands and frames.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use tasktree_protocol::agent::{FileLocks, Lease};
use tasktree_protocol::frame::{
    ClientFrame, Hello, Ping, Pong, ServerFrame, Subscribe, Subscribed, Welcome,
};
use tasktree_protocol::{
    Bound, Command, CommandResult, Event, Message, NewTask, TaskCard, WireError,
};

use crate::generate::{
    agent, cursor, maybe_text, moment, number, patch, project, status, task, text, texts, value,
};

/// Returns the number of objects in a JSON value that satisfy a condition.
fn objects(value: &Value, is_counted: fn(&Map<String, Value>) -> bool) -> usize {
    match value {
        Value::Object(object) => {
            let inner: usize = object
                .values()
                .map(|value| objects(value, is_counted))
                .sum();
            inner + usize::from(is_counted(object))
        }
        Value::Array(values) => values.iter().map(|value| objects(value, is_counted)).sum(),
        _ => 0,
    }
}

fn is_card(object: &Map<String, Value>) -> bool {
    ["task_id", "title", "updated_at"]
        .iter()
        .all(|name| object.contains_key(*name))
}

fn is_agent(object: &Map<String, Value>) -> bool {
    ["session_name", "progress"]
        .iter()
        .all(|name| object.contains_key(*name))
}

pub(crate) fn event() -> BoxedStrategy<Event> {
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
            soft: false,
            run: None,
        };
        let locks = FileLocks { locks: [(name.clone(), name.clone())].into(), leases: vec![lease] };
        let change = json!({"task_id": task.id, "status": task.status, "branch": name, "session": name, "agent": agent, "task": card});
        let data = |kind: &str| match kind {
            "task_created" | "task_updated" => card.clone(),
            "task_deleted" => json!({"task_id": task.id}),
            "tasks_reset" => json!({"reset_count": count, "killed_sessions": lines, "tasks": [card]}),
            "agent_status_update" => serde_json::to_value(&agent).unwrap(),
            "agent_removed" => json!({"id": name}),
            "agent_messages" => json!({"agent": name, "pending_messages": count, "from": name, "message": count}),
            "question_asked" | "question_closed" => json!({"id": count, "agent": name, "task_id": task.id}),
            "question_answered" | "answer_delivered" => json!({"id": count, "agent": name, "task_id": task.id, "answer": count}),
            "attention_changed" => json!({"opened": [{"id": count, "project": project.id, "kind": "failed", "text": name, "since": project.created_at, "answerable": false, "answered": false}], "closed": [count]}),
            "attention_marked" => json!({"person": name, "project": project.id, "id": count, "seen": true, "done": false, "snoozed_until": null}),
            "comments_changed" => json!({"task_id": task.id, "id": count, "comments": count}),
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
        let events: Vec<Event> = Event::KINDS.iter().map(|kind| Event::from_json(kind, &data(kind).to_string()).unwrap()).collect();
        for event in &events {
            assert!(!matches!(event, Event::Unknown { .. }), "{event:?} needs data of its type above");
            let data = event.data();
            let place = "the arm of its variant is missing in crates/protocol/src/event.rs";
            assert_eq!(event.rows().len(), objects(&data, is_card), "Event::rows of {}: {place}", event.kind());
            assert_eq!(event.agent().iter().count(), objects(&data, is_agent), "Event::agent of {}: {place}", event.kind());
        }
        prop::sample::select(events)
    });
    let unknown = (text(), value())
        .prop_map(|(kind, data)| Event::from_json(&format!("field_{kind}"), &data.to_string()).unwrap());
    prop_oneof![4 => known, 1 => unknown]
    }
    .boxed()
}

pub(crate) fn message() -> BoxedStrategy<Message> {
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

pub(crate) fn command() -> BoxedStrategy<Command> {
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
                let bound = if_rev.map(|rev| Bound {
                    epoch: (rev % 2 == 0).then(|| "e1".into()),
                    caller: (rev % 3 == 0).then(|| "c1".to_owned()),
                });
                match which {
                    0 => Command::CreateTask {
                        project_id,
                        task: new,
                        bound,
                    },
                    1 => Command::UpdateTask {
                        project_id,
                        task,
                        patch,
                        if_rev,
                        take: if_rev.map(|_| "ada".into()),
                        bound,
                    },
                    2 => Command::DeleteTask {
                        project_id,
                        task,
                        bound,
                    },
                    _ => Command::RestoreTask {
                        project_id,
                        task,
                        bound,
                    },
                }
            })
    }
    .boxed()
}

pub(crate) fn error() -> BoxedStrategy<WireError> {
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
                // `null` is equivalent to an absent value.
                current: current.filter(|value| !value.is_null()),
                ..WireError::new(&code, message)
            })
    }
    .boxed()
}

pub(crate) fn client_frame() -> BoxedStrategy<ClientFrame> {
    {
        let wanted = || {
            (text(), cursor()).prop_map(|(stream, cursor)| Subscribe {
                stream: stream.into(),
                cursor,
            })
        };
        prop_oneof![
            (text(), prop::collection::vec(wanted(), 0..3), texts())
                .prop_map(|(client, subs, caps)| ClientFrame::Hello(Hello { client, subs, caps })),
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

pub(crate) fn server_frame() -> BoxedStrategy<ServerFrame> {
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
            (number(), any::<i64>(), text()).prop_map(|(n, t, stream)| ServerFrame::Ping(Ping {
                n,
                t,
                tops: [(stream.into(), n)].into()
            })),
            (number(), any::<i64>(), text()).prop_map(|(n, t, stream)| ServerFrame::Pong(Pong {
                n,
                t,
                seen: [(stream.into(), n)].into()
            })),
            (text(), text(), number(), text()).prop_map(|(stream, epoch, seq, reason)| {
                ServerFrame::Resync {
                    stream: stream.into(),
                    epoch: epoch.into(),
                    seq,
                    reason,
                }
            }),
            text().prop_map(|stream| ServerFrame::Missed {
                stream: stream.into()
            }),
            (number(), number(), text()).prop_map(|(from, to, reason)| ServerFrame::Bye {
                reconnect_in_ms: [from, to],
                reason
            }),
        ]
    }
    .boxed()
}

/// Returns a number for each variant. A new one does not compile without a number here, and needs
/// an entry in [`server_frame`].
const fn number_of(frame: &ServerFrame) -> usize {
    match frame {
        ServerFrame::Welcome(_) => 0,
        ServerFrame::Live { .. } => 1,
        ServerFrame::Subscribed { .. } => 2,
        ServerFrame::Unsubscribed { .. } => 3,
        ServerFrame::Error { .. } => 4,
        ServerFrame::Batch { .. } => 5,
        ServerFrame::Ping(_) => 6,
        ServerFrame::Pong(_) => 7,
        ServerFrame::Result(_) => 8,
        ServerFrame::Resync { .. } => 9,
        ServerFrame::Missed { .. } => 10,
        ServerFrame::Bye { .. } => 11,
    }
}

/// Returns the same for the frames of clients; a new one needs an entry in [`client_frame`].
const fn number_of_client(frame: &ClientFrame) -> usize {
    match frame {
        ClientFrame::Hello(_) => 0,
        ClientFrame::Subscribe { .. } => 1,
        ClientFrame::Unsubscribe { .. } => 2,
        ClientFrame::Ping(_) => 3,
        ClientFrame::Pong(_) => 4,
        ClientFrame::Command { .. } => 5,
    }
}

#[test]
fn every_control_frame_is_among_those_that_are_written_and_read_back() {
    let (mut server, mut client) = ([false; 12], [false; 6]);
    let mut runner = TestRunner::deterministic();
    for _ in 0..500 {
        let frame = server_frame().new_tree(&mut runner).unwrap().current();
        server[number_of(&frame)] = true;
        let frame = client_frame().new_tree(&mut runner).unwrap().current();
        client[number_of_client(&frame)] = true;
    }
    assert_eq!((server, client), ([true; 12], [true; 6]));
}
