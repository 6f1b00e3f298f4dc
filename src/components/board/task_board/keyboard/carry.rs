//! A card held by the keyboard: carried from column to column, dropped, put back.

use leptos::prelude::*;
use tasktree_protocol::Status;

use crate::components::board::actions::BoardActions;
use crate::components::board::keys::{Action, neighbour};
use crate::components::board::view::Held;
use crate::components::common::number_sign::number_sign;

/// Handles a key while the keyboard holds a card.
pub(super) fn carry(actions: BoardActions, held: Held, action: Action) -> bool {
    let view = actions.view;
    match action {
        Action::Carry(side) => {
            let Some(over) = neighbour(held.over.unwrap_or(held.from()), side) else {
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
            match held.over.filter(|over| *over != held.from()) {
                Some(over) => actions.put_down(&held.pick, over),
                None => say_put_back(actions, &held),
            }
        }
        Action::Return => {
            view.held.set(None);
            view.tab.set(held.from());
            say_put_back(actions, &held);
        }
        _ => return false,
    }
    true
}

/// Announces that the card is back in its column.
pub(in crate::components::board::task_board) fn say_put_back(actions: BoardActions, held: &Held) {
    if let Some(card) = actions.card(&held.pick.task) {
        actions.say(|i18n| {
            i18n.t(|s| (s.board.put_back)(&number_sign(card.number), i18n.status(card.status)))
        });
    }
}
