//! A task in full, beside the board that stays live behind it.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

pub mod agent;
pub mod facts;
pub mod failure;
pub mod head;
pub mod links;
pub mod texts;

use super::comments::TaskComments;
use super::history::TaskHistory;
use super::open_task::{OpenTask, Opened};
use crate::browser::listen_on_window;
use crate::components::agent::questions::AgentQuestions;
use crate::components::board::actions::use_board_actions;
use crate::components::common::allowed::Allowed;
use crate::components::common::number_sign::number_sign;
use crate::i18n::use_i18n;
use crate::state::Asked;
use crate::ui::keys::is_escape;
use crate::ui::{Button, ButtonLook, IconName, Skeleton};
use agent::TaskAgent;
use facts::{Facts, Files};
use failure::TaskFailure;
use head::Head;
use links::Links;
use texts::{Texts, Title};

/// Drawer of the task with that number.
#[component]
pub fn TaskDrawer(
    /// Number of the task.
    #[prop(into)]
    number: Signal<u64>,
) -> impl IntoView {
    // Another task gets another drawer: the fields must keep nothing of the first.
    move || view! { <Drawer number=number.get() /> }
}

#[component]
fn Drawer(
    /// Number of the task.
    number: u64,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let open = OpenTask::new(actions, number);
    let element = NodeRef::<html::Div>::new();
    element.on_load(|drawer| {
        let _ = drawer.focus();
    });
    let close = move || actions.close_drawer();
    listen_on_window(leptos::ev::keydown, move |event| {
        if is_escape(&event) && !event.default_prevented() && !is_elsewhere(&event) {
            close();
        }
    });
    let view = actions.view;
    let task = open.id();
    on_cleanup(move || view.fall_back_to(&task));
    let opened = Memo::new(move |_| open.state());
    view! {
        <div
            node_ref=element
            class="task-drawer"
            role="dialog"
            tabindex="-1"
            aria-label=move || i18n.t(|s| (s.task.heading)(&number_sign(number)))
        >
            <Head open close=Callback::new(move |()| close()) />
            {move || match opened.get() {
                Opened::Loading => view! { <div class="task-drawer-body" aria-busy="true"><Skeleton lines=8 /></div> }.into_any(),
                Opened::Ready => view! {
                    <div class="task-drawer-body">
                        <Title open />
                        <TaskAgent open />
                        <TaskFailure open />
                        <AgentQuestions asked=Asked::About(open.id()) />
                        <Facts open />
                        <Texts open />
                        <Links open />
                        <Files open />
                        <TaskComments open />
                        <TaskHistory open />
                    </div>
                }
                .into_any(),
                Opened::Gone => view! {
                    <div class="task-drawer-body">
                        <p>{move || i18n.t(|s| s.task.gone)}</p>
                        <Allowed permission="destroy">
                            <Button
                                look=ButtonLook::Primary
                                label=move || i18n.t(|s| s.task.restore)
                                on_click=move |_| actions.restore(&open.id(), number)
                            />
                        </Allowed>
                        <TaskHistory open />
                    </div>
                }
                .into_any(),
                Opened::NotFound => view! {
                    <div class="task-drawer-body" role="alert">
                        <p>{move || i18n.t(|s| (s.task.not_found)(&number_sign(number)))}</p>
                    </div>
                }
                .into_any(),
                Opened::Failed(reason) => view! {
                    <div class="task-drawer-body" role="alert">
                        <p>{move || i18n.t(|s| (s.errors.not_loaded)(s.task.the_task))}" "{reason}</p>
                        <Button
                            icon=IconName::Retry
                            label=move || i18n.t(|s| s.common.retry)
                            on_click=move |_| open.retry()
                        />
                    </div>
                }
                .into_any(),
            }}
        </div>
    }
}

/// Returns true if the key was pressed in an element that handles it: a field, a dialog or a menu
/// outside of the drawer.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let is_in = |place| {
        target
            .as_ref()
            .is_some_and(|target| matches!(target.closest(place), Ok(Some(_))))
    };
    is_in("input, textarea, select, dialog, [popover]") && !is_in(".task-drawer")
}
