//! A list that mounts only the rows near its window, so that ten thousand rows cost as much as
//! thirty.
//!
//! All rows have the same height, the stylesheet's `--row-height`; that makes the arithmetic exact.
//! Rows are keyed: a row that is inserted or moved leaves the other elements alone. When rows come
//! and go above the window, the scroll position follows, so that the text that a person reads stays
//! in place.

mod follow;
mod sizes;
mod window;

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

use self::follow::{Following, follow_changes};
use self::sizes::{observe_sizes, screen_height, set_if_changed};
pub use self::window::{OVERSCAN, scroll_shift, window};
use super::{KeyedList, live, pixels};

/// Height of a row in pixels until the stylesheet's was measured, and without a stylesheet.
pub const FALLBACK_ROW_HEIGHT: f64 = 108.0;

/// Requirements of [`VirtualList`] on a key.
pub trait Key: Clone + Eq + Hash + Display + Send + Sync + 'static {}
impl<T: Clone + Eq + Hash + Display + Send + Sync + 'static> Key for T {}

/// Rows of a list that are near its window, with `role="list"`. It scrolls by itself and takes the
/// height that its surroundings give it.
#[component]
pub fn VirtualList<K: Key, F, V>(
    /// Keys of all rows, in order, each once.
    #[prop(into)]
    items: Signal<Vec<K>>,
    /// Rows that stay mounted anywhere in the list, such as the focused one.
    #[prop(into)]
    kept: Signal<Vec<K>>,
    /// Label of the list for a screen reader.
    #[prop(into)]
    label: Signal<String>,
    /// Creates a row's content.
    row: F,
) -> impl IntoView
where
    F: Fn(K) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let list = NodeRef::<html::Div>::new();
    let probe = NodeRef::<html::Div>::new();
    let spacer = NodeRef::<html::Div>::new();
    let scroll_top = RwSignal::new(0.0_f64);
    let view_height = RwSignal::new(screen_height());
    let row_height = RwSignal::new(FALLBACK_ROW_HEIGHT);
    let elements = StoredValue::new_local(HashMap::<K, HtmlElement>::new());

    let count = Memo::new(move |_| items.with(Vec::len));
    let range = Memo::new(move |_| {
        window(
            count.get(),
            scroll_top.get(),
            view_height.get(),
            row_height.get(),
            OVERSCAN,
        )
    });
    let kept_rows = Memo::new(move |_| {
        kept.with(|kept| {
            items.with(|items| {
                kept.iter()
                    .filter_map(|key| items.iter().position(|item| item == key))
                    .collect::<Vec<_>>()
            })
        })
    });
    let mounted = Memo::new(move |_| {
        let mut rows: Vec<usize> = range.get().collect();
        // There are never more than two: each is inserted at its position.
        kept_rows.with(|kept| {
            for row in kept {
                if let Err(place) = rows.binary_search(row) {
                    rows.insert(place, *row);
                }
            }
        });
        items.with(|items| {
            rows.into_iter()
                .filter_map(|row| Some((row, items.get(row)?.clone())))
                .collect::<Vec<_>>()
        })
    });

    let read_sizes = move || {
        if let (Some(list), Some(probe)) = (list.get_untracked(), probe.get_untracked()) {
            // Without a stylesheet the list is as high as its content; no window is higher than the
            // screen.
            set_if_changed(
                view_height,
                f64::from(list.client_height()).min(screen_height()),
            );
            set_if_changed(scroll_top, f64::from(list.scroll_top()));
            let height = probe.get_bounding_client_rect().height();
            if height >= 1.0 {
                set_if_changed(row_height, height);
            }
        }
    };
    observe_sizes(list, probe, read_sizes);
    follow_changes(Following {
        items,
        mounted,
        list,
        spacer,
        scroll_top,
        view_height,
        row_height,
        elements,
    });

    let height = move || {
        pixels(f64::from(u32::try_from(count.get()).unwrap_or(u32::MAX)) * row_height.get())
    };
    let on_scroll = move |_| {
        if let Some(list) = list.get_untracked() {
            set_if_changed(scroll_top, f64::from(list.scroll_top()));
        }
    };
    let children = move |(first, key): (usize, K)| {
        let found = {
            let key = key.clone();
            move || mounted.with(|rows| rows.iter().find(|(_, k)| *k == key).map(|(row, _)| *row))
        };
        // A row that is about to disappear keeps its last position.
        let index = Memo::new(move |last| found().or(last.copied()).unwrap_or(first));
        let element = NodeRef::<html::Div>::new();
        element.on_load({
            let key = key.clone();
            move |element| {
                elements.try_update_value(|elements| elements.insert(key, element.into()));
            }
        });
        on_cleanup({
            let key = key.clone();
            move || {
                elements.try_update_value(|elements| elements.remove(&key));
            }
        });
        view! {
            <div
                node_ref=element
                class="virtual-list__row"
                role="listitem"
                aria-setsize=live(move || count.get())
                aria-posinset=live(move || index.get() + 1)
                style:position="absolute"
                style:top=move || pixels(f64::from(u32::try_from(index.get()).unwrap_or(u32::MAX)) * row_height.get())
            >
                {row(key)}
            </div>
        }
    };
    view! {
        <div
            node_ref=list
            class="virtual-list"
            style:position="relative"
            on:scroll=on_scroll
        >
            <div
                node_ref=probe
                aria-hidden="true"
                style:position="absolute"
                style:visibility="hidden"
                style:width="0"
                style:height=format!("var(--row-height,{})", pixels(FALLBACK_ROW_HEIGHT))
            ></div>
            <div
                node_ref=spacer
                class="virtual-list__rows"
                role="list"
                aria-label=live(move || label.get())
                style:position="relative"
                style:height=height
            >
                <KeyedList each=move || mounted.get() key=|(_, key)| key.clone() children />
            </div>
        </div>
    }
}
