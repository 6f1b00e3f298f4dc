//! Tickets: each opens one WebSocket, once, and is good for nothing else.

use reqwest::Method;
use serde_json::{Value, json};
use tasktree_protocol::frame::close;
use tasktree_server::limits::{SIGN_INS_PER_TOKEN, TICKETS_PER_TOKEN};

use crate::people::{Person, cookie, server};
use crate::support::{Answer, TestServer};
use crate::ws_client::Client;

async fn ticket(server: &TestServer, of: &Person) -> String {
    let made = of.post(server, "/api/tickets", json!({})).await.ok();
    format!("board.v1, ticket.{}", made["ticket"].as_str().unwrap())
}

async fn is_welcome(server: &TestServer, path: &str, offered: &str) -> bool {
    let headers = [("sec-websocket-protocol", offered)];
    let mut client = Client::connect(server, path, &headers).await.unwrap();
    if path.ends_with("/live") {
        return client.message().await.is_some_and(|first| first.is_text());
    }
    let hello = json!({"type": "sys.hello", "data": {"client": "t", "subs": [], "caps": []}});
    client.try_send(hello).await.is_ok()
        && client.message().await.is_some_and(|first| first.is_text())
}

#[tokio::test]
async fn a_ticket_authenticates_no_request_of_the_api_and_is_not_used_up_by_one() {
    let server = server().await;
    let root = Person::new(&server, "root", "admin", None).await;
    let offered = ticket(&server, &root).await;
    let token = json!({"name": "more", "role": "admin"});
    let project = json!({"id": "gamma", "name": "Gamma"});
    let requests: [(Method, &str, Value); 14] = [
        (Method::GET, "/api/projects", Value::Null),
        (Method::HEAD, "/api/projects", Value::Null),
        (Method::POST, "/api/projects", project),
        (Method::PUT, "/api/projects/alpha", json!({"name": "x"})),
        (Method::DELETE, "/api/projects/alpha", Value::Null),
        (Method::PATCH, "/api/projects/alpha", json!({"name": "x"})),
        (Method::OPTIONS, "/api/projects", Value::Null),
        (Method::POST, "/api/tickets", json!({})),
        (Method::POST, "/api/tokens", token),
        (Method::GET, "/api/tokens", Value::Null),
        (Method::GET, "/api/admin/connections", Value::Null),
        (Method::GET, "/metrics", Value::Null),
        (Method::GET, "/ws/updates", Value::Null),
        (
            Method::GET,
            "/api/projects/alpha/coordination/live",
            Value::Null,
        ),
    ];
    for (method, path, body) in requests {
        // With the header of an upgrade, too, which only the sockets' own paths may have.
        let is_socket = path.starts_with("/ws") || path.ends_with("/live");
        for upgrade in [None, Some("websocket")] {
            if is_socket && upgrade.is_some() {
                continue;
            }
            let mut request = server
                .request(method.clone(), path)
                .header("sec-websocket-protocol", &offered)
                .json(&body);
            if let Some(upgrade) = upgrade {
                request = request.header("upgrade", upgrade);
            }
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(
                answer.status, 401,
                "{method} {path} {upgrade:?}: {}",
                answer.text
            );
        }
    }
    let session = server
        .request(Method::GET, "/api/session")
        .header("sec-websocket-protocol", &offered);
    assert_eq!(session.send().await.unwrap().status(), 401);
    assert!(is_welcome(&server, "/ws/updates", &offered).await);
    assert!(!is_welcome(&server, "/ws/updates", &offered).await, "used");
}

#[tokio::test]
async fn where_nobody_has_to_sign_in_a_ticket_is_no_way_into_the_api_either() {
    let server = TestServer::with_project().await;
    let viewer = Person::new(&server, "ann", "viewer", None).await;
    let offered = ticket(&server, &viewer).await;
    let request = server
        .request(Method::GET, "/api/projects")
        .header("sec-websocket-protocol", &offered);
    assert_eq!(request.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_ticket_opens_either_kind_of_socket_and_a_token_beside_it_spares_it() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", Some("alpha")).await;
    let live = "/api/projects/alpha/coordination/live";
    let offered = ticket(&server, &ann).await;
    assert!(is_welcome(&server, live, &offered).await);
    assert!(!is_welcome(&server, live, &offered).await, "used");
    let offered = ticket(&server, &ann).await;
    let bearer = format!("Bearer {}", ann.secret);
    let both = [
        ("authorization", bearer.as_str()),
        ("sec-websocket-protocol", offered.as_str()),
    ];
    Client::connect(&server, "/ws/updates", &both)
        .await
        .unwrap();
    assert!(is_welcome(&server, "/ws/updates", &offered).await);
}

#[tokio::test]
async fn one_token_takes_no_tickets_and_no_sign_ins_from_others() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let bob = Person::new(&server, "bob", "viewer", None).await;
    let sign_in = async |of: &Person| {
        let body = json!({"token": of.secret});
        cookie(&server.post("/api/session", body).await).0
    };
    let (bobs_ticket, bobs_cookie) = (ticket(&server, &bob).await, sign_in(&bob).await);
    let (first_ticket, first_cookie) = (ticket(&server, &ann).await, sign_in(&ann).await);
    for _ in 0..TICKETS_PER_TOKEN {
        ticket(&server, &ann).await;
    }
    let mut last_cookie = String::new();
    for _ in 0..SIGN_INS_PER_TOKEN {
        last_cookie = sign_in(&ann).await;
    }
    assert!(is_welcome(&server, "/ws/updates", &bobs_ticket).await);
    let headers = [("sec-websocket-protocol", first_ticket.as_str())];
    let mut oldest = Client::connect(&server, "/ws/updates", &headers)
        .await
        .unwrap();
    assert_eq!(oldest.close_code().await, close::INVALID_TOKEN);
    for (name, pair, status) in [
        ("bob's", bobs_cookie, 200),
        ("ann's first", first_cookie, 401),
        ("ann's last", last_cookie, 200),
    ] {
        let request = server
            .request(Method::GET, "/api/projects")
            .header("cookie", pair);
        assert_eq!(request.send().await.unwrap().status(), status, "{name}");
    }
}

#[tokio::test]
async fn behind_a_proxy_that_drops_subprotocols_version_and_ticket_are_in_the_address() {
    let server = server().await;
    let root = Person::new(&server, "root", "admin", None).await;
    let made = root.post(&server, "/api/tickets", json!({})).await.ok();
    let ticket = made["ticket"].as_str().unwrap();
    let path = format!("/ws/updates?protocol=board.v1&ticket={ticket}");
    let mut client = Client::connect(&server, &path, &[]).await.unwrap();
    client.greet(json!([]), json!([])).await;

    let mut again = Client::connect(&server, &path, &[]).await.unwrap();
    assert_eq!(
        again.close_code().await,
        close::INVALID_TOKEN,
        "it opens one socket"
    );
    let request = server.request(Method::GET, &format!("/api/projects?ticket={ticket}"));
    assert_eq!(request.send().await.unwrap().status(), 401);
}
