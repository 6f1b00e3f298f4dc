//! The title of the browser's tab.

use leptos::prelude::*;

use super::boxed_effect;

/// Number before the title of every page.
#[derive(Clone, Copy, Debug)]
struct TitleCount(Memo<u64>);

/// Puts a number before the title of every page below, unless it is zero: `(3) Title`.
pub fn provide_title_count(count: impl Fn() -> u64 + Send + Sync + 'static) {
    provide_context(TitleCount(Memo::new(move |_| count())));
}

/// Keeps the document's title equal to the result of `title`, after the number of
/// [`provide_title_count`].
pub fn use_title(title: impl Fn() -> String + 'static) {
    let count = use_context::<TitleCount>();
    boxed_effect(move || {
        let title = title();
        document().set_title(&match count.map_or(0, |count| count.0.get()) {
            0 => title,
            count => format!("({count}) {title}"),
        });
    });
}
