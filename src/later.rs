//! The second part of the program: everything that is not needed to paint a board.
//!
//! A browser downloads and compiles all of a WebAssembly module before any of it runs, so `cargo
//! xtask` divides the program in two: code reached only through [`Parts`] becomes a module of its
//! own. It is fetched as soon as the board is painted, or as soon as something needs it. The first
//! part reads a project's tasks once and shows them; with the second they become live, and can be
//! changed.
//!
//! If the program was not divided (`trunk serve`, the tests) all of it is there from the start.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

mod parts;

pub use parts::Parts;

use crate::i18n::use_i18n;
use crate::ui::{Button, IconName, Skeleton, before_next_paint, effect, hand_on_focus};

/// Progress of loading the second part.
#[derive(Clone, Copy, Debug)]
enum Progress {
    Away,
    Coming,
    Failed,
    Here(&'static Parts),
}

/// Handle to the second part, loaded or not.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    progress: RwSignal<Progress>,
    /// Last action that a person requested, executed when the second part has loaded.
    waiting: StoredValue<Option<Act>, LocalStorage>,
}

/// Action that needs the second part.
type Act = Box<dyn FnOnce(&'static Parts)>;
/// View that needs the second part.
type View = Box<dyn Fn(&'static Parts) -> AnyView + Send>;

/// Delay of the next attempt after a failure, doubled with every failure, in milliseconds.
#[cfg(feature = "split")]
const RETRY_MS: u32 = 1_000;
/// Longest delay between two attempts, in milliseconds.
#[cfg(feature = "split")]
const RETRY_LONGEST_MS: u32 = 5_000;
/// Longest delay before it is fetched, in milliseconds: a hidden page is not painted for hours.
const UNPAINTED_MS: u32 = 500;

impl Later {
    fn new() -> Self {
        #[cfg(feature = "split")]
        let progress = Progress::Away;
        #[cfg(not(feature = "split"))]
        let progress = Progress::Here(parts::parts());
        Self::at(progress)
    }

    fn at(progress: Progress) -> Self {
        Self {
            progress: RwSignal::new(progress),
            waiting: StoredValue::new_local(None),
        }
    }

    /// Returns true if the second part has loaded. Not tracked.
    pub fn is_here(self) -> bool {
        matches!(self.progress.get_untracked(), Progress::Here(_))
    }

    /// Fetches the second part, unless it has loaded or is loading. Retries until that succeeds:
    /// without it the page is only a picture.
    pub fn fetch(self) {
        if !matches!(self.progress.get_untracked(), Progress::Away) {
            return;
        }
        self.progress.set(Progress::Coming);
        #[cfg(feature = "split")]
        spawn_local(self.try_until_here());
    }

    /// Records that it has loaded, and executes the waiting action.
    fn come(self, parts: &'static Parts) {
        self.progress.set(Progress::Here(parts));
        if let Some(act) = self.waiting.try_update_value(Option::take).flatten() {
            act(parts);
        }
    }

    /// Returns true if an attempt has failed; it is retried all the same. Tracked.
    pub fn has_failed(self) -> bool {
        matches!(self.progress.get(), Progress::Failed)
    }

    /// Executes an action of a person at once if the second part has loaded. Otherwise it waits for
    /// it, unless another action is requested by then.
    pub fn act(self, act: impl FnOnce(&'static Parts) + 'static) {
        self.act_boxed(Box::new(act));
    }

    fn act_boxed(self, act: Act) {
        if let Progress::Here(parts) = self.progress.get_untracked() {
            act(parts);
        } else {
            self.waiting.set_value(Some(act));
            self.fetch();
        }
    }

    /// Fetches it after a delay in milliseconds, unless that happens earlier.
    pub fn fetch_in(self, delay_ms: u32) {
        spawn_local(async move {
            TimeoutFuture::new(delay_ms).await;
            self.fetch();
        });
    }

    /// Fetches it after the current content of the page has been painted.
    pub fn fetch_after_paint(self) {
        self.fetch_in(UNPAINTED_MS);
        // The first frame begins before the paint, the second after it.
        before_next_paint(move || before_next_paint(move || self.fetch()));
    }
}

/// Fetching the second bundle.
#[cfg(feature = "split")]
impl Later {
    /// Retries at once.
    pub fn retry(self) {
        spawn_local(async move {
            self.attempt().await;
        });
    }

    async fn try_until_here(self) {
        let mut delay = RETRY_MS;
        while !self.attempt().await {
            TimeoutFuture::new(delay).await;
            delay = RETRY_LONGEST_MS.min(delay * 2);
        }
    }

    /// Fetches it once. Returns true if it has loaded.
    async fn attempt(self) -> bool {
        match parts::parts().await {
            // Another attempt may have succeeded meanwhile; the shown content is not created again.
            _ if self.is_here() => {}
            Ok(parts) => self.come(parts),
            Err(_) if untrack(|| self.has_failed()) => {}
            Err(_) => self.progress.set(Progress::Failed),
        }
        self.is_here()
    }
}

/// In an undivided program it is always loaded, except in tests.
#[cfg(not(feature = "split"))]
impl Later {
    /// Creates a handle that loads with [`Self::retry`], and not before, for tests of the time
    /// until then.
    pub fn away() -> Self {
        Self::at(Progress::Away)
    }

    /// Completes loading.
    pub fn retry(self) {
        self.come(parts::parts());
    }

    /// Fails loading.
    pub fn fail(self) {
        self.progress.set(Progress::Failed);
    }
}

/// Provides the second part to everything below, unless something above has done so.
pub fn provide_later() {
    provide_context(use_later());
}

/// Returns the handle to the second part.
pub fn use_later() -> Later {
    use_context().unwrap_or_else(Later::new)
}

/// Calls `act` with the second part at once if it has loaded. Otherwise it waits for it, unless the
/// current owner ends by then.
pub fn when_here(act: impl FnOnce(&'static Parts) + 'static) {
    when_here_boxed(Box::new(act));
}

fn when_here_boxed(act: Act) {
    let progress = use_later().progress;
    if let Progress::Here(parts) = progress.get_untracked() {
        act(parts);
        return;
    }
    let mut act = Some(act);
    effect(move || {
        if let Progress::Here(parts) = progress.get()
            && let Some(act) = act.take()
        {
            untrack(|| act(parts));
        }
    });
}

/// Shows a view of the second part; the gray lines of a skeleton until it has loaded.
pub fn later(view: impl Fn(&'static Parts) -> AnyView + Send + 'static) -> AnyView {
    use_later().fetch();
    shown(Box::new(view), || {
        view! { <div class="later" aria-busy="true"><Skeleton lines=3/></div> }.into_any()
    })
}

/// Shows a view of the second part that is not missed before it has loaded.
pub fn in_time(view: impl Fn(&'static Parts) -> AnyView + Send + 'static) -> AnyView {
    shown(Box::new(view), || ().into_any())
}

/// Shows a view of the second part, or a placeholder. Compiled once, and not for each view.
fn shown(view: View, in_its_place: fn() -> AnyView) -> AnyView {
    let later = use_later();
    let parts = Memo::new(move |_| match later.progress.get() {
        Progress::Here(parts) => Some(Same(parts)),
        Progress::Away | Progress::Coming | Progress::Failed => None,
    });
    (move || match parts.get() {
        Some(Same(parts)) => view(parts),
        None => in_its_place(),
    })
    .into_any()
}

/// Reference to the one table, compared by address.
#[derive(Clone, Copy)]
struct Same(&'static Parts);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

/// Notice that the second part could not be loaded, with a retry.
#[component]
pub fn LaterNotice() -> impl IntoView {
    let i18n = use_i18n();
    let later = use_later();
    let notice = move || {
        hand_on_focus(".later-notice");
        view! {
            <div class="board-notice later-notice" data-level="warning" role="alert">
                <p>{move || i18n.first(|s| s.part_not_loaded)}</p>
                <Button icon=IconName::Retry label=move || i18n.first(|s| s.retry) on_click=move |_| later.retry()/>
                <Button label=move || i18n.first(|s| s.reload) on_click=move |_| drop(window().location().reload())/>
            </div>
        }
        .into_any()
    };
    move || later.has_failed().then(notice)
}
