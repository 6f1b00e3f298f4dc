//! The keyboard on the board: keys become focus, moves and drawers.

mod carry;
mod focus;
mod undo;

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::Status;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use self::carry::carry;
pub(super) use self::carry::say_put_back;
pub(super) use self::focus::keep_one_tab_stop;
use self::focus::move_focus;

use crate::browser::{NextFrame, listen_on_window};
use crate::components::board::actions::BoardActions;
use crate::components::board::drag::BoardDrag;
use crate::components::board::filter_bar::focus_search;
use crate::components::board::keys::{Action, Press, action, neighbour};
use crate::components::board::view::{Hand, Held, card_element};
use crate::components::common::number_sign::number_sign;
use crate::ui::boxed_effect;
use crate::ui::keys::{command_key, is_plain};
use crate::ui::preference::{LetterKeys, use_preference};

/// Listens to the page's keys and to focus changes while the board is shown.
pub(super) fn listen(actions: BoardActions, root: NodeRef<html::Div>, drag: BoardDrag) {
    let letters = use_preference::<LetterKeys>();
    listen_on_window(leptos::ev::keydown, move |event| {
        if undo::is_asked_for(&event) && actions.undo_newest() {
            event.prevent_default();
            return;
        }
        let Some(target) = key_target(&event, root) else {
            return;
        };
        let Some(key) = command_key(&event) else {
            return;
        };
        let press = Press {
            key: &key,
            shift: event.shift_key(),
            command: !is_plain(&event),
            holding: actions.view.held.with_untracked(Option::is_some),
            no_letters: letters.get_untracked() == LetterKeys::Off,
        };
        if let Some(action) = action(press)
            && perform(actions, drag, action, target)
        {
            event.prevent_default();
        }
    });
    // After a press or a focus elsewhere, which are a person's choice, the board no longer claims
    // the focus.
    listen_on_window(leptos::ev::pointerdown, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.closest(".task-card").ok().flatten().is_none()) {
            actions.view.focus_seen(None);
        }
    });
    listen_on_window(leptos::ev::focusin, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        actions.view.focus_seen(target.as_ref());
    });
    // A card that changes its column or its order among its neighbors is created or placed again,
    // which loses the focus.
    let frame = NextFrame::new();
    boxed_effect(move || {
        for status in Status::ALL {
            actions.board.column(status).track();
        }
        frame.run(move || actions.view.restore_focus(false));
    });
}

/// Part of the page in which a key was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyTarget {
    /// On a card itself.
    Card,
    /// On a button of the board, or nowhere in particular.
    Board,
}

/// Returns the target of a key press that is for the board. Keys in a field, a dialog, a menu or
/// another part of the page are not.
fn key_target(event: &KeyboardEvent, root: NodeRef<html::Div>) -> Option<KeyTarget> {
    if event.default_prevented() {
        return None;
    }
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let in_field = target
        .closest("input, textarea, select, [contenteditable], dialog, [popover]")
        .ok()?
        .is_some();
    if in_field
        || document()
            .query_selector("dialog[open], .menu:popover-open")
            .ok()?
            .is_some()
    {
        return None;
    }
    let in_board = root
        .get_untracked()
        .is_some_and(|root| root.contains(Some(&target)));
    match (
        target.has_attribute("data-task"),
        in_board,
        target.tag_name().as_str(),
    ) {
        (true, true, _) => Some(KeyTarget::Card),
        (false, true, _) | (_, false, "BODY" | "HTML") => Some(KeyTarget::Board),
        _ => None,
    }
}

/// Executes the action of a key. Returns true if it had an effect.
fn perform(actions: BoardActions, drag: BoardDrag, action: Action, target: KeyTarget) -> bool {
    let view = actions.view;
    let held = view.held.get_untracked();
    if let Some(held) = held {
        return match (held.hand, action) {
            (Hand::Pointer, Action::Return) => {
                drag.cancel();
                say_put_back(actions, &held);
                true
            }
            (Hand::Pointer, _) => false,
            (Hand::Keyboard, action) => carry(actions, held, action),
        };
    }
    match action {
        Action::Add => {
            if actions.allows("change") {
                view.new_task.is_open.set(true);
                view.tab.set(Status::Unclaimed);
            }
            return true;
        }
        Action::Search => return focus_search(),
        Action::Focus(step) => return move_focus(actions, step, target),
        _ => {}
    }
    // The other actions concern the focused card: Enter on one of its buttons is for the button.
    let Some(task) = view
        .focused
        .get_untracked()
        .filter(|_| target == KeyTarget::Card)
    else {
        return false;
    };
    let Some(card) = actions.card(&task) else {
        return false;
    };
    // All actions except opening change the task.
    if action != Action::Open && !actions.allows("change") {
        return true;
    }
    match action {
        Action::Open => actions.open(&task),
        Action::Menu => {
            if let Some(element) = card_element(&task) {
                actions.open_move_menu(&task, &element);
            }
        }
        Action::Reply => return actions.reply(&task) || actions.retry_failed(&task),
        Action::Reassign => {
            let element = card_element(&task);
            return element.is_some_and(|element| actions.reassign_failed(&task, &element));
        }
        Action::PickUp => {
            let Some(pick) = actions.pick_up(&task) else {
                return false;
            };
            view.held.set(Some(Held::new(pick, Hand::Keyboard)));
            actions.say(|i18n| i18n.t(|s| (s.board.picked_up)(&number_sign(card.number))));
        }
        Action::Shift(side) => {
            if let Some(to) = neighbour(card.status, side) {
                actions.move_task(&task, to);
            }
        }
        _ => return false,
    }
    true
}
