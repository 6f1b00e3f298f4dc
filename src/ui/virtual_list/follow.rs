//! Keeping the visible rows in place when rows come and go above them, and sliding the rows that
//! moved.

use std::collections::HashMap;

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::sizes::set_if_changed;
use super::{Key, scroll_shift};
use crate::ui::motion::slide_from;
use crate::ui::pixels;

/// Parts of the list that [`follow_changes`] needs.
pub(super) struct Following<K: Key> {
    pub(super) items: Signal<Vec<K>>,
    pub(super) mounted: Memo<Vec<(usize, K)>>,
    pub(super) list: NodeRef<html::Div>,
    pub(super) spacer: NodeRef<html::Div>,
    pub(super) scroll_top: RwSignal<f64>,
    pub(super) view_height: RwSignal<f64>,
    pub(super) row_height: RwSignal<f64>,
    pub(super) elements: StoredValue<HashMap<K, HtmlElement>, LocalStorage>,
}

/// Keeps visible rows in place when rows come and go above them, and slides the rows that moved.
pub(super) fn follow_changes<K: Key>(this: Following<K>) {
    let Following {
        items,
        mounted,
        list,
        spacer,
        scroll_top,
        view_height,
        row_height,
        elements,
    } = this;
    let last_rows = StoredValue::new(Vec::<(usize, K)>::new());
    Effect::new(move |last_height: Option<f64>| {
        items.track();
        // Scrolling changes the mounted rows too: one effect for both, so that a change of the
        // items is compared with the rows just before it.
        mounted.track();
        let height = row_height.get();
        let (Some(list), Some(spacer)) = (list.get(), spacer.get()) else {
            return height;
        };
        let count = items.with_untracked(Vec::len);
        // The height first, which would follow by itself a moment later: a scroll position beyond
        // it would be cut off.
        let total = f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * height;
        let _ = HtmlElement::style(&spacer).set_property("height", &pixels(total));
        let old_top = scroll_top.get_untracked();
        let resized = last_height.map_or(1.0, |last| height / last);
        let rows = last_rows.get_value();
        let shift = if old_top > 0.0 {
            let view = view_height.get_untracked();
            let visible = rows.iter().filter(|(row, _)| {
                let top = f64::from(u32::try_from(*row).unwrap_or(u32::MAX)) * height;
                top + height > old_top && top < old_top + view
            });
            items.with_untracked(|items| scroll_shift(visible, items)) * height
        } else {
            0.0
        };
        // Not `mul_add`: WebAssembly has none, and its replacement is slow and large.
        let scaled = old_top * resized;
        let new_top = scaled + shift;
        if (new_top - old_top).abs() > 0.5 {
            list.set_scroll_top(rounded(new_top));
            set_if_changed(scroll_top, f64::from(list.scroll_top()));
        }
        if last_height.is_some_and(|last| (last - height).abs() < 0.01) {
            let moved = scroll_top.get_untracked() - old_top;
            slide_rows(
                &rows,
                &mounted.get_untracked(),
                elements,
                height,
                moved,
                view_height.get_untracked(),
            );
        }
        last_rows.set_value(mounted.get_untracked());
        height
    });
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a scroll position is far below 2^31 pixels, and the cast saturates"
)]
fn rounded(pixels: f64) -> i32 {
    pixels.round() as i32
}

fn slide_rows<K: Key>(
    before: &[(usize, K)],
    after: &[(usize, K)],
    elements: StoredValue<HashMap<K, HtmlElement>, LocalStorage>,
    height: f64,
    scrolled: f64,
    view: f64,
) {
    let before: HashMap<&K, usize> = before.iter().map(|(row, key)| (key, *row)).collect();
    for (row, key) in after {
        let Some(&last) = before.get(key) else {
            continue;
        };
        let rows = f64::from(u32::try_from(last).unwrap_or(u32::MAX))
            - f64::from(u32::try_from(*row).unwrap_or(u32::MAX));
        let stepped = rows * height;
        let distance = stepped + scrolled;
        // A row that came from beyond the window has no path that anybody could follow.
        if distance.abs() < view {
            elements.with_value(|elements| {
                if let Some(element) = elements.get(key) {
                    slide_from(element, 0.0, distance);
                }
            });
        }
    }
}
