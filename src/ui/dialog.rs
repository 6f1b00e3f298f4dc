//! Dialogs on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape, and gives the focus back.

mod outside;
mod written;

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use self::outside::Press;
use self::written::Written;
use super::keys::{is_composing_escape, is_escape};
use super::{Button, ButtonLook, IconName, before_next_paint};

/// The question before typed text is discarded.
#[derive(Clone, Debug)]
pub struct DiscardWords {
    /// The question.
    pub question: TextProp,
    /// Label of the button that discards the text.
    pub discard: TextProp,
    /// Label of the button that goes back to it.
    pub keep: TextProp,
}

/// The way out of the dialog that is around: it asks first where text would be discarded.
#[derive(Clone, Copy, Debug)]
pub struct DialogExit(Callback<()>);

impl DialogExit {
    /// Closes the dialog, or asks.
    pub fn leave(self) {
        self.0.try_run(());
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
    // The element that had the focus when the question was asked.
    let asked_at = RwSignal::new_local(None::<HtmlElement>);
    let may_ask = discard.is_some();
    let is_asking = move || asked_at.with(Option::is_some);
    let keep = move || {
        if let Some(Some(field)) = asked_at.try_update(Option::take) {
            // A field that cannot take the focus leaves it where it is.
            drop(field.focus());
        }
    };
    let must_ask = move || {
        let dialog = dialog.get_untracked();
        may_ask && dialog.is_some_and(|dialog| written.has_text(&dialog))
    };
    let ask = move || {
        let focused = document()
            .active_element()
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        asked_at.set(focused.or_else(|| dialog.get_untracked().map(JsCast::unchecked_into)));
    };
    let leave = move || {
        if !must_ask() {
            open.set(false);
        } else if !untrack(is_asking) {
            ask();
        }
    };
    let exit = DialogExit(Callback::new(move |()| leave()));
    let end = move || {
        asked_at.try_set(None);
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
                if must_ask() {
                    event.prevent_default();
                    leave();
                }
            }
            on:keydown=move |event| {
                if is_composing_escape(&event) {
                    event.prevent_default();
                } else if is_escape(&event) && must_ask() {
                    // A browser may close at the second Escape without asking anybody.
                    event.prevent_default();
                    if untrack(is_asking) { keep() } else { leave() }
                }
            }
            on:pointerdown=move |event| press.begin(&event)
            on:pointerup=move |event| press.end(&event)
            on:mousedown=move |event| press.begin(&event)
            on:mouseup=move |event| press.end(&event)
            on:click=move |event| {
                if press.was_outside(&event) {
                    leave();
                }
            }
        >
            {move || open.get().then(|| {
                // For what is in it alone: a component shares its contexts with those beside it.
                provide_context(exit);
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
                                on:click=move |_| leave()
                            >
                                <super::Icon name=IconName::Close/>
                            </button>
                        </header>
                        {children()}
                        {move || discard.clone().filter(|_| is_asking()).map(|words| view! {
                            <DiscardQuestion words keep=move |()| keep() discard=move |()| open.set(false)/>
                        })}
                    </div>
                }
            })}
        </dialog>
    }
}

/// The question whether typed text is to be discarded, at the end of its dialog.
#[component]
fn DiscardQuestion(
    words: DiscardWords,
    /// Called to go back to the text.
    #[prop(into)]
    keep: Callback<()>,
    /// Called to close the dialog.
    #[prop(into)]
    discard: Callback<()>,
) -> impl IntoView {
    let element = NodeRef::<html::Div>::new();
    element.on_load(|question| {
        let button = question.query_selector("button").ok().flatten();
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            // It scrolls into sight by that.
            drop(button.focus());
        }
    });
    let label = words.question.clone();
    view! {
        <div node_ref=element class="dialog-discard" role="alertdialog" aria-label=label>
            <p>{move || words.question.get()}</p>
            <footer class="dialog-foot">
                <Button label=words.keep on_click=move |_| keep.run(())/>
                <Button look=ButtonLook::Danger label=words.discard on_click=move |_| discard.run(())/>
            </footer>
        </div>
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
