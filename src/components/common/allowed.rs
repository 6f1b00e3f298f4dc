//! Content that is shown only to sessions with a permission.

use leptos::children::ViewFn;
use leptos::prelude::*;

use crate::state::use_access;

/// Content for sessions with the permission; follows the role.
#[component]
pub fn Allowed(
    /// Permission, as the server names it: see
    /// [`AccessState::may`](crate::state::AccessState::may).
    permission: &'static str,
    /// Content for all others.
    #[prop(optional, into)]
    otherwise: ViewFn,
    /// Content that needs the permission.
    children: ChildrenFn,
) -> impl IntoView {
    let access = use_access();
    // A memo, since a repeated fetch of the session mostly changes nothing: the content stays, with
    // the text typed in it.
    let is_allowed = Memo::new(move |_| access.may(permission));
    move || {
        if is_allowed.get() {
            children()
        } else {
            otherwise.run()
        }
    }
}
