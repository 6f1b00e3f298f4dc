//! Lists that keep the rows whose keys stay. All are one `For` of one type: the compiler generates
//! its code once, and not for every list (a fortieth of the bundle).

use std::sync::Arc;

use leptos::prelude::*;

use super::focus::keep_focus;

/// Row that is not created yet, and its key.
type Row = (String, Box<dyn FnOnce() -> AnyView + Send>);

/// List with one view per item. An item whose key existed before keeps its view, even if its
/// content changes, and the focus, if that is inside.
#[component]
pub fn KeyedList<I, K, V>(
    /// Items, in order.
    each: impl Fn() -> I + Send + Sync + 'static,
    /// Text that identifies an item: two items with the same text are the same row.
    key: impl Fn(&I::Item) -> K + Send + Sync + 'static,
    /// Creates the view of an item.
    children: impl Fn(I::Item) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    I: IntoIterator<Item: Send + 'static>,
    K: ToString,
    V: IntoView + 'static,
{
    let children = Arc::new(children);
    list(Box::new(move || {
        let row = |item: I::Item| -> Row {
            let (key, children) = (key(&item).to_string(), Arc::clone(&children));
            (key, Box::new(move || children(item).into_any()))
        };
        each().into_iter().map(row).collect()
    }))
}

fn list(rows: Box<dyn Fn() -> Vec<Row> + Send + Sync>) -> AnyView {
    let rows = move || {
        keep_focus();
        rows()
    };
    view! { <For each=rows key=|(key, _)| key.clone() children=|(_, make)| make() /> }.into_any()
}
