//! Frames of `board.v1`: handling of each client frame, and the notices about a stream.

mod command;
mod subscribe;

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::Value;
use tasktree_protocol::error::code;
use tasktree_protocol::frame::{CAP_BATCH, Hello, Ping, Pong, ServerFrame, Welcome};
use tasktree_protocol::{ClientFrame, StreamId, Timestamp, WireError};

use super::connection::{Connection, Mode};
use super::{Close, millis};
use crate::error::Error;
use crate::hub::{Encoded, PullOutcome, Subscription};

impl Connection {
    pub(super) async fn read_v1(&mut self, text: &str) -> Result<(), Close> {
        let frame = match serde_json::from_str::<ClientFrame>(text) {
            Ok(frame) => frame,
            Err(error) => {
                self.refuse_unreadable(text, &error);
                return Ok(());
            }
        };
        let greeted = matches!(self.mode, Mode::V1 { greeted: true, .. });
        match frame {
            ClientFrame::Hello(_) if greeted => {
                self.refuse(None, "sys.hello can be sent only once, as the first frame");
            }
            ClientFrame::Hello(hello) => self.hello(hello).await,
            _ if !greeted => {
                self.refuse(None, "the first frame of a connection must be sys.hello");
            }
            ClientFrame::Subscribe { id, subscribe } => {
                let answer = match self.subscribe(subscribe).await {
                    Ok(subscribed) => ServerFrame::Subscribed { id, subscribed },
                    Err(error) => ServerFrame::Error {
                        id: Some(id),
                        error,
                    },
                };
                self.answer(&answer);
            }
            ClientFrame::Unsubscribe { id, stream } => {
                self.unsubscribe(&stream);
                self.answer(&ServerFrame::Unsubscribed { id, stream });
            }
            ClientFrame::Ping(ping) => {
                let seen = self.tops();
                self.answer(&ServerFrame::Pong(Pong {
                    n: ping.n,
                    t: ping.t,
                    seen,
                }));
            }
            ClientFrame::Pong(pong) => {
                self.deadlines.pong();
                self.acknowledge(&pong.seen);
            }
            ClientFrame::Command { id, command } => {
                if let Err(wait) = self.command_rate.check() {
                    self.answer(&ServerFrame::Result(command::too_many(id, &command, wait)));
                    return Ok(());
                }
                let service = self.acting.clone();
                // Commands of one connection reach the store in order. The runtime's cooperative
                // budget would let a later one overtake an earlier one.
                let execution = tokio::task::unconstrained(command::execute(service, id, command));
                self.commands.push_back(Box::pin(execution));
            }
        }
        Ok(())
    }

    async fn hello(&mut self, hello: Hello) {
        self.deadlines.hello_by = None;
        self.mode = Mode::V1 {
            greeted: true,
            batch: hello.caps.iter().any(|cap| cap == CAP_BATCH),
        };
        let personal = self.guard.subscribe(&self.guard.personal_stream());
        self.subscriptions.push(Subscription::new(personal));
        let mut subs = Vec::with_capacity(hello.subs.len());
        let mut refused = Vec::new();
        for wanted in hello.subs {
            let stream = wanted.stream.clone();
            match self.subscribe(wanted).await {
                Ok(subscribed) => subs.push(subscribed),
                Err(error) => refused.push((stream, error)),
            }
        }
        let limits = &self.realtime.limits;
        let welcome = Welcome {
            session: self.guard.session().to_owned(),
            server_time: Timestamp::from_unix_millis(crate::service::system_millis()),
            ping_ms: millis(limits.ping_interval),
            pong_ms: millis(limits.pong_timeout),
            max_frame: limits.max_frame as u64,
            subs,
        };
        self.guard.call(&hello.client);
        self.publish_progress();
        tracing::info!(client = hello.client, "hello");
        self.answer(&ServerFrame::Welcome(welcome));
        for (stream, error) in refused {
            self.answer(&ServerFrame::Error {
                id: Some(stream.into()),
                error,
            });
        }
    }

    /// Records the positions that the client acknowledges.
    fn acknowledge(&self, seen: &BTreeMap<StreamId, u64>) {
        for subscription in &self.subscriptions {
            let news = seen
                .get(subscription.id())
                .and_then(|seq| subscription.progress().acknowledge(*seq));
            if let Some(committed) = news {
                self.realtime.metrics().acknowledged(committed.elapsed());
            }
        }
    }

    fn tops(&self) -> BTreeMap<StreamId, u64> {
        let placed = self.subscriptions.iter().filter(|one| one.is_placed());
        placed
            .map(|one| (one.id().clone(), one.stream().top().max(one.seq())))
            .collect()
    }

    pub(super) fn ping_v1(&mut self, number: u64) {
        let ping = Ping {
            n: number,
            t: crate::service::system_millis(),
            tops: self.tops(),
        };
        self.answer(&ServerFrame::Ping(ping));
    }

    pub(super) fn bye_v1(&mut self) {
        let latest = millis(self.realtime.limits.reconnect_window);
        self.answer(&ServerFrame::Bye {
            reconnect_in_ms: [0, latest],
            reason: "the server is shutting down".into(),
        });
    }

    /// Tells the client about a change of a subscription.
    pub(super) fn send_notice_v1(&mut self, index: usize, notice: PullOutcome) {
        let stream = self.subscriptions[index].id().clone();
        let frame = match notice {
            PullOutcome::Live(seq) => ServerFrame::Live { stream, seq },
            PullOutcome::Resync(position, why) => ServerFrame::Resync {
                stream,
                epoch: position.epoch,
                seq: position.seq,
                reason: why.into(),
            },
            PullOutcome::Missed => ServerFrame::Missed { stream },
            PullOutcome::Removed => ServerFrame::Error {
                id: Some(stream.clone().into()),
                error: Error::no_project(&stream).to_wire(),
            },
            PullOutcome::Nothing
            | PullOutcome::Events(_)
            | PullOutcome::Ephemeral(_)
            | PullOutcome::Behind => return,
        };
        self.answer(&frame);
    }

    fn refuse(&mut self, id: Option<String>, sentence: impl Into<String>) {
        let error = WireError::new(code::INVALID, sentence);
        self.answer(&ServerFrame::Error { id, error });
    }

    /// Refuses a frame that cannot be read, with the id of the request if it can be found.
    fn refuse_unreadable(&mut self, text: &str, error: &serde_json::Error) {
        let Ok(frame) = serde_json::from_str::<Value>(text) else {
            return self.refuse(None, format!("the frame is not valid JSON: {error}"));
        };
        let id = frame
            .pointer("/data/id")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let sentence = match frame.get("type").and_then(Value::as_str) {
            Some(kind) => format!("invalid frame of type {kind:?}: {error}"),
            None => "a frame must be a JSON object with a \"type\"".into(),
        };
        self.refuse(id, sentence);
    }
}

/// Returns several events in one frame, copied together from their encoded form.
pub(super) fn batch(events: &[Encoded]) -> Bytes {
    const HEAD: &[u8] = br#"{"type":"sys.batch","data":{"events":["#;
    const FOOT: &[u8] = b"]}}";
    let inside: usize = events.iter().map(|event| event.v1.len() + 1).sum();
    let mut frame = BytesMut::with_capacity(HEAD.len() + inside + FOOT.len());
    frame.put_slice(HEAD);
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            frame.put_u8(b',');
        }
        frame.put_slice(&event.v1);
    }
    frame.put_slice(FOOT);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use tasktree_protocol::frame::Incoming;

    use super::*;

    #[test]
    fn a_batch_reads_as_its_events() {
        let event = |seq| {
            Encoded {
            seq,
            v1: format!(r#"{{"type":"x","project_id":"p","data":{{}},"timestamp":"2026-01-01T00:00:00Z","seq":{seq}}}"#).into(),
            legacy: None,
            committed: None,
        }
        };
        let frame = batch(&[event(1), event(2), event(3)]);
        match Incoming::parse(std::str::from_utf8(&frame).unwrap()).unwrap() {
            Incoming::Control(ServerFrame::Batch { events }) => {
                assert_eq!(
                    events.iter().map(|event| event.seq).collect::<Vec<_>>(),
                    [Some(1), Some(2), Some(3)]
                );
            }
            other => panic!("{other:?}"),
        }
    }
}
