//! Cards that glide from one column to another.
//!
//! The card in the new column is another element than the one in the old, and both columns clip
//! their content. So a copy above the page glides from the old position to the new one in 150 ms,
//! and the card appears then.

use std::collections::HashMap;

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::{Status, TaskId};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::browser::{before_next_paint, page_is_visible};
use crate::ui::motion::slide_from;
use crate::ui::pixels;

/// Longest time between leaving a column and the mount in another that still counts as a move, in
/// milliseconds.
const FRESH_MS: f64 = 300.0;

/// Position of a card when it left its column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Departure {
    from: Status,
    /// Distance from the top of the column's first card, in pixels.
    top: f64,
    at_ms: f64,
}

/// Cards that have left a column in the last moments.
pub(super) type Departures = HashMap<TaskId, Departure>;

/// Lets the card of `task` glide in if it is mounted after it left another column, and records when
/// it leaves this one.
pub(super) fn arrive(
    departed: StoredValue<Departures>,
    card: NodeRef<html::Article>,
    task: &TaskId,
    status: Memo<Status>,
) {
    let mounted_in = status.get_untracked();
    let last_row = StoredValue::new_local(None::<HtmlElement>);
    card.on_load({
        let task = task.clone();
        move |card| {
            last_row.set_value(card.parent_element().and_then(|row| row.dyn_into().ok()));
            // On a hidden page nobody sees the glide, and the next frame may be hours away.
            if !page_is_visible() {
                return;
            }
            // The old column may drop the card only after the new one has it.
            before_next_paint(move || {
                let departure = departed
                    .try_update_value(|departed| departed.remove(&task))
                    .flatten();
                if let Some(departure) = departure
                    && departure.from != mounted_in
                    && now_ms() - departure.at_ms < FRESH_MS
                {
                    glide(&card, departure, mounted_in);
                }
            });
        }
    });
    let task = task.clone();
    on_cleanup(move || {
        // The browser's parser reads the length: Rust's own would add 20 KB of tables and code that
        // nothing else here needs.
        let top = last_row
            .try_with_value(|row| {
                let top = row.as_ref()?.style().get_property_value("top").ok()?;
                Some(js_sys::parse_float(&top)).filter(|top| top.is_finite())
            })
            .flatten();
        let Some(top) = top else { return };
        let at_ms = now_ms();
        departed.try_update_value(|departed| {
            departed.retain(|_, departure| at_ms - departure.at_ms < FRESH_MS);
            departed.insert(
                task,
                Departure {
                    from: mounted_in,
                    top,
                    at_ms,
                },
            );
        });
    });
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

fn list_of(status: Status) -> Option<Element> {
    let selector = format!(".column[data-status={}] .virtual-list", status.as_str());
    document().query_selector(&selector).ok().flatten()
}

/// Animates a copy of the card from its old position.
fn glide(card: &HtmlElement, from: Departure, to: Status) {
    let (Some(old), Some(new)) = (list_of(from.from), list_of(to)) else {
        return;
    };
    let (old_edges, new_edges) = (
        old.get_bounding_client_rect(),
        new.get_bounding_client_rect(),
    );
    let place = card.get_bounding_client_rect();
    let start = old_edges.top() + from.top - f64::from(old.scroll_top());
    let in_sight = |top: f64, edges: &web_sys::DomRect| {
        edges.height() > 0.0 && top > edges.top() - place.height() && top < edges.bottom()
    };
    if !in_sight(start, &old_edges) || !in_sight(place.top(), &new_edges) {
        return;
    }
    let (Some(body), Ok(Ok(copy))) = (
        document().body(),
        card.clone_node_with_deep(true)
            .map(JsCast::dyn_into::<HtmlElement>),
    ) else {
        return;
    };
    // The copy is a picture: the keyboard, screen readers and searches for the card must not find
    // it.
    for name in ["data-task", "tabindex", "id"] {
        let _ = copy.remove_attribute(name);
    }
    let _ = copy.set_attribute("aria-hidden", "true");
    let _ = copy.set_attribute("inert", "");
    let _ = copy.set_attribute("data-gliding", "true");
    let style = copy.style();
    for (name, length) in [
        ("left", place.left()),
        ("top", place.top()),
        ("width", place.width()),
        ("height", place.height()),
    ] {
        let _ = style.set_property(name, &pixels(length));
    }
    let _ = body.append_child(&copy);
    let Some(animation) = slide_from(
        &copy,
        old_edges.left() - new_edges.left(),
        start - place.top(),
    ) else {
        copy.remove();
        return;
    };
    let _ = card.set_attribute("data-arriving", "true");
    let card = card.clone();
    animation.on_finish(move || {
        copy.remove();
        let _ = card.remove_attribute("data-arriving");
    });
}
