//! The board of a project: five columns of cards that follow what happens on the server.
//!
//! The state of the project holds the subscription to its messages: it filters them by project, applies rows in place, and
//! fetches once where that cannot be done. The board shows what it holds, and turns pointers and keys into intents.

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::Status;
use wasm_bindgen::JsCast;
use web_sys::Element;

pub mod drag_ghost;
pub mod empty;
mod keyboard;
pub mod loading;
pub mod tabs;

use super::board_actions::use_board_actions;
use super::board_drag::BoardDrag;
use super::column::Column;
use super::not_loaded::NotLoaded;
use super::not_refreshed::NotRefreshed;
use crate::i18n::use_i18n;
use crate::state::{Load, use_access};
use drag_ghost::DragGhost;
use empty::EmptyBoard;
use loading::LoadingBoard;
use tabs::ColumnTabs;

/// The board of the project of the surroundings.
#[component]
pub fn TaskBoard() -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let (board, view) = (actions.board, actions.view);
    let access = use_access();
    let root = NodeRef::<html::Div>::new();
    let drag = BoardDrag::new(
        view,
        root,
        // A card that may not be moved is not picked up.
        move |task| {
            let card = actions.card(task)?;
            untrack(|| access.may("change")).then_some(card.status)
        },
        move |task, to| {
            view.focus(&task);
            actions.move_task(&task, to);
        },
    );
    keyboard::listen(actions, root, drag);
    keyboard::keep_one_tab_stop(actions);

    let load = board.load();
    let is_ready = Memo::new(move |_| load.with(Load::is_ready));
    let failure = move || match load.get() {
        Load::Failed(error) => Some(error),
        _ => None,
    };
    let is_empty = Memo::new(move |_| {
        is_ready.get() && Status::ALL.iter().all(|status| board.count(*status) == 0)
    });
    let columns = move || {
        view! {
            <ColumnTabs />
            <div class="columns">
                {Status::ALL.map(|status| view! { <Column status /> })}
            </div>
        }
    };
    view! {
        <div
            node_ref=root
            class="task-board"
            role="region"
            aria-label=move || i18n.t(|s| s.board.title)
            data-dragging=move || view.held.with(Option::is_some).then_some("true")
            on:pointerdown=move |event| drag.press(&event)
            on:pointermove=move |event| drag.moved(&event)
            on:pointerup=move |event| drag.release(&event)
            on:pointercancel=move |_| drag.cancel()
            on:contextmenu=move |event| drag.context_menu(&event)
            on:click:capture=move |event| drag.click(&event)
            on:focusin=move |event| {
                view.focus_seen(event.target().and_then(|target| target.dyn_into::<Element>().ok()).as_ref());
            }
        >
            <NotRefreshed of=load />
            {move || match failure() {
                Some(error) => view! {
                    <NotLoaded
                        class="board-message"
                        what=i18n.t(|s| s.board.the_board)
                        error
                        on_retry=move |()| board.retry()
                    />
                }
                .into_any(),
                None if is_empty.get() => view! { <EmptyBoard /> }.into_any(),
                None if is_ready.get() => columns().into_any(),
                None => view! { <LoadingBoard /> }.into_any(),
            }}
            <DragGhost />
        </div>
    }
}
