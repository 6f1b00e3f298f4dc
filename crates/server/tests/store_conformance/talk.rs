//! Messages and comments of people and agents.

use std::sync::Arc;

use tasktree_protocol::{Comment, Timestamp};
use tasktree_server::store::Store;

use crate::jobs::queue;

fn comment(task: u64, body: &str) -> Comment {
    Comment {
        id: 0,
        task_id: format!("{task}-alpha").into(),
        author: "human:ann".to_owned(),
        body: body.to_owned(),
        made_at: Timestamp::from_unix_millis(1000),
        edited_at: None,
        deleted_at: None,
    }
}

pub(crate) async fn a_comment_is_read_as_it_was_written_and_is_of_its_task_only(
    store: Arc<dyn Store>,
) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        let mut first = comment(1, "line\r\n'; DROP TABLE comments; --\0 é 任务");
        first.id = rows.add_comment(&alpha, 1, &first)?;
        let other = rows.add_comment(&alpha, 2, &comment(2, "of another task"))?;
        assert!(other > first.id);
        assert_eq!(rows.comments(&alpha, 1)?, [first.clone()]);
        assert_eq!(rows.comment(&alpha, first.id)?, Some(first.clone()));
        assert_eq!(rows.comment(&beta, first.id)?, None);
        first.body.clear();
        first.edited_at = Some(Timestamp::from_unix_millis(2000));
        first.deleted_at = Some(Timestamp::from_unix_millis(3000));
        rows.put_comment(&beta, &comment(1, "nothing of another project"))?;
        rows.put_comment(&alpha, &first)?;
        assert_eq!(rows.comment(&alpha, first.id)?, Some(first.clone()));
        assert_eq!(rows.count_comments(&alpha, 1)?, 0);
        assert_eq!(rows.count_comments(&alpha, 2)?, 1);
        rows.trim_deleted_comments(&alpha, 1, 1)?;
        assert_eq!(rows.comments(&alpha, 1)?.len(), 1);
        rows.trim_deleted_comments(&alpha, 1, 0)?;
        rows.trim_deleted_comments(&alpha, 2, 0)?;
        assert!(rows.comments(&alpha, 1)?.is_empty());
        assert_eq!(rows.comments(&alpha, 2)?.len(), 1, "it is not deleted");
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}
