//! A headless Chrome with one page, driven through ChromeDriver.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::wait::{PATIENCE, until};

/// Names ChromeDriver; it is looked for on the PATH where this is not set.
pub const DRIVER_VARIABLE: &str = "CHROMEDRIVER";

/// A browser with one page. It ends when this is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    _driver: Child,
}

impl Browser {
    /// Starts a browser of its own, with nothing stored, at `width` by `height` pixels, whose person reads `language`.
    ///
    /// # Errors
    /// When there is no ChromeDriver or no Chrome.
    pub async fn start(width: u32, height: u32, language: &str) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let program = std::env::var_os(DRIVER_VARIABLE).unwrap_or_else(|| "chromedriver".into());
        let driver = Command::new(&program)
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", program.display()))?;
        let address = format!("http://127.0.0.1:{port}");
        let capabilities = capabilities(width, height, language);
        let client = until("the browser starts", PATIENCE, || async {
            let client = ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities.clone())
                .connect(&address)
                .await?;
            Ok(Some(client))
        })
        .await?;
        Ok(Self {
            client,
            _driver: driver,
        })
    }

    /// The driver's client, for what is not here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// Runs a function body in the page; gives what it returns.
    ///
    /// # Errors
    /// When it throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// Waits until a function body returns something true in the page; gives that.
    ///
    /// # Errors
    /// When it does not in [`PATIENCE`].
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.until_within(what, PATIENCE, script, arguments).await
    }

    /// As [`Browser::until`], for another time.
    ///
    /// # Errors
    /// When the time is over.
    pub async fn until_within(
        &self,
        what: &str,
        patience: Duration,
        script: &str,
        arguments: Vec<Value>,
    ) -> Result<Value> {
        until(what, patience, || async {
            let value = self.run(script, arguments.clone()).await?;
            let is_true = !matches!(value, Value::Null | Value::Bool(false));
            Ok(is_true.then_some(value))
        })
        .await
    }
}

fn capabilities(width: u32, height: u32, language: &str) -> serde_json::Map<String, Value> {
    let options = json!({
        "args": [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            format!("--window-size={width},{height}"),
            format!("--lang={language}"),
            format!("--accept-lang={language}"),
        ],
        "prefs": {"intl.accept_languages": language},
    });
    let mut capabilities = serde_json::Map::new();
    capabilities.insert("goog:chromeOptions".into(), options);
    capabilities.insert("goog:loggingPrefs".into(), json!({"browser": "ALL"}));
    capabilities
}
