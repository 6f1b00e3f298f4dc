//! A column of the board: its head, and the cards of one status.

use leptos::prelude::*;
use tasktree_protocol::Status;

use super::add_task::AddTask;
use super::card::TaskCard;
use super::view::use_board_view;
use crate::components::common::allowed::Allowed;
use crate::components::common::status_icon::status_icon;
use crate::i18n::use_i18n;
use crate::state::use_board;
use crate::ui::virtual_list::VirtualList;
use crate::ui::{Icon, IconButton, IconName, ShowIf, live};

/// Tasks of one status, in the order in which they should be taken.
#[component]
pub fn Column(
    /// Status of the column.
    status: Status,
) -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let view = use_board_view();
    let tasks = board.column(status);
    let shown = Memo::new(move |_| tasks.with(Vec::len));
    let label = Signal::derive(move || {
        let count = i18n.count(|s| s.board.tasks, shown.get() as u64);
        i18n.t(|s| (s.board.column_label)(i18n.status(status), &count))
    });
    let kept = Signal::derive(move || {
        let held = view
            .held
            .with(|held| held.as_ref().map(|held| held.pick.task.clone()));
        view.focused
            .get()
            .into_iter()
            .chain(held)
            .collect::<Vec<_>>()
    });
    let is_over = Memo::new(move |_| {
        view.held
            .with(|held| held.as_ref().is_some_and(|held| held.over == Some(status)))
    });
    let adds = status == Status::Unclaimed;
    view! {
        <section
            class="column"
            data-status=status.as_str()
            data-drop=status.as_str()
            data-over=live(move || is_over.get().then_some("true"))
            data-tab=live(move || (view.tab.get() == status).then_some("true"))
            aria-label=label
        >
            <header class="column-head">
                <span class="status-icon" data-status=status.as_str()><Icon name=status_icon(status) /></span>
                <h2 class="column-name">{live(move || i18n.status(status))}</h2>
                <span class="column-count" aria-hidden="true">{live(move || i18n.number(shown.get() as u64))}</span>
                {adds.then(|| view! {
                    <Allowed permission="change">
                        <IconButton
                            icon=Signal::stored(IconName::Add)
                            label=move || i18n.t(|s| s.board.add_task)
                            on_click=move |_| view.new_task.is_open.update(|adding| *adding = !*adding)
                        />
                    </Allowed>
                })}
            </header>
            {adds.then(|| view! {
                <Allowed permission="change"><ShowIf when=move || view.new_task.is_open.get()><AddTask/></ShowIf></Allowed>
            })}
            <div class="column-body">
                <VirtualList items=tasks kept label row=|task| view! { <TaskCard task /> } />
                <ShowIf when=move || shown.get() == 0>
                    <p class="column-empty">{live(move || i18n.t(|s| s.board.empty_column))}</p>
                </ShowIf>
            </div>
        </section>
    }
}
