//! The headers by which every answer restricts the browser.

use std::collections::BTreeMap;

use crate::support::{Answer, TestServer};
use base64::Engine as _;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

/// Time after which a test gives up.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Returns a policy's directives with their sources.
fn policy(answer: &Answer) -> BTreeMap<String, Vec<String>> {
    let all: Vec<_> = answer
        .headers
        .get_all("content-security-policy")
        .iter()
        .collect();
    assert_eq!(all.len(), 1, "one policy: {all:?}");
    let mut directives = BTreeMap::new();
    for directive in all[0].to_str().unwrap().split(';') {
        let mut words = directive.split_whitespace().map(str::to_owned);
        let name = words.next().expect("a directive has a name");
        let former = directives.insert(name, words.collect());
        assert_eq!(former, None, "the browser reads the first only");
    }
    directives
}

/// Returns the text inside each of these elements without an attribute `src`, found in another way
/// than the server's.
fn inline<'a>(page: &'a str, element: &str) -> Vec<&'a str> {
    page.split(&format!("<{element}"))
        .skip(1)
        .filter_map(|rest| {
            let (attributes, rest) = rest.split_once('>')?;
            let (text, _) = rest.split_once(&format!("</{element}>"))?;
            (!attributes.contains("src=")).then_some(text)
        })
        .collect()
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    format!(
        "'sha256-{}'",
        base64::engine::general_purpose::STANDARD.encode(digest)
    )
}

#[tokio::test]
async fn every_kind_of_answer_has_the_headers_that_bind_a_browser() {
    let server = TestServer::with_project().await;
    let foreign = server
        .request(Method::GET, "/api/projects")
        .header("origin", "https://evil.example");
    let unreadable = server
        .request(Method::POST, "/api/projects/alpha/tasks")
        .header("content-type", "application/json")
        .body("{");
    let answers = [
        ("the board", server.get("/").await),
        ("a project's page", server.get("/p/alpha").await),
        ("a missing file", server.get("/gone.js").await),
        ("data", server.get("/api/projects").await),
        ("no endpoint", server.get("/api/nope").await),
        ("no project", server.get("/api/projects/nope").await),
        ("health", server.get("/health").await),
        ("metrics", server.get("/metrics").await),
        ("the API's page", server.get("/api/docs/").await),
        ("its script", server.get("/api/docs/swagger-ui.css").await),
        ("the description", server.get("/api/openapi.json").await),
        ("no method", server.delete("/health").await),
        ("no socket", server.get("/ws/updates").await),
        ("refused", Answer::of(foreign.send().await.unwrap()).await),
        (
            "no JSON",
            Answer::of(unreadable.send().await.unwrap()).await,
        ),
    ];
    for (what, answer) in &answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{what}: {name}");
        }
        assert!(
            answer.header("permissions-policy").contains("camera=()"),
            "{what}"
        );
        let policy = policy(answer);
        assert_eq!(policy["default-src"], ["'none'"], "{what}");
        assert_eq!(policy["frame-ancestors"], ["'none'"], "{what}");
        let scripts = policy.get("script-src").cloned().unwrap_or_default();
        for dangerous in ["'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:"] {
            assert!(
                !scripts.contains(&dangerous.to_owned()),
                "{what}: {scripts:?}"
            );
        }
    }
}

/// Returns the server's answer to bytes, until it closes the connection.
async fn spoken(server: &TestServer, bytes: &[u8]) -> Answer {
    let mut stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut text = String::new();
    // A request that is too long need not be read to its end.
    let write = async { drop(writer.write_all(bytes).await) };
    let read = timeout(PATIENCE, reader.read_to_string(&mut text));
    let ((), read) = tokio::join!(write, read);
    read.expect("the server closes the connection").unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.parse().unwrap(), value.parse().unwrap())
    });
    Answer {
        status: status.parse().unwrap(),
        headers: headers.collect(),
        text: body.to_owned(),
    }
}

#[tokio::test]
async fn every_refusal_says_what_is_wrong_and_is_kept_by_nobody() {
    let server = TestServer::with_project().await;
    let request = |line: &str, more: &str| {
        format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n")
            .into_bytes()
    };
    let many = "x: y\r\n".repeat(101);
    let folded = "x: y\r\n folded\r\n";
    let answers = [
        (404, "a missing file", request("GET /gone.js", "")),
        (404, "no endpoint", request("GET /api/gone", "")),
        (
            404,
            "nothing of the docs",
            request("GET /api/docs/gone.js", ""),
        ),
        (405, "no method", request("DELETE /", "")),
        (400, "no socket", request("GET /ws/updates", "")),
        (
            400,
            "no monitor",
            request("GET /api/projects/a/coordination/live", ""),
        ),
        (
            414,
            "a long address",
            request(&format!("GET /{}", "a".repeat(70_000)), ""),
        ),
        (431, "many header lines", request("GET /", &many)),
        (
            431,
            "a long header",
            request("GET /", &format!("x: {}\r\n", "y".repeat(1_000_000))),
        ),
        (400, "a folded header", request("GET /", folded)),
        (400, "no HTTP", b"nonsense\r\n\r\n".to_vec()),
    ];
    for (status, what, bytes) in answers {
        let answer = spoken(&server, &bytes).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
        assert_eq!(policy(&answer)["default-src"], ["'none'"], "{what}");
        let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        let detail = body["detail"].as_str().unwrap_or_default();
        assert!(detail.len() > 10, "{what}: {}", answer.text);
        assert_eq!(
            answer.header("content-length"),
            answer.text.len().to_string(),
            "{what}"
        );
    }
    // A good answer before a bad request on the same connection stays whole.
    let head = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let two = spoken(&server, &[&head[..], b"nonsense\r\n\r\n"].concat()).await;
    assert!(
        two.status == 200 && two.text.contains("\"status\":\"ok\""),
        "{}",
        two.text
    );
    assert!(
        two.text.contains("HTTP/1.1 400 ") && two.text.ends_with("not valid HTTP\"}"),
        "{}",
        two.text
    );
}

#[tokio::test]
async fn the_policy_names_exactly_the_inline_scripts_and_styles_of_the_pages() {
    let server = TestServer::with(|config| {
        config.token = Some("long-enough".parse().unwrap());
    })
    .await;
    let page = |path: &str, token: &str| {
        server
            .request(Method::GET, path)
            .header("accept", "text/html")
            .bearer_auth(token)
    };
    let board = Answer::of(page("/", "long-enough").send().await.unwrap()).await;
    let sign_in = Answer::of(page("/", "wrong-one").send().await.unwrap()).await;
    assert_eq!(sign_in.status, 401);
    let policy = policy(&board);
    assert_eq!(
        policy,
        self::policy(&sign_in),
        "one policy for all pages, whatever the path"
    );
    for page in [&board, &sign_in] {
        for text in inline(&page.text, "style") {
            assert!(policy["style-src"].contains(&hash(text)), "{text}");
        }
    }
    let mut scripts: Vec<_> = [&board, &sign_in]
        .into_iter()
        .flat_map(|page| inline(&page.text, "script"))
        .map(hash)
        .collect();
    scripts.extend(["'self'".to_owned(), "'wasm-unsafe-eval'".to_owned()]);
    scripts.sort();
    let mut allowed = policy["script-src"].clone();
    allowed.sort();
    assert_eq!(allowed, scripts);
    assert!(!inline(&sign_in.text, "style").is_empty());
    // Also for a page at a path of the API.
    let api = Answer::of(page("/api/projects", "wrong-one").send().await.unwrap()).await;
    assert_eq!(policy, self::policy(&api));
}

#[tokio::test]
async fn a_page_that_has_not_changed_keeps_the_policy_of_pages() {
    let server = TestServer::start().await;
    let first = server.get("/").await;
    let tag = first.header("etag");
    let again = server
        .request(Method::GET, "/")
        .header("if-none-match", tag);
    let again = Answer::of(again.send().await.unwrap()).await;
    assert_eq!(again.status, 304);
    assert_eq!(policy(&again), policy(&first));
}

#[tokio::test]
async fn a_page_has_fetched_what_it_will_show_while_the_board_is_compiled() {
    for (base, prefix) in [("/", ""), ("/sub/path", "/sub/path")] {
        let server = TestServer::with(|config| config.base_path = base.parse().unwrap()).await;
        let link = |file: &str| format!("<{prefix}/{file}>; rel=preload; as=fetch; crossorigin");
        let tasks = link("api/projects/alpha/tasks?view=card");
        let rest = link("script-0123456789abcdef-lazy.wasm");
        let both = format!("{tasks}, {rest}");
        let expect = async |link: &str, pages: &[&str]| {
            for page in pages {
                let answer = server.get(&format!("{prefix}{page}")).await;
                assert_eq!(
                    (answer.status, answer.header("link")),
                    (200, link),
                    "{page}"
                );
            }
        };
        expect(&tasks, &["/p/alpha", "/p/alpha/", "/p/alpha/t/1"]).await;
        expect(
            &both,
            &[
                "/p/alpha/agents",
                "/p/alpha/activity/",
                "/p/alpha/t/x",
                "/p/alpha/nope",
            ],
        )
        .await;
        expect(&rest, &["/", "/p", "/p/", "/p//t", "/p/a;b", "/settings"]).await;
    }
}

#[tokio::test]
async fn the_board_may_connect_to_its_own_server_only() {
    let server = TestServer::start().await;
    let own = server.address;
    let policy = policy(&server.get("/").await);
    assert_eq!(
        policy["connect-src"],
        [
            "'self'".to_owned(),
            format!("ws://{own}"),
            format!("wss://{own}")
        ]
    );
    assert_eq!(policy["form-action"], ["'self'"]);
    assert_eq!(policy["base-uri"], ["'self'"]);
    assert_eq!(json!(policy["img-src"]), json!(["'self'", "data:"]));
}

#[tokio::test]
async fn the_apis_page_asks_nobody_on_the_internet() {
    let server = TestServer::start().await;
    let settings = server.get("/api/docs/swagger-initializer.js").await;
    assert_eq!(settings.status, 200);
    assert!(
        settings.text.contains(r#""validatorUrl": "none""#),
        "{}",
        settings.text
    );
    let page = server.get("/api/docs/").await;
    assert_eq!(inline(&page.text, "script").concat().trim(), "");
}
