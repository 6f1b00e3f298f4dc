//! Search and filter over the board.
//!
//! They are part of the address, so that a filtered board can be reloaded, shared and left with
//! "back".

use leptos::html;
use leptos::portal::Portal;
use leptos::prelude::*;
use tasktree_protocol::Status;
use tasktree_protocol::query::{Fault, KEYS, State};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, UrlSearchParams};

use crate::address::use_address;
use crate::components::shell::top_bar::BarSlot;
use crate::i18n::{I18n, use_i18n};
use crate::state::{Filter, Load, QueryFault, use_access, use_board};
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

/// Parses the filter from the query of an address. Unknown names and values are ignored.
pub fn read_filter(query: &str) -> Filter {
    let query = UrlSearchParams::new_with_str(query).ok();
    let get = |name| query.as_ref().and_then(|query| query.get(name));
    Filter {
        text: get("q").unwrap_or_default(),
        statuses: get("status")
            .unwrap_or_default()
            .split(',')
            .filter_map(Status::from_name)
            .collect(),
        blocked: get("blocked").is_some_and(|value| value == "1"),
        agent: get("agent").filter(|agent| !agent.is_empty()),
        me: None,
    }
}

/// Returns the query with its filter replaced; default values are left out.
pub fn write_filter(query: &str, filter: &Filter) -> String {
    let Ok(query) = UrlSearchParams::new_with_str(query) else {
        return String::new();
    };
    let statuses: Vec<&str> = filter
        .statuses
        .iter()
        .map(|status| status.as_str())
        .collect();
    let values = [
        (
            "q",
            Some(filter.text.clone()).filter(|text| !text.trim().is_empty()),
        ),
        (
            "status",
            Some(statuses.join(",")).filter(|names| !names.is_empty()),
        ),
        ("blocked", filter.blocked.then(|| "1".to_owned())),
        ("agent", filter.agent.clone()),
    ];
    for (name, value) in values {
        match value {
            Some(value) => query.set(name, &value),
            None => query.delete(name),
        }
    }
    query.to_string().into()
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
    let access = use_access();
    Effect::new(move |_| {
        let person = access.session().and_then(|session| session.person);
        let wanted = Filter {
            me: person.map(|person| person.id),
            ..address.query.with(|query| read_filter(query))
        };
        board.set_filter(wanted);
    });
    let set = move |edit: &dyn Fn(&mut Filter)| {
        // A handler may be called when the board is gone.
        let Some(mut wanted) = filter.try_get_untracked() else {
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
    };

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

/// Returns a sentence about a search that cannot be applied.
fn fault_text(i18n: I18n, fault: &QueryFault) -> String {
    let error = match fault {
        QueryFault::NotKnown(State::Mine) => return i18n.t(|s| s.search.needs_sign_in).to_owned(),
        QueryFault::NotKnown(state) => {
            return i18n.t(|s| (s.search.not_known)(state.as_str()));
        }
        QueryFault::Wrong(error) => error,
    };
    let comma = i18n.t(|s| s.common.list_comma);
    let text = &error.text;
    match error.fault {
        Fault::UnknownKey => {
            let known = match error.likely_key() {
                Some(likely) => format!("{likely}:"),
                None => KEYS.map(|key| format!("{key}:")).join(comma),
            };
            i18n.t(|s| (s.search.unknown_key)(text, &known))
        }
        Fault::UnknownStatus | Fault::UnknownState => {
            i18n.t(|s| (s.search.unknown_value)(text, &error.known_values().join(comma)))
        }
        Fault::MissingValue => i18n.t(|s| (s.search.missing_value)(text)),
        Fault::OpenQuote => i18n.t(|s| s.search.open_quote).to_owned(),
        Fault::NotANumber => i18n.t(|s| (s.search.not_a_number)(text)),
        Fault::TooMany => i18n.t(|s| s.search.too_many).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_filter_is_read_as_it_was_written_and_leaves_the_rest_of_the_query_alone() {
        let all = Filter {
            text: "50% & more = 看板 #1".into(),
            statuses: [Status::UpNext, Status::Merged].into(),
            blocked: true,
            agent: Some("fix/1+2".into()),
            me: None,
        };
        for filter in [Filter::default(), all] {
            let query = write_filter("x=y&q=old&blocked=1", &filter);
            assert_eq!(read_filter(&query), filter, "{query}");
            assert!(query.starts_with("x=y"), "{query}");
        }
        assert_eq!(write_filter("q=old", &Filter::default()), "");
    }

    #[wasm_bindgen_test]
    fn what_a_query_says_that_is_not_understood_is_ignored() {
        let filter = read_filter("status=up_next,nothing,&blocked=yes&agent=&z");
        let expected = Filter {
            statuses: [Status::UpNext].into(),
            ..Filter::default()
        };
        assert_eq!(filter, expected);
    }
}
