//! The field that adds a dependency by its number or by words.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use tasktree_protocol::{Status, TaskCard, TaskId};
use web_sys::KeyboardEvent;

use super::task_link::TaskName;
use crate::components::board::actions::{BoardActions, use_board_actions};
use crate::i18n::{lower_case, use_i18n};
use crate::ui::keys::{is_plain, own_key};

/// Number of tasks offered at once.
const OFFERED: usize = 8;

/// Counter of the fields on the page, so that each has a unique id for its list.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Field that adds to the list: a number or words, and the matching tasks.
#[component]
pub fn DependencySearch(
    /// Chosen tasks.
    chosen: Signal<Vec<TaskId>>,
    /// Task that depends on them.
    own: Option<TaskId>,
    /// Callback with the whole new list when a task is added.
    on_change: Callback<Vec<TaskId>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let typed = RwSignal::new(String::new());
    // The selected offer: others may come and go around it.
    let at = RwSignal::new(None::<TaskId>);
    // Set while the offers are shown: during a search, and not after the field was left.
    let is_open = RwSignal::new(false);
    let list_id = format!("task-offers-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let option_id = {
        let list_id = list_id.clone();
        move |row: usize| format!("{list_id}-{row}")
    };
    let offers = Memo::new(move |_| {
        let words = typed.get();
        if words.trim().is_empty() || !is_open.get() {
            return Vec::new();
        }
        let chosen = chosen.get();
        actions.board.track_tasks();
        offers(actions, &words, |task| {
            chosen.contains(task) || own.as_ref() == Some(task)
        })
    });
    // The row that Enter takes: the first, until another is selected.
    let row_at = move || {
        let at = at.get();
        offers.with(|offers| {
            let row = offers.iter().position(|card| Some(&card.id) == at.as_ref());
            row.unwrap_or(0)
        })
    };
    let add = move |task: TaskId| {
        let mut list = chosen.get_untracked();
        list.push(task);
        typed.set(String::new());
        at.set(None);
        on_change.run(list);
    };
    let go = move |row: usize| {
        at.set(offers.with_untracked(|offers| offers.get(row).map(|card| card.id.clone())));
    };
    let keys = move |event: KeyboardEvent| {
        // Ctrl+Enter belongs to the form.
        let Some(key) = own_key(&event).filter(|_| is_plain(&event)) else {
            return;
        };
        let count = offers.with_untracked(Vec::len);
        match key.as_str() {
            "ArrowDown" if !is_open.get_untracked() => {
                at.set(None);
                is_open.set(true);
            }
            "ArrowDown" if count > 0 => go((untrack(row_at) + 1) % count),
            "ArrowUp" if count > 0 => go((untrack(row_at) + count - 1) % count),
            "Enter" => {
                if let Some(task) = offers.with_untracked(|offers| {
                    offers.get(untrack(row_at)).map(|card| card.id.clone())
                }) {
                    add(task);
                }
            }
            "Escape" if !typed.with_untracked(String::is_empty) => {
                typed.set(String::new());
                is_open.set(false);
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let active_id = option_id.clone();
    let is_unmatched =
        move || is_open.get() && !typed.read().trim().is_empty() && offers.with(Vec::is_empty);
    view! {
        <input
            class="input"
            type="text"
            role="combobox"
            autocomplete="off"
            aria-autocomplete="list"
            aria-expanded=move || offers.with(|offers| !offers.is_empty()).to_string()
            aria-controls=list_id.clone()
            aria-activedescendant=move || offers.with(|offers| (!offers.is_empty()).then(|| active_id(row_at())))
            aria-label=move || i18n.t(|s| s.task.add_dependency)
            placeholder=move || i18n.t(|s| s.task.add_dependency)
            prop:value=typed
            on:input:target=move |event| {
                typed.set(event.target().value());
                at.set(None);
                is_open.set(true);
            }
            on:blur=move |_| is_open.set(false)
            on:keydown=keys
        />
        <p class="field-hint" role="status">
            {move || is_unmatched().then(|| i18n.t(|s| s.task.no_such_task))}
        </p>
        <ul
            id=list_id
            class="task-offers"
            role="listbox"
            aria-label=move || i18n.t(|s| s.task.add_dependency)
            hidden=move || offers.with(Vec::is_empty)
        >
            {move || {
                offers
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(row, card)| {
                        let task = card.id.clone();
                        view! {
                            <li
                                role="option"
                                id=option_id(row)
                                aria-selected=move || (row_at() == row).to_string()
                                // Before the field loses the focus, which closes the list.
                                on:pointerdown=move |event| {
                                    event.prevent_default();
                                    add(task.clone());
                                }
                            >
                                <TaskName card />
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
    }
}

/// Returns the tasks that match the words, with matches of the number first.
fn offers(actions: BoardActions, words: &str, taken: impl Fn(&TaskId) -> bool) -> Vec<TaskCard> {
    let words = lower_case(words.trim().trim_start_matches('#').to_owned());
    let mut found: Vec<(usize, TaskCard)> = Vec::new();
    for card in actions.board.all_cards() {
        if taken(&card.id) {
            continue;
        }
        let number = card.number.to_string();
        let rank = if number == words {
            0
        } else if number.starts_with(&words) {
            1
        } else if lower_case(card.title.clone()).contains(&words) {
            // A task that is done blocks nothing.
            if matches!(card.status, Status::Completed | Status::Merged) {
                3
            } else {
                2
            }
        } else {
            continue;
        };
        found.push((rank, card));
    }
    found.sort_by_key(|(rank, card)| (*rank, card.number));
    found.truncate(OFFERED);
    found.into_iter().map(|(_, card)| card).collect()
}
