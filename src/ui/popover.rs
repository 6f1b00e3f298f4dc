//! A panel that opens at a button, based on the browser's own popover: it closes with Escape and
//! with a click beside it.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use web_sys::{Element, HtmlElement};

use super::resized::on_resize;
use super::{boxed_effect, live, pixels};
use crate::browser::before_next_paint;

/// Space between a panel and its anchor, and between it and the edge of the window, in pixels.
const GAP: f64 = 6.0;

/// Counter of the panels on the page, so that each button can name its own.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Button and the panel that it opens. The panel's content exists only while it is open.
#[component]
pub fn Popover(
    /// CSS class of the button.
    class: &'static str,
    /// Name of the panel, in a word or two.
    #[prop(into)]
    name: TextProp,
    /// Set if that is the button's label too, because its content has no text.
    #[prop(optional)]
    names_button: bool,
    /// Content of the button.
    #[prop(into)]
    trigger: ViewFn,
    /// CSS class of the panel.
    panel_class: &'static str,
    /// State of the panel. Setting it to false closes it.
    #[prop(default = RwSignal::new(false))]
    open: RwSignal<bool>,
    /// Content of the panel.
    children: ChildrenFn,
) -> impl IntoView {
    let id = format!("popover-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let button = NodeRef::<html::Button>::new();
    let panel = NodeRef::<html::Div>::new();
    boxed_effect(move || {
        if let (false, Some(panel)) = (open.get(), panel.get()) {
            hide(&panel);
        }
    });
    // Also when it grows while it is open. In the next frame: moving it may change its size again.
    let replace = move || {
        if let (Some(true), Some(Some(panel)), Some(Some(button))) = (
            open.try_get_untracked(),
            panel.try_get_untracked(),
            button.try_get_untracked(),
        ) {
            before_next_paint(move || place(&panel, &button));
        }
    };
    on_resize(move || Some([panel.get()?.into()]), replace);
    // The browser opens and closes the panel; the content follows, and is placed once it has a
    // size.
    let on_toggle = move |_| {
        // The event comes a moment later; the panel may be gone by then.
        if let Some(Some(panel)) = panel.try_get_untracked() {
            open.try_set(panel.matches(":popover-open").unwrap_or(false));
        }
    };
    let button_name = {
        let name = name.clone();
        move || names_button.then(|| name.get())
    };
    let title = button_name.clone();
    view! {
        <button
            node_ref=button
            type="button"
            class=class
            aria-label=live(button_name)
            title=live(title)
            aria-haspopup="dialog"
            aria-expanded=live(move || open.get().to_string())
            popovertarget=id.clone()
        >
            {trigger.run()}
        </button>
        <div
            node_ref=panel
            id=id
            popover="auto"
            class=format!("popover {panel_class}")
            role="dialog"
            aria-label=name
            on:toggle=on_toggle
        >
            {live(move || open.get().then(|| children()))}
        </div>
    }
}

/// Places a visible panel under `anchor`, or above it if there is no room below, and within the
/// window.
pub(super) fn place(panel: &HtmlElement, anchor: &Element) {
    let at = anchor.get_bounding_client_rect();
    let size = panel.get_bounding_client_rect();
    let Some(root) = document().document_element() else {
        return;
    };
    let (width, height) = (
        f64::from(root.client_width()),
        f64::from(root.client_height()),
    );
    // It is aligned with the side of the anchor that is nearer to the edge of the window.
    let is_right = at.left() + at.right() > width;
    let left = if is_right {
        at.right() - size.width()
    } else {
        at.left()
    };
    let left = left.min(width - size.width() - GAP).max(GAP);
    let below = at.bottom() + GAP;
    let top = if below + size.height() + GAP <= height {
        below
    } else {
        (at.top() - GAP - size.height()).max(GAP)
    };
    let style = panel.style();
    // These are valid properties and values; nothing else could fail.
    drop(style.set_property("left", &pixels(left)));
    drop(style.set_property("top", &pixels(top)));
    drop(panel.set_attribute("data-placed", ""));
}

/// Hides a panel, if it is visible.
pub(super) fn hide(panel: &HtmlElement) {
    drop(panel.remove_attribute("data-placed"));
    drop(panel.hide_popover());
}
