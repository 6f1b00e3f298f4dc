//! What the other tests stand on.

use std::net::TcpStream;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tasktree_e2e::Browser;
use tasktree_e2e::wait::{PATIENCE, until};

#[tokio::test]
async fn a_browser_ends_with_its_handle() -> Result<()> {
    let browser = Browser::start(800, 600, "en").await?;
    let capabilities = browser.client().capabilities();
    let address = capabilities
        .and_then(|all| all.get("goog:chromeOptions")?["debuggerAddress"].as_str())
        .context("Chrome listens for a debugger")?
        .to_owned();
    TcpStream::connect(&address).context("while the browser runs")?;
    drop(browser);
    until("nobody listens any more", PATIENCE, || async {
        Ok(TcpStream::connect(&address).is_err().then_some(()))
    })
    .await
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
    let browser = Browser::start(800, 600, "en").await?;
    browser.before_every_page("window.first = true;").await?;
    browser
        .open("data:text/html,<script>window.seen = window.first === true</script>")
        .await?;
    let seen = browser.run("return window.seen;", vec![]).await?;
    assert_eq!(seen, json!(true));
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
