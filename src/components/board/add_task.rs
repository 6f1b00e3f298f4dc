//! The form for new tasks, at the top of the first column. It stays open, since tasks are seldom
//! added one at a time.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{KeyboardEvent, SubmitEvent};

use super::actions::use_board_actions;
use super::card::priority_name;
use super::dependency_field::DependencyField;
use super::new_task::{NewTaskDraft, is_title_too_long};
use crate::components::lazy::{Lazy, lazy_view};
use crate::i18n::use_i18n;
use crate::state::use_unsent;
use crate::ui::keys::{is_escape, is_send};
use crate::ui::{Button, ButtonLook, Level, Toast, announce, boxed_effect, live, use_toasts};

lazy_view! {
    /// Fields of a new task besides its title.
    fn more_fields(draft: NewTaskDraft) {
        view! { <MoreFields draft/> }
    }
}

/// Form for new tasks.
#[component]
pub fn AddTask() -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let (board, view) = (actions.board, actions.view);
    let (unsent, toasts) = (use_unsent(), use_toasts());
    let draft = view.new_task;
    let NewTaskDraft { title, problem, .. } = draft;
    let field = NodeRef::<html::Input>::new();
    field.on_load(|field| {
        let _ = field.focus();
    });

    // Not a property of the view: only this field in the first download would have one.
    boxed_effect(move || {
        let text = title.get();
        if let Some(field) = field.get().filter(|field| field.value() != text) {
            field.set_value(&text);
        }
    });

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if untrack(|| title.with(|title| is_title_too_long(title))) {
            return;
        }
        let Some(written) = draft.read() else {
            problem.set(Some(
                untrack(|| i18n.t(|s| s.board.title_missing)).to_owned(),
            ));
            return;
        };
        let wanted = written.task.title.clone();
        let answer = board.create_task_in(written.task.clone(), written.epoch.clone());
        let waits = unsent.is_waiting.get_untracked();
        if waits {
            announce(&untrack(|| i18n.t(|s| (s.unsent.added_later)(&wanted))));
        }
        // The form is free for the next task at once: people type on.
        draft.clear();
        spawn_local(async move {
            let Err(error) = answer.await else {
                announce(&untrack(|| i18n.t(|s| (s.board.added)(&wanted))));
                return;
            };
            let reason = actions.reason(&error);
            let problem = untrack(|| i18n.t(|s| (s.board.not_added)(&reason)));
            let is_back = !waits && draft.take_back(written, &error, problem);
            // If the form is still there, it shows the problem itself.
            if !is_back || field.try_get_untracked().flatten().is_none() {
                let text = untrack(|| i18n.t(|s| (s.unsent.not_added)(&wanted, &reason)));
                toasts.push(Toast::new(Level::Error, text));
            }
        });
    };
    let keys = move |event: KeyboardEvent| {
        if is_escape(&event) {
            event.stop_propagation();
            view.stop_adding();
        } else if is_send(&event) {
            event.prevent_default();
            if let Some(form) = field.get_untracked().and_then(|field| field.form()) {
                let _ = form.request_submit();
            }
        }
    };
    view! {
        <form class="add-task" aria-label=live(move || i18n.t(|s| s.board.new_task)) on:submit=submit on:keydown=keys>
            <input
                node_ref=field
                class="input"
                name="title"
                autocomplete="off"
                dir="auto"
                aria-label=live(move || i18n.t(|s| s.task.title))
                placeholder=live(move || i18n.t(|s| s.board.new_title))
                aria-invalid=live(move || problem.with(Option::is_some).then_some("true"))
                on:input=move |_| {
                    let Some(typed) = field.get_untracked().map(|field| field.value()) else {
                        return;
                    };
                    let too_long = is_title_too_long(&typed);
                    problem.set(too_long.then(|| untrack(|| i18n.t(|s| s.task.title_too_long)).to_owned()));
                    title.set(typed);
                }
            />
            <details class="add-task-more">
                <summary>{live(move || i18n.t(|s| s.board.more_fields))}</summary>
                <Lazy view=move || more_fields(draft)/>
            </details>
            <p class="add-task-problem" role="alert">{live(move || problem.get())}</p>
            <div class="add-task-actions">
                <Button submit=true look=ButtonLook::Primary label=move || i18n.t(|s| s.board.add_task) />
                <Button look=ButtonLook::Quiet label=move || i18n.t(|s| s.common.close) on_click=move |_| view.stop_adding() />
                <span class="field-hint">{live(move || i18n.t(|s| s.board.new_hint))}</span>
            </div>
        </form>
    }
}

/// Fields of a new task besides its title.
#[component]
fn MoreFields(draft: NewTaskDraft) -> impl IntoView {
    let i18n = use_i18n();
    let NewTaskDraft {
        description,
        priority,
        dependencies,
        ..
    } = draft;
    view! {
        <textarea
            class="input"
            name="description"
            rows="4"
            dir="auto"
            aria-label=move || i18n.t(|s| s.task.description)
            placeholder=move || i18n.t(|s| s.task.description)
            prop:value=description
            on:input:target=move |event| description.set(event.target().value())
        ></textarea>
        <PrioritySelect value=priority on_change=move |value| priority.set(value) />
        <DependencyField chosen=dependencies own=None on_change=move |chosen| draft.choose(chosen) />
    }
}

/// Choice of a priority.
#[component]
pub fn PrioritySelect(
    /// Current priority.
    #[prop(into)]
    value: Signal<u32>,
    /// Callback with the new priority.
    #[prop(into)]
    on_change: Callback<u32>,
) -> impl IntoView {
    let i18n = use_i18n();
    // Numbers beyond the scale come from imports and scripts; they stay unless another priority is
    // chosen.
    let choices = move || {
        let current = value.get();
        let mut choices = vec![1, 2, 3, 4, 0];
        if current > 4 {
            choices.insert(4, current);
        }
        choices
    };
    view! {
        <select
            class="input"
            aria-label=move || i18n.t(|s| s.task.priority)
            prop:value=move || value.get().to_string()
            on:change:target=move |event| {
                if let Ok(priority) = event.target().value().parse() {
                    on_change.run(priority);
                }
            }
        >
            {move || {
                choices()
                    .into_iter()
                    .map(|priority| view! {
                        <option value=priority.to_string() selected=move || value.get() == priority>
                            {move || priority_name(i18n, priority)}
                        </option>
                    })
                    .collect_view()
            }}
        </select>
    }
}
