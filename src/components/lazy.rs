//! Views that are not part of the board, and arrive after it.
//!
//! A browser downloads and compiles all of a WebAssembly module before any of it runs. So the
//! release build moves the code that only [`lazy_view!`] functions reach into a module of its own,
//! which is fetched when the browser is idle, or when one of these views is wanted. The board is
//! live without it. Actions that nobody takes in the first moment are in it too: [`lazy_call!`]. An
//! undivided build (`trunk serve`, the tests) has all of it from the start.

use std::future::Future;
use std::pin::Pin;

use futures_util::FutureExt as _;
use leptos::prelude::*;
use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};

mod loader;

pub use loader::{Failure, Loader, Progress, Unavailable, provide_loader, use_loader};

use crate::i18n::{I18n, use_i18n};
use crate::state::reload;
use crate::ui::toast::Toasts;
use crate::ui::{Button, IconName, Level, Skeleton, Toast, boxed_effect, hand_on_focus, live};

/// Result of a function with lazily loaded code: it comes as soon as the code has loaded.
pub type Arriving<T = AnyView> = Pin<Box<dyn Future<Output = Result<T, Unavailable>>>>;

/// Declares a function with code that is loaded lazily.
#[cfg(divided)]
macro_rules! lazy_call {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $kind:ty),*) -> $out:ty $body:block) => {
        $(#[$doc])*
        fn $name($($argument: $kind),*) -> $crate::components::lazy::Arriving<$out> {
            #[::wasm_split_helpers::wasm_split(lazy, fallible)]
            fn $name(
                $($argument: $kind),*
            ) -> Result<$out, $crate::components::lazy::Unavailable> {
                Ok($body)
            }
            Box::pin($name($($argument),*))
        }
    };
}

/// Declares a function. In an undivided build its code is always loaded.
#[cfg(not(divided))]
macro_rules! lazy_call {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $kind:ty),*) -> $out:ty $body:block) => {
        $(#[$doc])*
        fn $name($($argument: $kind),*) -> $crate::components::lazy::Arriving<$out> {
            let made = Ok::<$out, $crate::components::lazy::Unavailable>($body);
            Box::pin(std::future::ready(made))
        }
    };
}
pub(crate) use lazy_call;

/// Declares a function that creates a view with code that is loaded lazily. [`Lazy`] shows it.
macro_rules! lazy_view {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $kind:ty),*) $body:block) => {
        $crate::components::lazy::lazy_call! {
            $(#[$doc])*
            fn $name($($argument: $kind),*) -> leptos::prelude::AnyView {
                leptos::prelude::IntoAny::into_any($body)
            }
        }
    };
}
pub(crate) use lazy_view;

/// Makes a call whose code is loaded lazily: at once if it has loaded, otherwise as soon as it has.
/// A toast reports if that fails.
pub fn act(mut call: Arriving<()>, i18n: I18n, toasts: Toasts) {
    if (&mut call).now_or_never().is_some() {
        return;
    }
    spawn_local(async move {
        if call.await.is_err() {
            let text = untrack(|| i18n.t(|s| s.shell.view_not_loaded));
            toasts.push(Toast::new(Level::Error, text));
        }
    });
}

/// Place of a view whose code is loaded lazily.
///
/// Until the code has loaded, it shows a skeleton, and after a failure the reason with a remedy. It
/// is retried meanwhile.
#[component]
pub fn Lazy(
    /// Function declared by [`lazy_view!`].
    view: impl Fn() -> Arriving + Send + 'static,
    /// True while somebody waits for the view. Otherwise it is fetched when the browser is idle,
    /// and nothing stands in for it.
    #[prop(into, default = Signal::stored(true))]
    wanted: Signal<bool>,
    /// Set for a view that opens over the page, such as a dialog.
    #[prop(optional)]
    over: bool,
) -> impl IntoView {
    // The rest is compiled once, and not for each view.
    place(Box::new(view), wanted, over)
}

fn place(view: Box<dyn Fn() -> Arriving + Send>, wanted: Signal<bool>, over: bool) -> AnyView {
    let loader = use_loader();
    boxed_effect(move || {
        if wanted.get() {
            loader.fetch();
        }
    });
    let is_loaded = Memo::new(move |_| loader.progress() == Progress::Loaded);
    let stand_in = move || {
        wanted
            .get()
            .then(|| view! { <StandIn loader over/> }.into_any())
    };
    live(move || {
        if is_loaded.get() {
            untrack(|| created(view()))
        } else {
            live(stand_in).into_any()
        }
    })
    .into_any()
}

/// Shows a view at once if it has been shown before. The first time it arrives a moment later, even
/// if its code has loaded.
fn created(mut arriving: Arriving) -> AnyView {
    if let Some(view) = (&mut arriving).now_or_never() {
        // It cannot fail any more: the module has loaded.
        return view.unwrap_or_else(|_| ().into_any());
    }
    let arrived = RwSignal::new_local(None);
    spawn_local_scoped_with_cancellation(async move {
        if let Ok(view) = arriving.await {
            arrived.set(Some(view));
        }
    });
    live(move || {
        arrived.track();
        arrived.try_update_untracked(Option::take).flatten()
    })
    .into_any()
}

/// Skeleton of a view that is loading, or the reason why it is not there.
#[component]
fn StandIn(loader: Loader, over: bool) -> impl IntoView {
    let failure = Memo::new(move |_| match loader.progress() {
        Progress::Failed(failure) => Some(failure),
        Progress::Away | Progress::Loading | Progress::Loaded => None,
    });
    let content = move || match failure.get() {
        Some(failure) => view! { <NotThere loader failure/> }.into_any(),
        None => view! { <Skeleton/> }.into_any(),
    };
    view! {
        <div class="lazy" data-over=over.then_some("") aria-busy=live(move || failure.get().is_none().to_string())>
            {live(content)}
        </div>
    }
}

/// Reason why a view is not there, and the remedy.
#[component]
fn NotThere(loader: Loader, failure: Failure) -> impl IntoView {
    let i18n = use_i18n();
    hand_on_focus(".lazy");
    let is_gone = failure == Failure::Replaced;
    let words = move || match failure {
        Failure::Unreachable => i18n.t(|s| s.shell.view_not_loaded),
        Failure::Replaced => i18n.t(|s| s.shell.view_replaced),
    };
    let label = move || {
        if is_gone {
            i18n.t(|s| s.common.reload)
        } else {
            i18n.t(|s| s.common.retry)
        }
    };
    let act = move |_| if is_gone { reload() } else { loader.retry() };
    view! {
        <div class="board-notice" data-level="warning" role="alert">
            <p>{live(words)}</p>
            <Button icon=IconName::Retry label on_click=act/>
        </div>
    }
}
