//! Tests of a board under a part of a site, behind nginx with TLS, set up as the documentation
//! says.

use anyhow::{Context, Result};
use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};
use tasktree_e2e::nginx::Nginx;
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Browser, Server};
use tokio::process::Command;

const TOKEN: &str = "correct-horse-battery-staple";

async fn server() -> Result<Server> {
    Server::start_with(&[
        "--sign-in",
        "required",
        "--token",
        TOKEN,
        "--base-path",
        "/board",
        "--trusted-proxy",
        "127.0.0.1",
    ])
    .await
}

/// Sends a request as a script on the server's machine does.
async fn call(server: &Server, method: Method, path: &str, body: Value) -> Result<Value> {
    let request = Client::new().request(method, server.url(path));
    let answer = request.bearer_auth(TOKEN).json(&body).send().await?;
    Ok(answer.error_for_status()?.json().await?)
}

#[tokio::test]
async fn the_board_signs_in_is_live_and_keeps_its_addresses_under_a_part_of_a_site() -> Result<()> {
    let server = server().await?;
    let project = json!({"id": "demo", "name": "Demo", "path": ""});
    call(&server, Method::POST, "/api/projects", project).await?;
    let tasks = "/board/api/projects/demo/tasks";
    let task = call(
        &server,
        Method::POST,
        tasks,
        json!({"title": "Behind a proxy"}),
    )
    .await?;
    let id = task["id"].as_str().context("the task has no id")?;

    let nginx = Nginx::before(server.address()).await?;
    let browser = Browser::start_with(1360, 900, "en", &["--ignore-certificate-errors"]).await?;
    browser
        .open(&nginx.url(&format!("/board/sign-in#{TOKEN}")))
        .await?;
    browser
        .until(
            "the projects are listed",
            "return location.pathname === '/board/' && !location.hash && document.body.textContent.includes('Demo');",
            vec![],
        )
        .await?;
    let cookies = browser.devtools("Network.getCookies", json!({})).await?;
    let cookie = &cookies["cookies"][0];
    let name = cookie["name"].as_str().unwrap_or_default();
    assert!(name.starts_with("__Host-tasktree_session_"), "{name}");
    assert_eq!(
        [&cookie["secure"], &cookie["httpOnly"], &cookie["sameSite"]],
        [&json!(true), &json!(true), &json!("Strict")]
    );

    // The board is live, so the WebSocket gets through. The deep link is loaded directly, with its
    // files and the policy's hashes.
    let board = Board::open_in(browser, &nginx.url("/board/p/demo/t/1")).await?;
    board.until_in(id, "unclaimed").await?;
    board
        .browser
        .until(
            "the drawer is open",
            "return document.querySelector('.task-drawer') !== null;",
            vec![],
        )
        .await?;
    board.browser.open(&nginx.url("/board/p/demo")).await?;
    board.until_live().await?;
    board.move_right(id, 1).await?;
    board.until_in(id, "up_next").await?;
    let moved = format!("{tasks}/{id}");
    let is_moved = || async {
        let task = call(&server, Method::GET, &moved, Value::Null).await?;
        Ok((task["status"] == "up_next").then_some(()))
    };
    until("the server has the move", PATIENCE, is_moved).await?;
    let change = json!({"status": "in_progress"});
    call(&server, Method::PUT, &moved, change).await?;
    board.until_in(id, "in_progress").await?;
    let links = board
        .browser
        .run(
            "return [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(href => href.startsWith('/') && !href.startsWith('/board/'));",
            vec![],
        )
        .await?;
    assert_eq!(links, json!([]), "every link stays in the part");
    for (what, selector, words) in [
        ("the account menu is there", "button.icon-button", "token"),
        (
            "the way to the settings is there",
            "[role=menuitem]",
            "Tokens",
        ),
    ] {
        let click = "const wanted = [...document.querySelectorAll(arguments[0])]
            .find(it => (it.getAttribute('aria-label') ?? it.textContent).includes(arguments[1]));
            wanted?.click(); return wanted !== undefined;";
        let arguments = vec![json!(selector), json!(words)];
        board.browser.until(what, click, arguments).await?;
    }
    board
        .browser
        .until(
            "the settings are under the part of the site",
            "return location.pathname === '/board/settings' && document.querySelector('form') !== null;",
            vec![],
        )
        .await?;
    Ok(())
}

#[tokio::test]
async fn behind_a_proxy_a_page_of_another_site_is_refused_and_nobody_comes_in_unasked() -> Result<()>
{
    let server = server().await?;
    let ask = |path: &str| Client::new().get(server.url(path));
    let foreign = ask("/board/api/projects")
        .bearer_auth(TOKEN)
        .header(header::ORIGIN, "https://evil.example")
        .send()
        .await?;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let unasked = ask("/board/api/projects").send().await?;
    assert_eq!(unasked.status(), StatusCode::UNAUTHORIZED);
    let page = ask("/board/p/demo")
        .header(header::ACCEPT, "text/html")
        .send()
        .await?;
    assert_eq!(page.status(), StatusCode::UNAUTHORIZED);
    assert!(page.text().await?.contains("<base href=\"/board/\">"));
    Ok(())
}

#[tokio::test]
async fn verbs_and_tools_reach_a_server_behind_nginx_and_refuse_a_certificate_that_nobody_trusts()
-> Result<()> {
    let server = server().await?;
    let nginx = Nginx::before(server.address()).await?;
    let home = tempfile::tempdir()?;
    let site = nginx.url("/board/");
    let run = |arguments: &[&str], trusted: bool| {
        let mut program = Command::new(server.binary());
        program
            .args(arguments)
            .current_dir(home.path())
            .env("HOME", home.path())
            .env("TASKTREE_SERVER", &site)
            .env("TASKTREE_TOKEN", TOKEN);
        if trusted {
            program.env("SSL_CERT_FILE", nginx.certificate());
        }
        program.output()
    };
    let project = json!({"id": "demo", "name": "Demo", "path": ""});
    call(&server, Method::POST, "/api/projects", project).await?;
    let add = ["add", "By TLS", "--project", "demo", "--json"];
    let added = run(&add, true).await?;
    let added: Value = serde_json::from_slice(&added.stdout)
        .with_context(|| String::from_utf8_lossy(&added.stderr).into_owned())?;
    assert_eq!(added["data"]["task"]["title"], "By TLS");
    let listed = run(&["token", "list"], true).await?;
    assert!(listed.status.success(), "{listed:?}");
    let refused = run(&add, false).await?;
    assert_eq!(refused.status.code(), Some(7));
    let refused = String::from_utf8_lossy(&refused.stderr).to_lowercase();
    assert!(refused.contains("certificate"), "{refused}");
    Ok(())
}
