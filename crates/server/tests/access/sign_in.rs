//! The ways to authenticate: the browser's cookie, a program's token, and the refusal of wrong
//! ones.

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
        "person": {"id": who["person"]["id"], "name": "ann"},
        "credential": ann.id,
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
        answers.push(sign_in(&server, &guess, &[]).await);
    }
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    let wait = answers[11].header("retry-after").parse::<u64>().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    let bearer = [("authorization", "Bearer correct-horse")];
    let right = send(&server, Method::GET, "/api/projects", &bearer).await;
    assert_eq!(
        right.status, 200,
        "others of the address are not locked out"
    );
    let metrics = ann.get(&server, "/metrics").await;
    assert!(
        metrics
            .text
            .contains("access_refused_total{reason=\"wrong\"} 10"),
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
    // Only digests are stored.
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

#[tokio::test]
async fn one_client_with_a_wrong_secret_locks_nobody_out_and_whoever_guesses_gets_nowhere() {
    let server = server_with(|config| config.token = Some("correct-horse".parse().unwrap())).await;
    let ask = async |secret: &str| {
        let bearer = format!("Bearer {secret}");
        let headers = [("authorization", bearer.as_str())];
        send(&server, Method::GET, "/api/projects", &headers)
            .await
            .status
    };
    for _ in 0..300 {
        ask("an-old-secret").await;
    }
    assert_eq!(ask("correct-horse").await, 200);
    for number in 0..300 {
        ask(&format!("guess-{number}")).await;
    }
    assert_eq!(ask("correct-horse").await, 429, "it could be a guess");
}

#[tokio::test]
async fn behind_a_trusted_proxy_wrong_tokens_count_for_whoever_sent_them() {
    let server = server_with(|config| config.trusted_proxies.push([127, 0, 0, 1].into())).await;
    for (header, one, other) in [
        ("x-forwarded-for", "198.51.100.1:5000", "198.51.100.2:5000"),
        (
            "x-forwarded-for",
            "[2001:db8:1::1]:80",
            "[2001:db8:2::1]:80",
        ),
        ("x-forwarded-for", "[2001:db8:3::1]", "[2001:db8:4::1]"),
        ("forwarded", "for=198.51.100.3", "for=\"[2001:db8:5::1]:9\""),
    ] {
        let wrong = async |from: &str| {
            let headers = [(header, from), ("authorization", "Bearer tt_wrong")];
            send(&server, Method::GET, "/api/projects", &headers)
                .await
                .status
        };
        for _ in 0..10 {
            assert_eq!(wrong(one).await, 401, "{one}");
        }
        assert_eq!(wrong(one).await, 429, "{one}");
        assert_eq!(wrong(other).await, 401, "{other}");
    }
}

#[tokio::test]
async fn to_sign_in_over_a_sign_in_ends_it_and_a_wrong_token_does_not() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let bob = Person::new(&server, "bob", "viewer", None).await;
    let (first, _) = cookie(&sign_in(&server, &ann.secret, &[]).await);
    let over = [("cookie", first.as_str())];
    let who = async |pair: &str| {
        send(&server, Method::GET, "/api/session", &[("cookie", pair)])
            .await
            .status
    };
    assert_eq!(sign_in(&server, "tt_wrong", &over).await.status, 401);
    assert_eq!(who(&first).await, 200);
    let (second, _) = cookie(&sign_in(&server, &bob.secret, &over).await);
    assert_eq!((who(&first).await, who(&second).await), (401, 200));
    // Also a sign-in of the same person: one that no browser has any more is of no use.
    let over = [("cookie", second.as_str())];
    sign_in(&server, &bob.secret, &over).await.ok();
    assert_eq!(who(&second).await, 401);
}

#[tokio::test]
async fn no_page_of_another_address_signs_a_browser_in_or_out_or_takes_its_cookie() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let mallory = Person::new(&server, "mallory", "viewer", None).await;
    let (pair, _) = cookie(&sign_in(&server, &ann.secret, &[]).await);
    let is_in = async || {
        let headers = [("cookie", pair.as_str())];
        let answer = send(&server, Method::GET, "/api/projects", &headers).await;
        answer.status == 200
    };
    let foreign = [
        ("origin", "http://127.0.0.1:9"),
        ("origin", "http://localhost:9"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "cross-site"),
    ];
    for page in foreign {
        let headers = [("cookie", pair.as_str()), page];
        let entered = sign_in(&server, &mallory.secret, &headers).await;
        assert_eq!(entered.status, 403, "{page:?}: {}", entered.text);
        let out = send(&server, Method::DELETE, "/api/session", &headers).await;
        assert_eq!(out.status, 403, "{page:?}: {}", out.text);
        let others = [
            send(&server, Method::POST, "/api/tickets", &headers).await,
            send(&server, Method::GET, "/api/session", &headers).await,
            entered,
            out,
        ];
        for answer in others {
            assert_eq!(answer.header("set-cookie"), "", "{page:?}");
        }
        assert!(is_in().await, "{page:?}");
    }
    // A form cannot send JSON.
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let form = server
            .request(Method::POST, "/api/session")
            .header("content-type", kind)
            .body(json!({"token": mallory.secret}).to_string());
        let answer = Answer::of(form.send().await.unwrap()).await;
        assert_eq!(answer.status, 422, "{kind}: {}", answer.text);
        assert_eq!(answer.header("set-cookie"), "", "{kind}");
        assert!(!answer.text.contains(&mallory.secret), "{}", answer.text);
    }
    let own = format!("http://{}", server.address);
    for page in [("origin", own.as_str()), ("sec-fetch-site", "same-origin")] {
        let headers = [("cookie", pair.as_str()), page];
        let out = send(&server, Method::DELETE, "/api/session", &headers).await;
        assert_eq!(out.status, 200, "{page:?}");
    }
    assert!(!is_in().await);
}

#[tokio::test]
async fn two_servers_of_one_host_do_not_sign_out_each_others_browsers() {
    let (one, other) = (server().await, server().await);
    let ann = Person::new(&one, "ann", "viewer", None).await;
    let bob = Person::new(&other, "bob", "viewer", None).await;
    let (anns, _) = cookie(&sign_in(&one, &ann.secret, &[]).await);
    let (bobs, _) = cookie(&sign_in(&other, &bob.secret, &[]).await);
    let name = |pair: &str| pair.split('=').next().unwrap().to_owned();
    assert_ne!(name(&anns), name(&bobs));
    // A browser sends both cookies to both servers.
    let both = format!("{anns}; {bobs}");
    let headers = [("cookie", both.as_str())];
    for (server, name) in [(&one, "ann"), (&other, "bob")] {
        let who = send(server, Method::GET, "/api/session", &headers).await;
        assert_eq!(who.header("set-cookie"), "");
        assert_eq!(who.ok()["name"], name);
    }
}
