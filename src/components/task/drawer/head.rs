//! The head of the drawer: number, status, and the actions on the task as a whole.

use leptos::prelude::*;
use tasktree_protocol::Status;

use crate::components::common::allowed::Allowed;
use crate::components::common::number_sign::number_sign;
use crate::components::task::fields::Editable;
use crate::components::task::open_task::{OpenTask, Opened};
use crate::i18n::use_i18n;
use crate::ui::{Button, CopyButton, IconButton, IconName, ShowIf};

/// Number, status, copy link, delete, close.
#[component]
pub fn Head(
    /// Task to show.
    open: OpenTask,
    /// Callback that closes the drawer.
    close: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = open.actions;
    let card = Memo::new(move |_| open.card());
    let status = move || card.with(|card| card.as_ref().map(|card| card.status));
    let link = move || {
        let address = card.with(|card| card.as_ref().map(|card| actions.task_address(card.number)));
        window().location().origin().unwrap_or_default() + &address.unwrap_or_default()
    };
    let remove = move |_| {
        actions.delete(&open.id());
        close.run(());
    };
    view! {
        <header class="task-drawer-head">
            <ShowIf when=move || card.with(Option::is_some)>
                <span class="task-drawer-number">{move || card.with(|card| card.as_ref().map(|card| number_sign(card.number)))}</span>
                <Editable text=move || status().map(|status| i18n.status(status)).unwrap_or_default()>
                    <select
                        class="input status-select"
                        data-status=move || status().map(Status::as_str)
                        aria-label=move || i18n.t(|s| s.task.status)
                        prop:value=move || status().map(Status::as_str)
                        on:change:target=move |event| {
                            if let Some(to) = Status::from_name(&event.target().value()) {
                                actions.move_task(&open.id(), to);
                            }
                            // A refusal must show the old status, which never changed for the
                            // signal.
                            if let Some(status) = untrack(status) {
                                event.target().set_value(status.as_str());
                            }
                        }
                    >
                        {Status::ALL.map(|choice| view! {
                            <option value=choice.as_str() selected=move || status() == Some(choice)>
                                {move || i18n.status(choice)}
                            </option>
                        })}
                    </select>
                </Editable>
            </ShowIf>
            <span class="spacer"></span>
            <ShowIf when=move || card.with(Option::is_some) && open.state() == Opened::Ready>
                <ShowIf when=move || status() == Some(Status::Completed) && actions.offers_merge()>
                    <Button
                        icon=IconName::Merge
                        label=move || i18n.t(|s| s.merge.open)
                        on_click=move |_| actions.view.merging.set(Some(open.id()))
                    />
                </ShowIf>
                <CopyButton
                    text=link
                    label=move || i18n.t(|s| s.task.copy_link)
                    copied_label=move || i18n.t(|s| s.common.copied)
                    failed_label=move || i18n.t(|s| s.common.copy_failed)
                />
                <Allowed permission="destroy">
                    <IconButton
                        icon=Signal::stored(IconName::Delete)
                        label=move || i18n.t(|s| s.common.delete)
                        on_click=remove
                    />
                </Allowed>
            </ShowIf>
            <IconButton
                icon=Signal::stored(IconName::Close)
                label=move || i18n.t(|s| s.common.close)
                on_click=move |_| close.run(())
            />
        </header>
    }
}
