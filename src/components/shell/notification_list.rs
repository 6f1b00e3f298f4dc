//! The bell, and the list of notifications.

use leptos::prelude::*;

use crate::address::{View, path_to, task_number};
use crate::components::common::toast_level::toast_level;
use crate::i18n::{unix_millis, use_i18n};
use crate::state::{NotificationItem, use_notifications};
use crate::ui::{Button, ButtonLook, Icon, IconName, KeyedList, Popover};

/// Bell with the number of new notifications; it opens the list of all that are kept.
#[component]
pub fn NotificationList() -> impl IntoView {
    let i18n = use_i18n();
    let notifications = use_notifications();
    let open = RwSignal::new(false);
    // A notification that arrives while the list is open is read at once.
    Effect::new(move |_| {
        if open.get() && notifications.unread.get() > 0 {
            notifications.mark_read();
        }
    });
    let label = move || match notifications.unread.get() {
        0 => i18n.t(|s| s.shell.notifications).to_owned(),
        unread => i18n.count(|s| s.shell.unread_notifications, unread as u64),
    };
    let bell = move || {
        view! {
            <Icon name=IconName::Bell/>
            {move || {
                let unread = notifications.unread.get();
                (unread > 0).then(|| view! { <span class="bell-count">{unread.min(99)}</span> })
            }}
        }
    };
    view! {
        <Popover class="icon-button bell" name=label names_button=true trigger=bell panel_class="notification-panel" open>
            <NotificationPanel/>
        </Popover>
    }
}

/// List of the notifications that are kept.
#[component]
fn NotificationPanel() -> impl IntoView {
    let i18n = use_i18n();
    let notifications = use_notifications();
    let is_empty = move || notifications.items.with(|items| items.is_empty());
    view! {
        <header class="panel-head">
            <h2>{move || i18n.t(|s| s.shell.notifications)}</h2>
            <Button
                look=ButtonLook::Quiet
                label=move || i18n.t(|s| s.common.clear)
                disabled=Signal::derive(is_empty)
                on_click=move |_| notifications.clear()
            />
        </header>
        <ul class="notifications">
            <KeyedList each=move || notifications.items.get() key=|item| item.index let:item>
                <Notification item/>
            </KeyedList>
        </ul>
        {move || is_empty().then(|| view! {
            <p class="panel-empty">{i18n.t(|s| s.shell.no_notifications)}</p>
        })}
    }
}

#[component]
fn Notification(item: NotificationItem) -> impl IntoView {
    let i18n = use_i18n();
    let NotificationItem {
        at,
        project,
        content,
        ..
    } = item;
    let href = project
        .as_ref()
        .zip(content.task_id.as_ref().and_then(task_number))
        .map(|(project, number)| path_to(project, View::Board { task: Some(number) }));
    view! {
        <li class="notification" data-level=toast_level(content.level).as_str()>
            <p class="notification-title" dir="auto">{content.title}</p>
            {content.message.map(|more| view! { <p dir="auto">{more}</p> })}
            <p class="notification-foot">
                <time class="muted" title=move || i18n.date_time(at)>{move || i18n.time(unix_millis(at))}</time>
                {project.map(|project| view! { <span class="muted clipped">{project.to_string()}</span> })}
                {href.map(|href| view! { <a href=href>{move || i18n.t(|s| s.common.open)}</a> })}
            </p>
        </li>
    }
}
