//! The board of a project: five columns of cards that follow the server.
//!
//! The state of the project subscribes to its messages: it filters them by project, applies rows in
//! place, and fetches once if that is not possible. The board shows that state, and turns pointers
//! and keys into intents.

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::Status;

pub mod drag_ghost;
pub mod empty;
mod keyboard;
pub mod loading;
mod lost_card;
pub mod tabs;

use super::actions::{BoardActions, use_board_actions};
use super::attention_strip::AttentionStrip;
use super::column::Column;
use super::drag::BoardDrag;
use super::merge_dialog::MergeDialog;
use super::take::TakeDialog;
use crate::api::ApiError;
use crate::components::common::not_loaded::NotLoaded;
use crate::components::common::not_refreshed::NotRefreshed;
use crate::components::lazy::{Lazy, lazy_view};
use crate::i18n::use_i18n;
use crate::state::{BoardState, Load};
use crate::ui::live;
use drag_ghost::DragGhost;
use empty::EmptyBoard;
use loading::LoadingBoard;
use tabs::ColumnTabs;

/// Enables a person to work on the board in that element: with mouse, pen, finger and keyboard.
fn take_input(actions: BoardActions, root: NodeRef<html::Div>) {
    let view = actions.view;
    let drag = BoardDrag::new(
        view,
        root,
        // A card that may not be moved cannot be picked up.
        move |task| actions.pick_up(task),
        move |pick, to| {
            view.focus(&pick.task);
            actions.put_down(&pick, to);
        },
        move |held| keyboard::say_put_back(actions, held),
    );
    drag.listen();
    // A card may have received the focus before the listeners existed.
    view.focus_seen(document().active_element().as_ref());
    keyboard::listen(actions, root, drag);
    keyboard::keep_one_tab_stop(actions);
    lost_card::end_with_their_card(actions, drag);
    on_cleanup(move || actions.withdraw_offers());
}

/// Message in place of a board that could not be loaded.
#[component]
pub fn BoardNotLoaded(
    /// Board that could not be loaded.
    board: BoardState,
    /// Error of the attempt.
    error: ApiError,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <NotLoaded
            class="board-message"
            what=i18n.t(|s| s.board.the_board)
            error
            on_retry=move |()| board.retry()
        />
    }
}

lazy_view! {
    /// Notice that a shown board could not be refreshed.
    fn not_refreshed(load: Signal<Load>) {
        view! { <NotRefreshed of=load/> }
    }
}

lazy_view! {
    /// Message in place of a board that could not be loaded.
    fn not_loaded(board: BoardState, error: ApiError) {
        view! { <BoardNotLoaded board error/> }
    }
}

lazy_view! {
    /// First steps on a board without tasks.
    fn empty_board() {
        view! { <EmptyBoard/> }
    }
}

lazy_view! {
    /// Counts of what needs attention.
    fn attention_strip() {
        view! { <AttentionStrip/> }
    }
}

lazy_view! {
    /// Question whether to take a task from its agent.
    fn take_dialog() {
        view! { <TakeDialog/> }
    }
}

lazy_view! {
    /// Dialog that merges a finished task.
    fn merge_dialog() {
        view! { <MergeDialog/> }
    }
}

/// Board of the open project.
#[component]
pub fn TaskBoard() -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let (board, view) = (actions.board, actions.view);
    let root = NodeRef::<html::Div>::new();
    take_input(actions, root);

    let load = board.load();
    let is_ready = Memo::new(move |_| load.with(Load::is_ready));
    let failure = move || match load.get() {
        Load::Failed(error) => Some(error),
        _ => None,
    };
    let is_empty = Memo::new(move |_| {
        is_ready.get() && Status::ALL.iter().all(|status| board.count(*status) == 0)
    });
    let error = board.refresh_error();
    let has_error = Signal::derive(move || error.with(Option::is_some));
    let asks = Signal::derive(move || view.asking.with(Option::is_some));
    let merges = Signal::derive(move || view.merging.with(Option::is_some));
    let columns = move || {
        view! {
            <ColumnTabs />
            <div class="columns">
                {Status::ALL.into_iter().map(|status| view! { <Column status /> }.into_any()).collect_view()}
            </div>
        }
    };
    view! {
        <div
            node_ref=root
            class="task-board"
            role="region"
            aria-label=live(move || i18n.t(|s| s.shell.board))
            data-dragging=live(move || view.held.with(Option::is_some).then_some("true"))
        >
            // It has its place from the start: what is below does not move.
            <div class="attention-strip"><Lazy view=attention_strip wanted=Signal::stored(false)/></div>
            <Lazy view=move || not_refreshed(load) wanted=has_error/>
            {live(move || match failure() {
                Some(error) => view! { <Lazy view=move || not_loaded(board, error.clone())/> }.into_any(),
                None if is_empty.get() => view! { <Lazy view=empty_board/> }.into_any(),
                None if is_ready.get() => columns().into_any(),
                None => view! { <LoadingBoard /> }.into_any(),
            })}
            <DragGhost/>
            <Lazy view=take_dialog wanted=asks over=true/>
            <Lazy view=merge_dialog wanted=merges over=true/>
        </div>
    }
}
