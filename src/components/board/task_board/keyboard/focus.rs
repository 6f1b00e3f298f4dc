//! The focus among the cards: the target of Tab, and of the arrow keys.

use leptos::prelude::*;
use tasktree_protocol::{Status, TaskId};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::KeyTarget;
use crate::browser::before_next_paint;
use crate::components::board::actions::BoardActions;
use crate::components::board::keys::{Step, neighbour};

/// Keeps exactly one card reachable with Tab, and focuses the successor of a focused card that left
/// the board.
pub(in crate::components::board::task_board) fn keep_one_tab_stop(actions: BoardActions) {
    let BoardActions { board, view, .. } = actions;
    Effect::new(move |last: Option<Option<(Status, usize)>>| {
        let focused = view.focused.get();
        let place = focused.as_ref().and_then(|task| {
            Status::ALL.into_iter().find_map(|status| {
                let at = board
                    .column(status)
                    .with(|column| column.iter().position(|other| other == task))?;
                Some((status, at))
            })
        });
        let stop = match (place, last.flatten()) {
            (Some(_), _) => focused,
            // It was removed or filtered away: the card that takes its position is next.
            (None, Some((status, at))) if focused.is_some() => board
                .column(status)
                .with(|column| column.get(at).or(column.last()).cloned()),
            _ => None,
        };
        let stop = stop.or_else(|| {
            Status::ALL
                .into_iter()
                .find_map(|status| board.column(status).with(|column| column.first().cloned()))
        });
        if view.stop.with_untracked(|old| *old != stop) {
            view.stop.set(stop.clone());
        }
        if place.is_none() && view.focused.with_untracked(Option::is_some) {
            view.focused.set(stop);
            before_next_paint(move || view.restore_focus(false));
        }
        place
    });
}

/// Moves the focus by one card or column. From outside of the board it returns to its last
/// position.
pub(super) fn move_focus(actions: BoardActions, step: Step, target: KeyTarget) -> bool {
    let view = actions.view;
    let Some(task) = view.stop.get_untracked() else {
        return false;
    };
    if target == KeyTarget::Board && !focus_is_in_a_card() {
        view.focus(&task);
        return true;
    }
    if let Some(next) = next_card(actions, &task, step) {
        if let Some(card) = actions.card(&next) {
            view.tab.set(card.status);
        }
        view.focus(&next);
    }
    true
}

fn focus_is_in_a_card() -> bool {
    document()
        .active_element()
        .and_then(|active| active.dyn_into::<HtmlElement>().ok())
        .is_some_and(|active| matches!(active.closest("[data-task]"), Ok(Some(_))))
}

fn next_card(actions: BoardActions, task: &TaskId, step: Step) -> Option<TaskId> {
    let board = actions.board;
    let status = actions.card(task)?.status;
    let at = board
        .column(status)
        .with_untracked(|column| column.iter().position(|other| other == task))?;
    let in_column = |status: Status, at: usize| {
        board
            .column(status)
            .with_untracked(|column| column.get(at.min(column.len().checked_sub(1)?)).cloned())
    };
    match step {
        Step::Up => in_column(status, at.checked_sub(1)?),
        Step::Down => in_column(status, at + 1),
        Step::First => in_column(status, 0),
        Step::Last => in_column(status, usize::MAX),
        Step::Left | Step::Right => {
            // Empty columns are skipped.
            let mut beside = neighbour(status, step);
            while let Some(column) = beside {
                if let Some(card) = in_column(column, at) {
                    return Some(card);
                }
                beside = neighbour(column, step);
            }
            None
        }
    }
}
