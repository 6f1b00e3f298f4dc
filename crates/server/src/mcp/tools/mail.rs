//! `board_send` and `board_inbox`.

use serde_json::{Value, json};
use tasktree_protocol::{AgentId, ProjectId};

use super::rows;
use crate::domain::{AgentPatch, NewMessage};
use crate::mcp::arguments::{Arguments, Outcome};
use crate::mcp::budget::{ANSWER_BYTES, size};
use crate::mcp::caller::Caller;

/// Number of messages unless the call says otherwise.
const DEFAULT_MESSAGES: usize = 20;

/// Largest number of messages.
const MAX_MESSAGES: usize = 100;

/// Room for the members beside the messages, in bytes.
const FRAME_BYTES: usize = 200;

/// Sends a message to an agent.
pub(super) async fn send(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let to: String = arguments.required("to")?;
    let body = arguments.required("body")?;
    arguments.finish()?;
    let project = caller.project().await?;
    let agent = caller.agent(&project).await?;
    let message = NewMessage {
        from: agent.to_string(),
        body,
    };
    let context = Caller::context(&agent);
    let sent = caller
        .service
        .send_message(context, &project, &AgentId::from(to), message)
        .await?
        .value;
    Ok(json!({"id": sent.id, "to": sent.to}))
}

/// Returns messages and answers that the agent has not read.
pub(super) async fn inbox(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let limit = arguments.optional("limit")?.unwrap_or(DEFAULT_MESSAGES);
    let marks = arguments.optional("mark_read")?.unwrap_or(true);
    let full = arguments.optional("full")?.unwrap_or(false);
    arguments.finish()?;
    let project = caller.project().await?;
    let agent = caller.agent(&project).await?;
    let mut mail = Mail {
        room: match full {
            true => usize::MAX,
            false => ANSWER_BYTES - FRAME_BYTES,
        },
        more: false,
    };
    let answers = answers(caller, &project, &agent, &mut mail, marks).await?;
    let unread = caller.service.messages(&project, &agent, true).await?.value;
    let mut shown = Vec::new();
    let mut last = None;
    let newest = limit.clamp(1, MAX_MESSAGES);
    for message in &unread {
        let row = json!({
            "id": message.id,
            "from": message.from,
            "at": message.sent_at,
            "body": message.body,
        });
        if shown.len() == newest || !mail.takes(&row) {
            break;
        }
        shown.push(row);
        last = Some(message.id);
    }
    if let Some(last) = last.filter(|_| marks) {
        let context = Caller::context(&agent);
        caller
            .service
            .mark_read(context, &project, &agent, last)
            .await?;
    }
    let left = unread.len() - shown.len();
    let mut answer = rows::members([("answers", json!(answers)), ("more", json!(left))]);
    answer["messages"] = json!(shown);
    if mail.more && shown.is_empty() {
        answer["hint"] = json!("The next text is long: call board_inbox with full=true.");
    }
    Ok(answer)
}

/// Returns the answers of people that fit, and marks them as read.
async fn answers(
    caller: &Caller,
    project: &ProjectId,
    agent: &AgentId,
    mail: &mut Mail,
    marks: bool,
) -> Outcome<Vec<Value>> {
    // They come with every sign of life.
    let sign = AgentPatch::default();
    let told = caller.report(project, agent, sign).await?.value;
    let rows = rows::answers(&told.answers);
    let fitting: Vec<Value> = rows.into_iter().take_while(|row| mail.takes(row)).collect();
    let last = told.answers.iter().take(fitting.len()).map(|one| one.id);
    if let Some(last) = last.max().filter(|_| marks) {
        let context = Caller::context(agent);
        caller
            .service
            .mark_answers_read(context, project, agent, last)
            .await?;
    }
    Ok(fitting)
}

/// Room in an answer for whole texts: what is marked as read was shown in full.
#[derive(Debug)]
struct Mail {
    room: usize,
    more: bool,
}

impl Mail {
    fn takes(&mut self, row: &Value) -> bool {
        let left = self.room.checked_sub(size(row) + 1).filter(|_| !self.more);
        match left {
            Some(left) => self.room = left,
            None => self.more = true,
        }
        left.is_some()
    }
}
