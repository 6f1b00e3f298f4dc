//! Test of the board's main path in each supported browser. It uses real keys and clicks, an agent
//! beside the person, and a server that goes down and comes back.

use anyhow::Result;
use fantoccini::key::Key;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Browser, Engine, Server};

#[tokio::test]
async fn the_main_path_in_chrome() -> Result<()> {
    main_path(Engine::Chrome).await
}

#[tokio::test]
async fn the_main_path_in_firefox() -> Result<()> {
    main_path(Engine::Firefox).await
}

/// A board that a person uses, with a server that others use too.
struct Scene {
    server: Server,
    board: Board,
    tasks: Vec<String>,
}

async fn main_path(engine: Engine) -> Result<()> {
    let mut scene = Scene::open_project(engine).await?;
    scene.see_an_agent_work().await?;
    scene.add_a_task().await?;
    scene.edit_in_the_drawer().await?;
    scene.carry_a_card().await?;
    scene.nothing_went_wrong().await?;
    scene.lose_the_server_and_find_it_again().await?;
    scene.carry_a_card_back().await?;
    scene.nothing_went_wrong().await
}

impl Scene {
    /// Opens a board from the list of projects, and waits until it is live.
    async fn open_project(engine: Engine) -> Result<Self> {
        let server = Server::start().await?;
        let tasks = server
            .project_with_tasks("demo", &["First", "Second"])
            .await?;
        let browser = Browser::start_engine(engine, 1360, 900, "en", &[]).await?;
        let board = Board::open_in(browser, &server.url("/")).await?;
        // A reload would lose this mark.
        board
            .browser
            .run("window.sameDocument = true;", vec![])
            .await?;
        board.click(".project-name a").await?;
        board.until_in(&tasks[0], "unclaimed").await?;
        board.until_text(".connection-words", "Live").await?;
        Ok(Self {
            server,
            board,
            tasks,
        })
    }

    fn path(&self, task: usize) -> String {
        format!("/api/projects/demo/tasks/{}", self.tasks[task])
    }

    /// Waits until the server has the given value in a field of a task.
    async fn until_stored(&self, task: usize, field: &str, value: &str) -> Result<()> {
        until(&format!("{field} is {value:?}"), PATIENCE, || async {
            let row = self
                .server
                .call(Method::GET, &self.path(task), None)
                .await?;
            Ok((row[field] == value).then_some(()))
        })
        .await
    }

    /// Claims a task for an agent and reports its activity.
    async fn see_an_agent_work(&self) -> Result<()> {
        let agents = "/api/projects/demo/agents";
        let claim = json!({"id": "ada", "task_id": self.tasks[0]});
        self.server.call(Method::POST, agents, Some(claim)).await?;
        self.board.until_in(&self.tasks[0], "in_progress").await?;
        let beat = json!({"last_activity": "running the tests"});
        let path = format!("{agents}/ada/heartbeat");
        self.server.call(Method::POST, &path, Some(beat)).await?;
        let card = format!(".task-card[data-task='{}']", self.tasks[0]);
        self.board.until_text(&card, "ada").await?;
        self.board.until_text(&card, "running the tests").await
    }

    /// Adds a task with the form, which stays open for the next one until Escape.
    async fn add_a_task(&mut self) -> Result<()> {
        let add = ".column[data-status=unclaimed] .column-head .icon-button";
        self.board.click(add).await?;
        let typed = format!("Written by hand{}", char::from(Key::Enter));
        self.board
            .write_into(".add-task [name=title]", &typed)
            .await?;
        let title = ".column[data-status=unclaimed] .task-card-title";
        self.board.until_text(title, "Written by hand").await?;
        self.board.until_none("[data-pending]").await?;
        self.board
            .press(&char::from(Key::Escape).to_string())
            .await?;
        self.board.until_none(".add-task").await?;
        self.tasks.push("3-demo".to_owned());
        self.until_stored(2, "title", "Written by hand").await
    }

    /// Opens the new task with a click, edits title and description, and closes the drawer with
    /// Escape. Then opens and closes it again with keys and a button.
    async fn edit_in_the_drawer(&self) -> Result<()> {
        let board = &self.board;
        let card = format!(".task-card[data-task='{}']", self.tasks[2]);
        board.click(&format!("{card} .task-card-title")).await?;
        let renamed = format!("Renamed by hand{}", char::from(Key::Enter));
        board.write_into(".task-title-field", &renamed).await?;
        self.until_stored(2, "title", "Renamed by hand").await?;
        board.until_text(&card, "Renamed by hand").await?;

        board.click(".markdown-field .markdown-empty").await?;
        board
            .write_into(".markdown-area", "With **weight**")
            .await?;
        board.click(".markdown-actions .button").await?;
        self.until_stored(2, "description", "With **weight**")
            .await?;
        board
            .until_text(".task-drawer .markdown strong", "weight")
            .await?;
        board.press(&char::from(Key::Escape).to_string()).await?;
        board.until_none(".task-drawer").await?;

        let enter = char::from(Key::Enter).to_string();
        board.press_on(&self.tasks[2], &enter).await?;
        board
            .until_text(".task-drawer .markdown strong", "weight")
            .await?;
        board
            .click(".task-drawer-head > .icon-button:last-child")
            .await?;
        board.until_none(".task-drawer").await
    }

    /// Moves a card with the keyboard: picks it up, carries it and puts it down.
    async fn carry_a_card(&self) -> Result<()> {
        self.board.move_right(&self.tasks[1], 1).await?;
        self.board.until_in(&self.tasks[1], "up_next").await?;
        self.until_stored(1, "status", "up_next").await
    }

    /// Moves the card back with the shortcut that moves it directly.
    async fn carry_a_card_back(&self) -> Result<()> {
        let left: String = [char::from(Key::Shift), char::from(Key::Left)]
            .iter()
            .collect();
        self.board.press_on(&self.tasks[1], &left).await?;
        self.board.until_in(&self.tasks[1], "unclaimed").await?;
        self.until_stored(1, "status", "unclaimed").await
    }

    /// Kills and restarts the server. The board says so, and becomes live again with the changes
    /// made since, without a reload.
    async fn lose_the_server_and_find_it_again(&mut self) -> Result<()> {
        self.server.kill().await?;
        self.board.until_connection("waiting").await?;
        self.server.start_again().await?;
        let merged = json!({"status": "merged"});
        let path = self.path(2);
        self.server.call(Method::PUT, &path, Some(merged)).await?;
        self.board.until_live().await?;
        self.board.until_in(&self.tasks[2], "merged").await?;
        let same = "return window.sameDocument === true;";
        let same = self.board.browser.run(same, vec![]).await?;
        assert_eq!(same, json!(true), "the page was loaded again");
        // A browser reports attempts to connect to a stopped server as errors.
        self.board.browser.console_errors().await?;
        Ok(())
    }

    /// Fails if the browser has written an error to its console.
    async fn nothing_went_wrong(&self) -> Result<()> {
        let errors = self.board.browser.console_errors().await?;
        assert!(errors.is_empty(), "{errors:?}");
        Ok(())
    }
}
