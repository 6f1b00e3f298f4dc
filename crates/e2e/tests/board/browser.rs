//! Tests of the browser helpers that the other tests rely on.

use std::net::TcpStream;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Browser, Engine, Server};

/// Browsers that tests can start.
const ENGINES: [Engine; 2] = [Engine::Chrome, Engine::Firefox];

/// Returns the address at which a browser itself listens, as opposed to its driver.
fn own_address(browser: &Browser) -> Option<String> {
    let all = browser.client().capabilities()?;
    let url = match all.get("webSocketUrl") {
        Some(url) => url.as_str()?,
        None => all.get("goog:chromeOptions")?["debuggerAddress"].as_str()?,
    };
    let address = url.trim_start_matches("ws://").split('/').next()?;
    Some(address.to_owned())
}

#[tokio::test]
async fn a_browser_ends_with_its_handle() -> Result<()> {
    for engine in ENGINES {
        let browser = Browser::start_engine(engine, 800, 600, "en", &[]).await?;
        let address = own_address(&browser).context("the browser listens for a debugger")?;
        TcpStream::connect(&address).context("while the browser runs")?;
        drop(browser);
        until("nobody listens any more", PATIENCE, || async {
            Ok(TcpStream::connect(&address).is_err().then_some(()))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn errors_of_a_page_are_told_once_and_warnings_are_not() -> Result<()> {
    let server = Server::start().await?;
    for engine in ENGINES {
        let browser = Browser::start_engine(engine, 800, 600, "en", &[]).await?;
        browser.open(&server.url("/")).await?;
        browser.console_errors().await?;
        let fail = "
            console.warn('a warning');
            console.error('written by hand');
            setTimeout(() => { throw new Error('thrown by hand'); });
            await fetch('/api/projects/nowhere');
            return true;";
        let fail = format!("return (async () => {{ {fail} }})();");
        browser.run(&fail, vec![]).await?;
        let mut told = String::new();
        for expected in ["written by hand", "thrown by hand", "nowhere"] {
            while !told.contains(expected) {
                let errors = until(expected, PATIENCE, || async {
                    let errors = browser.console_errors().await?;
                    Ok((!errors.is_empty()).then_some(errors))
                })
                .await?;
                told.push_str(&errors.join("\n"));
            }
        }
        assert!(!told.contains("a warning"), "{engine:?}: {told}");
        assert!(browser.console_errors().await?.is_empty(), "{engine:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_browser_reads_the_language_that_it_was_asked_for() -> Result<()> {
    for engine in ENGINES {
        let browser = Browser::start_engine(engine, 800, 600, "zh-CN", &[]).await?;
        browser.open("data:text/html,page").await?;
        let language = browser.run("return navigator.language;", vec![]).await?;
        assert_eq!(language, "zh-CN", "{engine:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_command_of_devtools_is_answered_or_refused_in_words() -> Result<()> {
    let browser = Browser::start(800, 600, "en").await?;
    let sum = json!({"expression": "1 + 1"});
    let answer = browser.devtools("Runtime.evaluate", sum).await?;
    assert_eq!(answer["result"]["value"], 2);
    let error = browser
        .devtools("Runtime.unheardOf", Value::Object(Default::default()))
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with("Runtime.unheardOf: "),
        "{error}"
    );
    assert!(error.to_string().contains("wasn't found"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_script_before_every_page_runs_before_the_pages_own() -> Result<()> {
    for engine in ENGINES {
        let browser = Browser::start_engine(engine, 800, 600, "en", &[]).await?;
        browser.before_every_page("window.first = true;").await?;
        browser
            .open("data:text/html,<script>window.seen = window.first === true</script>")
            .await?;
        let seen = browser.run("return window.seen;", vec![]).await?;
        assert_eq!(seen, json!(true), "{engine:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_closed_tab_gives_way_to_the_first() -> Result<()> {
    let browser = Browser::start(800, 600, "en").await?;
    browser.open("data:text/html,first").await?;
    browser.new_tab().await?;
    browser.open("data:text/html,second").await?;
    let text = "return document.body.textContent;";
    assert_eq!(browser.run(text, vec![]).await?, "second");
    browser.close_tab().await?;
    assert_eq!(browser.run(text, vec![]).await?, "first");
    Ok(())
}
