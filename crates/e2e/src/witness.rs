//! A record of a page's display over time. The page notes every change of the badge and of the
//! cards itself, so that nothing is lost between two polls of a test.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::Browser;

/// Script that notes the display, with the time, whenever it changes, and every event that reports
/// the outside world. The time is the machine's, even if `Date` is manipulated.
const WITNESS: &str = "
    window.witnessed = [];
    const note = event => {
        const look = document.querySelector('.connection')?.dataset.look ?? null;
        const cards = {};
        for (const card of document.querySelectorAll('.task-card')) {
            const column = card.closest('.column');
            if (column) cards[card.dataset.task] = column.dataset.status;
        }
        const last = witnessed.at(-1);
        const same = last && last.look === look && JSON.stringify(last.cards) === JSON.stringify(cards);
        if (event || !same) {
            witnessed.push({at: performance.timeOrigin + performance.now(), look, cards, event});
        }
    };
    new MutationObserver(() => note(null)).observe(document, {
        subtree: true, childList: true, attributes: true, attributeFilter: ['data-look', 'data-status', 'data-task'],
    });
    const name = event => event.type === 'visibilitychange' ? document.visibilityState
        : event.type === 'pageshow' && event.persisted ? 'pageshow from cache' : event.type;
    for (const kind of ['freeze', 'resume', 'pageshow', 'pagehide', 'visibilitychange', 'online', 'offline', 'focus']) {
        addEventListener(kind, event => {
            if (event.target === window || event.target === document) note(name(event));
        }, true);
    }";

/// Makes every page of this tab note its display from now on.
///
/// # Errors
/// As for [`Browser::devtools`].
pub async fn install(browser: &Browser) -> Result<()> {
    browser.before_every_page(&format!("{{{WITNESS}}}")).await
}

/// Returns the current time in milliseconds since 1970, in the clock that pages use.
pub fn now_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64() * 1_000.0)
}

/// Display of a page from a moment on.
#[derive(Clone, Debug, Deserialize)]
struct Moment {
    at: f64,
    look: Option<String>,
    cards: std::collections::BTreeMap<String, String>,
    event: Option<String>,
}

/// Record of a page's display up to now. Times are in milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct Testimony {
    moments: Vec<Moment>,
    taken_at: f64,
}

impl Testimony {
    /// Reads the record from the open page.
    ///
    /// # Errors
    /// The page has no witness.
    pub async fn take(browser: &Browser) -> Result<Self> {
        let noted = browser.run("return window.witnessed;", vec![]).await?;
        let moments: Vec<Moment> = serde_json::from_value(noted)?;
        ensure!(!moments.is_empty(), "the page noted nothing");
        Ok(Self {
            moments,
            taken_at: now_ms(),
        })
    }

    /// Returns the last time of an event with the given name; for a change of visibility, `visible`
    /// or `hidden`.
    ///
    /// # Errors
    /// The event never occurred.
    pub fn last(&self, event: &str) -> Result<f64> {
        let told = |moment: &&Moment| moment.event.as_deref() == Some(event);
        let found = self.moments.iter().rev().find(told).map(|moment| moment.at);
        found.with_context(|| format!("the page was not told of {event}: {self:?}"))
    }

    /// Returns the first time of an event after a moment.
    ///
    /// # Errors
    /// The event did not occur.
    pub fn first_after(&self, from: f64, event: &str) -> Result<f64> {
        let told = |moment: &&Moment| moment.at >= from && moment.event.as_deref() == Some(event);
        let found = self.moments.iter().find(told).map(|moment| moment.at);
        found.with_context(|| format!("the page was not told of {event}: {self:?}"))
    }

    /// Returns the milliseconds from a moment until the page said live with a card in the given
    /// column; 0 if it already did.
    ///
    /// # Errors
    /// The page never did.
    pub fn live_after(&self, from: f64, card: &str, status: &str) -> Result<f64> {
        self.spans()
            .filter(|(moment, _, end)| {
                *end > from && is_live(moment) && shows(moment, card, status)
            })
            .map(|(_, begin, _)| (begin - from).max(0.0))
            .next()
            .with_context(|| format!("not live with {card} in {status}: {self:?}"))
    }

    /// Returns the milliseconds after a moment during which the page said live although a card was
    /// not in its current column.
    pub fn falsely_live(&self, from: f64, card: &str, status: &str) -> f64 {
        self.spans()
            .filter(|(moment, ..)| is_live(moment) && !shows(moment, card, status))
            .map(|(_, begin, end)| (end - begin.max(from)).max(0.0))
            .sum()
    }

    /// Returns the milliseconds after a moment during which the page did not say live.
    pub fn not_live(&self, from: f64) -> f64 {
        self.spans()
            .filter(|(moment, ..)| !is_live(moment))
            .map(|(_, begin, end)| (end - begin.max(from)).max(0.0))
            .sum()
    }

    /// Returns each moment with its start and end.
    fn spans(&self) -> impl Iterator<Item = (&Moment, f64, f64)> {
        let ends = self.moments.iter().skip(1).map(|next| next.at);
        let ends = ends.chain([self.taken_at]);
        self.moments
            .iter()
            .zip(ends)
            .map(|(moment, end)| (moment, moment.at, end))
    }
}

fn is_live(moment: &Moment) -> bool {
    moment.look.as_deref() == Some("live")
}

fn shows(moment: &Moment, card: &str, status: &str) -> bool {
    moment
        .cards
        .get(card)
        .is_some_and(|column| column == status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at: f64, look: &str, column: &str, event: Option<&str>) -> Moment {
        Moment {
            at,
            look: Some(look.into()),
            cards: [("t".to_owned(), column.to_owned())].into(),
            event: event.map(Into::into),
        }
    }

    #[test]
    fn a_testimony_tells_how_long_a_page_claimed_to_be_live_and_was_not() {
        let testimony = Testimony {
            moments: vec![
                moment(0.0, "live", "old", None),
                moment(100.0, "live", "old", Some("resume")),
                moment(150.0, "busy", "old", None),
                moment(200.0, "busy", "new", None),
                moment(260.0, "live", "new", None),
            ],
            taken_at: 300.0,
        };
        assert_eq!(testimony.last("resume").unwrap(), 100.0);
        assert!(testimony.last("freeze").is_err());
        assert_eq!(testimony.first_after(50.0, "resume").unwrap(), 100.0);
        assert!(testimony.first_after(101.0, "resume").is_err());
        assert_eq!(testimony.falsely_live(90.0, "t", "new"), 60.0);
        assert_eq!(testimony.falsely_live(160.0, "t", "new"), 0.0);
        assert_eq!(testimony.not_live(0.0), 110.0);
        assert_eq!(testimony.live_after(100.0, "t", "new").unwrap(), 160.0);
        assert_eq!(testimony.live_after(280.0, "t", "new").unwrap(), 0.0);
        assert!(testimony.live_after(100.0, "t", "elsewhere").is_err());
    }
}
