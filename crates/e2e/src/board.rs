//! The board in a browser, operated as a person does.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::wait::PATIENCE;
use crate::{Browser, Server};

/// A browser that shows the board of a project.
#[derive(Debug)]
pub struct Board {
    /// Browser that shows the board.
    pub browser: Browser,
}

/// Script that maps the id of every mounted card's task to the status of its column.
const CARDS: &str = "
    const cards = {};
    for (const card of document.querySelectorAll('.task-card')) {
        const column = card.closest('.column');
        if (column) cards[card.dataset.task] = column.dataset.status;
    }
    return cards;";

impl Board {
    /// Opens a project's board at the width of a desktop screen, and waits until it is live.
    ///
    /// # Errors
    /// The board does not become live.
    pub async fn open(server: &Server, project: &str) -> Result<Self> {
        Self::open_at(server, &format!("/p/{project}"), "en").await
    }

    /// Opens a page of the board, and waits until it is live.
    ///
    /// # Errors
    /// As for [`Board::open`].
    pub async fn open_at(server: &Server, path: &str, language: &str) -> Result<Self> {
        let browser = Browser::at_a_desk(language).await?;
        Self::open_in(browser, &server.url(path)).await
    }

    /// Opens a page of the board in an existing browser, and waits until it is live.
    ///
    /// # Errors
    /// As for [`Board::open`].
    pub async fn open_in(browser: Browser, url: &str) -> Result<Self> {
        let board = Self { browser };
        board.browser.open(url).await?;
        board.until_live().await?;
        Ok(board)
    }

    /// Waits until the badge says live.
    ///
    /// # Errors
    /// The badge does not become live.
    pub async fn until_live(&self) -> Result<()> {
        self.until_connection("live").await
    }

    /// Waits until the badge has the given look.
    ///
    /// # Errors
    /// The badge does not get that look.
    pub async fn until_connection(&self, look: &str) -> Result<()> {
        let script = "return document.querySelector('.connection')?.dataset.look === arguments[0];";
        self.browser
            .until(&format!("the badge says {look}"), script, vec![json!(look)])
            .await?;
        Ok(())
    }

    /// Waits until a card is in the column of the given status.
    ///
    /// # Errors
    /// The card does not get there.
    pub async fn until_in(&self, task: &str, status: &str) -> Result<()> {
        let script = "
            const card = document.querySelector(`.task-card[data-task='${arguments[0]}']`);
            return card?.closest('.column')?.dataset.status === arguments[1];";
        self.browser
            .until(
                &format!("{task} is in {status}"),
                script,
                vec![json!(task), json!(status)],
            )
            .await?;
        Ok(())
    }

    /// Waits until the task has no card.
    ///
    /// # Errors
    /// The card stays.
    pub async fn until_gone(&self, task: &str) -> Result<()> {
        let script = "return !document.querySelector(`.task-card[data-task='${arguments[0]}']`);";
        self.browser
            .until(&format!("{task} is gone"), script, vec![json!(task)])
            .await?;
        Ok(())
    }

    /// Returns every mounted card with its column.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn cards(&self) -> Result<BTreeMap<String, String>> {
        Ok(serde_json::from_value(
            self.browser.run(CARDS, vec![]).await?,
        )?)
    }

    /// Returns the number of elements that match.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn count(&self, selector: &str) -> Result<u64> {
        let script = "return document.querySelectorAll(arguments[0]).length;";
        let count = self.browser.run(script, vec![json!(selector)]).await?;
        count.as_u64().context("a count is a number")
    }

    /// Clicks on an element as soon as it exists.
    ///
    /// # Errors
    /// The element does not appear, or something else covers it.
    pub async fn click(&self, selector: &str) -> Result<()> {
        let client = self.browser.client();
        let element = client.wait().at_most(PATIENCE);
        let element = element.for_element(Locator::Css(selector)).await;
        let element = element.with_context(|| format!("nothing is {selector}"))?;
        element.click().await?;
        Ok(())
    }

    /// Clicks on a field as soon as it exists, and replaces its content.
    ///
    /// # Errors
    /// As for [`Board::click`].
    pub async fn write_into(&self, selector: &str, text: &str) -> Result<()> {
        self.click(selector).await?;
        let select = "document.querySelector(arguments[0]).select();";
        self.browser.run(select, vec![json!(selector)]).await?;
        self.press(text).await
    }

    /// Waits until an element contains a text.
    ///
    /// # Errors
    /// The element does not get that text.
    pub async fn until_text(&self, selector: &str, text: &str) -> Result<()> {
        let script = "
            const found = document.querySelectorAll(arguments[0]);
            return [...found].some(element => element.textContent.includes(arguments[1]));";
        self.browser
            .until(
                &format!("{selector} says {text:?}"),
                script,
                vec![json!(selector), json!(text)],
            )
            .await?;
        Ok(())
    }

    /// Waits until no element matches.
    ///
    /// # Errors
    /// An element still matches.
    pub async fn until_none(&self, selector: &str) -> Result<()> {
        let script = "return !document.querySelector(arguments[0]);";
        self.browser
            .until(
                &format!("nothing is {selector}"),
                script,
                vec![json!(selector)],
            )
            .await?;
        Ok(())
    }

    /// Focuses a card and presses keys on it.
    ///
    /// # Errors
    /// There is no such card.
    pub async fn press_on(&self, task: &str, keys: &str) -> Result<()> {
        let focus = "document.querySelector(`.task-card[data-task='${arguments[0]}']`).focus();";
        self.browser.run(focus, vec![json!(task)]).await?;
        self.press(keys).await
    }

    /// Presses keys on the element that has the focus.
    ///
    /// # Errors
    /// The browser does not press them.
    pub async fn press(&self, keys: &str) -> Result<()> {
        self.browser
            .client()
            .active_element()
            .await?
            .send_keys(keys)
            .await?;
        Ok(())
    }

    /// Moves a card with its keys, `steps` columns to the right.
    ///
    /// # Errors
    /// As for [`Board::press_on`].
    pub async fn move_right(&self, task: &str, steps: usize) -> Result<()> {
        let arrows: String = std::iter::repeat_n(char::from(Key::Right), steps).collect();
        self.press_on(task, &format!(" {arrows} ")).await
    }

    /// Returns the text of an element, or `null` if there is no such element.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn text(&self, selector: &str) -> Result<Value> {
        let script = "return document.querySelector(arguments[0])?.textContent ?? null;";
        self.browser.run(script, vec![json!(selector)]).await
    }
}
