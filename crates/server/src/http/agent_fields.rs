//! Agents, runs and reports in request bodies.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fields::{Fault, Fields, Kind};
use crate::domain::{AgentPatch, NewRun, RunPatch, Statement, Wait};

/// Reads an agent's report.
pub(super) fn patch(fields: &mut Fields<'_>) -> AgentPatch {
    AgentPatch {
        status: fields.maybe("status"),
        progress: fields.maybe("progress"),
        last_activity: fields.maybe("last_activity"),
        task_id: fields.maybe("task_id"),
        generation: fields.optional("generation"),
        waiting_for: fields.maybe("waiting_for"),
        reason: fields.optional("reason"),
        evidence: fields.optional("evidence"),
        turn_open: fields.optional("turn_open"),
    }
}

/// Reads a run to be started.
pub(super) fn new_run(fields: &mut Fields<'_>) -> NewRun {
    NewRun {
        source: fields.required("source"),
        session: fields.required("session"),
        machine: fields.or_default("machine"),
        folder: fields.optional("folder"),
        parent: fields.optional("parent"),
    }
}

/// Reads a change of a run.
pub(super) fn run_patch(fields: &mut Fields<'_>) -> RunPatch {
    RunPatch {
        turn_open: fields.optional("turn_open"),
        folder: fields.maybe("folder"),
        ended: fields.optional("ended"),
        answers: fields.optional("answers"),
    }
}

/// Reads an object whose fields are all known.
fn object<T: DeserializeOwned>(value: &Value) -> Result<T, Fault> {
    if !value.is_object() {
        return Err(Fault::new("dict_type", "Input should be an object"));
    }
    T::deserialize(value).map_err(|error| Fault::new("value_error", error.to_string()))
}

impl Kind for Wait {
    fn read(value: &Value) -> Result<Self, Fault> {
        object(value)
    }
}

impl Kind for Statement {
    fn read(value: &Value) -> Result<Self, Fault> {
        object(value)
    }
}

impl Kind for NewRun {
    fn read(value: &Value) -> Result<Self, Fault> {
        object(value)
    }
}
