//! The command line: the first start, tokens, and that no secret gets into the log.

use std::path::Path;
use std::process::{Output, Stdio};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::ws_client::PATIENCE;

fn tasktree(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tasktree"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_DATA_HOME", folder)
        .env("HOME", folder)
        .kill_on_drop(true);
    for name in [
        "TASKTREE_DB",
        "TASKTREE_TOKEN",
        "TASKTREE_SERVER",
        "TASKTREE_SIGN_IN",
    ] {
        command.env_remove(name);
    }
    command
}

async fn run(arguments: &[&str], folder: &Path) -> Output {
    tasktree(arguments, folder)
        .output()
        .await
        .expect("the binary runs")
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A server of its own, what it said at its start, and where it is.
async fn serve(folder: &Path) -> (Child, Vec<String>, String) {
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--db",
        "board.db",
        "--sign-in",
        "required",
    ];
    let mut child = tasktree(&arguments, folder)
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    // The last line before it answers names the way in.
    while !said.iter().any(|line: &String| line.contains("/sign-in")) {
        let line = timeout(PATIENCE, lines.next_line())
            .await
            .expect("it starts")
            .unwrap();
        said.push(line.expect("it says where it is"));
    }
    let base = said[0].rsplit(' ').next().unwrap().to_owned();
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, said, base)
}

#[tokio::test]
async fn the_first_start_gives_a_link_and_no_secret_is_in_the_log_whatever_is_done_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, said, base) = serve(folder.path()).await;
    let link = said.last().unwrap().trim();
    let (address, admin) = link
        .split_once("/sign-in#")
        .expect("the secret is in the fragment");
    assert_eq!(address, base);
    let mut log = child.stderr.take().unwrap();
    let log = tokio::spawn(async move {
        let mut text = String::new();
        log.read_to_string(&mut text).await.unwrap();
        text
    });
    let with = ["--server", base.as_str(), "--token", admin];
    let command = |arguments: &[&'static str]| [arguments, &with].concat();
    let http = Client::builder().no_proxy().build().unwrap();
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
    child.kill().await.unwrap();
    let log = log.await.unwrap();
    assert!(log.contains("revoked a token"), "{log}");
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
    let (mut child, said, _) = serve(folder.path()).await;
    assert!(said.last().unwrap().contains("/sign-in#"));
    // While it runs, the file is its own.
    let refused = run(&["token", "list", "--db", "board.db"], folder.path()).await;
    assert!(
        !refused.status.success()
            && String::from_utf8_lossy(&refused.stderr).contains("another process")
    );
    child.kill().await.unwrap();
    let (mut child, said, base) = serve(folder.path()).await;
    assert!(!said.last().unwrap().contains('#'), "{said:?}");
    child.kill().await.unwrap();
    let made = run(
        &[
            "token", "add", "second", "--role", "admin", "--db", "board.db",
        ],
        folder.path(),
    )
    .await;
    let secret = out(&made);
    let (mut child, _, base_now) = serve(folder.path()).await;
    assert_ne!(base, base_now);
    let http = Client::builder().no_proxy().build().unwrap();
    let who = http
        .get(format!("{base_now}/api/session"))
        .bearer_auth(secret)
        .send()
        .await
        .unwrap();
    assert_eq!(who.json::<Value>().await.unwrap()["name"], "second");
    child.kill().await.unwrap();
}
