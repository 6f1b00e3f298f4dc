//! A headless browser with one page, driven through WebDriver.

mod bidi;
mod driver;
mod engine;

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use self::bidi::Bidi;
use self::driver::Driver;
pub use self::engine::Engine;
use crate::wait::{PATIENCE, until};

/// A browser with one page. It ends when this is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    http: reqwest::Client,
    /// Firefox's second connection, for what WebDriver alone does not offer.
    bidi: Option<Bidi>,
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
    /// Starts a Chrome of its own with the width of a desk screen, see [`Browser::start`].
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn at_a_desk(language: &str) -> Result<Self> {
        Self::start(1360, 900, language).await
    }

    /// Starts a Chrome of its own, with nothing stored, at `width` by `height` pixels, whose person reads `language`.
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
        Self::start_engine(Engine::Chrome, width, height, language, arguments).await
    }

    /// Starts a browser of that kind as [`Browser::start_with`] does a Chrome.
    ///
    /// # Errors
    /// If there is no driver for it, or no such browser.
    pub async fn start_engine(
        engine: Engine,
        width: u32,
        height: u32,
        language: &str,
        arguments: &[&str],
    ) -> Result<Self> {
        let driver = Driver::start(engine)?;
        let address = driver.url();
        let capabilities = engine.capabilities(width, height, language, arguments);
        let client = until("the browser starts", PATIENCE, || async {
            let client = ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities.clone())
                .connect(&address)
                .await?;
            Ok(Some(client))
        })
        .await?;
        let bidi = match engine {
            Engine::Chrome => None,
            Engine::Firefox => Some(connect_bidi(&client).await?),
        };
        let browser = Self {
            client,
            http: reqwest::Client::new(),
            bidi,
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
    /// When Chrome refuses it, and in a browser that has no such protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        if self.bidi.is_some() {
            bail!("{command}: Firefox does not speak the DevTools protocol");
        }
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
        if let Some(bidi) = &self.bidi {
            return bidi.take_errors().await;
        }
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
    /// If the browser refuses it.
    pub async fn before_every_page(&self, script: &str) -> Result<()> {
        if let Some(bidi) = &self.bidi {
            return bidi.before_every_page(script).await;
        }
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

/// Connects to the address that Firefox has given its new session.
async fn connect_bidi(client: &Client) -> Result<Bidi> {
    let capabilities = client.capabilities();
    let url = capabilities
        .and_then(|all| all.get("webSocketUrl")?.as_str())
        .context("Firefox names no address for WebDriver BiDi")?;
    Bidi::connect(url).await
}
