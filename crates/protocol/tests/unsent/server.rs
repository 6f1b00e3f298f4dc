//! A model of the server: rows with versions, answers that it remembers, and the life of its store.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tasktree_protocol::error::code;
use tasktree_protocol::{Command, TaskId, WireError};

/// As the server's `COMMAND_ANSWER_MS`.
const REMEMBERED_MS: i64 = 5 * 60 * 1_000;

type Answer = Result<Option<u64>, WireError>;

/// An effect: of which command id, in which life of the store, by which credential.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) id: String,
    pub(crate) epoch: u32,
    pub(crate) credential: String,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) epoch: u32,
    rows: BTreeMap<TaskId, (u64, Value)>,
    answers: BTreeMap<(String, String), (i64, Value, Answer)>,
    pub(crate) effects: Vec<Effect>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let mut server = Self {
            epoch: 0,
            rows: BTreeMap::new(),
            answers: BTreeMap::new(),
            effects: Vec::new(),
        };
        server.replace();
        server
    }

    /// Another database, with tasks of the same numbers in the same versions.
    pub(crate) fn replace(&mut self) {
        self.epoch += 1;
        self.answers.clear();
        self.rows = (0..3)
            .map(|number| (task(number), (1, json!({ "title": "theirs" }))))
            .collect();
    }

    pub(crate) fn rev(&self, number: u64) -> Option<u64> {
        self.rows.get(&task(number)).map(|(rev, _)| *rev)
    }

    /// Somebody else changes a row.
    pub(crate) fn edit(&mut self, number: u64) {
        if let Some((rev, row)) = self.rows.get_mut(&task(number)) {
            *rev += 1;
            *row = json!({ "title": format!("theirs {rev}") });
        }
    }

    pub(crate) fn execute(
        &mut self,
        credential: &str,
        id: &str,
        command: &Command,
        now: i64,
    ) -> Answer {
        let bound = command.bound().cloned().unwrap_or_default();
        if bound.caller.is_some_and(|caller| caller != credential) {
            return Err(WireError::new(code::OTHER_CALLER, "Somebody else."));
        }
        let key = (credential.to_owned(), id.to_owned());
        let json = serde_json::to_value(command).unwrap();
        if let Some((at, kept, answer)) = self.answers.get(&key)
            && now - at < REMEMBERED_MS
        {
            if *kept == json {
                return answer.clone();
            }
            return Err(WireError::new(code::INVALID, "The id was used before."));
        }
        if bound
            .epoch
            .is_some_and(|epoch| epoch != epoch_name(self.epoch).as_str().into())
        {
            return Err(WireError::new(code::REPLACED, "Replaced."));
        }
        let rev = self.perform(command)?;
        self.effects.push(Effect {
            id: id.to_owned(),
            epoch: self.epoch,
            credential: credential.to_owned(),
        });
        self.answers.insert(key, (now, json, Ok(rev)));
        Ok(rev)
    }

    fn perform(&mut self, command: &Command) -> Answer {
        let missing = || WireError::new(code::NOT_FOUND, "No such task.");
        match command {
            Command::CreateTask { .. } => Ok(Some(1)),
            Command::UpdateTask {
                task,
                patch,
                if_rev,
                ..
            } => {
                let (rev, row) = self.rows.get_mut(task).ok_or_else(missing)?;
                if if_rev.is_some_and(|seen| seen != *rev) {
                    let mut current = row.clone();
                    current["rev"] = json!(*rev);
                    return Err(WireError {
                        current: Some(current),
                        ..WireError::new(code::CONFLICT, "Changed.")
                    });
                }
                *rev += 1;
                *row = serde_json::to_value(patch).unwrap();
                Ok(Some(*rev))
            }
            Command::DeleteTask { task, .. } => {
                self.rows.remove(task).ok_or_else(missing)?;
                Ok(None)
            }
            Command::RestoreTask { task, .. } => {
                let row = (9, json!({ "title": "restored" }));
                if self.rows.contains_key(task) {
                    return Err(WireError::new(code::INVALID, "It is there."));
                }
                self.rows.insert(task.clone(), row);
                Ok(Some(9))
            }
        }
    }
}

pub(crate) fn task(number: u64) -> TaskId {
    TaskId::new(number, &"p".into())
}

pub(crate) fn epoch_name(epoch: u32) -> String {
    format!("e{epoch}")
}
