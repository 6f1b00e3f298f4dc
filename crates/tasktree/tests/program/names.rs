//! A database under another name than that of its last server.

use std::path::Path;

use serde_json::json;

use crate::server::{Server, out, run, said};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Creates a database with a project whose commit is not in the file itself: its server is killed.
async fn crashed(folder: &Path, name: &str) {
    let server = Server::start(folder, &["--db", name], "info", "Data: ").await;
    let project = json!({"id": "alpha", "name": "Alpha", "path": ""});
    let made = server.http.post(server.url("/api/projects")).json(&project);
    made.send().await.unwrap().error_for_status().unwrap();
    server.end().await;
}

/// Returns the refusals of a database by all commands that would write to it or copy it.
async fn refusals(folder: &Path, name: &str) -> Vec<String> {
    let mut all = Vec::new();
    for arguments in [
        &SERVE[..],
        &["token", "list"],
        &["backup", "made.db"],
        &["restore", "kept.db"],
    ] {
        let refused = run(&[arguments, &["--db", name]].concat(), folder).await;
        assert!(
            !refused.status.success(),
            "{arguments:?}: {}",
            said(&refused)
        );
        all.push(said(&refused));
    }
    assert!(!folder.join("made.db").exists());
    all
}

async fn has_alpha(folder: &Path, name: &str) -> bool {
    let server = Server::start(folder, &["--db", name], "info", "Data: ").await;
    let projects = server.get("/api/projects").await;
    server.end().await;
    projects[0]["id"] == "alpha"
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_under_which_the_last_commits_are_not_found_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    crashed(path, "board.db").await;
    out(&run(&["backup", "kept.db", "--db", "board.db"], path).await);
    crashed(path, "other.db").await;
    std::fs::create_dir(path.join("deep")).unwrap();
    for name in ["hard.db", "deep/hard.db"] {
        std::fs::hard_link(path.join("other.db"), path.join(name)).unwrap();
        for said in refusals(path, name).await {
            assert!(said.contains("other.db-wal"), "{name}: {said}");
        }
    }
    // A rename that forgot the files beside the database.
    std::fs::rename(path.join("other.db"), path.join("renamed.db")).unwrap();
    for said in refusals(path, "renamed.db").await {
        assert!(said.contains("other.db-wal"), "{said}");
    }
    for said in refusals(path, "hard.db").await {
        assert!(said.contains("other.db-wal"), "{said}");
    }
    // Nor is another database created over the remains of this one.
    let fresh = run(&[&SERVE[..], &["--db", "other.db"]].concat(), path).await;
    assert!(
        said(&fresh).contains("Put the database back"),
        "{}",
        said(&fresh)
    );
    assert!(!path.join("other.db").exists());
    std::fs::rename(path.join("other.db-wal"), path.join("renamed.db-wal")).unwrap();
    assert!(has_alpha(path, "renamed.db").await, "nothing was lost");
    // A tool of SQLite writes all of it into the file, and then any name will do.
    out(&run(&["backup", "whole.db", "--db", "renamed.db"], path).await);
    for name in ["hard.db", "deep/hard.db", "renamed.db"] {
        out(&run(&["token", "list", "--db", name], path).await);
    }
    std::fs::remove_file(path.join("deep/hard.db")).unwrap();
    std::fs::rename(path.join("renamed.db"), path.join("moved.db")).unwrap();
    assert!(has_alpha(path, "moved.db").await);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_with_names_that_are_not_found_is_served_only_where_nothing_can_be_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    crashed(path, "board.db").await;
    out(&run(&["backup", "kept.db", "--db", "board.db"], path).await);
    // As an older version left it, which recorded no name.
    let old = path.join("old.db");
    std::fs::copy(path.join("kept.db"), &old).unwrap();
    std::fs::create_dir(path.join("deep")).unwrap();
    std::fs::hard_link(&old, path.join("deep/old.db")).unwrap();
    for said in refusals(path, "old.db").await {
        assert!(
            said.contains("2 names") && said.contains("remove the others"),
            "{said}"
        );
    }
    // Within one folder all names are visible.
    std::fs::rename(path.join("deep/old.db"), path.join("older.db")).unwrap();
    assert!(has_alpha(path, "old.db").await);
    // A snapshot by hard links of a database that is served under this name does no harm.
    std::fs::hard_link(&old, path.join("deep/snapshot.db")).unwrap();
    assert!(has_alpha(path, "old.db").await);
}
