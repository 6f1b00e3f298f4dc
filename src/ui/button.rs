//! Buttons.

use leptos::prelude::*;
use leptos::text_prop::TextProp;
use web_sys::MouseEvent;

use super::{Icon, IconName, clicked, live};

/// Visual emphasis of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonLook {
    /// One of several buttons.
    #[default]
    Plain,
    /// The action that most people want; at most one on the screen.
    Primary,
    /// Without a frame until the pointer is over it.
    Quiet,
    /// Destroys something.
    Danger,
}

impl ButtonLook {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Primary => "primary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// Button with a text.
#[component]
pub fn Button(
    /// Visual emphasis.
    #[prop(optional)]
    look: ButtonLook,
    /// Icon before the text.
    #[prop(optional, into)]
    icon: Option<Signal<IconName>>,
    /// Text of the button.
    #[prop(into)]
    label: TextProp,
    /// Set while it cannot be pressed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Set if it submits its form.
    #[prop(optional)]
    submit: bool,
    /// Callback of a click.
    #[prop(optional, into)]
    on_click: Option<Callback<MouseEvent>>,
) -> impl IntoView {
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="button"
            data-look=look.as_str()
            disabled=disabled
            on:click=clicked(move |event| {
                if let Some(on_click) = on_click {
                    on_click.try_run(event);
                }
            })
        >
            {icon.map(|icon| live(move || view! { <Icon name=icon.get()/> }.into_any()))}
            <span>{live(move || label.get())}</span>
        </button>
    }
}

/// Button with an icon only; its text is in the tooltip and for screen readers.
#[component]
pub fn IconButton(
    /// Icon of the button.
    #[prop(into)]
    icon: Signal<IconName>,
    /// Text of the tooltip and for screen readers.
    #[prop(into)]
    label: TextProp,
    /// Set while it cannot be pressed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Callback of a click.
    #[prop(into)]
    on_click: Callback<MouseEvent>,
) -> impl IntoView {
    let title = label.clone();
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=label
            title=title
            disabled=disabled
            on:click=clicked(move |event| {
                // A click may come when its callback is gone.
                on_click.try_run(event);
            })
        >
            {live(move || view! { <Icon name=icon.get()/> }.into_any())}
        </button>
    }
}
