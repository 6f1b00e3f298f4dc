//! Comments: their maximum number, and their preservation with the project.

use std::sync::Arc;

use tasktree_protocol::Comment;
use tasktree_server::error::Error;
use tasktree_server::limits::Limits;
use tasktree_server::store::SqliteStore;

use crate::core_support::{Core, human};

async fn write(core: &Core, body: &str) -> Result<Comment, Error> {
    let receipt = core
        .service
        .add_comment(human(), &core.project, &"1".into(), body.to_owned())
        .await?;
    Ok(receipt.value)
}

async fn bodies(core: &Core) -> Vec<String> {
    let comments = core.service.comments(&core.project, &"1".into()).await;
    let comments = comments.unwrap().value.into_iter();
    comments.map(|comment| comment.body).collect()
}

#[tokio::test]
async fn comments_and_deleted_ones_are_bounded_and_a_full_task_says_what_to_do() {
    let limits = Limits {
        comments_per_task: 3,
        ..Limits::default()
    };
    let core = Core::with(Arc::new(SqliteStore::in_memory().unwrap()), limits).await;
    core.task("First").await;
    core.task("Second").await;
    let mut last = 0;
    for round in 0..8 {
        last = write(&core, &format!("deleted {round}")).await.unwrap().id;
        core.service
            .delete_comment(human(), &core.project, last)
            .await
            .unwrap();
    }
    for body in ["a", "b", "c"] {
        let id = write(&core, body).await.unwrap().id;
        assert!(id > last, "no number is given twice");
    }
    assert_eq!(bodies(&core).await, ["", "", "", "a", "b", "c"]);
    let refused = write(&core, "d").await;
    let Err(Error::Refused(sentence)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        sentence,
        "Task #1 has reached the maximum number of comments (3). Delete one to add another."
    );
    // Another task has room of its own.
    core.service
        .add_comment(human(), &core.project, &"2".into(), "x".to_owned())
        .await
        .unwrap();
}

#[tokio::test]
async fn comments_come_back_with_a_project_that_was_reset_or_deleted() {
    let core = Core::in_memory().await;
    core.task("First").await;
    write(&core, "kept").await.unwrap();
    for delete in [false, true] {
        if delete {
            core.service
                .delete_project(human(), &core.project)
                .await
                .unwrap();
        } else {
            core.service
                .reset_project(human(), &core.project)
                .await
                .unwrap();
            core.task("Another first").await;
            assert!(bodies(&core).await.is_empty(), "of the old task #1");
        }
        core.service
            .restore_project(human(), &core.project, None)
            .await
            .unwrap();
        assert_eq!(bodies(&core).await, ["kept"], "deleted: {delete}");
    }
}
