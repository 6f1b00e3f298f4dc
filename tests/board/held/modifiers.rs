//! Keys with modifiers, which are left to the browser.

use super::{nothing_was_sent, three};
use crate::board_page::*;
use leptos::prelude::*;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn keys_with_modifiers_stay_the_browsers_and_the_systems() {
    let (page, peer) = live(Locale::En, &three()).await;
    let keys = [
        "ArrowLeft",
        "ArrowRight",
        "ArrowUp",
        "ArrowDown",
        "Home",
        "End",
        "Enter",
        " ",
        "Escape",
        "m",
        "c",
        "j",
        "/",
        "z",
    ];
    let other = if command() == "Meta" {
        "Control"
    } else {
        "Meta"
    };
    let modifiers = ["Alt", "Control", "Meta", "Alt+Shift", "Control+Shift"];
    for state in ["focused", "held", "menu"] {
        card_of(&page, 5).focus().unwrap();
        frame().await;
        match state {
            "held" => key(" "),
            "menu" => key("m"),
            _ => {}
        }
        frame().await;
        let before = document().active_element();
        for name in keys {
            for modifier in modifiers {
                assert!(!press_with(name, modifier), "{state}: {modifier}+{name}");
            }
        }
        assert!(!press_with("z", other));
        frame().await;
        assert_eq!(document().active_element(), before, "{state}");
        assert_eq!(cards_in(&page, "up_next"), ["#5"]);
        let is_open = [("held", "[data-held]"), ("menu", ".menu-item")];
        for (which, selector) in is_open {
            assert_eq!(state == which, count(&page.root, selector) > 0, "{state}");
        }
        key("Escape");
        frame().await;
    }
    nothing_was_sent(&peer);
}
