//! The SQLite store and its files.

use std::path::Path;
use std::sync::Arc;

use crate::core_support::{Core, human};
use tasktree_protocol::{Cursor, StreamId};
use tasktree_server::error::Error;
use tasktree_server::service::{NoPublisher, Service};
use tasktree_server::store::SqliteStore;

fn service(path: &Path) -> Service {
    Service::new(
        Arc::new(SqliteStore::open(path).unwrap()),
        Arc::new(NoPublisher),
    )
}

/// Creates a database with one project and `tasks` tasks; returns the project's position.
async fn filled(path: &Path, tasks: usize) -> Cursor {
    let core = Core::over(Arc::new(SqliteStore::open(path).unwrap())).await;
    for index in 0..tasks {
        core.task(&format!("Task {index}")).await;
    }
    position(&core.service).await
}

async fn position(service: &Service) -> Cursor {
    service
        .stream_position(&StreamId::from("alpha"))
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_restart_keeps_rows_positions_and_epochs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/er/tasktree.db");
    let before = filled(&path, 3).await;
    let service = service(&path);
    assert_eq!(position(&service).await, before);
    assert_eq!(
        service
            .list_cards(&"alpha".into())
            .await
            .unwrap()
            .value
            .len(),
        3
    );
    assert_eq!(
        service
            .read_events(&"alpha".into(), 0, 10)
            .await
            .unwrap()
            .events
            .len(),
        3
    );
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_with_a_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .pragma_update(None, "user_version", 4711)
        .unwrap();
    drop(connection);
    let error = SqliteStore::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("newer version") && error.contains("4711"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    let text = "not a database, and somebody's only copy ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    assert!(SqliteStore::open(&path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let first = SqliteStore::open(&path).unwrap();
    let error = SqliteStore::open(&path).unwrap_err().to_string();
    assert!(error.contains("in use by another process"), "{error}");
    drop(first);
    SqliteStore::open(&path).unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_is_served_once_whichever_of_its_names_is_used() {
    let directory = tempfile::tempdir().unwrap();
    let of = |name: &str| directory.path().join(name);
    let before = filled(&of("tasktree.db"), 2).await;
    std::os::unix::fs::symlink("tasktree.db", of("link.db")).unwrap();
    std::fs::hard_link(of("tasktree.db"), of("hard.db")).unwrap();
    let names = ["tasktree.db", "link.db", "hard.db"].map(of);
    for first in &names {
        let _first = SqliteStore::open(first).unwrap();
        for second in &names {
            let error = SqliteStore::open(second).unwrap_err().to_string();
            assert!(error.contains("in use by another process"), "{error}");
        }
    }
    // A symbolic link is another path to the same files, also to the state beside it.
    std::fs::remove_file(of("hard.db")).unwrap();
    let through_the_link = position(&service(&of("link.db"))).await;
    assert_eq!(
        position(&service(&of("tasktree.db"))).await,
        through_the_link
    );
    assert_eq!(through_the_link.seq, before.seq);
}

#[tokio::test]
async fn a_file_put_back_to_an_older_state_gets_new_epochs_and_keeps_its_history() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let backup = directory.path().join("backup.db");
    let old = filled(&path, 2).await;
    std::fs::copy(&path, &backup).unwrap();
    {
        let service = service(&path);
        let new = tasktree_protocol::NewTask {
            title: "Lost".into(),
            ..Default::default()
        };
        service
            .create_task(human(), &"alpha".into(), new)
            .await
            .unwrap();
    }
    std::fs::copy(&backup, &path).unwrap();
    let service = service(&path);
    let restored = position(&service).await;
    assert_ne!(
        restored.epoch, old.epoch,
        "position 3 will mean something else"
    );
    assert_eq!(restored.seq, old.seq);
    // Clients with cursors of the other epoch get no replay, but they can read events.
    assert!(matches!(
        service.read_events(&"alpha".into(), 0, 10).await,
        Err(Error::Trimmed { first_available: 3 })
    ));
    let page = service.read_events(&"alpha".into(), 2, 10).await.unwrap();
    assert_eq!(
        (page.first_available, page.top, page.events.len()),
        (3, 2, 0)
    );
    assert_eq!(
        service
            .history(&"alpha".into(), &"1".into(), 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_file_without_its_state_beside_it_gets_new_epochs_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let old = filled(&path, 1).await;
    std::fs::remove_file(directory.path().join("tasktree.db.state")).unwrap();
    let first = position(&service(&path)).await;
    assert_ne!(first.epoch, old.epoch);
    assert_eq!(position(&service(&path)).await, first);
}

#[tokio::test]
async fn the_project_of_an_import_that_was_broken_off_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    for (tasks, stays) in [(0, false), (1, true)] {
        let path = directory.path().join(format!("{tasks}.db"));
        filled(&path, tasks).await;
        let connection = rusqlite::Connection::open(&path).unwrap();
        let source = r#"{"format": "task-master", "file": "/a/tasks.json", "lists": [], "unfinished": true}"#;
        let sql = "UPDATE projects SET import_source = ? WHERE id = 'alpha'";
        connection.execute(sql, [source]).unwrap();
        drop(connection);
        let projects = service(&path).list_projects().await.unwrap().value;
        assert_eq!(projects.len(), usize::from(stays));
    }
}
