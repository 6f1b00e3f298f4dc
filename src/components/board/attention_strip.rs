//! The strip over a board: how much needs attention, by kind. Each kind is a filter.

use leptos::prelude::*;
use tasktree_protocol::attention::AttentionKind;
use tasktree_protocol::query::State;
use tasktree_protocol::{AgentStatus, Status};

use super::filter_bar::filter_by;
use super::view::{BoardView, use_board_view};
use crate::address::use_address;
use crate::components::common::attention_icon::attention_icon;
use crate::components::common::not_loaded::NotLoaded;
use crate::i18n::{Count, I18n, Strings, use_i18n};
use crate::state::{BoardState, Load, use_attention, use_board};
use crate::ui::{Icon, ShowIf};

/// Kind of attention, the state that a query names it by, and its count in words.
type Part = (AttentionKind, State, fn(&Strings) -> Count);

/// Parts of the strip. The other kinds can wait: they are in the inbox.
const PARTS: [Part; 5] = [
    (AttentionKind::Waiting, State::Waiting, |s| {
        s.attention.waiting
    }),
    (AttentionKind::Failed, State::Failed, |s| s.attention.failed),
    (AttentionKind::Silent, State::Silent, |s| s.attention.silent),
    (AttentionKind::NoProgress, State::NoProgress, |s| {
        s.attention.no_progress
    }),
    (AttentionKind::LeaseConflict, State::Conflict, |s| {
        s.attention.conflicts
    }),
];

/// Counts of what needs attention in the open project, and of its agents.
#[component]
pub fn AttentionStrip() -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let attention = use_attention();
    let total = Memo::new(move |_| {
        let project = board.project();
        let counts = PARTS.map(|(kind, ..)| attention.count_of(&project, kind));
        counts.iter().sum::<u64>()
    });
    let is_calm = move || {
        let is_known = attention.load().with(Load::is_ready) && attention.is_derived();
        let has_agents = board.agents().with(|agents| !agents.is_empty());
        is_known && has_agents && total.get() == 0
    };
    let failure = move || {
        match attention.load().get() {
        Load::Failed(error) => view! {
            <NotLoaded what=i18n.t(|s| s.attention.the_items) error class="attention-failed" on_retry=move |()| attention.retry()/>
        }
        .into_any(),
        Load::Loading | Load::Ready => ().into_any(),
    }
    };
    view! {
        <h1 class="visually-hidden">{move || i18n.t(|s| s.shell.board)}</h1>
        <div class="attention-parts" role="group" aria-label=move || i18n.t(|s| s.attention.strip)>
            {PARTS.map(|part| view! { <Toggle part/> })}
            <ShowIf when=is_calm>
                <span class="attention-calm">{move || i18n.t(|s| s.attention.all_running)}</span>
            </ShowIf>
        </div>
        {failure}
        <span class="attention-agents">{move || agents_text(i18n)}</span>
    }
}

/// Number of agents that are heard from, out of those that have not finished.
fn agents_text(i18n: I18n) -> Option<String> {
    let agents = use_board().agents();
    let (active, total) = agents.with(|agents| {
        let present = agents
            .iter()
            .filter(|agent| agent.status != AgentStatus::Done);
        let active = present
            .clone()
            .filter(|agent| agent.is_alive && agent.status.is_open());
        (active.count() as u64, present.count() as u64)
    });
    (total > 0)
        .then(|| i18n.t(|s| s.attention.agents_active)(&i18n.number(active), &i18n.number(total)))
}

/// Count of one kind: a press shows only the tasks of that kind, and a second one all again.
#[component]
fn Toggle(part: Part) -> impl IntoView {
    let (kind, state, words) = part;
    let i18n = use_i18n();
    let board = use_board();
    let attention = use_attention();
    let address = use_address();
    let view = use_board_view();
    let count = Memo::new(move |_| attention.count_of(&board.project(), kind));
    let is_pressed =
        Memo::new(move |_| board.filter().with(|filter| has_state(&filter.text, state)));
    let toggle = move |_| {
        filter_by(board, address, |filter| {
            filter.text = toggled(&filter.text, state);
        });
        show_matches(board, view);
    };
    // A filter that is on can be taken back, also when nothing of its kind is left.
    view! {
        <ShowIf when=move || count.get() != 0 || is_pressed.get()>
            <button
                type="button"
                class="attention-part"
                data-kind=kind.as_str()
                aria-pressed=move || is_pressed.get().to_string()
                on:click=toggle
            >
                <Icon name=attention_icon(kind)/>
                <span>{move || i18n.count(words, count.get())}</span>
            </button>
        </ShowIf>
    }
}

/// Shows a column that has matching tasks, where a narrow window shows one column that has none.
fn show_matches(board: BoardState, view: BoardView) {
    let has_any = |status: &Status| {
        board
            .column(*status)
            .with_untracked(|tasks| !tasks.is_empty())
    };
    let shown = view.tab.get_untracked();
    if !has_any(&shown)
        && let Some(other) = Status::ALL.into_iter().find(has_any)
    {
        view.tab.set(other);
    }
}

/// Returns the condition of a state in a query.
fn condition(state: State) -> String {
    format!("is:{}", state.as_str())
}

fn has_state(query: &str, state: State) -> bool {
    query
        .split_whitespace()
        .any(|word| word == condition(state))
}

/// Returns a query with the condition of a state added, or taken out if it is there. The other
/// parts of the strip are taken out: few tasks need attention for two reasons.
fn toggled(query: &str, state: State) -> String {
    let had = has_state(query, state);
    let parts = PARTS.map(|(_, state, _)| condition(state));
    let mut words: Vec<String> = query
        .split_whitespace()
        .filter(|word| !parts.iter().any(|part| part == word))
        .map(str::to_owned)
        .collect();
    if !had {
        words.push(condition(state));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_part_of_the_strip_is_added_to_a_query_and_taken_out_again() {
        assert_eq!(toggled("", State::Waiting), "is:waiting");
        assert_eq!(toggled("is:waiting", State::Waiting), "");
        assert_eq!(
            toggled("label:ui is:waiting -is:blocked", State::Failed),
            "label:ui -is:blocked is:failed"
        );
        assert!(has_state("a is:no_progress", State::NoProgress));
        assert!(!has_state("-is:failed", State::Failed));
    }
}
