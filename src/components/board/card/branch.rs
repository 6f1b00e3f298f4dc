//! A branch name that fits its space: shortened in the middle, where names differ least, and copied
//! on click.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::MouseEvent;

use crate::components::lazy::{act, lazy_call};
use crate::i18n::{I18n, use_i18n};
use crate::ui::copy::copy_text;
use crate::ui::toast::Toasts;
use crate::ui::{Level, Toast, announce, clicked, live, use_toasts};

/// Number of characters at the end that are always visible.
const TAIL: usize = 12;

/// Branch of a task.
#[component]
pub fn Branch(
    /// Name of the branch; nothing is shown for an empty one.
    name: Signal<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let on_click = move |event: MouseEvent| {
        event.stop_propagation();
        let name = name.get_untracked();
        act(copy(i18n, toasts, name), i18n, toasts);
    };
    let hint = move || name.with(|name| i18n.t(|s| (s.card.copy_branch)(name)));
    live(move || {
        let (head, tail) = name.with(|name| split(name));
        (!head.is_empty() || !tail.is_empty()).then(|| {
            view! {
                <button type="button" class="branch" tabindex="-1" dir="ltr" aria-label=live(hint) title=live(hint) on:click=clicked(on_click)>
                    <span class="branch-head">{head}</span>
                    <span class="branch-tail">{tail}</span>
                </button>
            }
            .into_any()
        })
    })
}

lazy_call! {
    /// Copies the name of a branch.
    fn copy(i18n: I18n, toasts: Toasts, name: String) -> () {
        copy_branch(i18n, toasts, name);
    }
}

/// Copies the name of a branch, and confirms it.
fn copy_branch(i18n: I18n, toasts: Toasts, name: String) {
    let (copied, failed) = untrack(|| {
        (
            i18n.t(|s| s.common.copied),
            i18n.t(|s| s.common.copy_failed),
        )
    });
    spawn_local(async move {
        if copy_text(&name, failed).await {
            announce(copied);
            toasts.push(Toast::new(Level::Success, format!("{copied}: {name}")));
        }
    });
}

/// Splits a name into the part that may be cut off, and the end that may not.
fn split(name: &str) -> (String, String) {
    let letters = name.chars().count();
    let at = name
        .char_indices()
        .nth(letters.saturating_sub(TAIL))
        .map_or(0, |(at, _)| at);
    let (head, tail) = name.split_at(at);
    (head.to_owned(), tail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::split;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_end_of_a_branch_is_never_cut_off() {
        assert_eq!(
            split("feature/a-long-name-of-a-branch"),
            ("feature/a-long-name".into(), "-of-a-branch".into())
        );
        assert_eq!(split("main"), (String::new(), "main".into()));
        assert_eq!(split(""), (String::new(), String::new()));
        assert_eq!(
            split("功能/一个很长的分支名称甲乙丙丁"),
            ("功能/一".into(), "个很长的分支名称甲乙丙丁".into())
        );
    }
}
