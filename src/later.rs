//! The second part of the program: what is not needed to paint a board.
//!
//! A browser downloads and compiles all of a WebAssembly module before any of it runs, so `cargo xtask` divides the program in two: what only
//! [`Parts`] leads to becomes a module of its own, which is fetched as soon as the board is painted, or as soon as something of it is
//! wanted. The first part reads a project's tasks once and shows them; with the second they become live, and can be changed.
//! Where the program was not divided (`trunk serve`, the tests) all of it is there from the start.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

mod parts;

pub use parts::Parts;

use crate::i18n::use_i18n;
use crate::ui::{Button, IconName, Skeleton, before_next_paint, effect, hand_on_focus};

/// How far the second part has come.
#[derive(Clone, Copy, Debug)]
enum Progress {
    Away,
    Coming,
    Failed,
    Here(&'static Parts),
}

/// The second part, on its way or there.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    progress: RwSignal<Progress>,
    /// What a person asked for last, and is done when it has come.
    waiting: StoredValue<Option<Act>, LocalStorage>,
}

/// What is done with it.
type Act = Box<dyn FnOnce(&'static Parts)>;
/// What is made of it.
type View = Box<dyn Fn(&'static Parts) -> AnyView + Send>;

/// After a failure it is tried again after this, doubled with every failure, in milliseconds.
#[cfg(feature = "split")]
const RETRY_MS: u32 = 1_000;
/// The longest time between two attempts, in milliseconds.
#[cfg(feature = "split")]
const RETRY_LONGEST_MS: u32 = 5_000;
/// It is fetched at the latest this long after it could have been, in milliseconds: a page that nobody sees is not painted for hours.
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

    /// Whether it is there. Not tracked.
    pub fn is_here(self) -> bool {
        matches!(self.progress.get_untracked(), Progress::Here(_))
    }

    /// Fetches it, unless it is there or on its way, until that succeeds: without it the page is only a picture.
    pub fn fetch(self) {
        if !matches!(self.progress.get_untracked(), Progress::Away) {
            return;
        }
        self.progress.set(Progress::Coming);
        #[cfg(feature = "split")]
        spawn_local(self.try_until_here());
    }

    /// It is there: what waited for it is done.
    fn come(self, parts: &'static Parts) {
        self.progress.set(Progress::Here(parts));
        if let Some(act) = self.waiting.try_update_value(Option::take).flatten() {
            act(parts);
        }
    }

    /// Whether it could not be had; it is tried again all the same. Tracked.
    pub fn has_failed(self) -> bool {
        matches!(self.progress.get(), Progress::Failed)
    }

    /// Does what a person asked for: at once, where the second part is there, else when it has come, unless they have asked for something else
    /// by then.
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

    /// Fetches it in so many milliseconds, unless that is done before.
    pub fn fetch_in(self, delay_ms: u32) {
        spawn_local(async move {
            TimeoutFuture::new(delay_ms).await;
            self.fetch();
        });
    }

    /// Fetches it when what is on the page now has been painted.
    pub fn fetch_after_paint(self) {
        self.fetch_in(UNPAINTED_MS);
        // The first frame begins before the paint, the second after it.
        before_next_paint(move || before_next_paint(move || self.fetch()));
    }
}

/// How it is had from the server.
#[cfg(feature = "split")]
impl Later {
    /// Tries again at once.
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

    /// Fetches it once, and says whether it is there.
    async fn attempt(self) -> bool {
        match parts::parts().await {
            // Somebody may have tried again meanwhile; what is shown already is not made anew.
            _ if self.is_here() => {}
            Ok(parts) => self.come(parts),
            Err(_) if untrack(|| self.has_failed()) => {}
            Err(_) => self.progress.set(Progress::Failed),
        }
        self.is_here()
    }
}

/// Where the program is one, it is there, and only a test says otherwise.
#[cfg(not(feature = "split"))]
impl Later {
    /// One that comes with [`Self::retry`], and not before: for tests of what is done until then.
    pub fn away() -> Self {
        Self::at(Progress::Away)
    }

    /// Has it come.
    pub fn retry(self) {
        self.come(parts::parts());
    }

    /// Has it fail to come.
    pub fn fail(self) {
        self.progress.set(Progress::Failed);
    }
}

/// Gives everything below the second part, unless something above has done so.
pub fn provide_later() {
    provide_context(use_later());
}

/// The second part.
pub fn use_later() -> Later {
    use_context().unwrap_or_else(Later::new)
}

/// Does something with the second part: at once, where it is there, else when it has come, unless the current owner has ended by then.
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

/// A view of the second part; in its place, while that is on its way, the grey lines of something that loads.
pub fn later(view: impl Fn(&'static Parts) -> AnyView + Send + 'static) -> AnyView {
    use_later().fetch();
    shown(Box::new(view), || {
        view! { <div class="later" aria-busy="true"><Skeleton lines=3/></div> }.into_any()
    })
}

/// A view of the second part that is not missed before it is there.
pub fn in_time(view: impl Fn(&'static Parts) -> AnyView + Send + 'static) -> AnyView {
    shown(Box::new(view), || ().into_any())
}

/// A view of the second part, or what stands in its place. Compiled once, and not for each.
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

/// The table, of which there is one.
#[derive(Clone, Copy)]
struct Same(&'static Parts);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

/// Says that the second part could not be had, and what can be done.
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
