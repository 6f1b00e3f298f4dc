//! The keyboard on the board: keys become focus, moves and drawers.

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::{Status, TaskId};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::components::board_actions::{BoardActions, number_sign};
use crate::components::board_drag::BoardDrag;
use crate::components::board_keys::{Action, Press, Step, action, neighbour};
use crate::components::board_view::{Hand, Held, card_element};
use crate::components::filter_bar::focus_search;
use crate::ui::preference::{LetterKeys, use_preference};

/// Listens to the keys of the page while the board is shown, and to where the focus goes.
pub(super) fn listen(actions: BoardActions, root: NodeRef<html::Div>, drag: BoardDrag) {
    let letters = use_preference::<LetterKeys>();
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let Some(place) = place_of(&event, root) else {
            return;
        };
        let press = Press {
            key: &event.key(),
            alt: event.alt_key(),
            command: event.ctrl_key() || event.meta_key() || event.get_modifier_state("AltGraph"),
            // 229 is what some browsers report while an input method is at work.
            composing: event.is_composing() || event.key_code() == 229,
            holding: actions.view.held.with_untracked(Option::is_some),
            no_letters: letters.get_untracked() == LetterKeys::Off,
        };
        if let Some(action) = action(press)
            && perform(actions, drag, action, place)
        {
            event.prevent_default();
        }
    });
    // A press or a focus elsewhere is a person's: from then on the board has no claim to the focus.
    let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.closest(".task-card").ok().flatten().is_none()) {
            actions.view.focus_seen(None);
        }
    });
    let elsewhere = window_event_listener(leptos::ev::focusin, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        actions.view.focus_seen(target.as_ref());
    });
    on_cleanup(move || {
        keys.remove();
        outside.remove();
        elsewhere.remove();
    });
    // A card that changes its column or its place among its neighbours is made or placed anew, which takes the focus away.
    Effect::new(move |_| {
        for status in Status::ALL {
            actions.board.column(status).track();
        }
        request_animation_frame(move || actions.view.restore_focus(false));
    });
}

/// Keeps exactly one card reachable with Tab, and the focused card's successor focused where it left the board.
pub(super) fn keep_one_tab_stop(actions: BoardActions) {
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
            // It was removed or filtered away: the card that took its place follows it.
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
            request_animation_frame(move || view.restore_focus(false));
        }
        place
    });
}

/// Where a key was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// On a card itself.
    Card,
    /// On a button of the board, or nowhere in particular.
    Board,
}

/// Where the key was pressed, if it is the board's: not in a field, a dialog, a menu or another part of the page.
fn place_of(event: &KeyboardEvent, root: NodeRef<html::Div>) -> Option<Place> {
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
        (true, true, _) => Some(Place::Card),
        (false, true, _) | (_, false, "BODY" | "HTML") => Some(Place::Board),
        _ => None,
    }
}

/// Does what a key asks for; says whether it was anything.
fn perform(actions: BoardActions, drag: BoardDrag, action: Action, place: Place) -> bool {
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
                view.adding.set(true);
                view.tab.set(Status::Unclaimed);
            }
            return true;
        }
        Action::Search => return focus_search(),
        Action::Focus(step) => return move_focus(actions, step, place),
        _ => {}
    }
    // The rest is about the card with the focus: Enter on one of its buttons is the button's.
    let Some(task) = view
        .focused
        .get_untracked()
        .filter(|_| place == Place::Card)
    else {
        return false;
    };
    let Some(card) = actions.card(&task) else {
        return false;
    };
    // All of it but opening changes the task.
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
        Action::PickUp => {
            view.held.set(Some(Held {
                task,
                from: card.status,
                over: Some(card.status),
                hand: Hand::Keyboard,
            }));
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

/// A key while the keyboard holds a card.
fn carry(actions: BoardActions, held: Held, action: Action) -> bool {
    let view = actions.view;
    match action {
        Action::Carry(side) => {
            let Some(over) = neighbour(held.over.unwrap_or(held.from), side) else {
                return true;
            };
            view.held.set(Some(Held {
                over: Some(over),
                ..held
            }));
            view.tab.set(over);
            let at = Status::ALL
                .iter()
                .position(|status| *status == over)
                .unwrap_or_default()
                + 1;
            actions.say(|i18n| {
                let place = i18n.t(|s| {
                    (s.board.place)(
                        &i18n.number(at as u64),
                        &i18n.number(Status::ALL.len() as u64),
                    )
                });
                i18n.status(over).to_owned() + &place
            });
        }
        Action::Drop => {
            view.held.set(None);
            match held.over.filter(|over| *over != held.from) {
                Some(over) => actions.move_task(&held.task, over),
                None => say_put_back(actions, &held),
            }
        }
        Action::Return => {
            view.held.set(None);
            view.tab.set(held.from);
            say_put_back(actions, &held);
        }
        _ => return false,
    }
    true
}

fn say_put_back(actions: BoardActions, held: &Held) {
    if let Some(card) = actions.card(&held.task) {
        actions.say(|i18n| {
            i18n.t(|s| (s.board.put_back)(&number_sign(card.number), i18n.status(held.from)))
        });
    }
}

/// Moves the focus by one card or column. From outside of the board it goes to where it last was.
fn move_focus(actions: BoardActions, step: Step, place: Place) -> bool {
    let view = actions.view;
    let Some(task) = view.stop.get_untracked() else {
        return false;
    };
    if place == Place::Board && !focus_is_in_a_card() {
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
            // Empty columns are passed over.
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
