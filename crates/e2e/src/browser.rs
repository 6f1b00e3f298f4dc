//! A headless Chrome with one page, driven through ChromeDriver.

mod driver;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

pub use self::driver::DRIVER_VARIABLE;
use self::driver::Driver;
use crate::wait::{PATIENCE, until};

/// A browser with one page. It ends when this is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    http: reqwest::Client,
    driver: Driver,
}

/// Remembers what the page did not catch, and what a panic writes to the console.
const LISTEN_FOR_FAILURES: &str = "
    window.pageFailures = [];
    // A ResizeObserver whose callback changes a size is told of the rest in the next frame; browsers call that an error.
    addEventListener('error', event => {
        if (!event.message.startsWith('ResizeObserver loop')) pageFailures.push(event.message);
    });
    addEventListener('unhandledrejection', event => pageFailures.push(String(event.reason)));
    const write = console.error;
    console.error = (...words) => {
        if (String(words[0]).includes('panicked')) pageFailures.push(String(words[0]));
        write(...words);
    };";

/// Passes on what [`LISTEN_FOR_FAILURES`] heard.
const THROW_FAILURES: &str = "if (window.pageFailures?.length) throw new Error('The page failed: ' + pageFailures.join('; '));";

impl Browser {
    /// Starts a browser of its own with the width of a desk screen, see [`Browser::start`].
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn at_a_desk(language: &str) -> Result<Self> {
        Self::start(1360, 900, language).await
    }

    /// Starts a browser of its own, with nothing stored, at `width` by `height` pixels, whose person reads `language`.
    ///
    /// # Errors
    /// When there is no ChromeDriver or no Chrome.
    pub async fn start(width: u32, height: u32, language: &str) -> Result<Self> {
        Self::start_with(width, height, language, &[]).await
    }

    /// As [`Browser::start`], with more on Chrome's command line.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn start_with(
        width: u32,
        height: u32,
        language: &str,
        arguments: &[&str],
    ) -> Result<Self> {
        let driver = Driver::start()?;
        let address = driver.url();
        let capabilities = capabilities(width, height, language, arguments);
        let client = until("the browser starts", PATIENCE, || async {
            let client = ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities.clone())
                .connect(&address)
                .await?;
            Ok(Some(client))
        })
        .await?;
        let browser = Self {
            client,
            http: reqwest::Client::new(),
            driver,
        };
        browser.before_every_page(LISTEN_FOR_FAILURES).await?;
        Ok(browser)
    }

    /// The driver's client, for what is not here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the browser calls itself, with its version.
    pub fn version(&self) -> Option<String> {
        let all = self.client.capabilities()?;
        let text = |name| all.get(name)?.as_str();
        Some(format!(
            "{} {}",
            text("browserName")?,
            text("browserVersion")?
        ))
    }

    /// Sends a command of the [DevTools protocol](https://chromedevtools.github.io/devtools-protocol/) to the page; gives
    /// its result.
    ///
    /// # Errors
    /// When Chrome refuses it.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let session = self.client.session_id().await?.context("no session")?;
        let url = format!("{}/session/{session}/goog/cdp/execute", self.driver.url());
        let body = json!({"cmd": command, "params": parameters});
        let answer = self.http.post(url).json(&body).send().await?;
        let is_success = answer.status().is_success();
        let value = answer.json::<Value>().await?["value"].take();
        ensure!(is_success, "{command}: {}", value["message"]);
        Ok(value)
    }

    /// Returns what the browser has written to the console as an error since the last call: also
    /// what no script can hear, such as a connection that failed.
    ///
    /// # Errors
    /// If the driver does not tell.
    pub async fn console_errors(&self) -> Result<Vec<String>> {
        let session = self.client.session_id().await?.context("no session")?;
        let url = format!("{}/session/{session}/se/log", self.driver.url());
        let request = self.http.post(url).json(&json!({"type": "browser"}));
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        let entries = answer["value"].as_array().context("no list of entries")?;
        let errors = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        Ok(errors
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect())
    }

    /// Has every page of this tab from now on run a script before its own.
    ///
    /// # Errors
    /// As [`Browser::devtools`].
    pub async fn before_every_page(&self, script: &str) -> Result<()> {
        let parameters = json!({"source": script});
        self.devtools("Page.addScriptToEvaluateOnNewDocument", parameters)
            .await?;
        Ok(())
    }

    /// Has the browser say that there is no network, or that there is one.
    ///
    /// # Errors
    /// As [`Browser::devtools`].
    pub async fn say_offline(&self, offline: bool) -> Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(())
    }

    /// Makes an empty tab and turns to it.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn new_tab(&self) -> Result<()> {
        let tab = self.client.new_window(true).await?;
        Ok(self.client.switch_to_window(tab.handle).await?)
    }

    /// Closes the tab, which must not be the only one, and turns to the first of the others.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn close_tab(&self) -> Result<()> {
        self.client.close_window().await?;
        let tabs = self.client.windows().await?;
        let first = tabs.into_iter().next().context("no tab is left")?;
        Ok(self.client.switch_to_window(first).await?)
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// Runs a function body in the page; gives what it returns, or what the promise that it returns comes to.
    ///
    /// # Errors
    /// When it throws, or the page has failed since it was opened: a page that panicked may still look alive.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let script = format!("{THROW_FAILURES}{script}");
        Ok(self.client.execute(&script, arguments).await?)
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

fn capabilities(
    width: u32,
    height: u32,
    language: &str,
    arguments: &[&str],
) -> serde_json::Map<String, Value> {
    let mut all = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--no-first-run".to_owned(),
        format!("--window-size={width},{height}"),
        format!("--lang={language}"),
        format!("--accept-lang={language}"),
    ];
    all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let options = json!({
        "args": all,
        "prefs": {"intl.accept_languages": language},
    });
    let mut capabilities = serde_json::Map::new();
    capabilities.insert("goog:chromeOptions".into(), options);
    capabilities.insert("goog:loggingPrefs".into(), json!({"browser": "ALL"}));
    capabilities
}
