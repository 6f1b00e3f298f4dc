//! `tasktree backup` and `tasktree restore`.

use serde_json::{Value, json};

use crate::server::{Server, out, run, said};

async fn make(server: &Server, id: &str) {
    let project = json!({"id": id, "name": id, "path": ""});
    let made = server.http.post(server.url("/api/projects")).json(&project);
    made.send().await.unwrap().error_for_status().unwrap();
}

/// Returns the ids of all projects, and the epoch of the system's stream.
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
        said(&again).contains("the file already exists"),
        "{}",
        said(&again)
    );
    make(&server, "second").await;

    let in_use = tool(&["restore", "kept.db"]).await;
    assert!(
        said(&in_use).contains("in use by another process"),
        "{}",
        said(&in_use)
    );
    // Killed, so that the newest commits are still beside the file.
    server.end().await;
    std::fs::write(path.join("other.db"), "something else").unwrap();
    let wrong = tool(&["restore", "other.db"]).await;
    assert!(
        said(&wrong).contains("not a TaskTree database"),
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
    // The replaced database is not lost by a second restore, nor by one on another machine.
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
        !failed.status.success() && said(&failed).contains("Cannot open the database none.db"),
        "{}",
        said(&failed)
    );
    assert!(!folder.path().join("none.db").exists() && !folder.path().join("kept.db").exists());
}

/// Signs a browser in; returns its cookie.
async fn sign_in(server: &Server, token: &str) -> String {
    let body = json!({ "token": token });
    let answer = server.http.post(server.url("/api/session")).json(&body);
    let answer = answer.send().await.unwrap().error_for_status().unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_restore_brings_back_no_token_and_no_sign_in_that_was_ended_since() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let tool =
        async |arguments: &[&str]| run(&[arguments, &["--db", "board.db"]].concat(), path).await;
    let make = async |name: &str| out(&tool(&["token", "add", name, "--role", "viewer"]).await);
    let (ann, bob) = (make("ann").await, make("bob").await);
    let arguments = ["--db", "board.db", "--sign-in", "required"];
    let serve = || Server::start(path, &arguments, "info", "/sign-in");
    let with = |server: &Server, header: &'static str, value: String| {
        let request = server.http.get(server.url("/api/projects"));
        let request = request.header(header, value);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    let bearer = |secret: &str| format!("Bearer {secret}");

    let server = serve().await;
    let (stays, leaves) = (sign_in(&server, &bob).await, sign_in(&server, &bob).await);
    let anns = sign_in(&server, &ann).await;
    out(&tool(&["backup", "kept.db"]).await);
    let late = sign_in(&server, &bob).await;
    let away = server.http.delete(server.url("/api/session"));
    let away = away.header("cookie", &leaves).send().await.unwrap();
    assert_eq!(away.status(), 200);
    server.end().await;
    out(&tool(&["token", "revoke", "ann"]).await);

    let restored = tool(&["restore", "kept.db"]).await;
    let said_once = "1 token that was revoked after the backup stays revoked";
    assert!(out(&restored).contains(said_once), "{}", said(&restored));
    let server = serve().await;
    assert_eq!(with(&server, "authorization", bearer(&ann)).await, 401);
    assert_eq!(with(&server, "authorization", bearer(&bob)).await, 200);
    for (what, cookie, status) in [
        ("in the backup and still signed in", &stays, 200),
        ("signed out since", &leaves, 401),
        ("by a token that was revoked since", &anns, 401),
        ("not in the backup", &late, 401),
    ] {
        assert_eq!(
            with(&server, "cookie", cookie.clone()).await,
            status,
            "{what}"
        );
    }
    server.end().await;

    // On a machine that knows nothing of the server, nobody is signed in, and the tokens are valid.
    let elsewhere = ["restore", "kept.db", "--db", "new.db"];
    out(&run(&elsewhere, path).await);
    let arguments = ["--db", "new.db", "--sign-in", "required"];
    let server = Server::start(path, &arguments, "info", "/sign-in").await;
    assert_eq!(with(&server, "authorization", bearer(&ann)).await, 200);
    let elsewhere = sign_in(&server, &bob).await;
    let name = |cookie: &str| cookie.split('=').next().unwrap().to_owned();
    assert_ne!(name(&elsewhere), name(&stays), "two servers of one host");
    let value = stays.split_once('=').unwrap().1;
    let renamed = format!("{}={value}", name(&elsewhere));
    assert_eq!(with(&server, "cookie", renamed).await, 401);
}

#[tokio::test]
async fn what_was_revoked_is_said_to_be_unknown_where_the_database_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let database = ["--db", "board.db"];
    let add = [&["token", "add", "ann", "--role", "viewer"], &database[..]].concat();
    out(&run(&add, path).await);
    out(&run(&["backup", "kept.db", "--db", "board.db"], path).await);
    std::fs::write(path.join("board.db"), "broken ".repeat(1000)).unwrap();
    let restored = run(&["restore", "kept.db", "--db", "board.db"], path).await;
    out(&restored);
    assert!(
        said(&restored).contains("may be valid again"),
        "{}",
        said(&restored)
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_restore_goes_where_a_server_would_make_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let server = Server::start(path, &["--db", "board.db"], "info", "Data: ").await;
    make(&server, "first").await;
    server.end().await;
    out(&run(&["backup", "kept.db", "--db", "board.db"], path).await);
    std::fs::create_dir(path.join("deep")).unwrap();
    let link = path.join("link.db");
    std::os::unix::fs::symlink("deep/more.db", &link).unwrap();
    std::os::unix::fs::symlink("real.db", path.join("deep/more.db")).unwrap();
    // First the links lead to nothing, then to a database.
    for _ in 0..2 {
        out(&run(&["restore", "kept.db", "--db", "link.db"], path).await);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(path.join("deep/real.db").is_file());
    }
    assert!(path.join("deep/real.db.replaced-1").is_file());
    let server = Server::start(path, &["--db", "link.db"], "info", "Data: ").await;
    assert_eq!(state(&server).await.0, ["first"]);
    server.end().await;
    std::os::unix::fs::symlink("missing/board.db", path.join("lost.db")).unwrap();
    std::os::unix::fs::symlink("circle.db", path.join("circle.db")).unwrap();
    for (name, reason) in [
        ("lost.db", "No such file"),
        ("circle.db", "Cannot open the database"),
    ] {
        let refused = run(&["restore", "kept.db", "--db", name], path).await;
        assert!(
            !refused.status.success() && said(&refused).contains(reason),
            "{}",
            said(&refused)
        );
        assert!(
            std::fs::symlink_metadata(path.join(name))
                .unwrap()
                .is_symlink()
        );
    }
}
