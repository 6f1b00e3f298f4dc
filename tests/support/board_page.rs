//! A whole board in a page, with its styles, and the input of a person.

// Every test binary has its own copy of this module and uses a part of it.
#![allow(dead_code, unreachable_pub, missing_docs)]

use leptos::prelude::*;
use serde_json::Value;
use tasktree_board::address::provide_address;
use tasktree_board::browser::before_next_paint;
use tasktree_board::components::board::task_board::TaskBoard;
use tasktree_board::components::board::view::provide_board_view;
use tasktree_board::i18n::{I18n, Locale};
use tasktree_board::net::provide_websocket;
use tasktree_board::state::{
    BoardState, Load, provide_access, provide_attention, provide_board, provide_projects,
};
use tasktree_board::ui::preference::{LetterKeys, provide_preference};
use tasktree_board::ui::{
    Announcer, MenuHost, ToastHost, provide_clock, provide_menu, provide_toasts,
};
use tasktree_protocol::{ProjectId, TaskId};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

use super::support::{PROJECT, Page, Peer, begin, mount, serve_board, settle, until};

#[wasm_bindgen(module = "/tests/support/input.js")]
extern "C" {
    fn press(key: &str, alt: bool, composing: bool);
    /// Presses a key with modifiers (`Alt`, `Control`, `Meta`, `Shift`). Returns true if the page
    /// prevented the browser's default.
    pub fn press_with(key: &str, modifiers: &str) -> bool;
    /// Presses a key with the event properties in `init` (JSON). Returns true if the page prevented
    /// the browser's default.
    pub fn press_init(init: &str) -> bool;
    fn pointer(kind: &str, target: &Element, x: f64, y: f64, pointer_type: &str);
    fn add_style(text: &str);
    /// Selects all text of an element, as a person does with the mouse, and returns it.
    pub fn select_text(element: &Element) -> String;
    fn watch(root: &Element);
    fn touched() -> String;
}

const STYLES: [&str; 5] = [
    include_str!("../../style/tokens.css"),
    include_str!("../../style/components/virtual_list.css"),
    include_str!("../../style/components/task_board.css"),
    include_str!("../../style/components/column.css"),
    include_str!("../../style/components/task_card.css"),
];

/// State of an open board. Its owner is ended by hand: handlers and futures may keep it for longer.
pub struct OpenBoard {
    board: BoardState,
    owner: Owner,
    /// Set while the page shows the board.
    pub is_shown: RwSignal<bool>,
}

impl std::ops::Deref for OpenBoard {
    type Target = BoardState;

    fn deref(&self) -> &BoardState {
        &self.board
    }
}

impl Drop for OpenBoard {
    fn drop(&mut self) {
        self.owner.cleanup();
    }
}

/// Opens the board in a window of 500 px height, with everything that it depends on.
pub fn open(locale: Locale) -> Page<OpenBoard> {
    open_with(locale, || ().into_any())
}

/// Opens the same with a view over it.
pub fn open_with(
    locale: Locale,
    over: impl FnOnce() -> AnyView + Send + 'static,
) -> Page<OpenBoard> {
    open_below(locale, || (), over)
}

/// Opens the same with the attention items of the server.
pub fn open_attended(locale: Locale) -> Page<OpenBoard> {
    let provide = || {
        provide_projects();
        provide_attention();
    };
    open_below(locale, provide, || ().into_any())
}

fn open_below(
    locale: Locale,
    provide: impl FnOnce() + 'static,
    over: impl FnOnce() -> AnyView + Send + 'static,
) -> Page<OpenBoard> {
    if document().query_selector("style").unwrap().is_none() {
        add_style(&STYLES.concat());
    }
    mount(move || {
        let owner = Owner::new();
        owner.set();
        provide_context(I18n::new(locale));
        provide_preference::<LetterKeys>();
        provide_toasts();
        provide_menu();
        provide_websocket(None);
        provide_clock(Signal::stored(true));
        provide_access();
        provide_address();
        provide();
        let board = provide_board(ProjectId::from(PROJECT));
        // As the page does: the board and the drawer over it share one.
        provide_board_view();
        let is_shown = RwSignal::new(true);
        let view = view! {
            <>
                <div style="height: 500px; position: relative">
                    {move || is_shown.get().then(|| view! { <TaskBoard /> })}
                    {over()}
                    <input id="elsewhere" />
                </div>
                <ToastHost dismiss_label="Dismiss" />
                <MenuHost />
                <Announcer />
            </>
        };
        let open = OpenBoard {
            board,
            owner,
            is_shown,
        };
        (open, view)
    })
}

/// Opens a live board with those tasks. Returns it with its server.
pub async fn live(locale: Locale, tasks: &[Value]) -> (Page<OpenBoard>, Peer) {
    begin();
    serve_board(10, tasks);
    let page = open(locale);
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    (page, peer)
}

pub async fn ready(page: &Page<OpenBoard>) {
    until("the board is loaded", || {
        page.value.load().get_untracked() == Load::Ready
    })
    .await;
    frame().await;
}

/// Lets effects run and the next frame be drawn.
pub async fn frame() {
    settle().await;
    let (sender, receiver) = futures_channel::oneshot::channel::<()>();
    before_next_paint(move || {
        let _ = sender.send(());
    });
    receiver.await.unwrap();
    settle().await;
}

pub fn task(number: u64) -> TaskId {
    TaskId::new(number, &ProjectId::from(PROJECT))
}

/// Returns the card of a task, if it is mounted.
pub fn find_card(page: &Page<OpenBoard>, number: u64) -> Option<HtmlElement> {
    let card = page
        .root
        .query_selector(&format!("[data-task=\"{}\"]", task(number)))
        .unwrap();
    card.map(JsCast::unchecked_into)
}

pub fn card_of(page: &Page<OpenBoard>, number: u64) -> HtmlElement {
    find_card(page, number).unwrap_or_else(|| panic!("the card of #{number} is mounted"))
}

pub fn element(root: &Element, selector: &str) -> HtmlElement {
    let found = root.query_selector(selector).unwrap();
    found
        .unwrap_or_else(|| panic!("there is {selector}"))
        .unchecked_into()
}

pub fn count(root: &Element, selector: &str) -> u32 {
    root.query_selector_all(selector).unwrap().length()
}

pub fn column(page: &Page<OpenBoard>, status: &str) -> HtmlElement {
    element(&page.root, &format!(".column[data-status={status}]"))
}

/// Returns the numbers of the mounted cards of a column, in the order of the document.
pub fn cards_in(page: &Page<OpenBoard>, status: &str) -> Vec<String> {
    let cards = column(page, status)
        .query_selector_all(".task-card-number")
        .unwrap();
    (0..cards.length())
        .map(|at| cards.get(at).unwrap().text_content().unwrap())
        .collect()
}

pub fn text(element: &Element) -> String {
    element.text_content().unwrap_or_default()
}

/// Presses a key on the focused element.
pub fn key(name: &str) {
    press(name, false, false);
}

pub fn shift_key(name: &str) {
    press_with(name, "Shift");
}

/// Returns the modifier of the undo key on this machine.
pub fn command() -> &'static str {
    if tasktree_board::ui::keys::is_mac() {
        "Meta"
    } else {
        "Control"
    }
}

/// Presses the undo key. Returns true if the page prevented the browser's default.
pub fn undo_key() -> bool {
    press_with("z", command())
}

/// Presses a key that an input method takes.
pub fn composing_key(name: &str) {
    press(name, false, true);
}

/// Returns the task whose card has the focus.
pub fn focused() -> Option<String> {
    document().active_element()?.get_attribute("data-task")
}

/// Returns the last announcement to screen readers.
pub fn announced() -> String {
    text(&document().get_element_by_id("announcer").unwrap())
}

/// Returns the middle of an element, in pixels of the window.
pub fn middle(element: &Element) -> (f64, f64) {
    let edges = element.get_bounding_client_rect();
    (
        edges.left() + edges.width() / 2.0,
        edges.top() + edges.height().min(200.0) / 2.0,
    )
}

/// Sends a pointer event at a position to `target`.
pub fn point(kind: &str, target: &Element, (x, y): (f64, f64), pointer_type: &str) {
    pointer(kind, target, x, y, pointer_type);
}

/// Starts to record changes of the page.
pub fn watch_changes(page: &Page<OpenBoard>) {
    watch(&page.root);
}

/// Returns the cards that changed since; an empty name stands for elements outside of cards.
pub fn changed_cards() -> Vec<String> {
    serde_json::from_str(&touched()).unwrap()
}
