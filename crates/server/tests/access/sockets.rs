//! Authentication of sockets, and the end of a token's connections with the token.

use reqwest::Method;
use serde_json::json;
use tasktree_protocol::frame::close;

use crate::people::{Person, cookie, server, server_with};
use crate::support::{Answer, TestServer};
use crate::ws_client::{Client, make_task, until};
use crate::ws_raw::RawClient;

async fn ticket(server: &TestServer, of: &Person) -> String {
    let ticket = of.post(server, "/api/tickets", json!({})).await.ok();
    assert_eq!(ticket["expires_in"], 30);
    ticket["ticket"].as_str().unwrap().to_owned()
}

/// Signs a browser in; returns its cookie.
async fn signed_in(server: &TestServer, of: &Person) -> String {
    let answer = server
        .post("/api/session", json!({"token": of.secret}))
        .await;
    cookie(&answer).0
}

/// Opens the socket of a browser with that cookie, on a page of the server.
async fn browser(server: &TestServer, cookie: &str) -> Client {
    let own = format!("http://{}", server.address);
    let headers = [
        ("cookie", cookie),
        ("origin", own.as_str()),
        ("sec-websocket-protocol", "board.v1"),
    ];
    Client::connect(server, "/ws/updates", &headers)
        .await
        .unwrap()
}

async fn greeted(client: &mut Client) -> bool {
    let hello = json!({"type": "sys.hello", "data": {"client": "t", "subs": [], "caps": []}});
    if client.try_send(hello).await.is_err() {
        return false;
    }
    match client.message().await {
        Some(message) => message
            .to_text()
            .is_ok_and(|text| text.contains("sys.welcome")),
        None => false,
    }
}

#[tokio::test]
async fn without_a_token_a_socket_is_accepted_and_closed_with_the_code_that_says_so() {
    let server = server().await;
    for headers in [
        vec![],
        vec![("sec-websocket-protocol", "board.v1")],
        vec![("authorization", "Bearer tt_wrong")],
        vec![("sec-websocket-protocol", "board.v1, ticket.wrong")],
        vec![
            ("cookie", "tasktree_session=wrong"),
            ("sec-websocket-protocol", "board.v1"),
        ],
    ] {
        let mut client = Client::connect(&server, "/ws/updates", &headers)
            .await
            .unwrap();
        assert_eq!(
            client.close_code().await,
            close::INVALID_TOKEN,
            "{headers:?}"
        );
    }
    let path = "/api/projects/alpha/coordination/live";
    let mut monitor = Client::connect(&server, path, &[]).await.unwrap();
    assert_eq!(monitor.close_code().await, close::INVALID_TOKEN);
    // No upgrade, no socket: as everywhere.
    assert_eq!(server.get("/ws/updates").await.status, 401);
}

/// RFC 6455, 5.5.1: one closing frame per side.
///
/// A browser that gets two reports 1006, reconnects, and never learns why it was closed.
#[tokio::test]
async fn the_server_closes_once_and_does_not_answer_the_answer() {
    let server = server().await;
    let mut client = RawClient::connect(&server, None).await;
    let close = client.frame().await.expect("the server closes");
    assert_eq!(
        (close.opcode, &close.payload[..2]),
        (8, &close::INVALID_TOKEN.to_be_bytes()[..])
    );
    client.send_frame(8, true, false, &close.payload[..2]).await;
    let more = client.frame().await;
    assert!(more.is_none(), "{more:?}");
}

#[tokio::test]
async fn a_ticket_lets_one_socket_in_once() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let offered = format!("board.v1, ticket.{}", ticket(&server, &ann).await);
    let headers = [("sec-websocket-protocol", offered.as_str())];
    let mut first = Client::connect(&server, "/ws/updates", &headers)
        .await
        .unwrap();
    assert!(greeted(&mut first).await);
    let mut second = Client::connect(&server, "/ws/updates", &headers)
        .await
        .unwrap();
    assert_eq!(second.close_code().await, close::INVALID_TOKEN);
}

#[tokio::test]
async fn a_cookie_opens_a_socket_for_pages_of_this_server_only() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let pair = signed_in(&server, &ann).await;
    let own = format!("http://{}", server.address);
    let headers = |origin: Option<&'static str>| {
        let mut headers = vec![
            ("cookie", pair.clone()),
            ("sec-websocket-protocol", "board.v1".to_owned()),
        ];
        headers.extend(origin.map(|origin| ("origin", origin.replace("OWN", &own))));
        headers
    };
    for (origin, authenticate) in [
        (Some("OWN"), true),
        (None, false),
        (Some("http://localhost:9"), false),
    ] {
        let headers = headers(origin);
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let mut client = Client::connect(&server, "/ws/updates", &headers)
            .await
            .unwrap();
        if authenticate {
            assert!(greeted(&mut client).await, "{origin:?}");
        } else {
            assert_eq!(
                client.close_code().await,
                close::INVALID_TOKEN,
                "{origin:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_revocation_closes_every_connection_of_the_token_and_nothing_more_is_delivered() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let bob = Person::new(&server, "bob", "viewer", None).await;
    let root = Person::new(&server, "root", "admin", None).await;
    let (mut v1, _) = ann.hello(&server, &["alpha", "*"]).await;
    let mut legacy = ann.socket(&server, None).await;
    let bearer = format!("Bearer {}", ann.secret);
    let path = "/api/projects/alpha/coordination/live";
    let mut monitor = Client::connect(&server, path, &[("authorization", &bearer)])
        .await
        .unwrap();
    let mut browser = browser(&server, &signed_in(&server, &ann).await).await;
    let by_ticket = format!("board.v1, ticket.{}", ticket(&server, &ann).await);
    let open_ticket = format!("board.v1, ticket.{}", ticket(&server, &ann).await);
    let mut ticketed = Client::connect(
        &server,
        "/ws/updates",
        &[("sec-websocket-protocol", &by_ticket)],
    )
    .await
    .unwrap();
    assert!(greeted(&mut browser).await && greeted(&mut ticketed).await);
    let (mut other, _) = bob.hello(&server, &["alpha"]).await;
    until("all are connected", || {
        server.state.hub.counts().total() == 6
    })
    .await;

    let path = format!("/api/tokens/{}", ann.id);
    root.send(&server, Method::DELETE, &path, None).await.ok();
    make_task(&server, "alpha", "AFTERWARDS").await;
    for (name, client) in [
        ("v1", &mut v1),
        ("legacy", &mut legacy),
        ("monitor", &mut monitor),
        ("browser", &mut browser),
        ("ticketed", &mut ticketed),
    ] {
        let (code, text) = client.rest().await;
        assert_eq!(code, close::INVALID_TOKEN, "{name}");
        assert!(!text.contains("AFTERWARDS"), "{name}: {text}");
    }
    other.expect("sys.live").await;
    assert_eq!(other.expect("task_created").await["title"], "AFTERWARDS");
    let headers = [("sec-websocket-protocol", open_ticket.as_str())];
    let mut late = Client::connect(&server, "/ws/updates", &headers)
        .await
        .unwrap();
    assert_eq!(
        late.close_code().await,
        close::INVALID_TOKEN,
        "an open ticket ends too"
    );
}

#[tokio::test]
async fn nothing_that_is_committed_after_a_revocation_is_delivered_however_busy_the_stream_is() {
    let server = server().await;
    let task = make_task(&server, "alpha", "busy").await;
    for round in 0..20 {
        let name = format!("ann-{round}");
        let ann = Person::new(&server, &name, "viewer", None).await;
        let (mut client, _) = ann.hello(&server, &["alpha"]).await;
        let by = tasktree_server::auth::Principal::server();
        let changes = crate::ws_client::change_task(&server, "alpha", &task, 50);
        let (revoked, ()) = tokio::join!(server.state.accounts.revoke_token(&by, &ann.id), changes);
        revoked.unwrap();
        let mark = format!("AFTER-{round}");
        make_task(&server, "alpha", &mark).await;
        let (code, text) = client.rest().await;
        assert_eq!(code, close::INVALID_TOKEN);
        assert!(!text.contains(&mark), "{text}");
    }
}

#[tokio::test]
async fn to_sign_out_closes_the_browsers_socket_and_leaves_other_browsers_in() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let mut browsers = Vec::new();
    for _ in 0..2 {
        let pair = signed_in(&server, &ann).await;
        let mut client = browser(&server, &pair).await;
        assert!(greeted(&mut client).await);
        browsers.push((pair, client));
    }
    let (pair, mut left) = browsers.remove(0);
    let out = server
        .request(Method::DELETE, "/api/session")
        .header("cookie", pair)
        .send();
    Answer::of(out.await.unwrap()).await.ok();
    assert_eq!(left.close_code().await, close::INVALID_TOKEN);
    let (_, stays) = &mut browsers[0];
    stays
        .send(json!({"type": "sys.ping", "data": {"n": 1, "t": 1, "tops": {}}}))
        .await;
    stays.expect("sys.pong").await;
}

#[tokio::test]
async fn a_user_has_a_share_of_the_connections_whichever_way_they_come_in() {
    let server = server_with(|config| config.sockets.max_connections_per_user = 2).await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let bob = Person::new(&server, "bob", "viewer", None).await;
    let (first, _) = ann.hello(&server, &["alpha"]).await;
    let pair = signed_in(&server, &ann).await;
    let mut second = browser(&server, &pair).await;
    assert!(greeted(&mut second).await);
    assert_eq!(
        browser(&server, &pair).await.close_code().await,
        close::TOO_MANY_CONNECTIONS
    );
    // Others do not notice.
    let (_bobs, _) = bob.hello(&server, &["alpha"]).await;
    first.cut();
    until("one has left", || server.state.hub.counts().total() == 2).await;
    let mut third = browser(&server, &pair).await;
    assert!(greeted(&mut third).await);
}
