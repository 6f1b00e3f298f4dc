//! `tasktree backup` and `tasktree restore`.

use serde_json::{Value, json};

use crate::server::{Server, out, run, said};

async fn make(server: &Server, id: &str) {
    let project = json!({"id": id, "name": id, "path": ""});
    let made = server.http.post(server.url("/api/projects")).json(&project);
    made.send().await.unwrap().error_for_status().unwrap();
}

/// The identifiers of all projects, and the life of the system's stream.
async fn state(server: &Server) -> (Vec<Value>, String) {
    let answer = server.http.get(server.url("/api/projects")).send().await;
    let answer = answer.unwrap();
    let epoch = answer.headers()["stream-epoch"]
        .to_str()
        .unwrap()
        .to_owned();
    let projects: Vec<Value> = answer.json().await.unwrap();
    let ids = projects.iter().map(|project| project["id"].clone());
    (ids.collect(), epoch)
}

#[tokio::test]
async fn a_backup_of_a_database_in_use_is_whole_and_comes_back_as_another_life_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let serve = || Server::start(path, &["--db", "board.db"], "info", "Data: ");
    let tool =
        async |arguments: &[&str]| run(&[arguments, &["--db", "board.db"]].concat(), path).await;
    let server = serve().await;
    make(&server, "first").await;
    let before = state(&server).await.1;
    out(&tool(&["backup", "kept.db"]).await);
    let again = tool(&["backup", "kept.db"]).await;
    assert!(
        said(&again).contains("there is such a file already"),
        "{}",
        said(&again)
    );
    make(&server, "second").await;

    let in_use = tool(&["restore", "kept.db"]).await;
    assert!(
        said(&in_use).contains("served by another process"),
        "{}",
        said(&in_use)
    );
    // Killed, so that what was committed last is still beside the file.
    server.end().await;
    std::fs::write(path.join("other.db"), "something else").unwrap();
    let wrong = tool(&["restore", "other.db"]).await;
    assert!(
        said(&wrong).contains("no database of TaskTree"),
        "{}",
        said(&wrong)
    );
    let restored = tool(&["restore", "kept.db"]).await;
    assert!(
        out(&restored).contains("board.db.replaced-1"),
        "{}",
        said(&restored)
    );

    let server = serve().await;
    let (projects, epoch) = state(&server).await;
    assert_eq!(projects, ["first"]);
    assert_ne!(
        epoch, before,
        "no board goes on from a position that is no more"
    );
    server.end().await;
    // What was there is not lost by another try, nor by one on another machine.
    out(&tool(&["restore", "kept.db"]).await);
    out(&run(&["restore", "kept.db", "--db", "new/place/board.db"], path).await);
    for (file, ids) in [
        ("board.db.replaced-1", vec!["first", "second"]),
        ("board.db.replaced-2", vec!["first"]),
        ("board.db", vec!["first"]),
        ("new/place/board.db", vec!["first"]),
    ] {
        let server = Server::start(path, &["--db", file], "info", "Data: ").await;
        assert_eq!(state(&server).await.0, ids, "{file}");
    }
}

#[tokio::test]
async fn without_a_database_there_is_no_backup() {
    let folder = tempfile::tempdir().unwrap();
    let failed = run(&["backup", "kept.db", "--db", "none.db"], folder.path()).await;
    assert!(
        !failed.status.success() && said(&failed).contains("none.db cannot be opened"),
        "{}",
        said(&failed)
    );
    assert!(!folder.path().join("none.db").exists() && !folder.path().join("kept.db").exists());
}
