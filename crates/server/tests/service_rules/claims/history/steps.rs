//! Steps of a random history: every way to change a task, with everybody who may use it.

use proptest::prelude::*;
use proptest::sample::select;
use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentStatus, Status};

/// Number of agents' names.
pub(super) const AGENTS: u8 = 4;

/// Number of agents that a project may have: one less, so that newcomers make others leave.
pub(super) const ROOM: usize = 3;

/// Step of a history.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Agent(u8, ByAgent),
    Person(Door, ByPerson),
    /// Passing of time, in milliseconds, followed by a sweep.
    Silence(i64),
}

/// Claim that a report names by its generation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// No claim: the report is about whatever the agent holds.
    Unnamed,
    /// The claim that the agent holds.
    Current,
    /// A claim that the agent held at some time, counted back from its newest.
    Past(u8),
    /// Any generation, of no task in particular.
    Number(u64),
}

/// Route of a person's change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Rest,
    Socket,
}

/// Version of a task that a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    Any,
    Current,
    Older,
}

/// Action of an agent, at its own endpoints or (if it says so) by the header.
#[derive(Clone, Debug)]
pub(super) enum ByAgent {
    Register {
        task: Option<u8>,
        session: Option<u8>,
    },
    Report(AgentStatus, Of),
    Complete(Of),
    Progress(Of),
    Wait(WaitKind, Of),
    Claim(u8),
    Release(Of),
    Next(Option<u8>),
    Heartbeat,
    Lease,
    Log,
    BeginRun {
        session: u8,
        parent: Option<u8>,
    },
    Turn {
        session: u8,
        open: bool,
    },
    EndRun(u8),
    ReadAnswers,
    /// By the header.
    Moves(u8, Status),
    /// By the header.
    Claims(u8),
    /// By the header.
    Releases(u8),
    /// By the header.
    Forbidden(u8, Forbidden),
    Leave,
}

/// Action for people only.
#[derive(Clone, Copy, Debug)]
pub(super) enum Forbidden {
    Merge,
    Hold,
    Take(u8),
    Delete,
    ResetTasks,
}

/// Action of a person.
#[derive(Clone, Debug)]
pub(super) enum ByPerson {
    Create(Status),
    Plan(Status),
    Import(Vec<(u8, Status, bool)>),
    Move {
        task: u8,
        status: Status,
        take: Option<u8>,
        version: For,
    },
    /// To an agent, or, for a number past them, to a name that no agent has.
    Assign {
        task: u8,
        to: u8,
        take: Option<u8>,
    },
    Unassign {
        task: u8,
        take: Option<u8>,
    },
    Hold(u8, bool),
    Edit(u8, u8),
    Delete(u8),
    Restore(u8),
    Merge(u8),
    Answer(u8),
    Resend(u8),
    Remove(u8),
    ResetTasks,
    Undo,
    ResetProject,
    Trash,
    BringBack,
}

fn agent() -> impl Strategy<Value = u8> {
    0..AGENTS
}

fn task() -> impl Strategy<Value = u8> {
    1..6_u8
}

fn session() -> impl Strategy<Value = u8> {
    0..3_u8
}

fn status() -> impl Strategy<Value = Status> {
    select(Status::ALL.to_vec())
}

fn maybe<T: Strategy>(value: T) -> impl Strategy<Value = Option<T::Value>>
where
    T::Value: Clone,
{
    prop::option::of(value)
}

fn of() -> impl Strategy<Value = Of> {
    prop_oneof![
        2 => Just(Of::Unnamed),
        3 => Just(Of::Current),
        3 => (0..3_u8).prop_map(Of::Past),
        1 => (1..4_u64).prop_map(Of::Number),
    ]
}

fn by_agent() -> impl Strategy<Value = ByAgent> {
    let state = || select(AgentStatus::ALL.to_vec());
    let kind = || select(WaitKind::ALL.to_vec());
    let deed = prop_oneof![
        Just(Forbidden::Merge),
        Just(Forbidden::Hold),
        agent().prop_map(Forbidden::Take),
        Just(Forbidden::Delete),
        Just(Forbidden::ResetTasks),
    ];
    prop_oneof![
        5 => (maybe(task()), maybe(session()))
            .prop_map(|(task, session)| ByAgent::Register { task, session }),
        6 => (state(), of()).prop_map(|(state, of)| ByAgent::Report(state, of)),
        3 => of().prop_map(ByAgent::Complete),
        2 => of().prop_map(ByAgent::Progress),
        2 => (kind(), of()).prop_map(|(kind, of)| ByAgent::Wait(kind, of)),
        4 => task().prop_map(ByAgent::Claim),
        2 => of().prop_map(ByAgent::Release),
        4 => maybe(task()).prop_map(ByAgent::Next),
        1 => Just(ByAgent::Heartbeat),
        1 => Just(ByAgent::Lease),
        1 => Just(ByAgent::Log),
        2 => (session(), maybe(session()))
            .prop_map(|(session, parent)| ByAgent::BeginRun { session, parent }),
        1 => (session(), any::<bool>())
            .prop_map(|(session, open)| ByAgent::Turn { session, open }),
        2 => session().prop_map(ByAgent::EndRun),
        1 => Just(ByAgent::ReadAnswers),
        4 => (task(), status()).prop_map(|(task, status)| ByAgent::Moves(task, status)),
        3 => task().prop_map(ByAgent::Claims),
        1 => task().prop_map(ByAgent::Releases),
        1 => (task(), deed).prop_map(|(task, deed)| ByAgent::Forbidden(task, deed)),
        1 => Just(ByAgent::Leave),
    ]
}

fn by_person() -> impl Strategy<Value = ByPerson> {
    let version = prop_oneof![3 => Just(For::Any), 1 => Just(For::Current), 1 => Just(For::Older)];
    let imported = (1..4_u8, status(), any::<bool>());
    let moves = (task(), status(), maybe(agent()), version);
    prop_oneof![
        6 => status().prop_map(ByPerson::Create),
        1 => status().prop_map(ByPerson::Plan),
        3 => prop::collection::vec(imported, 1..3).prop_map(ByPerson::Import),
        8 => moves.prop_map(|(task, status, take, version)| {
            ByPerson::Move { task, status, take, version }
        }),
        5 => (task(), 0..=AGENTS, maybe(agent()))
            .prop_map(|(task, to, take)| ByPerson::Assign { task, to, take }),
        2 => (task(), maybe(agent()))
            .prop_map(|(task, take)| ByPerson::Unassign { task, take }),
        3 => (task(), any::<bool>()).prop_map(|(task, on)| ByPerson::Hold(task, on)),
        2 => (task(), 0..5_u8).prop_map(|(task, number)| ByPerson::Edit(task, number)),
        2 => task().prop_map(ByPerson::Delete),
        2 => task().prop_map(ByPerson::Restore),
        1 => task().prop_map(ByPerson::Merge),
        2 => any::<u8>().prop_map(ByPerson::Answer),
        1 => any::<u8>().prop_map(ByPerson::Resend),
        2 => agent().prop_map(ByPerson::Remove),
        2 => Just(ByPerson::ResetTasks),
        2 => Just(ByPerson::Undo),
        1 => Just(ByPerson::ResetProject),
        1 => Just(ByPerson::Trash),
        2 => Just(ByPerson::BringBack),
    ]
}

/// Returns the strategy of histories.
pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let door = prop_oneof![Just(Door::Rest), Just(Door::Socket)];
    let silence = select(vec![1_000, 119_999, 120_000, 900_000]);
    let step = prop_oneof![
        12 => (agent(), by_agent()).prop_map(|(agent, deed)| Step::Agent(agent, deed)),
        10 => (door, by_person()).prop_map(|(door, deed)| Step::Person(door, deed)),
        1 => silence.prop_map(Step::Silence),
    ];
    prop::collection::vec(step, 1..80)
}
