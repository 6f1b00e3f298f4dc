//! Menus. The page has one panel for all of them: a board of thousands of cards must not carry a
//! menu in each.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, Node};

use super::keys::{is_plain, own_key};
use super::popover::{hide, place};
use super::{Handler, Icon, IconName, boxed_effect, clicked, live};
use crate::browser::{before_next_paint, listen_on_window};

/// Item of a menu.
#[derive(Clone, Debug, Default)]
pub struct MenuItem {
    /// Text of the item.
    pub label: String,
    /// Icon before the text.
    pub icon: Option<IconName>,
    /// Set if it is the current choice; `None` if the item is an action.
    pub checked: Option<bool>,
    /// Set for the first item of a group, which a line separates from the group before.
    pub begins_group: bool,
    /// Reason why it cannot be chosen now, if so; shown as a tooltip.
    pub refused: Option<String>,
    /// Action of the item.
    pub on_select: Handler,
}

#[derive(Clone, Debug)]
struct Opened {
    label: String,
    items: Vec<MenuItem>,
    about: Option<String>,
}

/// Menu of the page. It can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct Menu {
    opened: RwSignal<Option<Opened>>,
    anchor: StoredValue<Option<Element>, LocalStorage>,
}

impl Menu {
    /// Opens a menu at `anchor`, or closes it if it is open there. The focus goes to the checked or
    /// the first item, and back to the anchor.
    pub fn toggle(self, anchor: &Element, label: impl Into<String>, items: Vec<MenuItem>) {
        self.toggle_at(anchor, label.into(), items, None);
    }

    /// Opens a menu about something that may disappear while it is open. Code that knows the
    /// subject can read [`Menu::about`], and closes the menu then.
    pub fn toggle_about(
        self,
        anchor: &Element,
        label: impl Into<String>,
        items: Vec<MenuItem>,
        about: impl Into<String>,
    ) {
        self.toggle_at(anchor, label.into(), items, Some(about.into()));
    }

    fn toggle_at(
        self,
        anchor: &Element,
        label: String,
        items: Vec<MenuItem>,
        about: Option<String>,
    ) {
        let is_same = self.anchor.with_value(|at| at.as_ref() == Some(anchor));
        if is_same && self.opened.with_untracked(Option::is_some) {
            self.close();
            return;
        }
        self.anchor.set_value(Some(anchor.clone()));
        self.opened.set(Some(Opened {
            label,
            items,
            about,
        }));
    }

    /// Returns the subject of the open menu, if it has one. Tracked.
    pub fn about(self) -> Option<String> {
        self.opened
            .with(|opened| opened.as_ref().and_then(|it| it.about.clone()))
    }

    /// Returns true while the menu is open. Tracked.
    pub fn is_open(self) -> bool {
        self.opened.with(Option::is_some)
    }

    /// Closes the menu and returns the focus.
    pub fn close(self) {
        if self.opened.with_untracked(Option::is_none) {
            return;
        }
        self.opened.set(None);
        let anchor = self.anchor.try_update_value(Option::take).flatten();
        if let Some(anchor) = anchor.and_then(|anchor| anchor.dyn_into::<HtmlElement>().ok()) {
            drop(anchor.focus());
        }
    }

    fn holds(self, node: &Node) -> bool {
        self.anchor
            .with_value(|anchor| anchor.as_ref().is_some_and(|at| at.contains(Some(node))))
    }
}

/// Provides the page's menu to everything below; [`MenuHost`] shows it.
pub fn provide_menu() -> Menu {
    let menu = Menu {
        opened: RwSignal::new(None),
        anchor: StoredValue::new_local(None),
    };
    provide_context(menu);
    menu
}

/// Returns the page's menu.
pub fn use_menu() -> Menu {
    use_context().unwrap_or_else(provide_menu)
}

/// Host of the page's menu. One a page.
#[component]
pub fn MenuHost() -> impl IntoView {
    let menu = use_menu();
    let panel = NodeRef::<html::Div>::new();
    boxed_effect(move || {
        let is_open = menu.opened.with(Option::is_some);
        let Some(panel) = panel.get() else { return };
        if !is_open {
            hide(&panel);
            return;
        }
        drop(panel.show_popover());
        // The items are rendered by then.
        before_next_paint(move || {
            menu.anchor.try_with_value(|anchor| {
                if let Some(anchor) = anchor {
                    place(&panel, anchor);
                }
            });
            let line = panel.query_selector("[aria-checked=true]").ok().flatten();
            focus(line.or_else(|| lines(&panel).into_iter().next()));
        });
    });
    listen_on_window(leptos::ev::pointerdown, move |event| {
        let Some(target) = event
            .target()
            .and_then(|target| target.dyn_into::<Node>().ok())
        else {
            return;
        };
        let is_inside = panel
            .get_untracked()
            .is_some_and(|panel| panel.contains(Some(&target)));
        if !is_inside && !menu.holds(&target) {
            menu.close();
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let panel = panel.get_untracked().filter(|_| is_plain(&event));
        let (Some(panel), Some(key)) = (panel, own_key(&event)) else {
            return;
        };
        match key.as_str() {
            "Escape" | "Tab" => menu.close(),
            "ArrowDown" => step(&panel, |at, count| (at + 1) % count),
            "ArrowUp" => step(&panel, |at, count| (at + count - 1) % count),
            "Home" => step(&panel, |_, _| 0),
            "End" => step(&panel, |_, count| count - 1),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <div
            node_ref=panel
            popover="manual"
            class="popover menu"
            role="menu"
            aria-label=live(move || menu.opened.with(|opened| opened.as_ref().map(|it| it.label.clone())))
            on:keydown=on_key
        >
            {move || {
                let items = menu.opened.with(|opened| opened.as_ref().map(|it| it.items.clone()));
                items.unwrap_or_default().into_iter().enumerate().map(|(at, item)| line(menu, item, at == 0)).collect_view()
            }}
        </div>
    }
}

fn line(menu: Menu, item: MenuItem, is_first: bool) -> impl IntoView {
    let MenuItem {
        label,
        icon,
        checked,
        begins_group,
        refused,
        on_select,
    } = item;
    let is_refused = refused.is_some();
    view! {
        {(begins_group && !is_first).then(|| view! { <div class="menu-line" role="separator"></div> })}
        <button
            type="button"
            class="menu-item"
            role=if checked.is_some() { "menuitemradio" } else { "menuitem" }
            aria-checked=checked.map(|checked| checked.to_string())
            aria-disabled=is_refused.then_some("true")
            title=refused
            tabindex="-1"
            on:click=clicked(move |_| {
                if !is_refused {
                    menu.close();
                    on_select.run();
                }
            })
        >
            {icon.map(|name| view! { <Icon name/> })}
            <span class="menu-label" dir="auto">{label}</span>
            {checked.unwrap_or(false).then(|| view! { <Icon name=IconName::Check/> })}
        </button>
    }
}

fn lines(panel: &Element) -> Vec<Element> {
    let Ok(found) = panel.query_selector_all(".menu-item") else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into().ok())
        .collect()
}

fn focus(line: Option<Element>) {
    if let Some(line) = line.and_then(|line| line.dyn_into::<HtmlElement>().ok()) {
        drop(line.focus());
    }
}

/// Moves the focus to the item with the index that `next` returns, given the current index and the
/// number of items.
fn step(panel: &Element, next: impl FnOnce(usize, usize) -> usize) {
    let lines = lines(panel);
    if lines.is_empty() {
        return;
    }
    let focused = document().active_element();
    let at = lines
        .iter()
        .position(|line| Some(line) == focused.as_ref())
        .unwrap_or(0);
    let next = next(at, lines.len());
    focus(lines.into_iter().nth(next));
}
