//! Access to the server: pages of other sites, other names for this machine, callers without the
//! token.

use crate::support::{Answer, TestServer};
use reqwest::Method;
use serde_json::json;

async fn send(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = server.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_page_of_another_site_can_neither_write_nor_read() {
    let server = TestServer::with_project().await;
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1.evil.example",
    ] {
        for method in [Method::POST, Method::GET] {
            let answer = send(
                &server,
                method,
                "/api/projects/alpha/tasks?title=x",
                &[("origin", origin)],
            )
            .await;
            assert!(answer.headers.get("access-control-allow-origin").is_none());
            assert!(
                answer
                    .refused(403)
                    .as_str()
                    .unwrap()
                    .contains("--allowed-origin")
            );
        }
    }
    assert_eq!(
        server.get("/api/projects/alpha/tasks").await.ok(),
        json!([])
    );
    let own = format!("http://{}", server.address);
    for origin in [own.as_str(), "http://localhost:8080"] {
        let answer = send(
            &server,
            Method::POST,
            "/api/projects/alpha/tasks?title=x",
            &[("origin", origin)],
        )
        .await;
        assert_eq!(answer.status, 200, "{origin}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_name_that_was_made_to_mean_this_machine_is_refused() {
    let server = TestServer::with_project().await;
    for path in ["/api/projects", "/", "/health", "/ws/updates", "/api/docs/"] {
        let answer = send(
            &server,
            Method::GET,
            path,
            &[("host", "rebound.example:8000")],
        )
        .await;
        assert!(
            answer
                .refused(403)
                .as_str()
                .unwrap()
                .contains("rebound.example"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_socket_is_not_opened_for_a_page_of_another_site() {
    let server = TestServer::with_project().await;
    let upgrade = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for path in ["/ws/updates", "/api/projects/alpha/coordination/live"] {
        let foreign: Vec<_> = upgrade
            .iter()
            .copied()
            .chain([("origin", "https://evil.example")])
            .collect();
        assert_eq!(
            send(&server, Method::GET, path, &foreign).await.status,
            403,
            "{path}"
        );
        let mut request = server.request(Method::GET, path);
        for (name, value) in upgrade {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.unwrap().status(), 101, "{path}");
    }
}

#[tokio::test]
async fn a_configured_origin_and_its_name_are_welcome() {
    let server = TestServer::with(|config| {
        config
            .allowed_origins
            .push("https://board.example.com".parse().unwrap());
    })
    .await;
    let headers = [
        ("host", "board.example.com"),
        ("origin", "https://board.example.com"),
    ];
    assert_eq!(
        send(&server, Method::GET, "/api/projects", &headers)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn every_answer_says_that_it_is_not_to_be_framed_or_guessed_at() {
    let server = TestServer::start().await;
    for path in ["/", "/api/projects", "/api/nope", "/health"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn with_a_token_nothing_is_answered_without_it() {
    let server =
        TestServer::with(|config| config.token = Some("correct-horse".parse().unwrap())).await;
    assert_eq!(server.get("/health").await.status, 200);
    for path in [
        "/",
        "/api/projects",
        "/ws/updates",
        "/api/openapi.json",
        "/index.html",
    ] {
        let refused = server.get(path).await;
        let challenge = refused.header("www-authenticate");
        assert_eq!(challenge, "Bearer realm=\"tasktree\"", "{path}");
        assert_eq!(refused.status, 401, "{path}");
        let page = send(&server, Method::GET, path, &[("accept", "text/html")]).await;
        assert_eq!(page.header("www-authenticate"), challenge, "{path}");
        for answer in [refused, page] {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
    for wrong in [
        "Bearer wrong-horse",
        "Bearer correct-horse2",
        "Basic correct-horse",
        "correct-horse",
    ] {
        assert_eq!(
            send(
                &server,
                Method::GET,
                "/api/projects",
                &[("authorization", wrong)]
            )
            .await
            .status,
            401,
            "{wrong}"
        );
    }
    let right = [("authorization", "bearer correct-horse")];
    assert_eq!(
        send(&server, Method::GET, "/api/projects", &right)
            .await
            .ok(),
        json!([])
    );
}

#[tokio::test]
async fn a_server_ends_although_a_request_and_a_socket_are_open() {
    let server = TestServer::with_project().await;
    let idle = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let (mut socket, _) = tokio_tungstenite::connect_async(server.socket_url("/ws/updates"))
        .await
        .unwrap();
    let started = std::time::Instant::now();
    let reader = tokio::spawn(async move {
        use futures_util::StreamExt as _;
        while let Some(Ok(_)) = socket.next().await {}
    });
    server.stop().await;
    assert!(
        started.elapsed() < std::time::Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
    reader.await.unwrap();
    drop(idle);
}

#[tokio::test]
async fn data_is_for_one_caller_and_kept_by_nobody_on_the_way() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", &"long ".repeat(90)).await;
    for path in [
        "/api/projects",
        "/api/projects/alpha/tasks",
        "/api/projects/alpha/tasks?view=card",
        "/api/projects/alpha/tasks/1",
        "/api/projects/alpha/events",
        "/api/projects/nowhere",
        "/api/nope",
        "/api/session",
        "/metrics",
        "/health",
    ] {
        for encoding in ["identity", "gzip"] {
            let headers = [("accept-encoding", encoding)];
            let answer = send(&server, Method::GET, path, &headers).await;
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            let vary = answer.header("vary").to_lowercase();
            for name in ["authorization", "cookie"] {
                assert!(vary.split(", ").any(|part| part == name), "{path}: {vary}");
            }
        }
    }
    // Files of the board are the same for everybody, and stay in the browser.
    let file = server.get("/script-0123456789abcdef.js").await;
    assert!(
        file.header("cache-control").contains("immutable"),
        "{:?}",
        file.headers
    );
    assert!(!file.header("vary").contains("cookie"));
}
