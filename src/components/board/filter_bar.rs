//! Search and filter over the board.
//!
//! They are part of the address, so that a filtered board can be reloaded, shared and left with
//! "back".

mod fault;
mod query;

use leptos::html;
use leptos::portal::Portal;
use leptos::prelude::*;
use tasktree_protocol::Status;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use self::fault::fault_text;
pub use self::query::{read_filter, write_filter};
use crate::address::{Address, use_address};
use crate::components::shell::top_bar::BarSlot;
use crate::i18n::use_i18n;
use crate::state::{BoardState, Filter, Load, use_access, use_attention, use_board};
use crate::ui::keys::is_escape;
use crate::ui::{Icon, IconButton, IconName, KeyedList, ShowIf};

/// Id of the search field, for the keyboard shortcut.
const SEARCH_FIELD: &str = "board-search";

/// Id of the text about a search that is not understood.
const SEARCH_HINT: &str = "board-search-hint";

/// Value of the option for several columns. No column has that name.
const SEVERAL: &str = "several";

/// Focuses the search field. Returns false if there is none.
pub fn focus_search() -> bool {
    let field = document()
        .get_element_by_id(SEARCH_FIELD)
        .and_then(|field| field.dyn_into::<HtmlElement>().ok());
    field.is_some_and(|field| field.focus().is_ok())
}

/// Changes the filter of the board, and with it the address.
pub(super) fn filter_by(board: BoardState, address: Address, edit: impl Fn(&mut Filter)) {
    // A handler may be called when the board is gone.
    let Some(mut wanted) = board.filter().try_get_untracked() else {
        return;
    };
    edit(&mut wanted);
    let query = address
        .query
        .with_untracked(|query| write_filter(query, &wanted));
    board.set_filter(wanted);
    let path = address.path.get_untracked();
    // Letters typed into a search add no history entries.
    address.replace(&match query.as_str() {
        "" => path,
        query => format!("{path}?{query}"),
    });
}

/// [`FilterBar`], in the bar of the page.
#[component]
pub fn FilterBarIn(
    /// Slot in the bar.
    place: BarSlot,
) -> impl IntoView {
    move || {
        place.0.get().map(|mount| {
            view! { <Portal mount=web_sys::Element::from(mount)><FilterBar/></Portal> }
        })
    }
}

/// Fields that search and filter, and the number of matching tasks.
#[component]
pub fn FilterBar() -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let filter = board.filter();
    let address = use_address();
    let field = NodeRef::<html::Input>::new();

    // The address is authoritative: "back" and links change the filter.
    let (access, attention) = (use_access(), use_attention());
    Effect::new(move |_| {
        let person = access.session().and_then(|session| session.person);
        let wanted = Filter {
            me: person.map(|person| person.id),
            is_watched: attention.is_derived(),
            ..address.query.with(|query| read_filter(query))
        };
        board.set_filter(wanted);
    });
    let set = move |edit: &dyn Fn(&mut Filter)| filter_by(board, address, edit);

    let shown = move || {
        Status::ALL
            .iter()
            .map(|status| board.column(*status).with(Vec::len))
            .sum::<usize>()
    };
    let is_filtered = Memo::new(move |_| filter.with(|filter| !filter.is_empty()));
    let agents = Memo::new(move |_| board.agent_names());
    let several = Memo::new(move |_| {
        filter.with(|filter| {
            let names: Vec<&str> = filter.statuses.iter().map(|it| i18n.status(*it)).collect();
            (names.len() > 1).then(|| names.join(i18n.t(|s| s.common.list_comma)))
        })
    });
    // A search that is not understood shows everything, and must say why.
    let fault = Memo::new(move |_| filter.with(|filter| filter.query().err()));
    // A filter by an agent that is gone matches nothing, and must say why.
    let gone = Memo::new(move |_| {
        let agent = filter.with(|filter| filter.agent.clone())?;
        let is_known = agents.with(|agents| agents.contains(&agent));
        (!is_known && board.load().get() == Load::Ready).then_some(agent)
    });
    view! {
        <div class="filter-bar" role="search">
            <label class="filter-search">
                <Icon name=IconName::Search />
                <input
                    node_ref=field
                    id=SEARCH_FIELD
                    class="input"
                    type="search"
                    autocomplete="off"
                    dir="auto"
                    aria-label=move || i18n.t(|s| s.search.label)
                    placeholder=move || i18n.t(|s| s.search.label)
                    title=move || i18n.t(|s| s.search.hint)
                    aria-invalid=move || fault.with(Option::is_some).then_some("true")
                    aria-describedby=SEARCH_HINT
                    prop:value=move || filter.with(|filter| filter.text.clone())
                    on:input:target=move |event| {
                        let text = event.target().value();
                        set(&|filter| filter.text.clone_from(&text));
                    }
                    on:keydown=move |event| {
                        if is_escape(&event) {
                            event.stop_propagation();
                            set(&|filter| filter.text.clear());
                            if let Some(field) = field.get_untracked() {
                                let _ = field.blur();
                            }
                        }
                    }
                />
                <span id=SEARCH_HINT class="filter-hint" role="status">
                    {move || fault.get().map(|fault| {
                        i18n.t(|s| (s.search.unfiltered)(&fault_text(i18n, &fault)))
                    })}
                </span>
            </label>
            <select
                class="input filter-status"
                aria-label=move || i18n.t(|s| s.task.status)
                on:change:target=move |event| {
                    let value = event.target().value();
                    if value == SEVERAL {
                        return;
                    }
                    let status = Status::from_name(&value);
                    set(&|filter| filter.statuses = status.into_iter().collect());
                }
            >
                <option value="" prop:selected=move || filter.with(|filter| filter.statuses.is_empty())>
                    {move || i18n.t(|s| s.board.all_columns)}
                </option>
                {Status::ALL.map(|status| view! {
                    <option value=status.as_str() prop:selected=move || filter.with(|filter| filter.statuses == [status])>
                        {move || i18n.status(status)}
                    </option>
                })}
                // An address may name several columns, which no other option shows.
                {move || several.get().map(|names| view! { <option value=SEVERAL prop:selected=true>{names}</option> })}
            </select>
            <ShowIf when=move || agents.with(|agents| !agents.is_empty()) || filter.with(|filter| filter.agent.is_some())>
                <select
                    class="input filter-agent"
                    aria-label=move || i18n.t(|s| s.shell.agents)
                    on:change:target=move |event| {
                        let agent = Some(event.target().value()).filter(|agent| !agent.is_empty());
                        set(&|filter| filter.agent.clone_from(&agent));
                    }
                >
                    <option value="" prop:selected=move || filter.with(|filter| filter.agent.is_none())>
                        {move || i18n.t(|s| s.board.all_agents)}
                    </option>
                    <KeyedList each=move || agents.get() key=String::clone let(agent)>
                        {
                            let value = agent.clone();
                            view! {
                                <option
                                    value=value.clone()
                                    prop:selected=move || filter.with(|filter| filter.agent.as_ref() == Some(&value))
                                >
                                    {agent}
                                </option>
                            }
                        }
                    </KeyedList>
                    {move || gone.get().map(|agent| {
                        let said = i18n.t(|s| (s.board.no_such_agent)(&agent));
                        view! { <option value=agent prop:selected=true>{said}</option> }
                    })}
                </select>
            </ShowIf>
            <button
                type="button"
                class="filter-toggle"
                aria-label=move || i18n.t(|s| s.board.blocked_only)
                title=move || i18n.t(|s| s.board.blocked_only)
                aria-pressed=move || filter.with(|filter| filter.blocked).to_string()
                on:click=move |_| set(&|filter| filter.blocked = !filter.blocked)
            >
                <Icon name=IconName::Lock />
                <span class="filter-toggle-name">{move || i18n.t(|s| s.board.blocked_only)}</span>
            </button>
            <ShowIf when=move || is_filtered.get()>
                <span class="filter-count" role="status" title=move || i18n.t(|s| s.board.shown_hint)>
                    {move || i18n.t(|s| (s.board.shown)(&i18n.number(shown() as u64), &i18n.number(board.total().get() as u64)))}
                </span>
                <IconButton
                    icon=Signal::stored(IconName::Close)
                    label=move || i18n.t(|s| s.board.clear_filter)
                    on_click=move |_| {
                        set(&|filter| *filter = Filter::default());
                        // The focused button disappears.
                        focus_search();
                    }
                />
            </ShowIf>
        </div>
    }
}
