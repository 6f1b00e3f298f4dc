//! Scrolling near edges while a card is held.

use leptos::prelude::*;
use web_sys::Element;

use super::BoardDrag;
use crate::browser::before_next_paint;
use crate::components::board::view::{Hand, Held};

/// Distance from an edge within which a held card scrolls, in pixels.
const SCROLL_EDGE: f64 = 56.0;
/// Distance that one frame scrolls at the very edge, in pixels.
const SCROLL_STEP: f64 = 14.0;

impl BoardDrag {
    /// Scrolls the list under the held card while it is near an edge, once a frame until it is put
    /// down.
    pub(super) fn scroll_at_edges(self) {
        before_next_paint(move || {
            let Some(Some(Held {
                hand: Hand::Pointer,
                ..
            })) = self.view.held.try_get_untracked()
            else {
                return;
            };
            let (x, y) = self.view.pointer.get_untracked();
            if let Some(columns) = self.columns() {
                let edges = columns.get_bounding_client_rect();
                let step = edge_step(x, edges.left(), edges.right());
                if step != 0 {
                    columns.set_scroll_left(columns.scroll_left() + step);
                    self.look_under((x, y));
                }
            }
            if let Some(list) = list_under(x, y) {
                let edges = list.get_bounding_client_rect();
                let step = edge_step(y, edges.top(), edges.bottom());
                if step != 0 {
                    list.set_scroll_top(list.scroll_top() + step);
                }
            }
            self.scroll_at_edges();
        });
    }

    /// Returns the element that scrolls sideways on the board.
    fn columns(self) -> Option<Element> {
        let board = self.board.get_untracked()?;
        board.query_selector(".columns").ok().flatten()
    }
}

/// Returns the list of the column at a point; its head counts as the list's upper edge.
fn list_under(x: f64, y: f64) -> Option<Element> {
    #[expect(clippy::cast_possible_truncation, reason = "window coordinates fit")]
    let under = document().element_from_point(x as f32, y as f32)?;
    let column = under.closest(".column").ok().flatten()?;
    column.query_selector(".virtual-list").ok().flatten()
}

/// Returns the distance to scroll in this frame, for a pointer at `at` between two edges.
fn edge_step(at: f64, low: f64, high: f64) -> i32 {
    let depth = if at < low + SCROLL_EDGE {
        (at - (low + SCROLL_EDGE)).max(-SCROLL_EDGE)
    } else if at > high - SCROLL_EDGE {
        (at - (high - SCROLL_EDGE)).min(SCROLL_EDGE)
    } else {
        0.0
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between -SCROLL_STEP and SCROLL_STEP"
    )]
    let step = (depth / SCROLL_EDGE * SCROLL_STEP) as i32;
    step
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_held_card_scrolls_only_near_an_edge_and_faster_nearer_to_it() {
        assert_eq!(edge_step(500.0, 0.0, 1000.0), 0);
        assert!(edge_step(999.0, 0.0, 1000.0) > edge_step(960.0, 0.0, 1000.0));
        assert_eq!(edge_step(5_000.0, 0.0, 1000.0), 14);
        assert_eq!(edge_step(-5_000.0, 0.0, 1000.0), -14);
    }
}
