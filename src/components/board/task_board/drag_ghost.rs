//! The card under the pointer during a drag.

use leptos::prelude::*;

use crate::components::board::actions::use_board_actions;
use crate::components::board::view::Hand;
use crate::components::common::number_sign::number_sign;
use crate::ui::pixels;

/// Small picture of the dragged card that follows the pointer.
#[component]
pub fn DragGhost() -> impl IntoView {
    let actions = use_board_actions();
    let view = actions.view;
    let dragged = Memo::new(move |_| {
        view.held.with(|held| {
            held.as_ref()
                .filter(|held| held.hand == Hand::Pointer)
                .map(|held| held.pick.task.clone())
        })
    });
    move || {
        let card = actions.card(&dragged.get()?)?;
        let at = move || {
            let (x, y) = view.pointer.get();
            format!("translate({}, {})", pixels(x), pixels(y))
        };
        Some(view! {
            <div class="drag-ghost" aria-hidden="true" style:transform=at>
                <span class="task-card-number">{number_sign(card.number)}</span>
                " "
                {card.title}
            </div>
        })
    }
}
