//! Writes that name what their author saw, and who that is.

use tasktree_protocol::{Bound, Command, NO_CREDENTIAL, NewTask, ProjectId};
use tasktree_server::actor::Actor;
use tasktree_server::service::WriteContext;

use super::core_support::{Core, human};

/// A command that makes a task.
fn create(project: &ProjectId, title: &str, bound: Bound) -> Command {
    Command::CreateTask {
        project_id: project.clone(),
        task: NewTask {
            title: title.to_owned(),
            ..NewTask::default()
        },
        bound: Some(bound),
    }
}

async fn code_of(core: &Core, id: &str, command: Command) -> &'static str {
    let context = WriteContext::command(Actor::local(), id, &command).unwrap();
    let outcome = core.service.execute(context, command).await;
    outcome.map_or_else(|error| error.code(), |_| "ok")
}

async fn titles(core: &Core) -> Vec<String> {
    let tasks = core.service.list_tasks(&core.project).await.unwrap();
    tasks.value.into_iter().map(|task| task.title).collect()
}

#[tokio::test]
async fn a_change_is_made_only_in_the_life_of_the_project_that_its_author_saw() {
    let core = Core::in_memory().await;
    let seen = core.service.project(&core.project).await.unwrap().cursor;
    let bound = || Bound {
        epoch: Some(seen.epoch.clone()),
        caller: Some(NO_CREDENTIAL.to_owned()),
    };
    let before = create(&core.project, "Before", bound());
    assert_eq!(code_of(&core, "c1", before.clone()).await, "ok");
    let reset = core.service.reset_project(human(), &core.project).await;
    reset.unwrap();
    let after = create(&core.project, "After", bound());
    assert_eq!(code_of(&core, "c2", after).await, "replaced");
    assert_eq!(titles(&core).await, [""; 0]);
    // What was made before the reset is not asked again.
    assert_eq!(code_of(&core, "c1", before).await, "ok");
    assert_eq!(titles(&core).await, [""; 0]);
    let unbound = create(&core.project, "Unbound", Bound::default());
    assert_eq!(code_of(&core, "c3", unbound).await, "ok");
}

#[tokio::test]
async fn a_change_is_made_only_by_the_credential_of_its_author() {
    let core = Core::in_memory().await;
    let by = |caller: &str| Bound {
        epoch: None,
        caller: Some(caller.to_owned()),
    };
    let foreign = create(&core.project, "Foreign", by("c1"));
    assert_eq!(code_of(&core, "c1", foreign).await, "other_caller");
    let own = create(&core.project, "Own", by(NO_CREDENTIAL));
    assert_eq!(code_of(&core, "c2", own).await, "ok");
    assert_eq!(titles(&core).await, ["Own"]);
}
