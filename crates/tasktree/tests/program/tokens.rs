//! `tasktree token`: the first start, tokens, and that no secret gets into the log.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, out, run};

/// Starts a server that everybody has to sign in to.
async fn serve(folder: &Path) -> Server {
    let arguments = ["--db", "board.db", "--sign-in", "required"];
    Server::start(folder, &arguments, "trace", "/sign-in").await
}

#[tokio::test]
async fn the_first_start_gives_a_link_and_no_secret_is_in_the_log_whatever_is_done_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let (base, http) = (server.base.clone(), server.http.clone());
    let link = server.said.last().unwrap().trim().to_owned();
    let (address, admin) = link
        .split_once("/sign-in#")
        .expect("the secret is in the fragment");
    assert_eq!(address, base);
    let with = ["--server", base.as_str(), "--token", admin];
    let command = |arguments: &[&'static str]| [arguments, &with].concat();
    let project = json!({"id": "alpha", "name": "A"});
    let made = http
        .post(format!("{base}/api/projects"))
        .bearer_auth(admin)
        .json(&project);
    assert_eq!(made.send().await.unwrap().status(), 200);
    let secret = out(&run(
        &command(&[
            "token",
            "add",
            "ann",
            "--role",
            "viewer",
            "--project",
            "alpha",
        ]),
        folder.path(),
    )
    .await);
    assert!(secret.starts_with("tt_"), "{secret}");
    let listed = out(&run(&command(&["token", "list"]), folder.path()).await);
    assert!(
        listed.contains("ann") && listed.contains("viewer") && listed.contains("alpha"),
        "{listed}"
    );
    assert!(!listed.contains(&secret));
    let second = [
        "token", "create", "laptop", "--role", "viewer", "--person", "ann",
    ];
    assert!(out(&run(&command(&second), folder.path()).await).starts_with("tt_"));
    let listed = out(&run(&command(&["token", "list"]), folder.path()).await);
    let lines: Vec<_> = listed
        .lines()
        .filter(|line| line.ends_with(", owner ann"))
        .collect();
    assert!(
        lines.len() == 1 && lines[0].starts_with("laptop"),
        "{listed}"
    );

    let session = http
        .post(format!("{base}/api/session"))
        .json(&json!({"token": secret}));
    let session = session.send().await.unwrap();
    let cookie = session.headers()["set-cookie"].to_str().unwrap().to_owned();
    let value = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let ticket = http
        .post(format!("{base}/api/tickets"))
        .bearer_auth(&secret)
        .send()
        .await
        .unwrap();
    let ticket: Value = ticket.json().await.unwrap();
    let ticket = ticket["ticket"].as_str().unwrap().to_owned();
    let offered = format!("board.v1, ticket.{ticket}");
    for (header, value) in [("sec-websocket-protocol", &offered), ("cookie", &cookie)] {
        let request = http.request(Method::GET, format!("{base}/ws/updates"));
        let upgrade = request
            .header(header, value)
            .header("upgrade", "websocket")
            .header("connection", "upgrade");
        upgrade
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .send()
            .await
            .unwrap();
    }
    out(&run(&command(&["token", "revoke", "ann"]), folder.path()).await);
    let after = http
        .get(format!("{base}/api/projects"))
        .bearer_auth(&secret)
        .send()
        .await
        .unwrap();
    assert_eq!(after.status(), 401);
    let log = server.end().await;
    assert!(log.contains("token revoked"), "{log}");
    for (what, secret) in [
        ("admin", admin),
        ("token", secret.as_str()),
        ("cookie", &value),
        ("ticket", &ticket),
    ] {
        assert!(!log.contains(secret), "the {what}'s secret is in the log");
    }
}

#[tokio::test]
async fn the_link_is_given_once_and_a_lost_one_is_replaced_with_the_server_down() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    assert!(server.said.last().unwrap().contains("/sign-in#"));
    // While the server runs, the file is its own.
    let refused = run(&["token", "list", "--db", "board.db"], folder.path()).await;
    assert!(
        !refused.status.success()
            && String::from_utf8_lossy(&refused.stderr).contains("another process")
    );
    server.end().await;
    let server = serve(folder.path()).await;
    assert!(
        !server.said.last().unwrap().contains('#'),
        "{:?}",
        server.said
    );
    let base = server.base.clone();
    server.end().await;
    let made = run(
        &[
            "token", "add", "second", "--role", "admin", "--db", "board.db",
        ],
        folder.path(),
    )
    .await;
    let secret = out(&made);
    let server = serve(folder.path()).await;
    assert_ne!(base, server.base);
    let who = server
        .http
        .get(server.url("/api/session"))
        .bearer_auth(secret)
        .send()
        .await
        .unwrap();
    assert_eq!(who.json::<Value>().await.unwrap()["name"], "second");
}
