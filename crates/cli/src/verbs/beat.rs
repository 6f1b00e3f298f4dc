//! `tasktree beat`: a heartbeat, which also says what waits for the agent.

use clap::Args;
use serde_json::{Map, json};
use tasktree_protocol::http::paths;
use ureq::http::Method;

use super::Verb;
use super::message::unread;
use crate::claim;
use crate::client::Call;
use crate::context::Context;
use crate::failure::Result;
use crate::output::{Form, Report};
use crate::report::{self, answers_of, paragraphs, text_or_input};

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Beat {
    /// Activity for people to read; `-` reads standard input.
    #[arg(value_name = "NOTE")]
    note: Option<String>,
    /// Progress of the task that you hold, in percent.
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    progress: Option<u8>,
}

impl Verb for Beat {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let mut fields = Map::new();
        if let Some(note) = &self.note {
            fields.insert("last_activity".to_owned(), json!(text_or_input(note)?));
        }
        let claim = match self.progress {
            Some(progress) => {
                fields.insert("progress".to_owned(), json!(progress));
                Some(claim::find(context, None)?)
            }
            None => claim::current(context)?,
        };
        let answer = match &claim {
            Some(claim) => report::send(context, claim, json!(fields))?,
            None => {
                let path = paths::heartbeat(context.project()?, context.agent()?);
                context.as_agent(|| Call::new(Method::POST, &path).json(&fields))?
            }
        };
        let agent = answer.json()?;
        let (answers, answered) = answers_of(&agent);
        let unread = unread(context)?.len();
        let mut note = format!("{unread} unread messages");
        if unread > 0 {
            note.push_str(": `tasktree inbox`");
        }
        let data = json!({"agent": agent, "unread": unread, "answers": answers});
        Ok(Some(Report::new(data, paragraphs(&[answered, note]))))
    }
}
