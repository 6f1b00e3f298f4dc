//! Dialogs on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape, and gives the focus back.

mod outside;
mod written;

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

use self::outside::Press;
use self::written::Written;
use super::keys::{is_composing_escape, is_escape};
use super::{
    Button, ButtonLook, Discard, DiscardQuestion, DiscardWords, IconName, before_next_paint,
};
use crate::listener::listen_on_window;

/// The way out of the dialog that is around: it asks first where text would be discarded.
#[derive(Clone, Copy, Debug)]
pub struct DialogExit(Discard);

impl DialogExit {
    /// Closes the dialog, or asks.
    pub fn leave(self) {
        self.0.leave();
    }

    /// Returns true where the dialog would ask before it closes.
    pub fn has_text(self) -> bool {
        self.0.has_text()
    }
}

/// Returns the way out of the dialog that is around.
///
/// # Panics
/// Outside of a [`Dialog`].
#[must_use]
#[track_caller]
pub fn use_dialog_exit() -> DialogExit {
    expect_context()
}

/// A modal dialog. What is in it exists only while it is open.
#[component]
pub fn Dialog(
    /// Whether it is open; closing by Escape, by the cross or by a click beside it sets it to false.
    open: RwSignal<bool>,
    /// What it is about.
    #[prop(into)]
    title: TextProp,
    /// The words of the cross.
    #[prop(into)]
    close_label: TextProp,
    /// A class of its own, for its width.
    #[prop(optional)]
    class: &'static str,
    /// The question before it is closed with text in it that was typed; without one, none is asked.
    #[prop(optional)]
    discard: Option<DiscardWords>,
    /// What is in it.
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
            // It fails only for an element that is not in the document, and then nobody can see it either.
            drop(dialog.show_modal());
            if may_ask {
                // The fields are there, with what is in them, by then.
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
            // The event comes a moment later: what the dialog belonged to may be gone by then, or
            // the dialog may have been opened again.
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
                    // A browser may close at the second Escape without asking anybody.
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
                // For what is in it alone: a component shares its contexts with those beside it.
                provide_context(exit);
                if may_ask {
                    // A page that is left takes the dialog with it.
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

/// A dialog that asks before something is done that cannot be undone.
#[component]
pub fn ConfirmDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: TextProp,
    /// What will happen.
    #[prop(into)]
    text: TextProp,
    /// The words of the button that does it.
    #[prop(into)]
    confirm_label: TextProp,
    /// The words of the button that does not.
    #[prop(into)]
    cancel_label: TextProp,
    /// What the button does.
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
