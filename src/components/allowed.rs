//! What is offered only to those whose role allows it.

use leptos::children::ViewFn;
use leptos::prelude::*;

use crate::state::use_access;

/// What is in it, for those who may do that; follows the role.
#[component]
pub fn Allowed(
    /// The permission, as the server names it: see [`AccessState::may`](crate::state::AccessState::may).
    permission: &'static str,
    /// What others see in its place.
    #[prop(optional, into)]
    otherwise: ViewFn,
    /// What is offered.
    children: ChildrenFn,
) -> impl IntoView {
    let access = use_access();
    // Asked who one is again, the server mostly says the same: what is there stays, with what was typed in it.
    let is_allowed = Memo::new(move |_| access.may(permission));
    move || {
        if is_allowed.get() {
            children()
        } else {
            otherwise.run()
        }
    }
}
