//! Tests of links that sign a browser in: without a question if nobody is signed in, and never
//! replacing an existing sign-in.

use anyhow::{Context, Result};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tasktree_e2e::{Browser, Server};

const ADMIN: &str = "correct-horse-battery-staple";

/// Creates a token. Returns its secret.
async fn token(server: &Server, name: &str) -> Result<String> {
    let body = json!({"name": name, "role": "viewer"});
    let request = Client::new().request(Method::POST, server.url("/api/tokens"));
    let answer = request.bearer_auth(ADMIN).json(&body).send().await?;
    let made: Value = answer.error_for_status()?.json().await?;
    let secret = made["secret"].as_str();
    Ok(secret.context("the token has a secret")?.to_owned())
}

/// Waits until the server identifies the browser by the given name.
async fn is_signed_in_as(browser: &Browser, name: &str) -> Result<()> {
    let asked = "const wanted = arguments[0];
        window.known ??= '';
        fetch('/api/session').then(answer => answer.json()).then(session => { window.known = session.name; });
        return window.known === wanted;";
    let what = format!("{name} is signed in");
    browser.until(&what, asked, vec![json!(name)]).await?;
    Ok(())
}

#[tokio::test]
async fn a_link_with_a_token_signs_nobody_out_unasked() -> Result<()> {
    let server = Server::start_with(&["--token", ADMIN]).await?;
    let (ann, mallory) = (
        token(&server, "ann").await?,
        token(&server, "mallory").await?,
    );
    let browser = Browser::at_a_desk("en").await?;
    let link = |secret: &str| server.url(&format!("/sign-in#{secret}"));
    browser.open(&link(&ann)).await?;
    is_signed_in_as(&browser, "ann").await?;

    // Opens another page first: otherwise only the fragment would differ, and the page would not be
    // reloaded.
    browser.open(&server.url("/health")).await?;
    browser.open(&link(&mallory)).await?;
    let asks = "return document.getElementById('note')?.innerText.includes('signed in as ann')
        && document.getElementById('token').value === arguments[0] && !location.hash;";
    let offered = vec![json!(mallory)];
    browser.until("the page asks first", asks, offered).await?;
    is_signed_in_as(&browser, "ann").await?;

    browser
        .run("document.getElementById('go').click();", vec![])
        .await?;
    let gone = "return location.pathname !== '/sign-in';";
    browser.until("the page leads on", gone, vec![]).await?;
    is_signed_in_as(&browser, "mallory").await
}
