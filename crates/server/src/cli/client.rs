//! A small client of the REST API for the tools of this binary.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::Token;

/// Default address of the server.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:8000";

/// Timeout of a request. An import of thousands of tasks is one request.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Client of one server. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
}

/// A refusal, in the server's words.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Refused {
    /// Status of the refusal.
    pub(crate) status: StatusCode,
    detail: String,
}

impl Client {
    /// Returns a client of the server at that address.
    pub(crate) fn new(server: &str, token: Option<&Token>) -> Result<Self> {
        let base: Url = server.parse().with_context(|| {
            format!(
                "invalid server address {server:?}: expected an address such \
                                      as {DEFAULT_SERVER}"
            )
        })?;
        if !matches!(base.scheme(), "http" | "https") {
            bail!(
                "unsupported server address {server:?}: it has to begin with http:// or https://"
            );
        }
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(TIMEOUT)
            .no_proxy()
            .build()?;
        Ok(Self { http, base })
    }

    /// Returns true if a TaskTree answers there, false if nothing listens; an error if something
    /// else answers.
    pub(crate) async fn answers(&self) -> Result<bool> {
        let answer = match self.http.get(self.url(&["health"])?).send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Ok(false),
            Err(error) => return Err(error).context("no response from the server"),
        };
        let health: Value = answer.json().await.unwrap_or_default();
        if health["status"] == "ok" {
            Ok(true)
        } else {
            bail!("the server at {} is not TaskTree", self.base)
        }
    }

    /// Sends a GET request.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Sends a POST request.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<T> {
        self.send(Method::POST, path, query, Some(body)).await
    }

    /// Sends a file in a POST request.
    pub(crate) async fn post_file<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        file: Vec<u8>,
    ) -> Result<T> {
        let request = self.request(Method::POST, path, query)?;
        let request = request.header(CONTENT_TYPE, "application/octet-stream");
        self.answer(request.body(file)).await
    }

    /// Sends a DELETE request.
    pub(crate) async fn delete(&self, path: &[&str]) -> Result<()> {
        self.send::<Value>(Method::DELETE, path, &[], None)
            .await
            .map(drop)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<T> {
        let mut request = self.request(method, path, query)?;
        if let Some(body) = body {
            request = request.json(body);
        }
        self.answer(request).await
    }

    fn request(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(self.http.request(method, url))
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let answer = request
            .send()
            .await
            .with_context(|| format!("no response from {}", self.base))?;
        let status = answer.status();
        if !status.is_success() {
            let body: Value = answer.json().await.unwrap_or_default();
            return Err(Refused {
                status,
                detail: sentence(status, &body["detail"]),
            }
            .into());
        }
        answer
            .json()
            .await
            .context("cannot read the server's response; it may be another version")
    }

    /// Returns the URL of a path, whose parts are names with any characters.
    fn url(&self, path: &[&str]) -> Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .ok()
            .context("the server's address cannot be the base of a URL")?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }
}

/// Returns the server's `detail` as text: a sentence, or a list of the problems with their places.
fn sentence(status: StatusCode, detail: &Value) -> String {
    match detail {
        Value::String(text) => text.clone(),
        Value::Array(problems) => problems
            .iter()
            .map(|problem| {
                let place = problem["loc"].as_array();
                let names = place.into_iter().flatten().skip(1);
                let names: Vec<_> = names
                    .map(|name| {
                        name.as_str()
                            .map_or_else(|| name.to_string(), str::to_owned)
                    })
                    .collect();
                let message = problem["msg"].as_str().unwrap_or_default();
                format!("{} {message}", names.join("."))
            })
            .collect::<Vec<_>>()
            .join("; "),
        _ => format!("the server responded with {status}"),
    }
}
