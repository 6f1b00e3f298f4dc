//! A part of the page that is shown or hidden. All are of one type, as lists are (see
//! [`super::KeyedList`]).

use leptos::prelude::*;

/// Its children while `when` is true, otherwise the fallback, if any. They are created again when
/// the value changes, but not when it is only computed again.
#[component]
pub fn ShowIf(
    /// Content while `when` is true.
    children: ChildrenFn,
    /// Condition of the content.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// Content otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    show(Box::new(when), children, fallback)
}

fn show(
    when: Box<dyn Fn() -> bool + Send + Sync>,
    children: ChildrenFn,
    fallback: ViewFn,
) -> AnyView {
    let when = Memo::new(move |_| when());
    (move || {
        if when.get() {
            children()
        } else {
            fallback.run()
        }
    })
    .into_any()
}
