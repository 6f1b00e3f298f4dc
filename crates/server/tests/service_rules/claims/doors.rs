//! Claims by changes of tasks: the rules for agents and for people.

use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::{AgentStatus, Maybe, Status, TaskPatch};
use tasktree_server::error::Error;

use super::{agent, both, change, change_as, report, session, status, task, to};
use crate::core_support::{Core, human};

fn title(text: &str, patch: TaskPatch) -> TaskPatch {
    TaskPatch {
        title: Maybe::Value(text.to_owned()),
        ..patch
    }
}

fn hold(reason: &str) -> TaskPatch {
    TaskPatch {
        on_hold: Maybe::Value(reason.to_owned()),
        ..TaskPatch::default()
    }
}

fn nobody() -> TaskPatch {
    TaskPatch {
        session: Maybe::Null,
        ..TaskPatch::default()
    }
}

/// Returns a server with two tasks and the idle agents ada and bob.
async fn with_agents() -> Core {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.register("ada", None).await.unwrap();
    core.register("bob", None).await.unwrap();
    core
}

/// Returns the same with the first task in progress under ada's name, but held by nobody.
async fn with_nobodys_task() -> Core {
    let core = with_agents().await;
    report(&core, "ada", super::claims("1")).await.unwrap();
    core.service
        .delete_task(human(), &core.project, &"1".into())
        .await
        .unwrap();
    core.service
        .restore_task(human(), &core.project, &"1".into())
        .await
        .unwrap();
    let restored = task(&core, "1").await;
    assert_eq!(restored.status, Status::InProgress);
    assert_eq!(
        (restored.session.as_deref(), restored.holder),
        (Some("ada"), None)
    );
    core
}

#[tokio::test]
async fn an_agent_claims_a_task_in_progress_that_is_nobodys() {
    for patch in [
        to(Status::InProgress),
        session("ada"),
        both(Status::InProgress, "ada"),
    ] {
        let core = with_nobodys_task().await;
        let claimed = change_as(&core, "ada", "1", patch, None).await.unwrap();
        assert_eq!(
            (claimed.holder, claimed.generation),
            (Some("ada".into()), 2)
        );
        assert_eq!(agent(&core, "ada").await.generation, Some(2));
    }
    let core = with_nobodys_task().await;
    let claimed = change_as(&core, "bob", "1", to(Status::InProgress), None).await;
    assert_eq!(claimed.unwrap().holder, Some("bob".into()));
    let core = with_nobodys_task().await;
    let renamed = title("Renamed", TaskPatch::default());
    let renamed = change_as(&core, "ada", "1", renamed, None).await.unwrap();
    assert_eq!((renamed.title.as_str(), renamed.holder), ("Renamed", None));
    // The name of an unregistered agent is a label, and setting it again changes nothing.
    let label = change_as(&core, "eve", "2", both(Status::InProgress, "eve"), None).await;
    let label = label.unwrap();
    assert_eq!(
        (label.session.as_deref(), &label.holder),
        (Some("eve"), &None)
    );
    let again = change_as(&core, "eve", "2", to(Status::InProgress), None).await;
    assert_eq!(again.unwrap().rev, label.rev);
}

#[tokio::test]
async fn a_person_assigns_a_task_that_has_the_agents_name_already() {
    for patch in [session("ada"), both(Status::InProgress, "ada")] {
        let core = with_nobodys_task().await;
        let assigned = change(&core, human(), "1", patch, None).await.unwrap();
        assert_eq!(assigned.holder, Some("ada".into()));
    }
    // A whole row that comes back with another title changes that title.
    let core = with_nobodys_task().await;
    let row = title("Renamed", both(Status::InProgress, "ada"));
    let renamed = change(&core, human(), "1", row, None).await.unwrap();
    assert_eq!((renamed.title.as_str(), renamed.holder), ("Renamed", None));
    // A task that is held already stays so, without a question.
    let core = with_agents().await;
    let held = report(&core, "ada", super::claims("1")).await.unwrap();
    let row = both(Status::InProgress, "ada");
    let same = change(&core, human(), "1", row, None).await.unwrap();
    assert_eq!(
        (same.holder, Some(same.generation)),
        (Some("ada".into()), held.generation)
    );
    // The status alone assigns nothing, and neither does an empty name.
    for patch in [to(Status::InProgress), session("")] {
        let core = with_nobodys_task().await;
        let changed = change(&core, human(), "1", patch, None).await.unwrap();
        assert_eq!(changed.holder, None);
    }
    let core = with_agents().await;
    let done = change(&core, human(), "1", both(Status::Completed, "ada"), None).await;
    assert_eq!(done.unwrap().holder, None);
    let same = change(&core, human(), "1", session("ada"), None)
        .await
        .unwrap();
    assert_eq!((same.status, same.holder), (Status::Completed, None));
}

#[tokio::test]
async fn an_agent_that_works_claims_no_second_task_by_changing_it() {
    let core = with_agents().await;
    report(&core, "ada", super::claims("1")).await.unwrap();
    let busy = "Agent 'ada' is working on task #1; complete or release that task first";
    for patch in [to(Status::InProgress), to(Status::Completed)] {
        let refused = change_as(&core, "ada", "2", patch, None).await.unwrap_err();
        assert_eq!(refused.to_string(), busy);
    }
    let assigned = change(&core, human(), "2", both(Status::InProgress, "ada"), None).await;
    assert_eq!(assigned.unwrap_err().to_string(), busy);
    assert_eq!(task(&core, "2").await.status, Status::Unclaimed);
}

#[tokio::test]
async fn an_agent_completes_a_task_at_once_and_releases_its_own() {
    let core = with_agents().await;
    let done = change_as(&core, "ada", "1", to(Status::Completed), None).await;
    let done = done.unwrap();
    assert_eq!(
        (done.status, done.session.as_deref()),
        (Status::Completed, Some("ada"))
    );
    assert_eq!((done.holder, done.generation), (None, 1));
    assert_eq!(agent(&core, "ada").await.status, AgentStatus::Done);
    for (patch, expected) in [
        (to(Status::Unclaimed), Status::Unclaimed),
        (to(Status::UpNext), Status::UpNext),
        (nobody(), Status::Unclaimed),
        (session(""), Status::Unclaimed),
        (
            TaskPatch {
                status: Maybe::Value(Status::UpNext),
                ..nobody()
            },
            Status::UpNext,
        ),
    ] {
        report(&core, "bob", super::claims("2")).await.unwrap();
        let released = change_as(&core, "bob", "2", patch, None).await.unwrap();
        assert_eq!((released.status, released.session), (expected, None));
        assert_eq!(agent(&core, "bob").await.generation, None);
    }
}

#[tokio::test]
async fn an_agent_leaves_the_task_of_another_alone() {
    let core = with_agents().await;
    report(&core, "ada", super::claims("1")).await.unwrap();
    let deeds = [
        to(Status::UpNext),
        to(Status::Completed),
        nobody(),
        session("bob"),
        both(Status::Unclaimed, "bob"),
    ];
    for patch in deeds.clone() {
        let refused = change_as(&core, "bob", "1", patch, None).await;
        assert!(matches!(refused, Err(Error::Taken(_))), "{refused:?}");
    }
    core.clock.advance(SILENT_AFTER_MS);
    core.service.sweep().await.unwrap();
    // It may claim the task of a silent agent, and do nothing else with it.
    for patch in [to(Status::UpNext), to(Status::Completed), nobody()] {
        let refused = change_as(&core, "bob", "1", patch, None).await;
        assert!(matches!(refused, Err(Error::Taken(_))), "{refused:?}");
    }
    let taken = change_as(&core, "bob", "1", session("bob"), None)
        .await
        .unwrap();
    assert_eq!((taken.holder, taken.generation), (Some("bob".into()), 2));
    let reason = agent(&core, "ada").await.reason;
    assert_eq!(reason.as_deref(), Some("Taken by bob: ada was silent"));
}

#[tokio::test]
async fn an_agent_edits_the_task_of_another_without_claiming_it() {
    let core = with_agents().await;
    report(&core, "ada", super::claims("1")).await.unwrap();
    let whole_row = title("Renamed again", both(Status::InProgress, "ada"));
    for patch in [title("Renamed", TaskPatch::default()), whole_row] {
        let edited = change_as(&core, "bob", "1", patch.clone(), None).await;
        let edited = edited.unwrap();
        assert_eq!(Maybe::Value(edited.title), patch.title);
        assert_eq!((edited.holder, edited.generation), (Some("ada".into()), 1));
    }
}

#[tokio::test]
async fn a_person_does_anything_with_the_task_of_a_silent_agent() {
    for patch in [
        to(Status::UpNext),
        to(Status::Completed),
        session("bob"),
        nobody(),
    ] {
        let core = with_agents().await;
        report(&core, "ada", super::claims("1")).await.unwrap();
        core.clock.advance(SILENT_AFTER_MS);
        core.service.sweep().await.unwrap();
        let taken = change(&core, human(), "1", patch, None).await.unwrap();
        assert_ne!(taken.holder, Some("ada".into()));
        assert_eq!(agent(&core, "ada").await.generation, None);
    }
}

#[tokio::test]
async fn a_hold_is_for_people_and_its_reason_may_be_repeated() {
    let core = with_agents().await;
    change(&core, human(), "1", hold("later"), None)
        .await
        .unwrap();
    let same = title("Renamed", hold("later"));
    let same = change_as(&core, "ada", "1", same, None).await.unwrap();
    assert_eq!(same.title, "Renamed");
    for (task, patch) in [("1", hold("never")), ("2", hold("later"))] {
        let refused = change_as(&core, "ada", task, patch, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let end = TaskPatch {
        on_hold: Maybe::Null,
        ..TaskPatch::default()
    };
    let refused = change_as(&core, "ada", "1", end.clone(), None).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    assert!(
        change_as(&core, "ada", "2", end, None).await.is_ok(),
        "there is none"
    );
    for status in [Status::InProgress, Status::Completed, Status::UpNext] {
        let refused = change_as(&core, "ada", "1", to(status), None).await;
        assert!(matches!(refused, Err(Error::Blocked(_))), "{refused:?}");
    }
    // A person may assign it all the same, and its holder may complete it.
    change(&core, human(), "1", both(Status::InProgress, "ada"), None)
        .await
        .unwrap();
    let done = change_as(&core, "ada", "1", to(Status::Completed), None).await;
    assert!(done.unwrap().on_hold.is_some());
}

#[tokio::test]
async fn an_agent_moves_what_is_nobodys_and_never_what_is_merged() {
    let core = with_agents().await;
    let moved = change_as(&core, "ada", "1", to(Status::UpNext), None)
        .await
        .unwrap();
    assert_eq!((moved.status, moved.session), (Status::UpNext, None));
    // A label is the word of a person or of an unknown agent; removing it leaves the status.
    change(&core, human(), "2", both(Status::InProgress, "eve"), None)
        .await
        .unwrap();
    let bare = change_as(&core, "ada", "2", nobody(), None).await.unwrap();
    assert_eq!((bare.status, bare.session), (Status::InProgress, None));
    let done = change_as(&core, "eve", "2", to(Status::Completed), None)
        .await
        .unwrap();
    assert_eq!(
        (done.status, done.session.as_deref()),
        (Status::Completed, Some("eve"))
    );
    let back = change_as(&core, "ada", "2", to(Status::UpNext), None)
        .await
        .unwrap();
    assert_eq!((back.status, back.session), (Status::UpNext, None));
    change(&core, human(), "1", to(Status::Merged), None)
        .await
        .unwrap();
    for status in [Status::Unclaimed, Status::InProgress, Status::Completed] {
        let refused = change_as(&core, "ada", "1", to(status), None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let renamed = title("Renamed", to(Status::Merged));
    let renamed = change_as(&core, "ada", "1", renamed, None).await.unwrap();
    assert_eq!(
        renamed.title, "Renamed",
        "the status is the one that it has"
    );
}

#[tokio::test]
async fn an_agent_speaks_for_itself() {
    let core = with_agents().await;
    for name in ["bob", "eve"] {
        let refused = change_as(&core, "ada", "1", both(Status::InProgress, name), None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let taken = change_as(&core, "ada", "1", to(Status::InProgress), Some("ada")).await;
    assert!(matches!(taken, Err(Error::Forbidden(_))), "{taken:?}");
    report(&core, "bob", status(AgentStatus::Idle))
        .await
        .unwrap();
    assert_eq!(task(&core, "1").await.generation, 0);
}
