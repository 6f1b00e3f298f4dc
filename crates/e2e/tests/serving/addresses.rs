//! Tests of links, reloads and languages.

use anyhow::Result;
use fantoccini::Locator;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Server};

#[tokio::test]
async fn a_link_to_a_task_opens_it_over_the_live_board() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["First", "The one in the link"])
        .await?;
    let board = Board::open_at(&server, "/p/demo/t/2", "en").await?;
    let shown = "return [...document.querySelectorAll('.task-drawer input, .task-drawer textarea')]
        .some(field => field.value === 'The one in the link');";
    board
        .browser
        .until("the drawer shows the task", shown, vec![])
        .await?;
    board.until_in(&tasks[0], "unclaimed").await?;
    Ok(())
}

#[tokio::test]
async fn the_tasks_that_the_page_had_fetched_are_those_that_the_board_shows() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["First"]).await?;
    let board = Board::open(&server, "demo").await?;
    board.until_in(&tasks[0], "unclaimed").await?;
    // The page's header fetched them, and the board did not fetch them again.
    let fetched = "return performance.getEntriesByType('resource')
        .filter(entry => entry.name.endsWith('/tasks?view=card')).map(entry => entry.initiatorType);";
    assert_eq!(board.browser.run(fetched, vec![]).await?, json!(["link"]));
    Ok(())
}

#[tokio::test]
async fn what_was_typed_is_saved_when_the_person_goes_back() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["Written"]).await?;
    let board = Board::open(&server, "demo").await?;
    let open = "document.querySelector('.task-card-title').click(); return true;";
    board.browser.run(open, vec![]).await?;
    let field = "return document.querySelector('.task-title-field')?.value === 'Written';";
    board
        .browser
        .until("the drawer shows the task", field, vec![])
        .await?;
    let client = board.browser.client();
    let field = client.find(Locator::Css(".task-title-field")).await?;
    field.click().await?;
    field.send_keys(" over").await?;
    client.back().await?;
    let renamed = "return !document.querySelector('.task-drawer')
        && document.querySelector('.task-card-title').textContent.includes('Written over');";
    board
        .browser
        .until("the card has the new title", renamed, vec![])
        .await?;
    until("the server has it too", PATIENCE, || async {
        let path = format!("/api/projects/demo/tasks/{}", tasks[0]);
        let task = server.call(Method::GET, &path, None).await?;
        Ok((task["title"] == "Written over").then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_filter_in_the_address_survives_a_reload() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["Apples", "Pears"])
        .await?;
    let board = Board::open_at(&server, "/p/demo?q=pear", "en").await?;
    board.until_in(&tasks[1], "unclaimed").await?;
    board.until_gone(&tasks[0]).await?;
    board.browser.client().refresh().await?;
    board.until_live().await?;
    board.until_in(&tasks[1], "unclaimed").await?;
    board.until_gone(&tasks[0]).await?;
    Ok(())
}

#[tokio::test]
async fn the_filter_is_the_one_in_the_address_wherever_one_goes() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["Apples", "Pears"])
        .await?;
    let others = server.project_with_tasks("other", &["Plums"]).await?;
    let board = Board::open_at(&server, "/p/demo", "en").await?;
    board.press("/").await?;
    board.press("pear").await?;
    board.until_gone(&tasks[0]).await?;
    let click =
        |selector: &str| format!("document.querySelector('{selector}').click(); return true;");
    let run = async |script: &str| board.browser.run(script, vec![]).await;
    // A card's link keeps the filter.
    run(&click(".task-card-title")).await?;
    let kept = "return location.pathname.endsWith('/t/2') && location.search === '?q=pear';";
    board
        .browser
        .until("the address has both", kept, vec![])
        .await?;
    // Another view of the project has no filter, so the board has none after returning from it.
    run(&click(".view-link[href$=agents]")).await?;
    run(&click(".view-link")).await?;
    board.until_in(&tasks[0], "unclaimed").await?;
    // Another project has no filter either.
    board.press("/").await?;
    board.press("pear").await?;
    board.until_gone(&tasks[0]).await?;
    run(&click(".switcher")).await?;
    run(&click(".switcher-panel a[href*=other]")).await?;
    board.until_in(&others[0], "unclaimed").await?;
    Ok(())
}

#[tokio::test]
async fn a_chinese_browser_gets_a_chinese_board() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["第一个任务"]).await?;
    let board = Board::open_at(&server, "/p/demo", "zh-CN").await?;
    let chinese = "return document.documentElement.lang === 'zh-CN'
        && document.querySelector('.connection-words').textContent.includes('实时')
        && document.querySelector('.column-name').textContent.includes('待办');";
    board
        .browser
        .until("the words are Chinese", chinese, vec![])
        .await?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_address_says_so() -> Result<()> {
    let server = Server::start().await?;
    let browser = tasktree_e2e::Browser::start(1000, 700, "en").await?;
    browser.open(&server.url("/no/such/page")).await?;
    let says = "return document.querySelector('.message-page h1')?.textContent === arguments[0];";
    browser
        .until(
            "the page says that there is nothing",
            says,
            vec![json!("Page not found")],
        )
        .await?;
    Ok(())
}
