//! Writes over HTTP that name what their author saw, and who that is.

use reqwest::Method;
use serde_json::json;

use crate::people::{Person, server};
use crate::support::{Answer, TestServer};

const TASKS: &str = "/api/projects/alpha/tasks";

async fn make(server: &TestServer, secret: &str, name: &str, value: &str) -> Answer {
    let request = server.request(Method::POST, TASKS).bearer_auth(secret);
    let request = request.header(name, value).json(&json!({"title": "t"}));
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_write_is_refused_where_it_names_another_credential_or_another_life_of_its_project() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "editor", Some("alpha")).await;
    let get = |path: &'static str| {
        let request = server.request(Method::GET, path).bearer_auth(&ann.secret);
        async { Answer::of(request.send().await.unwrap()).await }
    };
    let credential = get("/api/session").await.ok()["credential"].clone();
    let credential = credential.as_str().unwrap();
    let refused = make(&server, &ann.secret, "If-Caller", "somebody").await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (403, &json!("other_caller"))
    );
    let made = make(&server, &ann.secret, "If-Caller", credential).await;
    assert_eq!(made.status, 200);

    let epoch = get(TASKS).await.header("stream-epoch").to_owned();
    let made = make(&server, &ann.secret, "If-Stream-Epoch", &epoch).await;
    assert_eq!(made.status, 200);
    let refused = make(&server, &ann.secret, "If-Stream-Epoch", "another").await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (409, &json!("replaced"))
    );
    assert_eq!(get(TASKS).await.ok().as_array().unwrap().len(), 2);
}
