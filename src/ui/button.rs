//! Buttons.

use leptos::prelude::*;
use leptos::text_prop::TextProp;
use web_sys::MouseEvent;

use super::{Icon, IconName};

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonLook {
    /// One of several.
    #[default]
    Plain,
    /// The one that most people want; at most one in sight.
    Primary,
    /// Without a frame until the pointer is over it.
    Quiet,
    /// It destroys something.
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

/// A button with words.
#[component]
pub fn Button(
    /// How it looks.
    #[prop(optional)]
    look: ButtonLook,
    /// A picture before the words.
    #[prop(optional, into)]
    icon: Option<Signal<IconName>>,
    /// The words.
    #[prop(into)]
    label: TextProp,
    /// Whether it cannot be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether it submits the form that it is in.
    #[prop(optional)]
    submit: bool,
    /// What happens.
    #[prop(optional, into)]
    on_click: Option<Callback<MouseEvent>>,
) -> impl IntoView {
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="button"
            data-look=look.as_str()
            disabled=disabled
            on:click=move |event| {
                if let Some(on_click) = on_click {
                    on_click.try_run(event);
                }
            }
        >
            {icon.map(|icon| move || view! { <Icon name=icon.get()/> })}
            <span>{move || label.get()}</span>
        </button>
    }
}

/// A button with a picture only; its words are in the tooltip and for screen readers.
#[component]
pub fn IconButton(
    /// The picture.
    #[prop(into)]
    icon: Signal<IconName>,
    /// The words.
    #[prop(into)]
    label: TextProp,
    /// Whether it cannot be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// What happens.
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
            on:click=move |event| {
                // A click may come when what it was meant for is gone.
                on_click.try_run(event);
            }
        >
            {move || view! { <Icon name=icon.get()/> }}
        </button>
    }
}
