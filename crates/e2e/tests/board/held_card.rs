//! Tests of a held card, with real keys, mouse and fingers, while another client changes the same
//! board.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::{Board, Server};

/// Script that returns the middle of an element, or of the upper part of a column.
const MIDDLE: &str = "
    const box = document.querySelector(arguments[0]).getBoundingClientRect();
    return [box.left + box.width / 2, box.top + Math.min(box.height, 200) / 2];";

/// Script that returns true if the held card is over a column.
const IS_OVER: &str = "
    return document.querySelector(`.column[data-status=${arguments[0]}]`).dataset.over === 'true';";

/// Time limit for the page to show a held card over a column.
const PATIENCE: Duration = Duration::from_secs(30);

/// Maximum number of presses of Tab that lead around a dialog.
const TABS: usize = 6;

/// A board with the given number of tasks, and its server for other clients.
struct Scene {
    server: Server,
    board: Board,
    tasks: Vec<String>,
}

impl Scene {
    async fn open(count: usize) -> Result<Self> {
        let server = Server::start().await?;
        let titles: Vec<String> = (1..=count).map(|number| format!("Task {number}")).collect();
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        let tasks = server.project_with_tasks("demo", &titles).await?;
        let board = Board::open(&server, "demo").await?;
        board.until_in(&tasks[0], "unclaimed").await?;
        Ok(Self {
            server,
            board,
            tasks,
        })
    }

    fn path(&self, task: usize) -> String {
        format!("/api/projects/demo/tasks/{}", self.tasks[task])
    }

    async fn stored(&self, task: usize) -> Result<Value> {
        self.server.call(Method::GET, &self.path(task), None).await
    }

    /// Claims a task for an agent through the API, and waits until the board shows it.
    async fn claim(&self, task: usize, agent: &str) -> Result<()> {
        let body = json!({"id": agent, "task_id": self.tasks[task]});
        self.server
            .call(Method::POST, "/api/projects/demo/agents", Some(body))
            .await?;
        self.board.until_in(&self.tasks[task], "in_progress").await
    }

    async fn until_told(&self, text: &str) -> Result<()> {
        let script = "return [...document.querySelectorAll('.toast-text')]
            .some(toast => toast.textContent === arguments[0]);";
        self.board
            .browser
            .until(text, script, vec![json!(text)])
            .await?;
        Ok(())
    }

    async fn middle(&self, selector: &str) -> Result<(f64, f64)> {
        let found = self
            .board
            .browser
            .run(MIDDLE, vec![json!(selector)])
            .await?;
        serde_json::from_value(found).context("a place has two numbers")
    }

    fn card(&self, task: usize) -> String {
        format!(
            ".task-card[data-task='{}'] .task-card-bottom",
            self.tasks[task]
        )
    }

    async fn mouse(&self, kind: &str, (x, y): (f64, f64)) -> Result<()> {
        let event = json!({
            "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1,
        });
        self.board
            .browser
            .devtools("Input.dispatchMouseEvent", event)
            .await?;
        Ok(())
    }

    async fn finger(&self, kind: &str, at: Option<(f64, f64)>) -> Result<()> {
        let points: Vec<Value> = at.iter().map(|(x, y)| json!({"x": x, "y": y})).collect();
        let event = json!({"type": kind, "touchPoints": points});
        self.board
            .browser
            .devtools("Input.dispatchTouchEvent", event)
            .await?;
        Ok(())
    }

    async fn until_held(&self) -> Result<()> {
        let script = "return document.querySelector('[data-held]') !== null;";
        self.board
            .browser
            .until("the card is held", script, vec![])
            .await?;
        Ok(())
    }

    async fn until_over(&self, status: &str) -> Result<()> {
        self.board
            .browser
            .until("it is over the column", IS_OVER, vec![json!(status)])
            .await?;
        Ok(())
    }

    async fn is_over(&self, status: &str) -> Result<bool> {
        let over = self.board.browser.run(IS_OVER, vec![json!(status)]).await?;
        Ok(over == json!(true))
    }

    /// Presses Tab until the given element has the focus.
    async fn tab_to(&self, selector: &str) -> Result<()> {
        let has_focus = "return document.activeElement?.matches(arguments[0]) ?? false;";
        for _ in 0..TABS {
            let found = self
                .board
                .browser
                .run(has_focus, vec![json!(selector)])
                .await?;
            if found == json!(true) {
                return Ok(());
            }
            self.board.press(&char::from(Key::Tab).to_string()).await?;
        }
        anyhow::bail!("{TABS} presses of Tab do not lead to {selector}")
    }

    /// Waits until nothing is left of a drag or a carry. A card that was just moved still glides
    /// for a moment with its old look.
    async fn until_nothing_is_held(&self) -> Result<()> {
        let script = "return !document.querySelector('.drag-ghost, [data-held], [data-over], [data-dragging]');";
        self.board
            .browser
            .until("nothing is held", script, vec![])
            .await?;
        Ok(())
    }

    /// Presses the mouse on a task's card and holds it over a column.
    async fn drag(&self, task: usize, status: &str) -> Result<(f64, f64)> {
        let from = self.middle(&self.card(task)).await?;
        let to = self
            .middle(&format!(".column[data-status={status}]"))
            .await?;
        self.mouse("mousePressed", from).await?;
        self.mouse("mouseMoved", (from.0 + 20.0, from.1)).await?;
        // A hand is never quite still: a move that arrives before the page is ready for a drag is
        // not the last one.
        let begun = Instant::now();
        while !self.is_over(status).await? {
            ensure!(begun.elapsed() < PATIENCE, "the card is not over {status}");
            self.mouse("mouseMoved", (to.0 + 1.0, to.1)).await?;
            self.mouse("mouseMoved", to).await?;
        }
        Ok(to)
    }
}

#[tokio::test]
async fn a_task_that_an_agent_claims_while_a_person_carries_it_stays_the_agents() -> Result<()> {
    let scene = Scene::open(2).await?;
    let held: String = [' ', char::from(Key::Right)].iter().collect();
    scene.board.press_on(&scene.tasks[0], &held).await?;
    scene.until_held().await?;
    scene.claim(0, "ada").await?;
    scene.board.press(" ").await?;
    scene
        .until_told("#1 was not moved. Task #1 was claimed by ada meanwhile.")
        .await?;
    let stored = scene.stored(0).await?;
    assert_eq!(stored["status"], "in_progress");
    assert_eq!(stored["session"], "ada");
    scene.until_nothing_is_held().await
}

#[tokio::test]
async fn a_task_that_is_claimed_or_deleted_while_the_mouse_holds_it_is_left_alone() -> Result<()> {
    let scene = Scene::open(3).await?;
    let at = scene.drag(0, "completed").await?;
    scene.claim(0, "ada").await?;
    scene.mouse("mouseReleased", at).await?;
    scene
        .until_told("#1 was not moved. Task #1 was claimed by ada meanwhile.")
        .await?;
    assert_eq!(scene.stored(0).await?["status"], "in_progress");

    let at = scene.drag(1, "completed").await?;
    scene
        .server
        .call(Method::DELETE, &scene.path(1), None)
        .await?;
    scene
        .until_told("#2 was not moved. Task #2 was deleted by a person meanwhile.")
        .await?;
    scene.until_nothing_is_held().await?;
    scene.mouse("mouseReleased", at).await?;
    scene.board.until_gone(&scene.tasks[1]).await
}

#[tokio::test]
async fn moves_are_undone_by_key_the_newest_first_and_never_over_a_claim() -> Result<()> {
    let scene = Scene::open(3).await?;
    let at = scene.drag(0, "up_next").await?;
    scene.mouse("mouseReleased", at).await?;
    scene.until_told("#1 moved to UP NEXT").await?;
    scene.board.move_right(&scene.tasks[1], 3).await?;
    scene.until_told("#2 moved to DONE").await?;
    scene.board.move_right(&scene.tasks[2], 1).await?;
    scene.until_told("#3 moved to UP NEXT").await?;
    scene.claim(2, "ada").await?;

    let undo: String = [char::from(Key::Control), 'z'].iter().collect();
    scene.board.press(&undo).await?;
    scene
        .until_told("The move of #3 was not undone. Task #3 was claimed by ada meanwhile.")
        .await?;
    scene.board.press(&undo).await?;
    scene.board.until_in(&scene.tasks[1], "unclaimed").await?;
    scene.board.press(&undo).await?;
    scene.board.until_in(&scene.tasks[0], "unclaimed").await?;
    let is_settled = "return document.querySelector('[data-pending]') === null;";
    scene
        .board
        .browser
        .until("the server has answered", is_settled, vec![])
        .await?;
    for (task, status) in [(0, "unclaimed"), (1, "unclaimed"), (2, "in_progress")] {
        assert_eq!(scene.stored(task).await?["status"], status);
    }
    Ok(())
}

#[tokio::test]
async fn a_finger_drops_a_card_after_the_list_has_scrolled_under_it() -> Result<()> {
    let scene = Scene::open(60).await?;
    let from = scene.middle(&scene.card(1)).await?;
    let list = ".column[data-status=unclaimed] .virtual-list";
    let bottom = "
        const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [box.left + box.width / 2, box.bottom - 4];";
    let bottom = scene.board.browser.run(bottom, vec![json!(list)]).await?;
    let bottom: (f64, f64) = serde_json::from_value(bottom)?;
    scene.finger("touchStart", Some(from)).await?;
    scene.until_held().await?;
    scene
        .finger("touchMove", Some((from.0, from.1 + 30.0)))
        .await?;
    scene.finger("touchMove", Some(bottom)).await?;
    let has_scrolled = "return document.querySelector(arguments[0]).scrollTop > 1000;";
    scene
        .board
        .browser
        .until("the list scrolls", has_scrolled, vec![json!(list)])
        .await?;
    // The card itself is rendered again meanwhile.
    let renamed = json!({"title": "Renamed", "priority": 0});
    scene
        .server
        .call(Method::PUT, &scene.path(1), Some(renamed))
        .await?;
    let over = scene.middle(".column[data-status=up_next]").await?;
    scene.finger("touchMove", Some(over)).await?;
    scene.until_over("up_next").await?;
    scene.finger("touchEnd", None).await?;
    scene.until_told("#2 moved to UP NEXT").await?;
    let stored = scene.stored(1).await?;
    assert_eq!(stored["status"], "up_next");
    assert_eq!(stored["title"], "Renamed");
    scene.until_nothing_is_held().await
}

#[tokio::test]
async fn a_person_who_moves_an_agents_task_is_asked_and_takes_it_by_keyboard() -> Result<()> {
    let scene = Scene::open(2).await?;
    scene.claim(0, "ada").await?;
    let asked = "return document.querySelector('dialog[open] h2')?.textContent === arguments[0];";
    let question = "ada is working on #1. Take it over?";
    for agrees in [false, true] {
        scene.board.move_right(&scene.tasks[0], 1).await?;
        scene
            .board
            .browser
            .until(question, asked, vec![json!(question)])
            .await?;
        assert_eq!(scene.stored(0).await?["session"], "ada");
        if agrees {
            scene
                .tab_to("dialog[open] .dialog-foot button:last-child")
                .await?;
            scene
                .board
                .press(&char::from(Key::Enter).to_string())
                .await?;
        } else {
            scene
                .board
                .press(&char::from(Key::Escape).to_string())
                .await?;
        }
        let closed = "return !document.querySelector('dialog[open]');";
        scene
            .board
            .browser
            .until("the dialog is closed", closed, vec![])
            .await?;
        if !agrees {
            assert_eq!(scene.stored(0).await?["status"], "in_progress");
        }
    }
    scene.until_told("#1 moved to DONE").await?;
    assert_eq!(scene.stored(0).await?["status"], "completed");
    Ok(())
}
