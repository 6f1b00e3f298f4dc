//! Dialogs based on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape,
//! and returns the focus.

mod outside;
mod written;

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

use self::outside::Press;
use self::written::Written;
use super::keys::{is_composing_escape, is_escape};
use super::{Button, ButtonLook, Discard, DiscardQuestion, DiscardWords, IconName};
use crate::browser::{before_next_paint, listen_on_window};

/// Exit of the surrounding dialog: it asks first if text would be discarded.
#[derive(Clone, Copy, Debug)]
pub struct DialogExit(Discard);

impl DialogExit {
    /// Closes the dialog, or asks.
    pub fn leave(self) {
        self.0.leave();
    }

    /// Returns true if the dialog would ask before it closes.
    pub fn has_text(self) -> bool {
        self.0.has_text()
    }
}

/// Returns the exit of the surrounding dialog.
///
/// # Panics
/// Outside of a [`Dialog`].
#[must_use]
#[track_caller]
pub fn use_dialog_exit() -> DialogExit {
    expect_context()
}

/// Modal dialog. Its content exists only while it is open.
#[component]
pub fn Dialog(
    /// State of the dialog; closing by Escape, by the cross or by a click beside it sets it to
    /// false.
    open: RwSignal<bool>,
    /// Title of the dialog.
    #[prop(into)]
    title: TextProp,
    /// Label of the cross.
    #[prop(into)]
    close_label: TextProp,
    /// CSS class that sets its width.
    #[prop(optional)]
    class: &'static str,
    /// Question before it is closed with typed text in it; without one, it closes at once.
    #[prop(optional)]
    discard: Option<DiscardWords>,
    /// Content of the dialog.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let press = Press::default();
    let written = Written::default();
    let may_ask = discard.is_some();
    let guard = Discard::new(
        move || {
            let dialog = dialog.get_untracked();
            may_ask && dialog.is_some_and(|dialog| written.has_text(&dialog))
        },
        move || open.set(false),
    );
    let exit = DialogExit(guard);
    let end = move || {
        guard.forget();
        written.forget();
    };
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if open.get() && !dialog.open() {
            // It fails only for an element that is not in the document, and then nobody can see it
            // either.
            drop(dialog.show_modal());
            if may_ask {
                // The fields exist with their values by then.
                before_next_paint(move || written.begin(&dialog));
            }
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let name = title.clone();
    view! {
        <dialog
            node_ref=dialog
            class=format!("dialog {class}")
            aria-label=name
            // The event comes a moment later: the dialog's owner may be gone by then, or the dialog
            // may have been opened again.
            on:close:target=move |event| {
                if !event.target().open() {
                    end();
                    open.try_set(false);
                }
            }
            on:cancel=move |event: web_sys::Event| {
                if guard.has_text() {
                    event.prevent_default();
                    guard.leave();
                }
            }
            on:keydown=move |event| {
                if is_composing_escape(&event) {
                    event.prevent_default();
                } else if is_escape(&event) && guard.has_text() {
                    // A browser may close at the second Escape without any event.
                    event.prevent_default();
                    guard.escape();
                }
            }
            on:pointerdown=move |event| press.begin(&event)
            on:pointerup=move |event| press.end(&event)
            on:mousedown=move |event| press.begin(&event)
            on:mouseup=move |event| press.end(&event)
            on:click=move |event| {
                if press.was_outside(&event) {
                    guard.leave();
                }
            }
        >
            {move || open.get().then(|| {
                // For its content alone: a component shares its contexts with its siblings.
                provide_context(exit);
                if may_ask {
                    // Leaving the page closes the dialog too, so the browser asks first.
                    listen_on_window(leptos::ev::beforeunload, move |event| {
                        if guard.has_text() {
                            event.prevent_default();
                        }
                    });
                }
                let (heading, children) = (title.clone(), children.clone());
                let discard = discard.clone();
                view! {
                    <div class="dialog-panel">
                        <header class="dialog-head">
                            <h2>{move || heading.get()}</h2>
                            <button
                                type="button"
                                class="icon-button"
                                aria-label=close_label.clone()
                                on:click=move |_| guard.leave()
                            >
                                <super::Icon name=IconName::Close/>
                            </button>
                        </header>
                        {children()}
                        {discard.map(|words| view! { <DiscardQuestion guard words/> })}
                    </div>
                }
            })}
        </dialog>
    }
}

/// Dialog that asks before an action that cannot be undone.
#[component]
pub fn ConfirmDialog(
    /// Set while the dialog is open.
    open: RwSignal<bool>,
    /// Text of the question.
    #[prop(into)]
    title: TextProp,
    /// Explanation of the effect.
    #[prop(into)]
    text: TextProp,
    /// Label of the button that confirms.
    #[prop(into)]
    confirm_label: TextProp,
    /// Label of the button that cancels.
    #[prop(into)]
    cancel_label: TextProp,
    /// Callback of the confirmation.
    #[prop(into)]
    on_confirm: Callback<()>,
) -> impl IntoView {
    let close_label = cancel_label.clone();
    view! {
        <Dialog open title close_label class="dialog-narrow">
            <p class="dialog-text">{
                let text = text.clone();
                move || text.get()
            }</p>
            <footer class="dialog-foot">
                <Button label=cancel_label.clone() on_click=move |_| open.set(false)/>
                <Button
                    look=ButtonLook::Danger
                    label=confirm_label.clone()
                    on_click=move |_| {
                        open.set(false);
                        on_confirm.try_run(());
                    }
                />
            </footer>
        </Dialog>
    }
}
