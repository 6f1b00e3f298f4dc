//! Claims: who holds a task, through all doors, under random histories.

use proptest::prelude::*;
use tasktree_protocol::agent::{SILENT_AFTER_MS, WaitKind};
use tasktree_protocol::task::{AttemptOutcome, Verdict};
use tasktree_protocol::{
    Agent, AgentId, AgentStatus, Maybe, NewTask, Status, Task, TaskId, TaskPatch,
};
use tasktree_server::actor::Actor;
use tasktree_server::domain::{
    AgentPatch, LeaseRequest, NewLogLines, NextTask, RegisterAgent, Statement, Wait,
};
use tasktree_server::error::Error;
use tasktree_server::service::WriteContext;

use crate::core_support::{Core, human};

async fn register(core: &Core, id: &str, task: Option<&str>) -> Result<Agent, Error> {
    let new = RegisterAgent {
        id: id.into(),
        task_id: task.map(Into::into),
        branch: None,
        description: None,
        run: None,
    };
    let made = core.service.register_agent(human(), &core.project, new);
    made.await.map(|receipt| receipt.value)
}

async fn report(core: &Core, id: &str, patch: AgentPatch) -> Result<Agent, Error> {
    let project = &core.project;
    let reported = core
        .service
        .update_agent(human(), project, &id.into(), patch)
        .await;
    reported.map(|receipt| receipt.value)
}

fn status(status: AgentStatus) -> AgentPatch {
    AgentPatch {
        status: Maybe::Value(status),
        ..AgentPatch::default()
    }
}

fn claims(task: &str) -> AgentPatch {
    AgentPatch {
        task_id: Maybe::Value(task.into()),
        ..AgentPatch::default()
    }
}

async fn change(
    core: &Core,
    context: WriteContext,
    task: &str,
    patch: TaskPatch,
    take: Option<&str>,
) -> Result<Task, Error> {
    let take = take.map(AgentId::from);
    let changed = core
        .service
        .take_task(context, &core.project, &task.into(), patch, None, take)
        .await;
    changed.map(|receipt| receipt.value)
}

fn to(status: Status) -> TaskPatch {
    TaskPatch {
        status: Maybe::Value(status),
        ..TaskPatch::default()
    }
}

fn session(name: &str) -> TaskPatch {
    TaskPatch {
        session: Maybe::Value(name.to_owned()),
        ..TaskPatch::default()
    }
}

/// Returns the context of a request that an agent makes by the header.
fn by(agent: &str) -> WriteContext {
    let id = AgentId::from(agent);
    WriteContext {
        agent: Some(id.clone()),
        ..WriteContext::new(Actor::agent(&id))
    }
}

async fn task(core: &Core, id: &str) -> Task {
    let read = core.service.task(&core.project, &id.into()).await;
    read.unwrap().value
}

async fn agent(core: &Core, id: &str) -> Agent {
    let read = core.service.agent(&core.project, &id.into()).await;
    read.unwrap().value
}

async fn next(core: &Core, id: &str, wanted: Option<&str>) -> Result<NextTask, Error> {
    let wanted = wanted.map(TaskId::from);
    let claimed = core
        .service
        .claim_next(human(), &core.project, &id.into(), wanted)
        .await;
    claimed.map(|receipt| receipt.value)
}

#[tokio::test]
async fn an_agent_that_has_finished_and_claims_again_works_on_its_new_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    register(&core, "ada", Some("1")).await.unwrap();
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    let working = report(&core, "ada", claims("2")).await.unwrap();
    assert_eq!(working.status, AgentStatus::Working);
    assert_eq!(working.generation, Some(1));
    let refused = register(&core, "bob", Some("2")).await.unwrap_err();
    assert_eq!(refused.to_string(), "Agent 'ada' is working on task #2");
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    let done = task(&core, "2").await;
    assert_eq!((done.status, done.holder), (Status::Completed, None));
    let again = report(&core, "ada", status(AgentStatus::Done)).await;
    assert!(again.is_ok(), "the same report may come twice");
}

#[tokio::test]
async fn a_live_claim_is_taken_only_by_a_person_who_names_its_holder() {
    let core = Core::in_memory().await;
    core.task("First").await;
    register(&core, "ada", Some("1")).await.unwrap();
    register(&core, "bob", None).await.unwrap();
    for patch in [session("bob"), to(Status::Completed), to(Status::UpNext)] {
        for take in [None, Some("bob"), Some("nobody")] {
            let refused = change(&core, human(), "1", patch.clone(), take).await;
            let refused = refused.unwrap_err();
            assert!(refused.to_string().contains("ada"), "{refused}");
            assert!(matches!(refused, Error::Claimed { holder, .. } if holder.as_str() == "ada"));
        }
    }
    let untouched = task(&core, "1").await;
    assert_eq!(
        (untouched.holder, untouched.generation),
        (Some("ada".into()), 1)
    );
    // Everything else may be changed while she works.
    let patch = TaskPatch {
        title: Maybe::Value("Renamed".to_owned()),
        priority: Maybe::Value(1),
        ..TaskPatch::default()
    };
    change(&core, human(), "1", patch, None).await.unwrap();
    let taken = change(&core, human(), "1", session("bob"), Some("ada"))
        .await
        .unwrap();
    assert_eq!((taken.holder, taken.generation), (Some("bob".into()), 2));
    let idle = agent(&core, "ada").await;
    assert_eq!((idle.status, idle.task()), (AgentStatus::Idle, None));
    let late = report(&core, "ada", status(AgentStatus::Done)).await;
    assert_eq!(late.unwrap_err().to_string(), "Task #1 is now held by bob");
    let attempts = core
        .service
        .attempts(&core.project, &"1".into(), 10)
        .await
        .unwrap()
        .value;
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [None, Some(AttemptOutcome::Taken)]);
}

#[tokio::test]
async fn a_report_of_an_older_generation_changes_nothing() {
    let core = Core::in_memory().await;
    core.task("First").await;
    register(&core, "ada", Some("1")).await.unwrap();
    let patch = AgentPatch {
        task_id: Maybe::Null,
        ..AgentPatch::default()
    };
    report(&core, "ada", patch).await.unwrap();
    register(&core, "bob", Some("1")).await.unwrap();
    for state in AgentStatus::ALL {
        let late = AgentPatch {
            generation: Some(1),
            task_id: Maybe::Value("1".into()),
            ..status(state)
        };
        let refused = report(&core, "ada", late).await.unwrap_err();
        assert_eq!(refused.to_string(), "Task #1 is now held by bob");
    }
    let held = task(&core, "1").await;
    assert_eq!((held.holder, held.generation), (Some("bob".into()), 2));
    let current = AgentPatch {
        generation: Some(2),
        ..status(AgentStatus::Done)
    };
    report(&core, "bob", current.clone()).await.unwrap();
    assert!(report(&core, "bob", current).await.is_ok(), "a repetition");
}

#[tokio::test]
async fn an_agent_never_merges_and_never_holds() {
    let core = Core::in_memory().await;
    core.task("First").await;
    register(&core, "ada", Some("1")).await.unwrap();
    let hold = TaskPatch {
        on_hold: Maybe::Value("later".to_owned()),
        ..TaskPatch::default()
    };
    for patch in [to(Status::Merged), hold.clone()] {
        let refused = change(&core, by("ada"), "1", patch, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let new = NewTask {
        title: "Second".to_owned(),
        status: Status::Merged,
        ..NewTask::default()
    };
    let made = core.service.create_task(by("ada"), &core.project, new);
    assert!(matches!(made.await, Err(Error::Forbidden(_))));
    let removed = core
        .service
        .delete_task(by("ada"), &core.project, &"1".into())
        .await;
    assert!(matches!(removed, Err(Error::Forbidden(_))));
    change(&core, human(), "1", hold, None).await.unwrap();
    let held = task(&core, "1").await;
    assert_eq!(held.on_hold.unwrap().reason, "later");
    report(&core, "ada", status(AgentStatus::Failed))
        .await
        .unwrap();
    let back = task(&core, "1").await;
    assert!(back.on_hold.is_some(), "what a person set stays");
    assert!(next(&core, "ada", None).await.unwrap().task.is_none());
    let named = next(&core, "ada", Some("1")).await.unwrap_err();
    assert_eq!(named.to_string(), "Task #1 is on hold: later");
}

#[tokio::test]
async fn the_next_task_is_the_held_one_else_the_most_urgent_that_is_ready() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1"]).await;
    core.task("Parent").await;
    let part = NewTask {
        title: "Part".to_owned(),
        parent: Some("3".into()),
        priority: 2,
        ..NewTask::default()
    };
    let made = core.service.create_task(human(), &core.project, part);
    made.await.unwrap();
    register(&core, "ada", None).await.unwrap();
    let order = async |from: &str| {
        let claimed = next(&core, "ada", None).await.unwrap();
        assert!(claimed.claimed, "{from}");
        let number = claimed.task.unwrap().number;
        let kept = next(&core, "ada", None).await.unwrap();
        assert!(!kept.claimed && kept.task.unwrap().number == number);
        report(&core, "ada", status(AgentStatus::Done))
            .await
            .unwrap();
        number
    };
    assert_eq!(order("a priority comes before none").await, 4);
    assert_eq!(order("then by number").await, 1);
    change(&core, human(), "3", to(Status::UpNext), None)
        .await
        .unwrap();
    assert_eq!(order("what is to be taken next comes first").await, 3);
    assert_eq!(order("no longer blocked").await, 2);
    let none = next(&core, "ada", None).await.unwrap();
    assert_eq!(none.reason.as_deref(), Some("No task is left to do."));
}

#[tokio::test]
async fn a_silent_holder_keeps_its_claim_until_somebody_names_the_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    register(&core, "ada", Some("1")).await.unwrap();
    core.clock.advance(SILENT_AFTER_MS);
    core.service.sweep().await.unwrap();
    register(&core, "bob", None).await.unwrap();
    let none = next(&core, "bob", None).await.unwrap();
    assert_eq!(
        none.reason.as_deref(),
        Some("No task is ready: 1 in progress.")
    );
    assert_eq!(task(&core, "1").await.holder, Some("ada".into()));
    let claimed = next(&core, "bob", Some("1")).await.unwrap();
    assert!(claimed.claimed);
    let late = report(&core, "ada", status(AgentStatus::Done)).await;
    assert!(matches!(late, Err(Error::Taken(_))));
}

#[tokio::test]
async fn an_open_turn_may_be_silent_for_a_quarter_of_an_hour() {
    let core = Core::in_memory().await;
    let run = serde_json::json!({"source": "claude-code", "session": "s1", "machine": "m"});
    let new = RegisterAgent {
        id: "ada".into(),
        task_id: None,
        branch: None,
        description: None,
        run: serde_json::from_value(run).unwrap(),
    };
    core.service
        .register_agent(human(), &core.project, new)
        .await
        .unwrap();
    let turn = AgentPatch {
        turn_open: Some(true),
        ..AgentPatch::default()
    };
    report(&core, "ada", turn).await.unwrap();
    core.clock.advance(14 * 60_000);
    core.service.sweep().await.unwrap();
    assert!(agent(&core, "ada").await.is_alive);
    core.clock.advance(60_000);
    core.service.sweep().await.unwrap();
    assert!(!agent(&core, "ada").await.is_alive);
}

#[tokio::test]
async fn evidence_is_stored_with_its_verdict_and_the_attempt() {
    let core = Core::in_memory().await;
    core.task("First").await;
    register(&core, "ada", Some("1")).await.unwrap();
    let lines = NewLogLines {
        agent: Some("ada".into()),
        lines: vec!["compiled".to_owned()],
        ..NewLogLines::default()
    };
    core.service
        .add_log_lines(human(), &core.project, lines)
        .await
        .unwrap();
    let done = AgentPatch {
        evidence: Some(Statement {
            summary: Some("All done".to_owned()),
            ..Statement::default()
        }),
        ..status(AgentStatus::Done)
    };
    report(&core, "ada", done).await.unwrap();
    let done = task(&core, "1").await;
    assert_eq!(done.verdict, Some(Verdict::Stated));
    let stated = done.evidence.unwrap();
    assert_eq!(stated.summary.as_deref(), Some("All done"));
    let attempts = core
        .service
        .attempts(&core.project, &"1".into(), 10)
        .await
        .unwrap()
        .value;
    assert_eq!(attempts[0].outcome, Some(AttemptOutcome::Completed));
    assert_eq!(attempts[0].verdict, Some(Verdict::Stated));
}

#[tokio::test]
async fn fifty_claimers_of_one_task_leave_one_holder() {
    let core = Core::in_memory().await;
    let names: Vec<String> = (0..50).map(|index| format!("agent-{index}")).collect();
    for name in &names {
        register(&core, name, None).await.unwrap();
    }
    for round in 1..=200_u64 {
        let made = core.task("Wanted").await;
        let claims = names.iter().map(|name| {
            let (service, project) = (core.service.clone(), core.project.clone());
            let (name, wanted) = (AgentId::from(name.as_str()), made.id.clone());
            tokio::spawn(async move {
                let claimed = service.claim_next(human(), &project, &name, Some(wanted));
                claimed.await.is_ok_and(|receipt| receipt.value.claimed)
            })
        });
        let mut winners = 0;
        for claim in claims.collect::<Vec<_>>() {
            winners += u64::from(claim.await.unwrap());
        }
        assert_eq!(winners, 1, "round {round}");
        let holder = task(&core, made.id.as_str()).await.holder.unwrap();
        report(&core, holder.as_str(), status(AgentStatus::Done))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn fifty_agents_share_two_hundred_tasks_without_a_double_or_a_rest() {
    let core = Core::in_memory().await;
    let names: Vec<String> = (0..50).map(|index| format!("agent-{index}")).collect();
    for name in &names {
        register(&core, name, None).await.unwrap();
    }
    for _ in 0..4 {
        for _ in 0..200 {
            core.task("Work").await;
        }
        let workers = names.iter().map(|name| {
            let (service, project) = (core.service.clone(), core.project.clone());
            let name = AgentId::from(name.as_str());
            tokio::spawn(async move {
                let mut done = Vec::new();
                loop {
                    let claimed = service.claim_next(human(), &project, &name, None).await;
                    let Some(task) = claimed.unwrap().value.task else {
                        return done;
                    };
                    done.push(task.number);
                    let patch = status(AgentStatus::Done);
                    service
                        .update_agent(human(), &project, &name, patch)
                        .await
                        .unwrap();
                }
            })
        });
        let mut all = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            all.extend(worker.await.unwrap());
        }
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!((count, all.len()), (200, 200));
    }
}

/// Step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Register(u8, Option<u8>),
    Report(u8, AgentStatus, Option<u64>),
    Claim(u8, u8),
    Release(u8),
    Next(u8),
    Wait(u8),
    Lease(u8),
    Remove(u8),
    PersonMoves(u8, Status, Option<u8>),
    PersonAssigns(u8, u8, Option<u8>),
    PersonHolds(u8, bool),
    AgentMoves(u8, u8, Status),
    Delete(u8),
    Restore(u8),
    Create(Status),
    Reset,
    UndoReset,
    Silence,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let agent = || 0..4_u8;
    let number = || 1..6_u8;
    let column = || prop::sample::select(Status::ALL.to_vec());
    let state = || prop::sample::select(AgentStatus::ALL.to_vec());
    let step = prop_oneof![
        3 => (agent(), prop::option::of(number())).prop_map(|(a, t)| Step::Register(a, t)),
        6 => (agent(), state(), prop::option::of(1..4_u64)).prop_map(|(a, s, g)| Step::Report(a, s, g)),
        4 => (agent(), number()).prop_map(|(a, t)| Step::Claim(a, t)),
        2 => agent().prop_map(Step::Release),
        4 => agent().prop_map(Step::Next),
        1 => agent().prop_map(Step::Wait),
        1 => agent().prop_map(Step::Lease),
        1 => agent().prop_map(Step::Remove),
        4 => (number(), column(), prop::option::of(agent())).prop_map(|(t, s, a)| Step::PersonMoves(t, s, a)),
        3 => (number(), agent(), prop::option::of(agent())).prop_map(|(t, a, f)| Step::PersonAssigns(t, a, f)),
        1 => (number(), any::<bool>()).prop_map(|(t, on)| Step::PersonHolds(t, on)),
        4 => (agent(), number(), column()).prop_map(|(a, t, s)| Step::AgentMoves(a, t, s)),
        1 => number().prop_map(Step::Delete),
        1 => number().prop_map(Step::Restore),
        3 => column().prop_map(Step::Create),
        1 => Just(Step::Reset),
        1 => Just(Step::UndoReset),
        1 => Just(Step::Silence),
    ];
    prop::collection::vec(step, 1..60)
}

fn name(agent: u8) -> String {
    format!("agent-{agent}")
}

async fn perform(core: &Core, step: Step) -> Result<(), Error> {
    let (service, project) = (&core.service, &core.project);
    let id = |agent: u8| AgentId::from(name(agent));
    match step {
        Step::Register(agent, task) => {
            let task = task.map(|task| task.to_string());
            register(core, &name(agent), task.as_deref())
                .await
                .map(drop)
        }
        Step::Report(agent, state, generation) => {
            let patch = AgentPatch {
                generation,
                ..status(state)
            };
            report(core, &name(agent), patch).await.map(drop)
        }
        Step::Claim(agent, task) => report(core, &name(agent), claims(&task.to_string()))
            .await
            .map(drop),
        Step::Release(agent) => {
            let patch = AgentPatch {
                task_id: Maybe::Null,
                ..AgentPatch::default()
            };
            report(core, &name(agent), patch).await.map(drop)
        }
        Step::Next(agent) => next(core, &name(agent), None).await.map(drop),
        Step::Wait(agent) => {
            let wait = Wait {
                kind: WaitKind::Question,
                text: "Which one?".to_owned(),
                until: None,
                request: None,
                options: Vec::new(),
            };
            let patch = AgentPatch {
                waiting_for: Maybe::Value(wait),
                ..AgentPatch::default()
            };
            report(core, &name(agent), patch).await.map(drop)
        }
        Step::Lease(agent) => {
            let request = LeaseRequest {
                agent: id(agent),
                paths: vec!["src".to_owned()],
                exclusive: true,
                ttl_seconds: 600,
                reason: None,
            };
            service
                .grant_leases(human(), project, request)
                .await
                .map(drop)
        }
        Step::Remove(agent) => service
            .remove_agent(human(), project, &id(agent))
            .await
            .map(drop),
        Step::PersonMoves(task, column, take) => {
            let take = take.map(name);
            change(
                core,
                human(),
                &task.to_string(),
                to(column),
                take.as_deref(),
            )
            .await
            .map(drop)
        }
        Step::PersonAssigns(task, agent, take) => {
            let take = take.map(name);
            let patch = TaskPatch {
                status: Maybe::Value(Status::InProgress),
                ..session(&name(agent))
            };
            change(core, human(), &task.to_string(), patch, take.as_deref())
                .await
                .map(drop)
        }
        Step::PersonHolds(task, on) => {
            let patch = TaskPatch {
                on_hold: if on {
                    Maybe::Value("later".to_owned())
                } else {
                    Maybe::Null
                },
                ..TaskPatch::default()
            };
            change(core, human(), &task.to_string(), patch, None)
                .await
                .map(drop)
        }
        Step::AgentMoves(agent, task, column) => {
            change(core, by(&name(agent)), &task.to_string(), to(column), None)
                .await
                .map(drop)
        }
        Step::Delete(task) => {
            let task = TaskId::from(task.to_string());
            service.delete_task(human(), project, &task).await.map(drop)
        }
        Step::Restore(task) => {
            let task = TaskId::from(task.to_string());
            service
                .restore_task(human(), project, &task)
                .await
                .map(drop)
        }
        Step::Create(status) => {
            let new = NewTask {
                title: "Task".to_owned(),
                status,
                ..NewTask::default()
            };
            service.create_task(human(), project, new).await.map(drop)
        }
        Step::Reset => service.reset_agent_tasks(human(), project).await.map(drop),
        Step::UndoReset => {
            let undos = service.list_undos(project).await?.value;
            match undos.first() {
                Some(undo) => service.undo(human(), project, &undo.id).await.map(drop),
                None => Ok(()),
            }
        }
        Step::Silence => {
            core.clock.advance(SILENT_AFTER_MS);
            service.sweep().await
        }
    }
}

/// State of all tasks and agents, and the invariants that hold at every step.
async fn check(core: &Core) -> (Vec<Task>, Vec<Agent>) {
    let tasks = core.service.list_tasks(&core.project).await.unwrap().value;
    let agents = core.service.list_agents(&core.project).await.unwrap().value;
    for task in &tasks {
        let Some(holder) = &task.holder else {
            continue;
        };
        assert_eq!(task.status, Status::InProgress, "{task:?}");
        assert_eq!(task.session.as_deref(), Some(holder.as_str()), "{task:?}");
        let agent = agents.iter().find(|agent| agent.id == *holder);
        let agent = agent.unwrap_or_else(|| panic!("{holder} is not registered"));
        assert_eq!(agent.held_task().as_ref(), Some(&task.id), "{agent:?}");
        assert_eq!(agent.generation, Some(task.generation), "{agent:?}");
    }
    for agent in &agents {
        let held = tasks
            .iter()
            .filter(|task| task.holder.as_ref() == Some(&agent.id));
        let held = held.count();
        assert_eq!(held, usize::from(agent.generation.is_some()), "{agent:?}");
        assert!(agent.status.is_open() || held == 0, "{agent:?}");
        assert_eq!(
            agent.waiting_for.is_some(),
            agent.status == AgentStatus::Waiting,
            "{agent:?}"
        );
    }
    (tasks, agents)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_task_has_one_holder_and_late_reports_change_nothing(history in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let core = Core::in_memory().await;
            for _ in 0..3 {
                core.task("Task").await;
            }
            let mut before = check(&core).await;
            for step in history {
                let shown = format!("{step:?}");
                let late = match &step {
                    Step::Report(agent, state, Some(generation)) => {
                        let agent = before.1.iter().find(|one| one.id.as_str() == name(*agent));
                        agent.is_some_and(|agent| {
                            agent.generation != Some(*generation)
                                && !(*state == AgentStatus::Done && agent.status == AgentStatus::Done)
                        })
                    }
                    _ => false,
                };
                let outcome = perform(&core, step).await;
                if let Err(error) = &outcome {
                    let planned = !matches!(error, Error::Internal(_) | Error::Storage { .. });
                    assert!(planned, "{shown}: {error}");
                }
                let after = check(&core).await;
                if outcome.is_err() {
                    assert_eq!(before, after, "{shown} was refused and changed something");
                }
                assert!(!late || outcome.is_err(), "{shown} is late and was taken");
                for (was, is) in before.0.iter().filter_map(|was| {
                    after.0.iter().find(|is| is.id == was.id).map(|is| (was, is))
                }) {
                    assert!(is.generation >= was.generation, "{shown}");
                    let begins = is.holder.is_some() && is.holder != was.holder;
                    let undone = shown == "UndoReset";
                    assert!(!begins || is.generation > was.generation || undone, "{shown}");
                }
                before = after;
            }
        });
    }
}

#[tokio::test]
async fn evidence_is_compared_with_the_repository() {
    let (core, directory) = crate::repository::core("other.txt").await;
    let tip = crate::repository::git(directory.path(), &["rev-parse", "task-1"]);
    let main = crate::repository::git(directory.path(), &["rev-parse", "main"]);
    let cases = [
        (tip.as_str(), "task-1", true, Verdict::Proven),
        (tip.as_str(), "task-1", false, Verdict::Stated),
        (&"0".repeat(40), "task-1", true, Verdict::Contradicted),
        (main.as_str(), "gone", true, Verdict::Contradicted),
    ];
    for (commit, branch, works, expected) in cases {
        change(&core, human(), "1", to(Status::Unclaimed), None)
            .await
            .unwrap();
        register(&core, "ada", Some("1")).await.unwrap();
        if works {
            let lines = NewLogLines {
                agent: Some("ada".into()),
                lines: vec!["compiled".to_owned()],
                ..NewLogLines::default()
            };
            core.service
                .add_log_lines(human(), &core.project, lines)
                .await
                .unwrap();
        }
        let done = AgentPatch {
            evidence: Some(Statement {
                commit: Some(commit.to_owned()),
                branch: Some(branch.to_owned()),
                ..Statement::default()
            }),
            ..status(AgentStatus::Done)
        };
        report(&core, "ada", done).await.unwrap();
        let done = task(&core, "1").await;
        let found = done.evidence.unwrap().findings;
        assert_eq!(done.verdict, Some(expected), "{branch} {works}: {found:?}");
    }
}
