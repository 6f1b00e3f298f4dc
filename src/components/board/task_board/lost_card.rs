//! The end of a drag, a carry, a menu or a question whose card is removed or filtered away.

use leptos::prelude::*;
use tasktree_protocol::{Status, TaskId};

use super::keyboard::say_put_back;
use crate::components::board::actions::BoardActions;
use crate::components::board::drag::BoardDrag;
use crate::components::board::view::{Hand, Held, Taking};
use crate::components::common::number_sign::number_sign;
use crate::state::{BoardState, Load, Overtaken};
use crate::ui::{Level, Toast, boxed_effect};

/// Ends a drag, a carry and a card's menu when the board no longer shows the card or the role may
/// not move it. The focus goes to the card that took its position.
pub(super) fn end_with_their_card(actions: BoardActions, drag: BoardDrag) {
    let BoardActions { board, view, .. } = actions;
    let held = Memo::new(move |_| {
        view.held
            .with(|held| held.as_ref().map(|held| held.pick.task.clone()))
    });
    boxed_effect(move || {
        let Some(task) = held.get() else { return };
        if shows(board, &task) && actions.access.may("change") {
            return;
        }
        if let Some(held) = view.held.get_untracked() {
            untrack(|| put_back(actions, drag, &held));
        }
    });
    Effect::new(move |was_open: Option<bool>| {
        let about = actions.menu.about().map(TaskId::from);
        let is_lost = about.as_ref().is_some_and(|task| !shows(board, task));
        if is_lost {
            untrack(|| actions.menu.close());
        }
        // The card may have been created again elsewhere: then the element to which the menu
        // returned the focus is gone.
        if is_lost || (about.is_none() && was_open == Some(true)) {
            view.reclaim_focus();
        }
        about.is_some() && !is_lost
    });
    end_question(actions);
}

/// Ends the question whether to take a task when the task is gone.
fn end_question(actions: BoardActions) {
    let view = actions.view;
    boxed_effect(move || {
        let about = view
            .asking
            .with(|asking| asking.as_ref().map(|it| it.task.clone()));
        let Some(task) = about else { return };
        actions.board.track_tasks();
        if actions.card(&task).is_none() {
            untrack(|| view.settle_taking(Taking::Gone));
            view.reclaim_focus();
        }
    });
}

/// Returns true while the board, with its present filter, shows a card. Tracked.
fn shows(board: BoardState, task: &TaskId) -> bool {
    board.load().with(Load::is_ready)
        && Status::ALL
            .into_iter()
            .any(|status| board.column(status).with(|column| column.contains(task)))
}

/// Drops a held card that can no longer be put down, and reports why.
fn put_back(actions: BoardActions, drag: BoardDrag, held: &Held) {
    match held.hand {
        Hand::Pointer => drag.cancel(),
        Hand::Keyboard => actions.view.held.set(None),
    }
    actions.view.reclaim_focus();
    let pick = &held.pick;
    if actions.card(&pick.task).is_none() {
        actions.say_overtaken(pick, Overtaken::Gone, |s| s.board.not_moved);
    } else if shows(actions.board, &pick.task) || !actions.board.load().with(Load::is_ready) {
        say_put_back(actions, held);
    } else {
        let text = actions
            .i18n
            .t(|s| (s.board.hidden)(&number_sign(pick.number)));
        actions
            .toasts
            .push(Toast::new(Level::Warning, text.clone()).announced());
        actions.say(|_| text);
    }
}
