//! Evidence of completions, with its verdict.

use tasktree_protocol::task::{AttemptOutcome, Verdict};
use tasktree_protocol::{AgentStatus, Status};
use tasktree_server::domain::{AgentPatch, NewLogLines, Statement};
use tasktree_server::error::Error;

use super::{change, report, status, task, to};
use crate::core_support::{Core, human};

#[tokio::test]
async fn evidence_is_stored_with_its_verdict_and_the_attempt() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
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
async fn evidence_goes_with_a_completion_and_with_nothing_else() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    for patch in [AgentPatch::default(), status(AgentStatus::Failed)] {
        let stated = AgentPatch {
            evidence: Some(Statement::default()),
            ..patch
        };
        let Err(Error::Invalid(faults)) = report(&core, "ada", stated).await else {
            panic!("evidence without a completion is refused");
        };
        assert_eq!(faults[0].field, "evidence");
    }
    assert_eq!(task(&core, "1").await.holder, Some("ada".into()));
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
        core.register("ada", Some("1")).await.unwrap();
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
