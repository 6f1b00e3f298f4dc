//! A server with the projects `alpha` and `beta`, and people with tokens.

use reqwest::Method;
use serde_json::{Value, json};
use tasktree_protocol::project::NewProject;
use tasktree_server::config::{Config, SignIn};

use crate::support::{Answer, TestServer};
use crate::ws_client::{Client, write};

/// Starts a server on which everybody has to sign in.
pub(crate) async fn server() -> TestServer {
    server_with(|_| {}).await
}

/// Starts the same with other settings too.
pub(crate) async fn server_with(change: impl FnOnce(&mut Config)) -> TestServer {
    let server = TestServer::with(|config| {
        config.sign_in = Some(SignIn::Required);
        change(config);
    })
    .await;
    for id in ["alpha", "beta"] {
        let service = &server.state.service;
        service
            .create_project(write(), NewProject::new(id, id))
            .await
            .unwrap();
    }
    server
}

/// A person with a token.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Person {
    /// Creates a token, as the administrator that the server has from its start.
    pub(crate) async fn new(
        server: &TestServer,
        name: &str,
        role: &str,
        project: Option<&str>,
    ) -> Self {
        Self::with_token(server, name, role, project, None).await
    }

    /// Creates a token of that person; by default of the person with the token's name.
    pub(crate) async fn with_token(
        server: &TestServer,
        name: &str,
        role: &str,
        project: Option<&str>,
        person: Option<&str>,
    ) -> Self {
        let new = tasktree_server::domain::NewToken {
            name: name.into(),
            person: person.map(Into::into),
            role: serde_json::from_value(json!(role)).unwrap(),
            project: project.map(Into::into),
        };
        let by = tasktree_server::auth::Principal::server();
        let (row, secret) = server.state.accounts.make_token(&by, new).await.unwrap();
        Self {
            id: row.id,
            secret: secret.reveal().to_owned(),
        }
    }

    pub(crate) async fn send(
        &self,
        server: &TestServer,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = server.request(method, path).bearer_auth(&self.secret);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, server: &TestServer, path: &str) -> Answer {
        self.send(server, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, server: &TestServer, path: &str, body: Value) -> Answer {
        self.send(server, Method::POST, path, Some(body)).await
    }

    /// Opens their socket, in legacy mode or speaking `board.v1`, before hello.
    pub(crate) async fn socket(&self, server: &TestServer, protocol: Option<&str>) -> Client {
        let bearer = format!("Bearer {}", self.secret);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(protocol.map(|name| ("sec-websocket-protocol", name)));
        Client::connect(server, "/ws/updates", &headers)
            .await
            .unwrap()
    }

    /// Opens their socket and says hello; returns the welcome's data too.
    pub(crate) async fn hello(&self, server: &TestServer, streams: &[&str]) -> (Client, Value) {
        let mut client = self.socket(server, Some("board.v1")).await;
        let subs: Vec<_> = streams
            .iter()
            .map(|stream| json!({"stream": stream}))
            .collect();
        client
            .send(json!({"type": "sys.hello", "data": {"client": "test", "subs": subs, "caps": ["batch"]}}))
            .await;
        let welcome = client.expect("sys.welcome").await;
        (client, welcome)
    }
}

/// Returns the cookie that an answer sets, as a request sends it, and the whole header.
pub(crate) fn cookie(answer: &Answer) -> (String, String) {
    let header = answer.header("set-cookie").to_owned();
    let pair = header.split(';').next().unwrap_or_default().to_owned();
    (pair, header)
}
