//! Browsers that tests can start: their drivers, and the capabilities to request.

use std::ffi::OsString;

use serde_json::{Map, Value, json};

/// A browser of one kind, with its WebDriver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chrome or Chromium, driven through ChromeDriver.
    Chrome,
    /// Firefox, driven through geckodriver.
    Firefox,
}

impl Engine {
    /// Returns the environment variable that names the driver, as for the tests of the board.
    pub const fn driver_variable(self) -> &'static str {
        match self {
            Self::Chrome => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
        }
    }

    /// Returns the driver's program: the one that is named, else the one on the `PATH`.
    pub(super) fn driver(self) -> OsString {
        std::env::var_os(self.driver_variable()).unwrap_or_else(|| match self {
            Self::Chrome => "chromedriver".into(),
            Self::Firefox => "geckodriver".into(),
        })
    }

    /// Returns the driver's arguments besides its port.
    pub(super) const fn driver_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Chrome => &[],
            // Its default is one port for all, but tests run in parallel.
            Self::Firefox => &["--websocket-port=0"],
        }
    }

    /// Returns the capabilities to request for a session. They are a window of `width` by `height`
    /// pixels, `language` as the preferred language, and more arguments on the browser's command
    /// line.
    pub(super) fn capabilities(
        self,
        width: u32,
        height: u32,
        language: &str,
        arguments: &[&str],
    ) -> Map<String, Value> {
        match self {
            Self::Chrome => chrome(width, height, language, arguments),
            Self::Firefox => firefox(width, height, language, arguments),
        }
    }
}

fn chrome(width: u32, height: u32, language: &str, arguments: &[&str]) -> Map<String, Value> {
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
    Map::from_iter([
        ("goog:chromeOptions".to_owned(), options),
        ("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"})),
    ])
}

fn firefox(width: u32, height: u32, language: &str, arguments: &[&str]) -> Map<String, Value> {
    let mut all = vec![
        "-headless".to_owned(),
        format!("--width={width}"),
        format!("--height={height}"),
    ];
    all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let options = json!({
        "args": all,
        "prefs": {"intl.accept_languages": language},
    });
    Map::from_iter([
        ("moz:firefoxOptions".to_owned(), options),
        // Requests the address of WebDriver BiDi, see `bidi`.
        ("webSocketUrl".to_owned(), json!(true)),
    ])
}
