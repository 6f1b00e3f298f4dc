//! Notices of the page: the server's notifications, resets of all tasks, the loss and return of
//! live data, and what newly needs attention.

use leptos::prelude::*;
use tasktree_protocol::{Event, Message};

use super::attention_notices::show_attention;
use crate::address::{View, path_to, task_number, use_address, use_route};
use crate::components::common::actor::actor_name;
use crate::components::common::toast_level::toast_level;
use crate::components::project::reset_undo::use_reset_undo;
use crate::i18n::use_i18n;
use crate::net::use_websocket;
use crate::state::use_freshness;
use crate::ui::{Handler, Level, Toast, announce, use_toasts};

/// Toasts about the server's notifications and resets of all tasks, and announcements of the loss
/// and return of live data and of what newly needs attention.
#[component]
pub fn Notices() -> impl IntoView {
    show_notifications();
    show_resets();
    announce_freshness();
    show_attention();
}

/// Shows every `notification` of the open project, or of no project, as a toast.
fn show_notifications() {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let place = use_route();
    let address = use_address();
    let show = move |message: &Message| {
        let Event::Notification(notification) = &message.event else {
            return;
        };
        // An older server sends the notifications of every project to everyone.
        let open = place.with_untracked(|place| place.project().cloned());
        if message.project_id.is_some() && message.project_id != open {
            return;
        }
        let text = match &notification.message {
            Some(more) => format!("{} — {more}", notification.title),
            None => notification.title.clone(),
        };
        let number = notification.task_id.as_ref().and_then(task_number);
        let mut toast = Toast::new(toast_level(notification.level), text);
        if let (Some(number), Some(project)) = (number, open) {
            let path = path_to(&project, View::Board { task: Some(number) });
            let open_task = Handler::new(move || address.go(&path));
            toast = toast.with_action(untrack(|| i18n.t(|s| s.common.open)), open_task);
        }
        toasts.push(toast);
    };
    use_websocket().on_message(show).forget();
}

/// Shows every reset of the open project's tasks in a toast, with an undo for those who may use it.
fn show_resets() {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let place = use_route();
    let reset_undo = use_reset_undo();
    let show = move |message: &Message| {
        let Event::TasksReset(reset) = &message.event else {
            return;
        };
        // Without an undo nothing was reset, or the server is an older one.
        let (Some(project), Some(undo)) = (message.project_id.clone(), reset.undo.clone()) else {
            return;
        };
        if place.with_untracked(|place| place.project() != Some(&project)) {
            return;
        }
        let toast = untrack(|| {
            let tasks = i18n.count(|s| s.board.tasks, reset.reset_count);
            let actor = actor_name(i18n, message.actor.as_deref().unwrap_or_default());
            let toast = Toast::new(
                Level::Info,
                i18n.t(|s| s.shell.tasks_were_reset)(&tasks, &actor),
            );
            if !reset_undo.is_offered(&undo) {
                return toast;
            }
            let run = Handler::new(move || reset_undo.run(project.clone(), undo.clone()));
            toast.with_action(i18n.t(|s| s.common.undo), run)
        });
        toasts.push(toast);
    };
    use_websocket().on_message(show).forget();
}

/// Announces once when the board stops being live, and once when it is live again.
fn announce_freshness() {
    let i18n = use_i18n();
    let details = use_websocket().details;
    let is_stale = use_freshness().is_stale();
    Effect::new(move |was_stale: Option<bool>| {
        let is_stale = is_stale.get();
        match (was_stale, is_stale) {
            (Some(false) | None, true) => {
                let since = details
                    .with_untracked(|details| details.last_live_ms.unwrap_or(details.since_ms));
                let time = untrack(|| i18n.time(since));
                announce(&untrack(|| {
                    i18n.t(|s| (s.connection.announce_stale)(&time))
                }));
            }
            (Some(true), false) => announce(untrack(|| i18n.t(|s| s.connection.announce_live))),
            _ => {}
        }
        is_stale
    });
}
