//! The ways in: the browser's cookie, a program's token, and what becomes of wrong ones.

use reqwest::Method;
use serde_json::json;

use crate::people::{Person, cookie, server, server_with};
use crate::support::{Answer, TestServer};

async fn send(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = server.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send().await.unwrap()).await
}

async fn sign_in(server: &TestServer, token: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = server.request(Method::POST, "/api/session");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.json(&json!({"token": token}));
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_browser_signs_in_once_and_out_again() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "editor", Some("alpha")).await;
    let page = send(&server, Method::GET, "/p/alpha", &[("accept", "text/html")]).await;
    assert_eq!(page.status, 401);
    assert!(page.text.contains("<form"), "{}", page.text);
    assert_eq!(server.get("/sign-in").await.status, 200);
    assert_eq!(server.get("/api/session").await.status, 401);
    assert_eq!(sign_in(&server, "tt_wrong-wrong", &[]).await.status, 401);

    let entered = sign_in(&server, &ann.secret, &[]).await;
    assert_eq!(entered.header("cache-control"), "no-store");
    let (pair, header) = cookie(&entered);
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(header.contains(flag), "{header}");
    }
    assert!(
        !header.contains("Secure") && !pair.contains(&ann.secret),
        "{header}"
    );
    let who = entered.ok();
    let expected = json!({
        "name": "ann", "role": "editor", "project": "alpha", "sign_in": "required",
        "may": ["read", "change", "speak", "manage", "destroy"],
    });
    assert_eq!(who, expected);
    let mine = format!("other=1; {pair}");
    assert_eq!(
        send(&server, Method::GET, "/api/session", &[("cookie", &mine)])
            .await
            .ok(),
        expected
    );

    let out = send(
        &server,
        Method::DELETE,
        "/api/session",
        &[("cookie", &mine)],
    )
    .await;
    assert!(
        out.header("set-cookie").contains("Max-Age=0"),
        "{:?}",
        out.headers
    );
    let after = send(&server, Method::GET, "/api/projects", &[("cookie", &mine)]).await;
    assert_eq!(after.status, 401);
    assert!(
        after.header("set-cookie").contains("Max-Age=0"),
        "{:?}",
        after.headers
    );
    assert_eq!(
        ann.get(&server, "/api/projects").await.status,
        200,
        "the token itself holds"
    );
}

#[tokio::test]
async fn by_tls_through_a_trusted_proxy_the_cookie_is_secure_and_belongs_to_the_host() {
    let server = server_with(|config| config.trusted_proxies.push([127, 0, 0, 1].into())).await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let tls = ("x-forwarded-proto", "https");
    let (pair, header) = cookie(&sign_in(&server, &ann.secret, &[tls]).await);
    assert!(
        header.starts_with("__Host-") && header.contains("; Secure"),
        "{header}"
    );
    assert!(!header.contains("Domain"), "{header}");
    let by_tls = send(
        &server,
        Method::GET,
        "/api/projects",
        &[("cookie", &pair), tls],
    )
    .await;
    assert_eq!(by_tls.status, 200);
    let plain = send(&server, Method::GET, "/api/projects", &[("cookie", &pair)]).await;
    assert_eq!(plain.status, 401, "the cookie of TLS counts by TLS only");
}

#[tokio::test]
async fn who_is_no_trusted_proxy_makes_no_secure_cookie() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let (_, header) =
        cookie(&sign_in(&server, &ann.secret, &[("x-forwarded-proto", "https")]).await);
    assert!(!header.contains("Secure"), "{header}");
}

#[tokio::test]
async fn a_cookie_is_not_taken_from_a_page_of_another_program_of_this_machine() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "editor", None).await;
    let (pair, _) = cookie(&sign_in(&server, &ann.secret, &[]).await);
    let path = "/api/projects/alpha/tasks?title=x";
    let own = format!("http://{}", server.address);
    for (origin, status) in [
        (own.as_str(), 200),
        ("http://127.0.0.1:9", 401),
        ("http://localhost:9", 401),
    ] {
        let headers = [("cookie", pair.as_str()), ("origin", origin)];
        let answer = send(&server, Method::POST, path, &headers).await;
        assert_eq!(answer.status, status, "{origin}: {}", answer.text);
    }
}

#[tokio::test]
async fn wrong_tokens_are_slowed_down_counted_and_kept_nowhere() {
    let server = server_with(|config| config.token = Some("correct-horse".parse().unwrap())).await;
    let ann = Person::new(&server, "ann", "admin", None).await;
    let mut answers = Vec::new();
    for number in 0..12 {
        let guess = format!("wrong-horse-{number}");
        answers.push(sign_in(&server, &guess, &[]).await.status);
    }
    assert_eq!(answers[..11], [401; 11]);
    assert_eq!(answers[11], 429);
    let slowed = server
        .request(Method::GET, "/api/projects")
        .bearer_auth("correct-horse");
    let slowed = Answer::of(slowed.send().await.unwrap()).await;
    assert_eq!(
        slowed.status, 429,
        "what a person chose is not compared meanwhile"
    );
    assert!(slowed.header("retry-after").parse::<u64>().unwrap() <= 7);
    // Nobody guesses what was made here, so it passes.
    let metrics = ann.get(&server, "/metrics").await;
    assert!(
        metrics
            .text
            .contains("access_refused_total{reason=\"wrong\"} 11"),
        "{}",
        metrics.text
    );
    assert!(
        metrics
            .text
            .contains("access_refused_total{reason=\"slowed\"} 2"),
        "{}",
        metrics.text
    );
    for secret in ["horse", ann.secret.as_str()] {
        assert!(!metrics.text.contains(secret));
    }
}

#[tokio::test]
async fn without_sign_in_nobody_is_asked_but_a_token_counts_and_a_wrong_one_is_refused() {
    let server = TestServer::with_project().await;
    let who = server.get("/api/session").await.ok();
    assert_eq!(
        (&who["name"], &who["role"], &who["sign_in"]),
        (&json!("local"), &json!("admin"), &json!("off"))
    );
    let viewer = Person::new(&server, "ann", "viewer", None).await;
    assert_eq!(
        viewer
            .post(&server, "/api/projects/alpha/tasks", json!({"title": "x"}))
            .await
            .status,
        403
    );
    let wrong = [("authorization", "Bearer tt_nobody-has-this")];
    assert_eq!(
        send(&server, Method::GET, "/api/projects", &wrong)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn the_secret_of_the_command_line_is_an_administrator_and_agents_speak_with_it_as_before() {
    let server =
        TestServer::with(|config| config.token = Some("correct-horse".parse().unwrap())).await;
    let shared = Person {
        id: String::new(),
        secret: "correct-horse".into(),
    };
    let who = shared.get(&server, "/api/session").await.ok();
    assert_eq!(
        (&who["name"], &who["role"]),
        (&json!("token"), &json!("admin"))
    );
    shared
        .post(
            &server,
            "/api/projects",
            json!({"id": "alpha", "name": "A"}),
        )
        .await
        .ok();
    shared
        .post(&server, "/api/projects/alpha/agents", json!({"id": "ada"}))
        .await
        .ok();
    shared
        .post(&server, "/api/projects/alpha/tasks", json!({"title": "t"}))
        .await
        .ok();
    let events = shared.get(&server, "/api/projects/alpha/events").await.ok();
    let actors: Vec<_> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["actor"])
        .collect();
    assert_eq!(actors.first(), Some(&&json!("agent:ada")));
    assert_eq!(actors.last(), Some(&&json!("human:token")));
    let (pair, _) = cookie(&sign_in(&server, "correct-horse", &[]).await);
    assert!(!pair.contains("correct-horse"));
    assert_eq!(
        send(&server, Method::GET, "/api/projects", &[("cookie", &pair)])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_administrator_makes_lists_and_revokes_tokens_and_sees_a_secret_once() {
    let server = server().await;
    let root = Person::new(&server, "root", "admin", None).await;
    let made = root
        .post(
            &server,
            "/api/tokens",
            json!({"name": "ann", "role": "viewer", "project": "alpha"}),
        )
        .await;
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.ok();
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(made["made_by"], "human:root");
    let listed = root.get(&server, "/api/tokens").await;
    assert!(!listed.text.contains(&secret), "{}", listed.text);
    let names: Vec<_> = listed
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["name"].clone())
        .collect();
    assert_eq!(names, ["root", "ann"]);
    for (wrong, field) in [
        (json!({"name": "ann", "role": "viewer"}), "name"),
        (json!({"name": "local", "role": "viewer"}), "name"),
        (json!({"name": "a b", "role": "viewer"}), "name"),
        (json!({"name": "bob", "role": "king"}), "role"),
        (json!({"name": "bob"}), "role"),
        (json!({"name": "bob", "role": "agent"}), "project"),
        (
            json!({"name": "bob", "role": "admin", "project": "alpha"}),
            "project",
        ),
        (
            json!({"name": "bob", "role": "viewer", "project": "nowhere"}),
            "project",
        ),
    ] {
        let refused = root
            .post(&server, "/api/tokens", wrong.clone())
            .await
            .refused(422);
        assert_eq!(refused[0]["loc"], json!(["body", field]), "{wrong}");
    }
    let path = format!("/api/tokens/{}", made["id"].as_str().unwrap());
    root.send(&server, Method::DELETE, &path, None).await.ok();
    assert_eq!(
        root.send(&server, Method::DELETE, &path, None).await.status,
        404
    );
    let ann = Person {
        id: String::new(),
        secret,
    };
    assert_eq!(ann.get(&server, "/api/projects").await.status, 401);
    // The name is free again.
    Person::new(&server, "ann", "viewer", None).await;
}

#[tokio::test]
async fn tokens_and_sign_ins_outlive_the_server_and_revoked_ones_do_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("board.db");
    let database = || tasktree_server::config::Database::File(file.clone());
    let first = server_with(|config| config.database = database()).await;
    let (ann, bob) = (
        Person::new(&first, "ann", "viewer", Some("alpha")).await,
        Person::new(&first, "bob", "viewer", None).await,
    );
    let (ann_cookie, _) = cookie(&sign_in(&first, &ann.secret, &[]).await);
    let (bob_cookie, _) = cookie(&sign_in(&first, &bob.secret, &[]).await);
    let by = tasktree_server::auth::Principal::server();
    first
        .state
        .accounts
        .revoke_token(&by, &bob.id)
        .await
        .unwrap();
    first.stop().await;
    let second = TestServer::with(|config| {
        config.sign_in = Some(tasktree_server::config::SignIn::Required);
        config.database = database();
    })
    .await;
    let who = send(
        &second,
        Method::GET,
        "/api/session",
        &[("cookie", &ann_cookie)],
    )
    .await
    .ok();
    assert_eq!(
        (&who["name"], &who["project"]),
        (&json!("ann"), &json!("alpha"))
    );
    assert_eq!(ann.get(&second, "/api/projects").await.status, 200);
    assert_eq!(bob.get(&second, "/api/projects").await.status, 401);
    assert_eq!(
        send(
            &second,
            Method::GET,
            "/api/session",
            &[("cookie", &bob_cookie)]
        )
        .await
        .status,
        401
    );
    // What is kept are digests.
    second.stop().await;
    let bytes = std::fs::read(&file).unwrap();
    for secret in [&ann.secret, &bob.secret] {
        assert!(
            !bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes())
        );
    }
}
