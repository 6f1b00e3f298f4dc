//! A small client of the REST API for the tools of this binary.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::Token;

/// Where a server listens unless it was told otherwise.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:8000";

/// How long an answer may take. An import of thousands of tasks is one request.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server to talk to. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
}

/// A refusal, in the server's words.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Refused {
    /// What kind.
    pub(crate) status: StatusCode,
    detail: String,
}

impl Client {
    /// A client of the server at that address.
    pub(crate) fn new(server: &str, token: Option<&Token>) -> Result<Self> {
        let base: Url = server
            .parse()
            .with_context(|| format!("{server:?} is not an address such as {DEFAULT_SERVER}"))?;
        if base.scheme() != "http" {
            bail!(
                "{server:?} is not an http:// address; this tool speaks to servers of its own network only"
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

    /// Whether a TaskTree answers there; an error where something else does.
    pub(crate) async fn answers(&self) -> Result<bool> {
        let answer = match self.http.get(self.url(&["health"])?).send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Ok(false),
            Err(error) => return Err(error).context("the server does not answer"),
        };
        let health: Value = answer.json().await.unwrap_or_default();
        if health["status"] == "ok" {
            Ok(true)
        } else {
            bail!("what answers at {} is not a TaskTree", self.base)
        }
    }

    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Makes or does something.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<T> {
        self.send(Method::POST, path, query, Some(body)).await
    }

    /// Sends a file.
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

    /// Changes something.
    pub(crate) async fn put<T: DeserializeOwned>(&self, path: &[&str], body: &Value) -> Result<T> {
        self.send(Method::PUT, path, &[], Some(body)).await
    }

    /// Removes something.
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
            .with_context(|| format!("{} does not answer", self.base))?;
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
            .context("the server's answer cannot be read; it may be of another version")
    }

    /// The address of a path, each part of which is one name, whatever characters it has.
    fn url(&self, path: &[&str]) -> Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .ok()
            .context("the server's address cannot have a path")?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }
}

/// The server's `detail`: a sentence, or a list of what is wrong where.
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
        _ => format!("the server answered {status}"),
    }
}
