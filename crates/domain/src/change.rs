//! A change in progress: the transaction, its caller and time, and the events that it emits.

use bytes::Bytes;
use tasktree_protocol::{
    AgentId, Cursor, Event, Message, Project, ProjectId, Status, StreamId, Task, Timestamp,
};

use super::author::Author;
use super::ephemeral::Ephemeral;
use super::record::{Noted, Recorder};
use crate::actor::Actor;
use crate::auth::SpeaksAs;
use crate::compat::frame;
use crate::error::{Error, Result};
use crate::limits::{HISTORY_TRIM_EVERY, Limits};
use crate::store::{EventRow, FieldChange, LoggedEvent, StoredAgent, Transaction};

/// Notification to send after the commit.
#[derive(Clone, Debug)]
pub enum Effect {
    /// An event of the log.
    Event(LoggedEvent),
    /// A stream was restarted.
    Reset(StreamId, Cursor),
    /// A stream was removed.
    Removed(StreamId),
    /// A message that is in no log.
    Ephemeral(StreamId, Ephemeral),
    /// A claim began.
    Claimed(Claimed),
}

/// A claim that began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Project of the task.
    pub project: ProjectId,
    /// Number of the task.
    pub task: u64,
    /// Generation of the claim.
    pub generation: u64,
}

/// A change in progress.
pub struct Change<'a> {
    /// Rows, whose changes are recorded.
    pub tx: Recorder<'a>,
    /// Time of the change.
    pub now: Timestamp,
    /// Limits to enforce.
    pub limits: &'a Limits,
    author: Author<'a>,
    speaks_as: &'a SpeaksAs,
    effects: Vec<Effect>,
}

/// Details of an event besides its data.
#[derive(Debug, Default)]
pub(crate) struct EventContext<'a> {
    /// Tasks that the event is about: it becomes part of their history.
    pub(crate) tasks: Vec<AffectedTask>,
    /// Names of the changed fields.
    pub(crate) changed: Vec<String>,
    /// The whole task, for legacy clients.
    pub(crate) legacy: Option<&'a Task>,
    /// True to send the event to the system's stream although it names a project.
    pub(crate) system: bool,
}

/// A task that an event is about, in its new state, with its changes.
#[derive(Clone, Debug)]
#[must_use = "a task change is recorded with the event that reports it"]
pub(crate) struct AffectedTask {
    pub(crate) number: u64,
    pub(crate) rev: u64,
    /// Status of the task; none if it was removed.
    pub(crate) status: Option<Status>,
    /// Generation of its newest claim; 0 before the first.
    pub(crate) generation: u64,
    /// Fields before and after.
    pub(crate) fields: Vec<FieldChange>,
}

impl AffectedTask {
    /// Returns the names of the fields that changed.
    pub(crate) fn names(&self) -> Vec<String> {
        self.fields
            .iter()
            .map(|change| change.field.clone())
            .collect()
    }
}

/// Kind of caller, which decides the rules that apply to a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An agent: by its token, its own endpoint, or the header `TaskTree-Agent`.
    Agent(AgentId),
    /// Any other caller.
    Person,
    /// The server itself.
    Server,
}

/// Returns the record of a task's change.
fn of_task(kind: &str, changed: Vec<String>, task: AffectedTask) -> Noted {
    Noted {
        subject: format!("task:{}", task.number),
        kind: kind.to_owned(),
        changed,
        status: task.status,
        generation: Some(task.generation).filter(|generation| *generation > 0),
        fields: task.fields,
        // Decided by the task's version, which rises with every change of it.
        is_trim_due: task.rev.is_multiple_of(HISTORY_TRIM_EVERY),
        ..Noted::default()
    }
}

impl std::fmt::Debug for Change<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Change")
            .field("author", &self.author)
            .finish_non_exhaustive()
    }
}

impl<'a> Change<'a> {
    /// Begins a change in a transaction.
    pub fn new(
        tx: &'a mut dyn Transaction,
        author: Author<'a>,
        speaks_as: &'a SpeaksAs,
        now: Timestamp,
        limits: &'a Limits,
    ) -> Self {
        Self {
            tx: Recorder::new(tx, author, now),
            now,
            limits,
            author,
            speaks_as,
            effects: Vec::new(),
        }
    }

    /// Writes the records of the change; returns the notifications to send after the commit.
    pub fn finish(mut self) -> Result<Vec<Effect>> {
        self.tx.write()?;
        Ok(self.effects)
    }

    /// Returns the actor of the change.
    pub(crate) fn actor(&self) -> &Actor {
        self.author.actor
    }

    /// Returns the agents for which the caller may speak.
    pub(crate) fn speaks_as(&self) -> &'a SpeaksAs {
        self.speaks_as
    }

    /// Returns the kind of caller.
    pub(crate) fn caller(&self) -> Caller {
        match self.speaks_as {
            SpeaksAs::Agent {
                name, speaks_for, ..
            } => {
                let agent = speaks_for.clone();
                Caller::Agent(agent.unwrap_or_else(|| name.as_str().into()))
            }
            SpeaksAs::Anyone | SpeaksAs::Person(_) => {
                if *self.author.actor == Actor::server() {
                    Caller::Server
                } else {
                    Caller::Person
                }
            }
        }
    }

    /// Returns the time of the change in milliseconds since 1970.
    pub(crate) fn millis(&self) -> i64 {
        self.now.unix_millis(0)
    }

    /// Returns the project, or an error if it does not exist.
    pub(crate) fn project(&self, id: &ProjectId) -> Result<Project> {
        self.tx.project(id)?.ok_or_else(|| Error::no_project(id))
    }

    /// Returns the registered agent with that name, or an error.
    pub(crate) fn agent(&self, project: &ProjectId, id: &AgentId) -> Result<StoredAgent> {
        let found = self.tx.agent(project, id)?;
        found.ok_or_else(|| Error::no_agent(id))
    }

    /// Refuses a project that does not exist.
    pub fn require(&self, id: &ProjectId) -> Result<()> {
        super::exists::require(&*self.tx, id)
    }

    /// Emits an event: to the log now, and to all subscribers after the commit.
    pub(crate) fn emit(
        &mut self,
        project: Option<&ProjectId>,
        event: Event,
        about: EventContext<'_>,
    ) -> Result<()> {
        let own = project.filter(|_| !about.system).map(StreamId::project);
        let stream = own.clone().unwrap_or_else(StreamId::system);
        let position = self.tx.advance(&stream)?;
        let legacy = about
            .legacy
            .map(|task| frame::of_task(event.kind(), project, task, self.now));
        let legacy = legacy.transpose()?;
        let mut message = Message::new(event, project.cloned(), self.now);
        message.stream = (own.is_none() && project.is_some()).then(StreamId::system);
        message.seq = Some(position.seq);
        message.epoch = Some(position.epoch.clone());
        message.actor = Some(self.author.actor.as_str().to_owned());
        message.cause = self.author.cause.map(str::to_owned);
        message.changed = about.changed;
        if let Some(project) = project {
            self.note_tasks(project, &message, about.tasks);
        }
        let row = EventRow {
            stream,
            seq: position.seq,
            kind: message.event.kind().to_owned(),
            message: Bytes::from(serde_json::to_vec(&message)?),
        };
        self.tx.add_event(&row)?;
        let mut logged = LoggedEvent::from_row(row, position.epoch);
        logged.legacy = legacy;
        self.effects.push(Effect::Event(logged));
        Ok(())
    }

    /// Records the tasks that an event is about.
    fn note_tasks(&mut self, project: &ProjectId, message: &Message, tasks: Vec<AffectedTask>) {
        for task in tasks {
            let noted = Noted {
                seq: message.seq,
                ..of_task(message.event.kind(), message.changed.clone(), task)
            };
            self.tx.note(project, noted);
        }
    }

    /// Records a new task that has no event of its own.
    pub(crate) fn note_staged(&mut self, project: &ProjectId, seq: u64, task: AffectedTask) {
        self.note_quietly(project, seq, "task_created", Vec::new(), task);
    }

    /// Records a change of a task that has no event of its own.
    pub(crate) fn note_changed(&mut self, project: &ProjectId, seq: u64, task: AffectedTask) {
        let changed = task.names();
        self.note_quietly(project, seq, "task_updated", changed, task);
    }

    fn note_quietly(
        &mut self,
        project: &ProjectId,
        seq: u64,
        kind: &str,
        changed: Vec<String>,
        task: AffectedTask,
    ) {
        let noted = Noted {
            seq: Some(seq),
            ..of_task(kind, changed, task)
        };
        self.tx.note(project, noted);
    }

    /// Sends an event that is in no log.
    pub(crate) fn send_ephemeral(&mut self, project: &ProjectId, event: Event) -> Result<()> {
        let mut message = Message::new(event, Some(project.clone()), self.now);
        message.actor = Some(self.author.actor.as_str().to_owned());
        let message = Ephemeral::new(&message)?;
        self.effects
            .push(Effect::Ephemeral(StreamId::project(project), message));
        Ok(())
    }

    /// Sends an event that is in no log to the connections of one user.
    pub(crate) fn send_personal(
        &mut self,
        stream: StreamId,
        project: &ProjectId,
        event: Event,
    ) -> Result<()> {
        let mut message = Message::new(event, Some(project.clone()), self.now);
        message.stream = Some(stream.clone());
        message.actor = Some(self.author.actor.as_str().to_owned());
        let message = Ephemeral::new(&message)?;
        self.effects.push(Effect::Ephemeral(stream, message));
        Ok(())
    }

    /// Records that a claim began: the service examines the repository after the commit.
    pub(crate) fn note_claim(&mut self, project: &ProjectId, task: u64, generation: u64) {
        self.effects.push(Effect::Claimed(Claimed {
            project: project.clone(),
            task,
            generation,
        }));
    }

    /// Starts or restarts a stream, and announces it.
    pub(crate) fn restart_stream(&mut self, stream: &StreamId) -> Result<()> {
        let epoch = self.tx.start_stream(stream)?;
        self.effects
            .push(Effect::Reset(stream.clone(), Cursor::new(epoch, 0)));
        Ok(())
    }

    /// Announces that a stream continues under another epoch, from its position.
    pub(crate) fn stream_goes_on(&mut self, stream: &StreamId) -> Result<()> {
        if let Some(row) = self.tx.stream(stream)? {
            self.effects
                .push(Effect::Reset(stream.clone(), row.cursor()));
        }
        Ok(())
    }

    /// Announces that a stream was removed.
    pub(crate) fn stream_removed(&mut self, stream: StreamId) {
        self.effects.push(Effect::Removed(stream));
    }
}
