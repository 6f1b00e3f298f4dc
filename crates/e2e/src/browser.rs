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

/// A browser with one page. It ends when this value is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    http: reqwest::Client,
    /// Second connection to Firefox, for features that WebDriver alone does not offer.
    bidi: Option<Bidi>,
    driver: Driver,
}

/// Script that records the page's uncaught errors, and panics written to the console.
const LISTEN_FOR_FAILURES: &str = "
    window.pageFailures = [];
    // A ResizeObserver whose callback changes a size gets the rest in the next frame. Browsers
    // report that as an error.
    addEventListener('error', event => {
        if (!event.message.startsWith('ResizeObserver loop')) pageFailures.push(event.message);
    });
    addEventListener('unhandledrejection', event => pageFailures.push(String(event.reason)));
    const write = console.error;
    console.error = (...words) => {
        if (String(words[0]).includes('panicked')) pageFailures.push(String(words[0]));
        write(...words);
    };";

/// Script that throws the failures recorded by [`LISTEN_FOR_FAILURES`].
const THROW_FAILURES: &str = "if (window.pageFailures?.length) throw new Error('The page failed: ' + pageFailures.join('; '));";

impl Browser {
    /// Starts a separate Chrome with the width of a desktop screen, see [`Browser::start`].
    ///
    /// # Errors
    /// As for [`Browser::start`].
    pub async fn at_a_desk(language: &str) -> Result<Self> {
        Self::start(1360, 900, language).await
    }

    /// Starts a separate Chrome with an empty profile, a window of `width` by `height` pixels, and
    /// `language` as the preferred language.
    ///
    /// # Errors
    /// There is no ChromeDriver or no Chrome.
    pub async fn start(width: u32, height: u32, language: &str) -> Result<Self> {
        Self::start_with(width, height, language, &[]).await
    }

    /// Does the same as [`Browser::start`], with more arguments on Chrome's command line.
    ///
    /// # Errors
    /// As for [`Browser::start`].
    pub async fn start_with(
        width: u32,
        height: u32,
        language: &str,
        arguments: &[&str],
    ) -> Result<Self> {
        Self::start_engine(Engine::Chrome, width, height, language, arguments).await
    }

    /// Starts a browser of the given kind as [`Browser::start_with`] starts a Chrome.
    ///
    /// # Errors
    /// There is no driver for it, or no such browser.
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

    /// Returns the driver's client, for features that this type does not offer.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the name and version of the browser.
    pub fn version(&self) -> Option<String> {
        let all = self.client.capabilities()?;
        let text = |name| all.get(name)?.as_str();
        Some(format!(
            "{} {}",
            text("browserName")?,
            text("browserVersion")?
        ))
    }

    /// Sends a command of the [DevTools
    /// protocol](https://chromedevtools.github.io/devtools-protocol/) to the page. Returns its
    /// result.
    ///
    /// # Errors
    /// Chrome refuses the command, or the browser has no such protocol.
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

    /// Returns the errors in the browser's console since the last call, including those that no
    /// script can observe, such as a failed connection.
    ///
    /// # Errors
    /// The driver does not report them.
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

    /// Makes every page of this tab run a script before its own from now on.
    ///
    /// # Errors
    /// The browser refuses it.
    pub async fn before_every_page(&self, script: &str) -> Result<()> {
        if let Some(bidi) = &self.bidi {
            return bidi.before_every_page(script).await;
        }
        let parameters = json!({"source": script});
        self.devtools("Page.addScriptToEvaluateOnNewDocument", parameters)
            .await?;
        Ok(())
    }

    /// Makes the browser report that there is no network, or that there is one.
    ///
    /// # Errors
    /// As for [`Browser::devtools`].
    pub async fn say_offline(&self, offline: bool) -> Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(())
    }

    /// Opens an empty tab and switches to it.
    ///
    /// # Errors
    /// The browser does not open one.
    pub async fn new_tab(&self) -> Result<()> {
        let tab = self.client.new_window(true).await?;
        Ok(self.client.switch_to_window(tab.handle).await?)
    }

    /// Closes the tab, which must not be the only one, and switches to the first of the others.
    ///
    /// # Errors
    /// The browser does not close it.
    pub async fn close_tab(&self) -> Result<()> {
        self.client.close_window().await?;
        let tabs = self.client.windows().await?;
        let first = tabs.into_iter().next().context("no tab is left")?;
        Ok(self.client.switch_to_window(first).await?)
    }

    /// Opens an address.
    ///
    /// # Errors
    /// The browser does not open it.
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// Runs a function body in the page. Returns its return value, or the result of the promise
    /// that it returns.
    ///
    /// # Errors
    /// It throws, or the page has failed since it was opened: a page that panicked may still look
    /// alive.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let script = format!("{THROW_FAILURES}{script}");
        Ok(self.client.execute(&script, arguments).await?)
    }

    /// Waits until a function body returns a value other than `null` or `false` in the page.
    /// Returns that value.
    ///
    /// # Errors
    /// It does not within [`PATIENCE`].
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.until_within(what, PATIENCE, script, arguments).await
    }

    /// Does the same as [`Browser::until`], with another time limit.
    ///
    /// # Errors
    /// The time is over.
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

/// Connects to the address that Firefox assigned to its new session.
async fn connect_bidi(client: &Client) -> Result<Bidi> {
    let capabilities = client.capabilities();
    let url = capabilities
        .and_then(|all| all.get("webSocketUrl")?.as_str())
        .context("Firefox names no address for WebDriver BiDi")?;
    Bidi::connect(url).await
}
