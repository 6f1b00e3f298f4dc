//! [WebDriver BiDi](https://w3c.github.io/webdriver-bidi/), which Firefox has instead of the
//! DevTools protocol: used for scripts that run before a page's own, and for its console.

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::wait::PATIENCE;

/// A connection to the browser of one session.
#[derive(Debug)]
pub(super) struct Bidi {
    link: Mutex<Link>,
}

#[derive(Debug)]
struct Link {
    socket: WebSocketStream<TcpStream>,
    last_id: u64,
    /// Errors that the browser reported since the last call of [`Bidi::take_errors`].
    errors: Vec<String>,
}

impl Bidi {
    /// Connects to the address of a new session, and subscribes to errors.
    pub(super) async fn connect(url: &str) -> Result<Self> {
        let request = url.into_client_request()?;
        let authority = request.uri().authority().context("no authority")?;
        let tcp = TcpStream::connect(authority.as_str()).await?;
        let (socket, _) = client_async(request, tcp).await?;
        let bidi = Self {
            link: Mutex::new(Link {
                socket,
                last_id: 0,
                errors: Vec::new(),
            }),
        };
        let events = json!({"events": ["log.entryAdded", "network.responseCompleted"]});
        bidi.call("session.subscribe", events).await?;
        Ok(bidi)
    }

    /// Makes every page run a script before its own from now on.
    pub(super) async fn before_every_page(&self, script: &str) -> Result<()> {
        let function = json!({"functionDeclaration": format!("() => {{{script}}}")});
        self.call("script.addPreloadScript", function).await?;
        Ok(())
    }

    /// Returns the errors since the last call.
    pub(super) async fn take_errors(&self) -> Result<Vec<String>> {
        // Events that were sent before the answer are read while waiting for it.
        self.call("session.status", json!({})).await?;
        Ok(std::mem::take(&mut self.link.lock().await.errors))
    }

    /// Sends a command and waits for its result.
    async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        let mut link = self.link.lock().await;
        let answer = link.call(method, parameters);
        timeout(PATIENCE, answer)
            .await
            .with_context(|| format!("{method} was not answered"))?
    }
}

impl Link {
    async fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let command = json!({"id": id, "method": method, "params": parameters});
        self.socket.send(Message::text(command.to_string())).await?;
        loop {
            let message = self.socket.next().await.context("the browser is gone")??;
            let Message::Text(text) = message else {
                ensure!(!message.is_close(), "the browser closed the connection");
                continue;
            };
            let mut message: Value = serde_json::from_str(&text)?;
            if message["type"] == "event" {
                self.errors.extend(error_in(&message));
            } else if message["id"] == id {
                if message["type"] == "error" {
                    bail!("{method}: {}", message["message"]);
                }
                return Ok(message["result"].take());
            }
        }
    }
}

/// Returns the error that an event reports, if any. A request that was refused counts too: Chrome's
/// console shows such requests as errors.
fn error_in(event: &Value) -> Option<String> {
    let about = &event["params"];
    match event["method"].as_str()? {
        "log.entryAdded" => {
            let is_error = about["level"] == "error";
            is_error.then(|| about["text"].as_str().unwrap_or_default().to_owned())
        }
        "network.responseCompleted" => {
            let (url, status) = (&about["response"]["url"], &about["response"]["status"]);
            (status.as_u64()? >= 400).then(|| format!("{url} answered {status}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_console_and_refused_requests_are_told_from_the_rest() {
        let logged = |level| {
            let entry = json!({"level": level, "text": "no such thing", "type": "javascript"});
            error_in(&json!({"method": "log.entryAdded", "params": entry}))
        };
        assert_eq!(logged("error").as_deref(), Some("no such thing"));
        assert_eq!(logged("warn"), None);
        let answered = |status| {
            let response = json!({"url": "http://a/b", "status": status});
            let params = json!({"response": response});
            error_in(&json!({"method": "network.responseCompleted", "params": params}))
        };
        assert_eq!(
            answered(404).as_deref(),
            Some("\"http://a/b\" answered 404")
        );
        assert_eq!(answered(200), None);
        assert_eq!(error_in(&json!({"method": "log.other"})), None);
    }
}
