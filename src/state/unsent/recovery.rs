//! Recovery of changes from closed pages: they join the waiting changes of this page, and are sent
//! in their turn.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::Command;
use tasktree_protocol::unsent::{Begun, Entry, Learned};

use super::beyond::Beyond;
use super::{Kept, Ticket, Unsent};
use crate::browser::clock::server_span;
use crate::net::ConnectionState;
use crate::state::send::{PAUSE_MS, is_legacy, send_once};

/// Starts to keep the changes of this page, and to adopt those of others.
pub(super) fn begin(unsent: Unsent) {
    let came = ArcRwSignal::new(0_u32);
    let kept = Kept::open(unsent.told, unsent.access, {
        let came = came.clone();
        move || came.update(|count| *count += 1)
    });
    // Those that were requested before are kept too, unless they are being sent already.
    for change in unsent.list.get_untracked() {
        let caller = unsent.caller().filter(|_| !change.is_under_way);
        kept.keep(&change.id, Command::clone(&change.command), caller);
    }
    let beyond: Rc<dyn Beyond> = kept.clone();
    unsent.kept.set_value(Some(beyond));
    let under_way: Rc<RefCell<HashSet<String>>> = Rc::default();
    let socket = unsent.socket;
    let is_legacy =
        Memo::new(move |_| socket.state.with(|state| *state == ConnectionState::Legacy));
    Effect::new(move |_| {
        came.track();
        let caller = unsent.access.caller();
        kept.tell();
        if let Some(queue) = untrack(|| unsent.queue()) {
            // What another page has taken over waits here no longer.
            queue.remove(|change| !kept.has(&change.id));
        }
        // An older server takes no condition that names the project's epoch.
        let Some(caller) = caller.filter(|_| !is_legacy.get()) else {
            return;
        };
        for entry in kept.adopted(&caller) {
            if under_way.borrow().contains(&entry.intent) {
                continue;
            }
            let queue = untrack(|| unsent.queue());
            let ticket = queue.and_then(|it| it.add(&entry.intent, entry.command.clone()));
            let Some(ticket) = ticket else { return };
            under_way.borrow_mut().insert(entry.intent.clone());
            let under_way = Rc::clone(&under_way);
            let kept = Rc::clone(&kept);
            spawn_local(async move {
                pursue(unsent, &kept, ticket, &entry).await;
                under_way.borrow_mut().remove(&entry.intent);
            });
        }
    });
}

/// Sends a change until it is made, once, or reported.
async fn pursue(unsent: Unsent, kept: &Kept, ticket: Ticket, entry: &Entry) {
    let intent = entry.intent.as_str();
    loop {
        let has_turn = unsent.turn(&ticket).await;
        if !has_turn {
            // Discarded by its author, or the page is gone, which changes nothing.
            return kept.change(|keeper| keeper.remove(intent));
        }
        let Some(caller) = unsent.caller() else {
            return;
        };
        if is_legacy(unsent.socket) {
            return;
        }
        let begun = kept.change(|keeper| Some(keeper.begin(intent, server_span(), &caller)));
        let Some(Begun::Send(id, command)) = begun else {
            return;
        };
        let answer = send_once(unsent.socket, &id, &command).await;
        let answer = answer.map(|row| row.map(|row| row.rev));
        match kept.change(|keeper| Some(keeper.learn(intent, answer))) {
            Some(Learned::Again) => TimeoutFuture::new(PAUSE_MS).await,
            Some(Learned::Leave) => return unsent.access.ask(unsent.socket),
            Some(Learned::Done | Learned::Report) | None => return,
        }
    }
}
