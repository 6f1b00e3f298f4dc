//! Dialogs on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape, and gives the focus back.

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

use super::{Button, ButtonLook, IconName};

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
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if open.get() && !dialog.open() {
            // It fails only for an element that is not in the document, and then nobody can see it either.
            drop(dialog.show_modal());
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
                    open.try_set(false);
                }
            }
            on:click=move |event| {
                // A click on the dialog's own element is one on its backdrop: the content covers the rest.
                let target = event.target();
                if target.is_some() && target == event.current_target() {
                    open.set(false);
                }
            }
        >
            {move || open.get().then(|| {
                let (heading, children) = (title.clone(), children.clone());
                view! {
                    <div class="dialog-panel">
                        <header class="dialog-head">
                            <h2>{move || heading.get()}</h2>
                            <button
                                type="button"
                                class="icon-button"
                                aria-label=close_label.clone()
                                on:click=move |_| open.set(false)
                            >
                                <super::Icon name=IconName::Close/>
                            </button>
                        </header>
                        {children()}
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
