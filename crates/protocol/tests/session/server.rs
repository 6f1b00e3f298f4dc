//! A server with one log per stream, and its connection.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::error::code;
use tasktree_protocol::event::TaskDeleted;
use tasktree_protocol::frame::{Ping, Pong, ServerFrame, Subscribe, Subscribed, Welcome, reason};
use tasktree_protocol::http::EventPage;
use tasktree_protocol::session::HttpFailure;
use tasktree_protocol::{
    ClientFrame, CommandResult, Cursor, Epoch, Event, Message, ProjectId, StreamId, TaskId,
    Timestamp, WireError,
};

/// Version and reachability of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Speaks `board.v1`.
    V1,
    /// An older server, which ignores the requested protocol and reads nothing.
    Old,
    /// Reachable over HTTP, but sockets to it do not open.
    Blocked,
    /// Unreachable.
    Away,
}

#[derive(Debug, Default)]
struct Log {
    life: u64,
    top: u64,
    /// First event that is still stored.
    first: u64,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) generation: u64,
    v1: bool,
    greeted: bool,
    subs: BTreeMap<StreamId, u64>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    logs: BTreeMap<StreamId, Log>,
    /// Error code for streams that the server does not have.
    pub(crate) refusal: String,
    pub(crate) connection: Option<Connection>,
    pub(crate) executed: BTreeMap<String, u32>,
    /// Frames for the client.
    pub(crate) outgoing: Vec<String>,
    pub(crate) hellos: Vec<Vec<Subscribe>>,
    pings: u64,
}

impl Server {
    pub(crate) fn new(streams: &[&str]) -> Self {
        Self {
            kind: Kind::V1,
            logs: streams
                .iter()
                .map(|name| (StreamId::from(*name), Log::default()))
                .collect(),
            refusal: "not_found".to_owned(),
            connection: None,
            executed: BTreeMap::new(),
            outgoing: Vec::new(),
            hellos: Vec::new(),
            pings: 0,
        }
    }

    pub(crate) fn position(&self, stream: &StreamId) -> Option<Cursor> {
        let log = self.logs.get(stream)?;
        Some(Cursor::new(Epoch::from(format!("e{}", log.life)), log.top))
    }

    pub(crate) fn accept(&mut self, generation: u64, v1: bool) {
        self.connection = Some(Connection {
            generation,
            v1,
            greeted: false,
            subs: BTreeMap::new(),
        });
    }

    pub(crate) fn append(&mut self, stream: &str) {
        let id = StreamId::from(stream);
        let log = self.logs.get_mut(&id).unwrap();
        log.top += 1;
        self.pump(&id);
    }

    pub(crate) fn reset(&mut self, stream: &str) {
        let id = StreamId::from(stream);
        let log = self.logs.get_mut(&id).unwrap();
        *log = Log {
            life: log.life + 1,
            ..Log::default()
        };
        let position = self.position(&id).unwrap();
        if let Some(sub) = self
            .connection
            .as_mut()
            .and_then(|link| link.subs.get_mut(&id))
        {
            *sub = 0;
            let Cursor { epoch, seq } = position;
            self.say(&ServerFrame::Resync {
                stream: id,
                epoch,
                seq,
                reason: reason::EPOCH.into(),
            });
        }
    }

    /// Takes the right to read a stream away: from now on it is refused.
    pub(crate) fn forbid(&mut self, stream: &str) {
        self.logs.remove(stream);
        code::FORBIDDEN.clone_into(&mut self.refusal);
    }

    pub(crate) fn trim(&mut self, stream: &str) {
        let log = self.logs.get_mut(stream).unwrap();
        log.first = log.top + 1;
    }

    pub(crate) fn ping(&mut self) {
        let Some(link) = self.connection.as_ref().filter(|link| link.greeted) else {
            return;
        };
        let tops = self.tops(link);
        self.pings += 1;
        self.say(&ServerFrame::Ping(Ping {
            n: self.pings,
            t: 0,
            tops,
        }));
    }

    fn tops(&self, link: &Connection) -> BTreeMap<StreamId, u64> {
        link.subs
            .keys()
            .map(|id| (id.clone(), self.logs[id].top))
            .collect()
    }

    pub(crate) fn say(&mut self, frame: &ServerFrame) {
        self.outgoing.push(serde_json::to_string(frame).unwrap());
    }

    pub(crate) fn read(&mut self, text: &str) {
        let frame: ClientFrame = serde_json::from_str(text).unwrap();
        if self.connection.as_ref().is_some_and(|link| !link.v1) {
            return;
        }
        let greeted = self.connection.as_ref().is_some_and(|link| link.greeted);
        match frame {
            // The network duplicated it.
            ClientFrame::Hello(_) if greeted => {}
            ClientFrame::Hello(hello) => {
                self.connection.as_mut().unwrap().greeted = true;
                self.hellos.push(hello.subs.clone());
                let subs: Vec<Subscribed> = hello
                    .subs
                    .iter()
                    .filter_map(|wanted| self.place(wanted))
                    .collect();
                let streams: Vec<StreamId> = subs.iter().map(|sub| sub.stream.clone()).collect();
                self.say(&ServerFrame::Welcome(Welcome {
                    session: "s".into(),
                    server_time: Timestamp::from_unix_millis(0),
                    ping_ms: 20_000,
                    pong_ms: 8_000,
                    max_frame: 65_536,
                    subs,
                }));
                let mut unknown = hello.subs;
                unknown.retain(|wanted| !self.logs.contains_key(&wanted.stream));
                for wanted in unknown {
                    let error = WireError::new(&self.refusal, "no such project");
                    self.say(&ServerFrame::Error {
                        id: Some(wanted.stream.into()),
                        error,
                    });
                }
                for stream in streams {
                    self.go_live(&stream);
                }
            }
            // A lost hello: the server still waits for one.
            _ if !greeted => {}
            ClientFrame::Subscribe { id, subscribe } => match self.place(&subscribe) {
                Some(subscribed) => {
                    self.say(&ServerFrame::Subscribed { id, subscribed });
                    self.go_live(&subscribe.stream);
                }
                None => {
                    let error = WireError::new(&self.refusal, "no such project");
                    self.say(&ServerFrame::Error {
                        id: Some(id),
                        error,
                    });
                }
            },
            ClientFrame::Unsubscribe { id, stream } => {
                self.connection.as_mut().unwrap().subs.remove(&stream);
                self.say(&ServerFrame::Unsubscribed { id, stream });
            }
            ClientFrame::Ping(ping) => {
                let seen = self.connection.as_ref().map(|link| self.tops(link));
                self.say(&ServerFrame::Pong(Pong {
                    n: ping.n,
                    t: ping.t,
                    seen: seen.unwrap_or_default(),
                }));
            }
            ClientFrame::Pong(_) => {}
            ClientFrame::Command { id, .. } => {
                let result = self.execute(&id);
                self.say(&ServerFrame::Result(result));
            }
        }
    }

    fn place(&mut self, wanted: &Subscribe) -> Option<Subscribed> {
        let position = self.position(&wanted.stream)?;
        let first = self.logs[&wanted.stream].first;
        let obstacle = match &wanted.cursor {
            None => Some(reason::NEW),
            Some(cursor) if cursor.epoch != position.epoch => Some(reason::EPOCH),
            Some(cursor) if cursor.seq > position.seq => Some(reason::FUTURE),
            Some(cursor) if cursor.seq + 1 < first => Some(reason::TRIMMED),
            Some(_) => None,
        };
        let start = match &wanted.cursor {
            Some(cursor) if obstacle.is_none() => cursor.seq,
            _ => position.seq,
        };
        self.connection
            .as_mut()?
            .subs
            .insert(wanted.stream.clone(), start);
        Some(Subscribed {
            stream: wanted.stream.clone(),
            epoch: position.epoch,
            seq: position.seq,
            recovered: obstacle.is_none(),
            replay: obstacle.is_none().then(|| position.seq - start),
            reason: obstacle.map(str::to_owned),
        })
    }

    fn go_live(&mut self, stream: &StreamId) {
        self.pump(stream);
        let seq = self.logs[stream].top;
        self.say(&ServerFrame::Live {
            stream: stream.clone(),
            seq,
        });
    }

    /// Sends the events that the connection has not received yet.
    fn pump(&mut self, stream: &StreamId) {
        let Some(position) = self.position(stream) else {
            return;
        };
        let Some(link) = &mut self.connection else {
            return;
        };
        if !link.v1 {
            let text = serde_json::to_string(&message(stream, None)).unwrap();
            return self.outgoing.push(text);
        }
        let Some(sub) = link.subs.get_mut(stream) else {
            return;
        };
        let from = std::mem::replace(sub, position.seq);
        for seq in from + 1..=position.seq {
            let cursor = Cursor::new(position.epoch.clone(), seq);
            self.outgoing
                .push(serde_json::to_string(&message(stream, Some(cursor))).unwrap());
        }
    }

    /// Returns the page of a log after a position, as HTTP does.
    pub(crate) fn page(&self, stream: &StreamId, after: u64) -> Result<EventPage, HttpFailure> {
        let Some(position) = self.position(stream) else {
            let error = WireError::new(&self.refusal, "no such project");
            return Err(HttpFailure::Refused(error.into()));
        };
        if after + 1 < self.logs[stream].first {
            return Err(HttpFailure::Trimmed);
        }
        let last = position.seq.min(after.saturating_add(20));
        let event = |seq| message(stream, Some(Cursor::new(position.epoch.clone(), seq)));
        Ok(EventPage {
            epoch: position.epoch.clone(),
            seq: position.seq,
            events: (after + 1..=last).map(event).collect(),
            more: last < position.seq,
        })
    }

    /// Executes a command that arrived over HTTP.
    pub(crate) fn execute(&mut self, id: &str) -> CommandResult {
        let new = !self.executed.contains_key(id);
        *self.executed.entry(id.to_owned()).or_default() += 1;
        if new {
            self.append("p");
        }
        let p = StreamId::from("p");
        CommandResult {
            id: id.to_owned(),
            ok: true,
            result: None,
            error: None,
            cursor: self.position(&p),
            stream: Some(p),
        }
    }

    pub(crate) fn streams(&self) -> BTreeSet<StreamId> {
        self.logs.keys().cloned().collect()
    }
}

/// Creates an event in the given stream.
pub(crate) fn message(stream: &StreamId, cursor: Option<Cursor>) -> Message {
    let seq = cursor.as_ref().map_or(0, |cursor| cursor.seq);
    let event = Event::TaskDeleted(TaskDeleted {
        task_id: TaskId::from(seq.to_string()),
    });
    let project = ProjectId::from(stream.as_str());
    let mut message = Message::new(event, Some(project), Timestamp::from_unix_millis(0));
    message.seq = cursor.as_ref().map(|cursor| cursor.seq);
    message.epoch = cursor.map(|cursor| cursor.epoch);
    message
}
