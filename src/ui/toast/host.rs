//! The corner in which messages appear.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

use super::{Level, STAY, STAY_WITH_ACTION, Shown, Toasts, use_toasts};
use crate::ui::{Icon, IconName, KeyedList, boxed_effect_keeping, clicked};

/// Host of the messages of [`use_toasts`]. One a page.
#[component]
pub fn ToastHost(
    /// Label of the button that dismisses a message.
    #[prop(into)]
    dismiss_label: TextProp,
) -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts">
            <KeyedList each=move || toasts.in_sight().get() key=|shown| shown.id let:shown>
                <ToastCard shown toasts dismiss_label=dismiss_label.clone()/>
            </KeyedList>
        </div>
    }
}

/// One message. Its time stands still while the pointer or the focus is on it.
#[component]
fn ToastCard(shown: Shown, toasts: Toasts, dismiss_label: TextProp) -> impl IntoView {
    let Shown { id, toast } = shown;
    let is_held = RwSignal::new(false);
    let stay = if toast.action.is_some() {
        STAY_WITH_ACTION
    } else {
        STAY
    };
    boxed_effect_keeping(move || {
        (!is_held.get()).then(|| {
            let millis = u32::try_from(stay.as_millis()).unwrap_or(u32::MAX);
            Timeout::new(millis, move || toasts.dismiss(id))
        })
    });
    let icon = match toast.level {
        Level::Info => IconName::Info,
        Level::Success => IconName::Check,
        Level::Warning | Level::Error => IconName::Warning,
    };
    // An alert interrupts a screen reader: only a failure may do so.
    let role = match toast.level {
        _ if toast.is_announced => None,
        Level::Error => Some("alert"),
        Level::Info | Level::Success | Level::Warning => Some("status"),
    };
    view! {
        <div
            class="toast"
            role=role
            data-level=toast.level.as_str()
            on:pointerenter=move |_| { is_held.try_set(true); }
            on:pointerleave=move |_| { is_held.try_set(false); }
            on:focusin=move |_| { is_held.try_set(true); }
            // A toast that is removed while it has the focus gets this event when its signals are
            // gone.
            on:focusout=move |_| { is_held.try_set(false); }
        >
            <Icon name=icon/>
            <p class="toast-text" dir="auto">{toast.text}</p>
            {toast.action.map(|(label, action)| view! {
                <button
                    type="button"
                    class="toast-action"
                    on:click=clicked(move |_| {
                        toasts.dismiss(id);
                        action.run();
                    })
                >
                    {label}
                </button>
            })}
            <button
                type="button"
                class="icon-button"
                aria-label=dismiss_label
                on:click=clicked(move |_| toasts.dismiss(id))
            >
                <Icon name=IconName::Close/>
            </button>
        </div>
    }
}
