//! Evidence of completions: its verdict, and how long it stands.

use tasktree_protocol::task::{AttemptOutcome, Verdict};
use tasktree_protocol::{AgentStatus, Maybe, Status, Task, TaskPatch};
use tasktree_server::domain::import::ImportedTask;
use tasktree_server::domain::{AgentPatch, RegisterAgent, Statement};

use crate::core_support::{Core, human};

async fn claim(core: &Core, agent: &str) {
    let new = RegisterAgent {
        id: agent.into(),
        task_id: Some("1".into()),
        branch: None,
        description: None,
        run: None,
    };
    core.service
        .register_agent(human(), &core.project, new)
        .await
        .unwrap();
}

async fn report(core: &Core, agent: &str, patch: AgentPatch) {
    core.service
        .update_agent(human(), &core.project, &agent.into(), patch)
        .await
        .unwrap();
}

fn done(stated: Statement) -> AgentPatch {
    AgentPatch {
        status: Maybe::Value(AgentStatus::Done),
        evidence: Some(stated),
        ..AgentPatch::default()
    }
}

fn summary() -> Statement {
    Statement {
        summary: Some("All done".to_owned()),
        ..Statement::default()
    }
}

async fn task(core: &Core) -> Task {
    let found = core.service.task(&core.project, &"1".into()).await;
    found.unwrap().value
}

async fn set_status(core: &Core, status: Status) {
    let patch = TaskPatch {
        status: Maybe::Value(status),
        ..TaskPatch::default()
    };
    core.service
        .update_task(human(), &core.project, &"1".into(), patch, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn evidence_stands_while_its_completion_does() {
    let core = Core::in_memory().await;
    let imported = |status| ImportedTask {
        source: "t/1".to_owned(),
        title: "First".to_owned(),
        status,
        ..ImportedTask::default()
    };
    let import = async |status| {
        let tasks = vec![imported(status)];
        core.service
            .import_tasks(human(), &core.project, tasks, false)
            .await
            .unwrap();
    };
    import(Status::Unclaimed).await;
    for (attempt, undo) in ["unclaimed", "in_progress", "import", "reset"]
        .into_iter()
        .enumerate()
    {
        claim(&core, "ada").await;
        report(&core, "ada", done(summary())).await;
        assert_eq!(task(&core).await.verdict, Some(Verdict::Stated), "{undo}");
        match undo {
            "unclaimed" => set_status(&core, Status::Unclaimed).await,
            "in_progress" => set_status(&core, Status::InProgress).await,
            "import" => import(Status::UpNext).await,
            _ => {
                let project = &core.project;
                let reset = core.service.reset_agent_tasks(human(), project).await;
                let undo = reset.unwrap().value.undo.unwrap();
                assert_eq!(task(&core).await.verdict, None);
                core.service.undo(human(), project, &undo).await.unwrap();
                assert_eq!(task(&core).await.verdict, Some(Verdict::Stated));
                core.service
                    .reset_agent_tasks(human(), project)
                    .await
                    .unwrap();
            }
        }
        let undone = task(&core).await;
        assert_eq!((undone.verdict, &undone.evidence), (None, &None), "{undo}");
        set_status(&core, Status::Completed).await;
        let by_hand = task(&core).await;
        assert_eq!(
            (by_hand.verdict, &by_hand.evidence),
            (None, &None),
            "{undo}"
        );
        set_status(&core, Status::Unclaimed).await;
        let attempts = core
            .service
            .attempts(&core.project, &"1".into(), 10)
            .await
            .unwrap()
            .value;
        assert_eq!(attempts.len(), attempt + 1);
        let newest = &attempts[0];
        assert_eq!(newest.outcome, Some(AttemptOutcome::Completed), "{undo}");
        assert_eq!(newest.verdict, Some(Verdict::Stated), "{undo}");
    }
}

#[tokio::test]
async fn evidence_stays_with_a_merged_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    claim(&core, "ada").await;
    report(&core, "ada", done(summary())).await;
    set_status(&core, Status::Merged).await;
    assert_eq!(task(&core).await.verdict, Some(Verdict::Stated));
}
