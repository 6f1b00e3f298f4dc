//! The inbox: a list of what needs attention in all projects, and one item in detail beside it.

pub mod detail;
pub mod keys;
pub mod list;
pub mod marks;
pub mod row;
pub mod view;

use leptos::prelude::*;

use crate::components::common::not_loaded::NotLoaded;
use crate::i18n::{I18n, use_i18n};
use crate::state::{Load, use_attention};
use crate::ui::{Button, ButtonLook, Icon, IconName, ShowIf, Skeleton};
use detail::Detail;
use list::List;
use view::{Tab, provide_inbox};

/// List of attention items, and the chosen one. A narrow window shows one of them.
#[component]
pub fn Inbox() -> impl IntoView {
    let i18n = use_i18n();
    let attention = use_attention();
    let inbox = provide_inbox();
    keys::listen(inbox);
    let content = move || {
        match attention.load().get() {
        Load::Loading => view! { <div class="inbox-empty" aria-busy="true"><Skeleton lines=8/></div> }.into_any(),
        Load::Failed(error) => view! {
            <NotLoaded what=i18n.t(|s| s.attention.the_items) error on_retry=move |()| attention.retry()/>
        }
        .into_any(),
        Load::Ready => view! { <List inbox/> }.into_any(),
    }
    };
    view! {
        <div class="inbox" data-pane=move || if inbox.is_reading.get() { "detail" } else { "list" }>
            <section class="inbox-side" aria-labelledby="inbox-title">
                <header class="inbox-head">
                    <h1 id="inbox-title">{move || i18n.t(|s| s.attention.inbox)}</h1>
                    <div class="inbox-tabs" role="group" aria-label=move || i18n.t(|s| s.attention.inbox)>
                        {Tab::ALL.map(|tab| view! {
                            <button
                                type="button"
                                class="inbox-tab"
                                aria-pressed=move || (inbox.tab.get() == tab).to_string()
                                on:click=move |_| inbox.show(tab)
                            >
                                {move || tab_name(i18n, tab)}
                                <span class="muted">{move || i18n.number(inbox.count(tab))}</span>
                            </button>
                        })}
                    </div>
                </header>
                <ShowIf when=move || attention.is_outdated().get()>
                    <div class="board-notice" data-level="warning" role="alert">
                        <Icon name=IconName::Warning/>
                        <p>{move || i18n.t(|s| s.attention.outdated)}</p>
                        <Button
                            look=ButtonLook::Quiet
                            icon=IconName::Retry
                            label=move || i18n.t(|s| s.common.retry)
                            on_click=move |_| attention.retry()
                        />
                    </div>
                </ShowIf>
                <div class="inbox-list">{content}</div>
            </section>
            <Detail inbox/>
        </div>
    }
}

fn tab_name(i18n: I18n, tab: Tab) -> &'static str {
    match tab {
        Tab::Open => i18n.t(|s| s.attention.open),
        Tab::Snoozed => i18n.t(|s| s.attention.snoozed),
        Tab::Done => i18n.t(|s| s.attention.done),
    }
}
