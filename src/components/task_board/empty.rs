//! A board without any task: what to do first.

use leptos::prelude::*;

use crate::components::add_task::AddTask;
use crate::components::board_view::use_board_view;
use crate::i18n::use_i18n;
use crate::state::{use_access, use_board};
use crate::ui::{Button, ButtonLook, CopyButton, IconName};

/// One sentence and the ways to begin, with commands that can be copied.
#[component]
pub fn EmptyBoard() -> impl IntoView {
    let i18n = use_i18n();
    let view = use_board_view();
    let access = use_access();
    let project = use_board().project().to_string();
    let origin = window().location().origin().unwrap_or_default();
    let address = format!(
        "{origin}/api/projects/{}",
        String::from(js_sys::encode_uri_component(&project))
    );
    let curl = format!("curl -X POST '{address}/tasks?title=Hello'");
    let import = format!("tasktree import taskmaster tasks.json --project '{project}'");
    let agent = format!(
        "curl -X POST '{address}/agents' -H 'Content-Type: application/json' -d '{{\"id\":\"my-agent\"}}'"
    );
    view! {
        <div class="board-empty">
            <h2>{move || i18n.t(|s| s.board.empty)}</h2>
            <Show
                when=move || view.adding.get() && access.may("change")
                fallback=move || view! {
                    <Show when=move || access.may("change")>
                        <Button
                            look=ButtonLook::Primary
                            icon=IconName::Add
                            label=move || i18n.t(|s| s.board.add_task)
                            on_click=move |_| view.adding.set(true)
                        />
                    </Show>
                }
            >
                <AddTask />
            </Show>
            <Way title=move || i18n.t(|s| s.first_run.by_script) hint=move || i18n.t(|s| s.first_run.by_script_hint) command=curl />
            <Way title=move || i18n.t(|s| s.first_run.import) hint=move || i18n.t(|s| s.first_run.import_hint) command=import />
            <Way title=move || i18n.t(|s| s.first_run.agent) hint=move || i18n.t(|s| s.first_run.agent_hint) command=agent />
        </div>
    }
}

#[component]
fn Way<T, H>(
    /// What it is called.
    title: T,
    /// What it does.
    hint: H,
    /// What to type.
    command: String,
) -> impl IntoView
where
    T: Fn() -> &'static str + Send + Sync + 'static,
    H: Fn() -> &'static str + Send + Sync + 'static,
{
    let i18n = use_i18n();
    view! {
        <section class="board-way">
            <h3>{title}</h3>
            <p>{hint}</p>
            <div class="command">
                <code>{command.clone()}</code>
                <CopyButton
                    text=command
                    label=move || i18n.t(|s| s.common.copy)
                    copied_label=move || i18n.t(|s| s.common.copied)
                />
            </div>
        </section>
    }
}
