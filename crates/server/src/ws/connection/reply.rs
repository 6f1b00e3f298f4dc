//! Replies to commands. A small reply waits in the outbox. Of a large one, only the id of its row
//! waits there; the row is read when the client has read everything before it, and memory is
//! available.

use bytes::Bytes;
use futures_util::future::{BoxFuture, pending};
use tasktree_protocol::frame::ServerFrame;
use tasktree_protocol::{CommandResult, ProjectId};

use super::Connection;
use crate::buffers::{Reservation, SMALL, Share};
use crate::error::Result;
use crate::service::Service;

/// Memory reserved before a row is read, in bytes: more than a task has with ordinary texts at
/// their limits. A row that turns out to be larger waits again.
const ROW: usize = 1 << 20;

/// Size at which a reply without its row is counted, in bytes.
const WITHOUT_ROW: usize = 1024;

/// Reply to a command.
#[derive(Debug)]
pub(in crate::ws) enum Reply {
    /// Encoded reply of at most [`SMALL`] bytes, or without a row.
    Frame(Bytes),
    /// Reply to be completed with the task of its number.
    Row(Box<RowReply>),
}

/// Large reply without its row.
#[derive(Debug)]
pub(in crate::ws) struct RowReply {
    project: ProjectId,
    number: u64,
    result: CommandResult,
}

impl Reply {
    /// Encodes a result, or removes its row if it is large.
    pub(in crate::ws) fn of(project: ProjectId, mut result: CommandResult) -> Self {
        let number = result
            .result
            .as_ref()
            .and_then(|row| row.get("task_id")?.as_u64());
        let frame = ServerFrame::Result(result);
        let bytes = encoded(&frame);
        match (frame, number) {
            (ServerFrame::Result(whole), Some(number)) if bytes.len() > SMALL => {
                result = whole;
                result.result = None;
                Self::Row(Box::new(RowReply {
                    project,
                    number,
                    result,
                }))
            }
            _ => Self::Frame(bytes),
        }
    }
}

impl Reply {
    /// Returns the size at which the reply is counted while it waits, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.len(),
            Self::Row(_) => WITHOUT_ROW,
        }
    }
}

fn encoded(frame: &ServerFrame) -> Bytes {
    match serde_json::to_vec(frame) {
        Ok(bytes) => bytes.into(),
        Err(error) => {
            tracing::error!(%error, "cannot encode a frame");
            Bytes::new()
        }
    }
}

impl RowReply {
    /// Reads the current row once memory is available. If it can no longer be read, the result says
    /// only that the command was executed.
    pub(super) async fn complete(
        mut self,
        service: Service,
        share: Share,
    ) -> Result<(Bytes, Reservation)> {
        let room = share.wait_for(ROW).await?;
        let row = service.written_task(&self.project, self.number).await;
        self.result.result = row.ok().and_then(|task| serde_json::to_value(task).ok());
        let frame = encoded(&ServerFrame::Result(self.result));
        if frame.len() <= ROW {
            return Ok((frame, room));
        }
        drop(room);
        let room = share.wait_for(frame.len()).await?;
        Ok((frame, room))
    }
}

/// Row that is being read.
pub(super) type Reading = BoxFuture<'static, Result<(Bytes, Reservation)>>;

/// Waits for the row. Never completes if none is being read.
pub(super) async fn next(reading: &mut Option<Reading>) -> Result<(Bytes, Reservation)> {
    match reading {
        Some(reading) => reading.await,
        None => pending().await,
    }
}

impl Connection {
    /// Sends a reply with its row. Its memory stays reserved until everything is written.
    pub(super) fn take_row(&mut self, read: Result<(Bytes, Reservation)>) {
        self.row = None;
        match read {
            Ok((frame, room)) => {
                self.written_room = Some(room);
                self.send(frame);
            }
            Err(error) => tracing::debug!(%error, "cannot read a row for a reply"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn result(row: serde_json::Value) -> CommandResult {
        CommandResult {
            id: "c1".to_owned(),
            ok: true,
            result: Some(row),
            error: None,
            stream: Some("alpha".into()),
            cursor: None,
        }
    }

    #[test]
    fn of_a_large_result_only_the_name_of_its_row_waits() {
        let of = |prompt: usize| {
            let row = json!({"task_id": 7, "prompt": "x".repeat(prompt)});
            Reply::of("alpha".into(), result(row))
        };
        assert!(matches!(of(1000), Reply::Frame(_)));
        let large = of(SMALL);
        assert_eq!(large.size(), WITHOUT_ROW);
        let Reply::Row(reply) = large else {
            panic!("{large:?}")
        };
        assert_eq!((reply.number, reply.result.result), (7, None));
    }
}
