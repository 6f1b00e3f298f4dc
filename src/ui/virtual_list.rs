//! A list that mounts only the rows near its window, so that ten thousand rows cost as much as thirty.
//!
//! All rows have the same height, the stylesheet's `--row-height`; that makes the arithmetic exact. Rows are keyed: one that
//! is inserted or changes its place leaves the others' elements alone. When rows come and go above the window, the scroll position follows,
//! so that what a person reads stays where it is.

mod window;

use std::collections::HashMap;
use std::hash::Hash;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver};

use super::motion::slide_from;
pub use window::{OVERSCAN, scroll_shift, window};

/// Height of a row in pixels until the stylesheet's was measured, and where there is none.
pub const FALLBACK_ROW_HEIGHT: f64 = 108.0;

/// What [`VirtualList`] asks of a key.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {}
impl<T: Clone + Eq + Hash + Send + Sync + 'static> Key for T {}

/// The rows of a list that are near its window, with `role="list"`; it scrolls by itself and takes the height that its
/// surroundings give it.
#[component]
pub fn VirtualList<K: Key, F, V>(
    /// The keys of all rows, in order, each once.
    #[prop(into)]
    items: Signal<Vec<K>>,
    /// Rows that stay mounted wherever they are, such as the one with the focus.
    #[prop(into)]
    kept: Signal<Vec<K>>,
    /// What the list is called for a screen reader.
    #[prop(into)]
    label: Signal<String>,
    /// Makes a row's content.
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
        let range = range.get();
        let mut rows: Vec<usize> = range.clone().collect();
        kept_rows.with(|kept| rows.extend(kept.iter().filter(|row| !range.contains(row))));
        rows.sort_unstable();
        rows.dedup();
        items.with(|items| {
            rows.into_iter()
                .filter_map(|row| Some((row, items.get(row)?.clone())))
                .collect::<Vec<_>>()
        })
    });

    let read_sizes = move || {
        if let (Some(list), Some(probe)) = (list.get_untracked(), probe.get_untracked()) {
            // Without a stylesheet the list is as high as its content; no window is higher than the screen.
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
        // A row that is about to go keeps its last place.
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
                aria-setsize=move || count.get()
                aria-posinset=move || index.get() + 1
                style:position="absolute"
                style:top=move || format!("{}px", f64::from(u32::try_from(index.get()).unwrap_or(u32::MAX)) * row_height.get())
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
                style:height=format!("var(--row-height,{FALLBACK_ROW_HEIGHT}px)")
            ></div>
            <div
                node_ref=spacer
                class="virtual-list__rows"
                role="list"
                aria-label=move || label.get()
                style:position="relative"
            >
                <For each=move || mounted.get() key=|(_, key)| key.clone() children />
            </div>
        </div>
    }
}

fn set_if_changed(signal: RwSignal<f64>, value: f64) {
    if signal
        .try_get_untracked()
        .is_some_and(|current| (current - value).abs() > 0.01)
    {
        signal.set(value);
    }
}

fn screen_height() -> f64 {
    let height = leptos::prelude::window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64());
    height.filter(|height| *height > 0.0).unwrap_or(800.0)
}

/// Calls `changed` now and whenever the list or a row changes its size, which covers density, language and zoom.
fn observe_sizes(
    list: NodeRef<html::Div>,
    probe: NodeRef<html::Div>,
    changed: impl Fn() + Copy + 'static,
) {
    let observer = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let (Some(list), Some(probe)) = (list.get(), probe.get()) else {
            return;
        };
        changed();
        let callback = Closure::<dyn FnMut()>::new(changed);
        let Ok(resize) = ResizeObserver::new(callback.as_ref().unchecked_ref()) else {
            return;
        };
        resize.observe(&list);
        resize.observe(&probe);
        observer.set_value(Some((resize, callback)));
    });
    on_cleanup(move || {
        if let Some(Some((resize, _))) = observer.try_update_value(Option::take) {
            resize.disconnect();
        }
    });
}

struct Following<K: Key> {
    items: Signal<Vec<K>>,
    mounted: Memo<Vec<(usize, K)>>,
    list: NodeRef<html::Div>,
    spacer: NodeRef<html::Div>,
    scroll_top: RwSignal<f64>,
    view_height: RwSignal<f64>,
    row_height: RwSignal<f64>,
    elements: StoredValue<HashMap<K, HtmlElement>, LocalStorage>,
}

/// Keeps what is visible in its place when rows come and go above it, and lets rows slide that did change their place.
fn follow_changes<K: Key>(this: Following<K>) {
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
        // Scrolling changes what is mounted too: one effect for both, so that a change of the items is compared with what was there
        // before it.
        mounted.track();
        let height = row_height.get();
        let (Some(list), Some(spacer)) = (list.get(), spacer.get()) else {
            return height;
        };
        let count = items.with_untracked(Vec::len);
        // The height first: a scroll position beyond it would be cut off.
        let total = f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * height;
        let _ = HtmlElement::style(&spacer).set_property("height", &format!("{total}px"));
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
        let new_top = old_top.mul_add(resized, shift);
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
        let distance = rows.mul_add(height, scrolled);
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
