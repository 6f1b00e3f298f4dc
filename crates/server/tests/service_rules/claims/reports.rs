//! Reports: the state in which each leaves its agent, and those that come late.

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentStatus, Event, Maybe, Status};
use tasktree_server::domain::{AgentPatch, LeaseRequest, Statement, Wait};
use tasktree_server::error::Error;

use super::{agent, change, claims, next, report, session, status, task, to};
use crate::core_support::{Core, event, human};

fn release() -> AgentPatch {
    AgentPatch {
        task_id: Maybe::Null,
        ..AgentPatch::default()
    }
}

fn of(generation: u64, patch: AgentPatch) -> AgentPatch {
    AgentPatch {
        generation: Some(generation),
        ..patch
    }
}

fn about(task: &str, patch: AgentPatch) -> AgentPatch {
    AgentPatch {
        task_id: Maybe::Value(task.into()),
        ..patch
    }
}

fn reason(text: &str, patch: AgentPatch) -> AgentPatch {
    AgentPatch {
        reason: Some(text.to_owned()),
        ..patch
    }
}

fn wait(kind: WaitKind, text: &str, options: &[&str]) -> AgentPatch {
    let wait = Wait {
        kind,
        text: text.to_owned(),
        until: None,
        request: None,
        in_terminal: false,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    AgentPatch {
        waiting_for: Maybe::Value(wait),
        ..AgentPatch::default()
    }
}

#[tokio::test]
async fn an_agent_that_claimed_again_learns_the_generation_of_its_claim() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    report(&core, "ada", release()).await.unwrap();
    let again = report(&core, "ada", claims("1")).await.unwrap();
    assert_eq!(again.generation, Some(2));
    let late = of(1, about("1", status(AgentStatus::Done)));
    let refused = report(&core, "ada", late.clone()).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "ada holds task #1 with generation 2: the report is for an older claim"
    );
    let done = of(2, status(AgentStatus::Done));
    report(&core, "ada", done).await.unwrap();
    let refused = report(&core, "ada", late).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Task #1 is no longer held by ada: it is completed"
    );
}

#[tokio::test]
async fn a_generation_is_of_one_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.register("ada", Some("1")).await.unwrap();
    report(&core, "ada", claims("2")).await.unwrap();
    assert_eq!(agent(&core, "ada").await.generation, Some(2));
    for generation in [1, 2] {
        let late = of(generation, about("1", status(AgentStatus::Failed)));
        let refused = report(&core, "ada", late).await.unwrap_err();
        assert!(matches!(refused, Error::Taken(_)), "{refused}");
    }
    // Also once it has completed both: a repeated report is the completion of its last task.
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    let late = of(1, about("1", status(AgentStatus::Done)));
    assert!(report(&core, "ada", late).await.is_err());
    let again = of(2, about("2", status(AgentStatus::Done)));
    assert!(report(&core, "ada", again).await.is_ok());
    let progress = of(2, AgentPatch::default());
    assert!(
        report(&core, "ada", progress).await.is_err(),
        "no completion"
    );
}

#[tokio::test]
async fn a_completion_is_repeated_only_while_it_stands() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    let done = of(1, about("1", status(AgentStatus::Done)));
    report(&core, "ada", done.clone()).await.unwrap();
    report(&core, "ada", done.clone()).await.unwrap();
    change(&core, human(), "1", session("bob"), None)
        .await
        .unwrap();
    assert!(
        report(&core, "ada", done.clone()).await.is_err(),
        "it is another's now"
    );
    change(&core, human(), "1", session("ada"), None)
        .await
        .unwrap();
    report(&core, "ada", done.clone()).await.unwrap();
    change(&core, human(), "1", to(Status::InProgress), None)
        .await
        .unwrap();
    assert!(
        report(&core, "ada", done).await.is_err(),
        "a person has opened it again"
    );
    let open = task(&core, "1").await;
    assert_eq!(
        (open.status, open.holder, open.generation),
        (Status::InProgress, None, 1)
    );
}

#[tokio::test]
async fn a_task_that_was_deleted_is_said_to_be() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    core.service
        .delete_task(human(), &core.project, &"1".into())
        .await
        .unwrap();
    let late = report(&core, "ada", status(AgentStatus::Done)).await;
    assert_eq!(late.unwrap_err().to_string(), "Task #1 was deleted");
    let late = report(&core, "ada", of(1, status(AgentStatus::Done))).await;
    assert_eq!(late.unwrap_err().to_string(), "Task #1 was deleted");
    core.register("bob", None).await.unwrap();
    let late = report(&core, "bob", of(1, status(AgentStatus::Done))).await;
    assert_eq!(late.unwrap_err().to_string(), "Agent 'bob' holds no task");
}

#[tokio::test]
async fn each_end_of_a_claim_leaves_what_is_true_of_its_agent() {
    let held = ("1-alpha", "task-1");
    let nothing = ("", "");
    let take = async |core: &Core| {
        let taken = change(core, human(), "1", to(Status::UpNext), Some("ada")).await;
        taken.map(drop)
    };
    let says = async |core: &Core, patch: AgentPatch| report(core, "ada", patch).await.map(drop);
    for end in ["done", "failed", "released", "taken"] {
        let core = Core::in_memory().await;
        core.task("First").await;
        core.register("ada", Some("1")).await.unwrap();
        let progress = AgentPatch {
            progress: Maybe::Value(40),
            ..wait(WaitKind::Question, "Which?", &[])
        };
        report(&core, "ada", progress).await.unwrap();
        let (state, percent, place, why) = match end {
            "done" => {
                says(&core, status(AgentStatus::Done)).await.unwrap();
                (AgentStatus::Done, 100, held, None)
            }
            "failed" => {
                says(&core, reason("no compiler", status(AgentStatus::Failed)))
                    .await
                    .unwrap();
                (AgentStatus::Failed, 40, held, Some("no compiler"))
            }
            "released" => {
                says(&core, reason("too hard", release())).await.unwrap();
                (AgentStatus::Working, 40, nothing, Some("too hard"))
            }
            _ => {
                take(&core).await.unwrap();
                (AgentStatus::Idle, 40, nothing, Some("Taken by human:local"))
            }
        };
        let ada = agent(&core, "ada").await;
        assert_eq!((ada.status, ada.progress), (state, percent), "{end}");
        assert_eq!((ada.task_id.as_str(), ada.branch.as_str()), place, "{end}");
        assert_eq!(ada.reason.as_deref(), why, "{end}");
        assert_eq!((ada.generation, &ada.waiting_for), (None, &None), "{end}");
        let attempts = core.service.attempts(&core.project, &"1".into(), 9).await;
        let attempt = attempts.unwrap().value.remove(0);
        assert_eq!(attempt.reason.as_deref(), why, "{end}");
        let late = says(&core, status(AgentStatus::Done)).await;
        assert_eq!(late.is_err(), end == "taken", "{end}");
    }
}

#[tokio::test]
async fn a_failure_keeps_its_reason_until_another_is_given() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    let failed = status(AgentStatus::Failed);
    let given = async |patch| report(&core, "ada", patch).await.unwrap().reason;
    let first = given(reason("no compiler", failed.clone())).await;
    assert_eq!(first.as_deref(), Some("no compiler"));
    let again = given(failed.clone()).await;
    assert_eq!(again.as_deref(), Some("no compiler"));
    let other = given(reason("no disk", failed.clone())).await;
    assert_eq!(other.as_deref(), Some("no disk"));
    given(status(AgentStatus::Working)).await;
    assert_eq!(given(failed).await, None, "it failed at something else");
}

#[tokio::test]
async fn leases_end_with_the_work_and_not_with_a_report_of_it() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let lease = async || {
        let request = LeaseRequest {
            agent: "ada".into(),
            paths: vec!["src".to_owned()],
            exclusive: true,
            ttl_seconds: 600,
            reason: None,
            soft: false,
            run: None,
        };
        let granted = core.service.grant_leases(human(), &core.project, request);
        granted.await.unwrap();
    };
    let count = async || {
        let leases = core.service.list_leases(&core.project).await;
        leases.unwrap().value.len()
    };
    lease().await;
    for state in [
        AgentStatus::Working,
        AgentStatus::Idle,
        AgentStatus::Working,
    ] {
        report(&core, "ada", status(state)).await.unwrap();
        assert_eq!(count().await, 1, "{state:?}");
    }
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    assert_eq!(count().await, 0);
    lease().await;
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    assert_eq!(count().await, 1, "it had finished before");
}

#[tokio::test]
async fn the_same_wait_again_began_when_it_began() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let waits = async |patch| {
        core.clock.advance(1000);
        let waiting = report(&core, "ada", patch).await.unwrap().waiting_for;
        let waiting = waiting.unwrap();
        (waiting.since, waiting.options.len())
    };
    let (first, options) = waits(wait(WaitKind::Question, "Which?", &["a", "b"])).await;
    assert_eq!(options, 2);
    let again = waits(wait(WaitKind::Question, "Which?", &[])).await;
    assert_eq!(again, (first, 2));
    let (same, options) = waits(wait(WaitKind::Question, "Which?", &["a"])).await;
    assert_eq!((same, options), (first, 1));
    let (other, options) = waits(wait(WaitKind::Question, "When?", &[])).await;
    assert_ne!(other, first);
    assert_eq!(options, 0);
    let (kind, _) = waits(wait(WaitKind::Permission, "When?", &[])).await;
    assert_ne!(kind, other);
    // A wait without a text shows the agent's last activity.
    let bare = AgentPatch {
        last_activity: Maybe::Value("reading".to_owned()),
        ..status(AgentStatus::Waiting)
    };
    let waiting = report(&core, "ada", bare)
        .await
        .unwrap()
        .waiting_for
        .unwrap();
    assert_eq!(
        (waiting.kind, waiting.text.as_str()),
        (WaitKind::Other, "reading")
    );
}

#[tokio::test]
async fn progress_is_a_new_percentage_or_a_new_activity() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let activity = |text: &str| AgentPatch {
        last_activity: Maybe::Value(text.to_owned()),
        ..AgentPatch::default()
    };
    let percent = |progress| AgentPatch {
        progress: Maybe::Value(progress),
        ..AgentPatch::default()
    };
    let progresses = async |patch| {
        let before = agent(&core, "ada").await.progressed_at;
        core.clock.advance(1000);
        report(&core, "ada", patch).await.unwrap().progressed_at != before
    };
    assert!(progresses(activity("reading")).await);
    assert!(!progresses(activity("reading")).await);
    assert!(progresses(percent(10)).await);
    assert!(!progresses(percent(10)).await);
    assert!(!progresses(AgentPatch::default()).await);
}

#[tokio::test]
async fn work_that_was_seen_before_a_claim_is_not_of_it() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    let done = || AgentPatch {
        evidence: Some(Statement {
            summary: Some("All done".to_owned()),
            ..Statement::default()
        }),
        ..status(AgentStatus::Done)
    };
    core.register("ada", Some("1")).await.unwrap();
    let progress = AgentPatch {
        progress: Maybe::Value(50),
        ..AgentPatch::default()
    };
    report(&core, "ada", progress).await.unwrap();
    report(&core, "ada", done()).await.unwrap();
    report(&core, "ada", claims("2")).await.unwrap();
    report(&core, "ada", done()).await.unwrap();
    let findings = async |id: &str| task(&core, id).await.evidence.unwrap().findings;
    assert!(findings("1").await.is_empty());
    assert_eq!(findings("2").await, ["No work was seen in this claim."]);
}

#[tokio::test]
async fn whoever_registers_again_begins_again_once_it_was_through() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    let progress = AgentPatch {
        progress: Maybe::Value(50),
        ..AgentPatch::default()
    };
    report(&core, "ada", progress).await.unwrap();
    let same = core.register("ada", None).await.unwrap();
    assert_eq!((same.progress, same.task_id.as_str()), (50, "1-alpha"));
    report(&core, "ada", status(AgentStatus::Failed))
        .await
        .unwrap();
    core.told.take();
    let again = core.register("ada", None).await.unwrap();
    assert_eq!((again.progress, again.task_id.as_str()), (0, ""));
    assert_eq!(again.status, AgentStatus::Working);
    let told = core.told.events();
    let Some(Event::CoordinationUpdate(update)) = told.last().map(event) else {
        panic!("{told:?}");
    };
    assert_eq!(update.active_agents, 1);
    assert!(update.agents.contains_key("ada"));
    let stats = async || {
        let stats = core.service.stats(&core.project).await.unwrap().value;
        stats.active_agents
    };
    assert_eq!(stats().await, 1);
    report(&core, "ada", status(AgentStatus::Idle))
        .await
        .unwrap();
    assert_eq!(stats().await, 0);
    assert!(next(&core, "ada", None).await.unwrap().claimed);
    assert_eq!(stats().await, 1);
}
