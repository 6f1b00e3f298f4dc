//! Evidence of completions: its verdict, and the time for which it stands.

use std::path::Path;

use tasktree_protocol::task::{AttemptOutcome, Verdict};
use tasktree_protocol::{AgentStatus, Maybe, Status, Task, TaskPatch};
use tasktree_server::domain::import::ImportedTask;
use tasktree_server::domain::{AgentPatch, NewLogLines, Statement};

use crate::core_support::{Core, human};
use crate::repository::{commit, git, repository, set_project, set_task};

async fn claim(core: &Core, agent: &str) {
    core.register(agent, Some("1")).await.unwrap();
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

/// Returns a board whose only task is to be done in a repository, on the branch `task-1`.
async fn board_of(path: &Path) -> Core {
    let core = Core::in_memory().await;
    set_project(&core, |patch| {
        patch.path = Maybe::Value(path.to_str().unwrap().to_owned());
    })
    .await;
    core.task("First").await;
    core
}

async fn log(core: &Core, agent: &str, about: Option<&str>, line: &str) {
    let lines = NewLogLines {
        agent: Some(agent.into()),
        task_id: about.map(Into::into),
        lines: vec![line.to_owned()],
        ..NewLogLines::default()
    };
    core.service
        .add_log_lines(human(), &core.project, lines)
        .await
        .unwrap();
}

fn stated(commit: Option<&str>, branch: Option<&str>) -> Statement {
    Statement {
        commit: commit.map(str::to_owned),
        branch: branch.map(str::to_owned),
        ..Statement::default()
    }
}

/// Completes the task of an agent whose work was seen, and returns the verdict with its reasons.
async fn complete(core: &Core, agent: &str, stated: Statement) -> (Verdict, String) {
    log(core, agent, None, "compiled").await;
    report(core, agent, done(stated)).await;
    let task = task(core).await;
    let findings = task.evidence.unwrap().findings.join(" ");
    (task.verdict.unwrap(), findings)
}

/// Claims the task of a new board, and completes it at once.
async fn verdict(path: &Path, commit: Option<&str>, branch: Option<&str>) -> (Verdict, String) {
    let core = board_of(path).await;
    claim(&core, "ada").await;
    complete(&core, "ada", stated(commit, branch)).await
}

fn commit_on(path: &Path, branch: &str, text: &str) -> String {
    git(path, &["checkout", "-q", branch]);
    let made = commit(path, "work.txt", text);
    git(path, &["checkout", "-q", "main"]);
    made
}

#[tokio::test]
async fn a_commit_that_the_main_branch_had_proves_nothing() {
    let directory = repository("other.txt");
    let path = directory.path();
    let root = git(path, &["rev-list", "--max-parents=0", "main"]);
    let tip = git(path, &["rev-parse", "task-1"]);
    let (is, why) = verdict(path, Some(&root), None).await;
    assert_eq!(is, Verdict::Stated, "{why}");
    assert!(why.contains("before the claim"), "{why}");
    let (is, why) = verdict(path, Some(&tip), None).await;
    assert_eq!(is, Verdict::Proven, "{why}");
    git(path, &["branch", "-m", "task-1", "elsewhere"]);
    for commit in [&root, &tip] {
        let (is, why) = verdict(path, Some(commit), None).await;
        assert_eq!(is, Verdict::Stated, "the task has no branch: {why}");
    }
    git(path, &["branch", "task-1", "main"]);
    let (is, why) = verdict(path, Some(&root), None).await;
    assert_eq!(is, Verdict::Stated, "the branch is main's tip: {why}");
}

#[tokio::test]
async fn a_commit_of_the_claim_before_proves_nothing() {
    let directory = repository("other.txt");
    let path = directory.path();
    let core = board_of(path).await;
    claim(&core, "ada").await;
    let first = commit_on(path, "task-1", "ada's");
    let failed = AgentPatch {
        status: Maybe::Value(AgentStatus::Failed),
        ..AgentPatch::default()
    };
    report(&core, "ada", failed).await;
    claim(&core, "bob").await;
    let (is, why) = complete(&core, "bob", stated(Some(&first), None)).await;
    assert_eq!(is, Verdict::Stated, "{why}");
    assert!(why.contains("older than the claim"), "{why}");
    set_status(&core, Status::Unclaimed).await;
    claim(&core, "bob").await;
    let second = commit_on(path, "task-1", "bob's");
    let (is, why) = complete(&core, "bob", stated(Some(&second), None)).await;
    assert_eq!(is, Verdict::Proven, "{why}");
}

#[tokio::test]
async fn only_the_id_of_a_commit_names_it() {
    let directory = repository("other.txt");
    let path = directory.path();
    let tip = git(path, &["rev-parse", "task-1"]);
    let tree = git(path, &["rev-parse", "task-1^{tree}"]);
    git(path, &["branch", "deadbee", "task-1"]);
    git(path, &["tag", "-am", "tag", "v1", "task-1"]);
    let tag = git(path, &["rev-parse", "v1"]);
    // A branch may be named like the id of another commit.
    git(path, &["branch", &tip[..10], "main"]);
    let (short, shout) = (&tip[..10], tip.to_uppercase());
    for (commit, expected) in [
        (short, Verdict::Proven),
        (&shout, Verdict::Proven),
        ("deadbee", Verdict::Contradicted),
        (&tree, Verdict::Contradicted),
        (&tag, Verdict::Contradicted),
        (&"0".repeat(40), Verdict::Contradicted),
    ] {
        let (is, why) = verdict(path, Some(commit), None).await;
        assert_eq!(is, expected, "{commit}: {why}");
    }
}

#[tokio::test]
async fn what_says_nothing_of_the_work_is_no_sign_of_it() {
    let directory = repository("other.txt");
    let path = directory.path();
    let tip = git(path, &["rev-parse", "task-1"]);
    let says = |activity: &str| AgentPatch {
        last_activity: Maybe::Value(activity.to_owned()),
        ..AgentPatch::default()
    };
    for sign in ["none", "empty", "blank", "other", "last", "activity", "log"] {
        let core = board_of(path).await;
        core.task("Second").await;
        claim(&core, "ada").await;
        let mut end = done(stated(Some(&tip), None));
        match sign {
            "empty" => report(&core, "ada", says(" ")).await,
            "blank" => log(&core, "ada", None, " ").await,
            "other" => log(&core, "ada", Some("2"), "compiled").await,
            "last" => {
                end.progress = Maybe::Value(100);
                end.last_activity = Maybe::Value("compiled".to_owned());
            }
            "activity" => report(&core, "ada", says("compiles")).await,
            "log" => log(&core, "ada", Some("1"), "compiled").await,
            _ => {}
        }
        report(&core, "ada", end).await;
        let expected = match sign {
            "activity" | "log" => Verdict::Proven,
            _ => Verdict::Stated,
        };
        assert_eq!(task(&core).await.verdict, Some(expected), "{sign}");
    }
}

#[tokio::test]
async fn a_commit_is_looked_for_on_the_branch_that_the_task_has_now() {
    let directory = repository("other.txt");
    let path = directory.path();
    let tip = git(path, &["rev-parse", "task-1"]);
    git(path, &["branch", "wrong", "main"]);
    let core = board_of(path).await;
    let to = |branch: &'static str| {
        move |patch: &mut TaskPatch| patch.branch = Maybe::Value(branch.to_owned())
    };
    set_task(&core, to("wrong")).await;
    claim(&core, "ada").await;
    set_task(&core, to("task-1")).await;
    let (is, why) = complete(&core, "ada", stated(Some(&tip), None)).await;
    assert_eq!(is, Verdict::Proven, "{why}");
    let (is, why) = verdict(path, Some(&tip), Some("wrong")).await;
    assert_eq!(is, Verdict::Contradicted, "{why}");
}

#[tokio::test]
async fn a_branch_that_is_merged_is_no_lie_and_proof_where_the_claim_did_it() {
    for how in ["--no-ff", "--ff-only"] {
        let directory = repository("other.txt");
        let path = directory.path();
        git(path, &["checkout", "-q", "task-1"]);
        git(path, &["rebase", "-q", "main"]);
        let tip = commit(path, "work.txt", "work");
        git(path, &["checkout", "-q", "main"]);
        let core = board_of(path).await;
        claim(&core, "ada").await;
        git(path, &["merge", "-q", "--no-edit", how, "task-1"]);
        let both = stated(Some(&tip), Some("task-1"));
        let (is, why) = complete(&core, "ada", both.clone()).await;
        assert_eq!(is, Verdict::Proven, "{how}: {why}");
        for (commit, branch) in [
            (Some(&*tip), Some("task-1")),
            (Some(&*tip), None),
            (None, Some("task-1")),
        ] {
            let (is, why) = verdict(path, commit, branch).await;
            assert_eq!(is, Verdict::Stated, "{how} {branch:?}: {why}");
        }
        git(path, &["branch", "empty", "main"]);
        let (is, why) = verdict(path, None, Some("empty")).await;
        assert_eq!(is, Verdict::Contradicted, "{how}: {why}");
        let (is, why) = verdict(path, None, Some("never")).await;
        assert_eq!(is, Verdict::Contradicted, "{how}: {why}");
    }
}

#[tokio::test]
async fn a_branch_may_be_removed_after_its_merge() {
    let directory = repository("other.txt");
    let path = directory.path();
    let core = board_of(path).await;
    claim(&core, "ada").await;
    let tip = commit_on(path, "task-1", "work");
    git(path, &["merge", "-q", "--no-edit", "task-1"]);
    git(path, &["branch", "-q", "-D", "task-1"]);
    let both = stated(Some(&tip), Some("task-1"));
    let (is, why) = complete(&core, "ada", both).await;
    assert_eq!(is, Verdict::Proven, "{why}");
}

#[tokio::test]
async fn a_lie_is_seen_without_a_main_branch_too() {
    let directory = repository("other.txt");
    let path = directory.path();
    let tip = git(path, &["rev-parse", "task-1"]);
    for (commit, expected) in [
        ("0".repeat(40), Verdict::Contradicted),
        (tip, Verdict::Stated),
    ] {
        let core = board_of(path).await;
        set_project(&core, |patch| {
            patch.main_branch = Maybe::Value("release".to_owned());
        })
        .await;
        claim(&core, "ada").await;
        let (is, why) = complete(&core, "ada", stated(Some(&commit), None)).await;
        assert_eq!(is, expected, "{why}");
    }
}
