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
use crate::ui::{Button, IconName, Skeleton, effect};

/// How far the second part has come.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "split"),
    expect(dead_code, reason = "it is there from the start")
)]
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
    /// What is done when it has come.
    waiting: StoredValue<Vec<Act>, LocalStorage>,
}

/// What is done with it.
type Act = Box<dyn FnOnce(&'static Parts)>;
/// What is made of it.
type View = Box<dyn Fn(&'static Parts) -> AnyView + Send>;

/// After a failure it is tried again after this, doubled with every failure, in milliseconds.
const RETRY_MS: u32 = 1_000;
/// The longest time between two attempts, in milliseconds.
const RETRY_LONGEST_MS: u32 = 5_000;

impl Later {
    fn new() -> Self {
        #[cfg(feature = "split")]
        let progress = Progress::Away;
        #[cfg(not(feature = "split"))]
        let progress = Progress::Here(parts::parts());
        Self {
            progress: RwSignal::new(progress),
            waiting: StoredValue::new_local(Vec::new()),
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
        spawn_local(async move {
            let mut delay = RETRY_MS;
            while !self.attempt().await {
                TimeoutFuture::new(delay).await;
                delay = RETRY_LONGEST_MS.min(delay * 2);
            }
        });
    }

    /// Fetches it once, and says whether it is there.
    async fn attempt(self) -> bool {
        #[cfg(feature = "split")]
        match parts::parts().await {
            // Somebody may have tried again meanwhile; what is shown already is not made anew.
            _ if self.is_here() => return true,
            Ok(parts) => self.progress.set(Progress::Here(parts)),
            Err(_) if self.has_failed() => {}
            Err(_) => self.progress.set(Progress::Failed),
        }
        let Progress::Here(parts) = self.progress.get_untracked() else {
            return false;
        };
        let waiting = self.waiting.try_update_value(std::mem::take);
        for act in waiting.into_iter().flatten() {
            act(parts);
        }
        true
    }

    #[cfg(feature = "split")]
    fn has_failed(self) -> bool {
        matches!(self.progress.get_untracked(), Progress::Failed)
    }

    /// Does what a person asked for: at once, where the second part is there, else when it has come.
    pub fn act(self, act: impl FnOnce(&'static Parts) + 'static) {
        self.act_boxed(Box::new(act));
    }

    fn act_boxed(self, act: Act) {
        if let Progress::Here(parts) = self.progress.get_untracked() {
            act(parts);
        } else {
            self.waiting.update_value(|waiting| waiting.push(act));
            self.fetch();
        }
    }

    /// Fetches it when what is on the page now has been painted.
    pub fn fetch_after_paint(self) {
        // The first frame begins before the paint, the second after it.
        request_animation_frame(move || request_animation_frame(move || self.fetch()));
    }
}

/// Gives everything below the second part.
pub fn provide_later() {
    provide_context(Later::new());
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

/// A view of the second part; in its place, while that is on its way, something that says so.
pub fn later(view: impl Fn(&'static Parts) -> AnyView + Send + 'static) -> AnyView {
    use_later().fetch();
    shown(Box::new(view), |later, is_failed| {
        if is_failed {
            failed(later)
        } else {
            view! { <div class="later" aria-busy="true"><Skeleton lines=3/></div> }.into_any()
        }
    })
}

/// A view of the second part that is not missed before it is there.
pub fn in_time(view: impl Fn(&'static Parts) -> AnyView + Send + 'static) -> AnyView {
    shown(Box::new(view), |_, _| ().into_any())
}

/// A view of the second part, or what stands in its place. Compiled once, and not for each.
fn shown(view: View, in_its_place: fn(Later, bool) -> AnyView) -> AnyView {
    let later = use_later();
    (move || match later.progress.get() {
        Progress::Here(parts) => view(parts),
        other => in_its_place(later, matches!(other, Progress::Failed)),
    })
    .into_any()
}

fn failed(later: Later) -> AnyView {
    let i18n = use_i18n();
    let retry = move |_| {
        spawn_local(async move {
            later.attempt().await;
        });
    };
    view! {
        <div class="later panel-empty" role="alert">
            <p>{move || i18n.first(|s| s.part_not_loaded)}</p>
            <Button icon=IconName::Retry label=move || i18n.first(|s| s.retry) on_click=retry/>
        </div>
    }
    .into_any()
}
