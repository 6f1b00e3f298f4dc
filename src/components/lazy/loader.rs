//! Loading the module with the code of the lazy views, and their style sheet.

use leptos::prelude::*;

#[cfg(divided)]
use futures_util::future::join;

#[cfg(divided)]
use crate::browser::apply_lazy_styles;
use crate::browser::when_idle;

/// Longest time until the views are fetched if the browser is never idle, in milliseconds.
const PREFETCH_MS: u32 = 2_000;
/// Delay of the next attempt after a failure, doubled with every failure, in milliseconds.
#[cfg(divided)]
const RETRY_MS: u32 = 1_000;
/// Longest delay between two attempts, in milliseconds.
#[cfg(divided)]
const RETRY_LONGEST_MS: u32 = 30_000;

/// Progress of loading the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has asked for it.
    Away,
    /// It is being fetched for the first time.
    Loading,
    /// Its views can be created.
    Loaded,
    /// The last attempt failed. Another follows.
    Failed(Failure),
}

/// Reason why the module could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server could not be reached, or failed.
    Unreachable,
    /// The server has another release of the board, and not this module any more.
    Replaced,
}

/// Error of a view whose module could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

#[cfg(divided)]
impl From<wasm_split_helpers::SplitLoaderError> for Unavailable {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

/// Handle to the module of the lazy views.
#[derive(Clone, Copy, Debug)]
pub struct Loader {
    progress: RwSignal<Progress>,
}

impl Loader {
    fn new() -> Self {
        Self::at(if cfg!(divided) {
            Progress::Away
        } else {
            Progress::Loaded
        })
    }

    fn at(progress: Progress) -> Self {
        Self {
            progress: RwSignal::new(progress),
        }
    }

    /// Returns the progress of loading. Tracked.
    pub fn progress(self) -> Progress {
        self.progress.get()
    }

    /// Fetches the module, unless it has loaded or is loading. Retries until that succeeds.
    pub fn fetch(self) {
        if self.progress.try_get_untracked() == Some(Progress::Away) {
            self.progress.set(Progress::Loading);
            self.begin();
        }
    }

    /// Fetches the module when the browser is idle.
    pub fn prefetch(self) {
        if self.progress.try_get_untracked() == Some(Progress::Away) {
            when_idle(PREFETCH_MS, move || self.fetch());
        }
    }
}

#[cfg(divided)]
impl Loader {
    fn begin(self) {
        leptos::task::spawn_local(async move {
            let mut delay = RETRY_MS;
            while !self.attempt().await {
                gloo_timers::future::TimeoutFuture::new(delay).await;
                delay = RETRY_LONGEST_MS.min(delay * 2);
            }
        });
    }

    /// Retries at once.
    pub fn retry(self) {
        leptos::task::spawn_local(async move {
            self.attempt().await;
        });
    }

    /// Fetches the module once. Returns true if it has loaded.
    async fn attempt(self) -> bool {
        let (module, has_styles) = join(module(), apply_lazy_styles()).await;
        let progress = match module.is_ok() && has_styles {
            true => Progress::Loaded,
            false if crate::api::is_replaced().await => Progress::Failed(Failure::Replaced),
            false => Progress::Failed(Failure::Unreachable),
        };
        // Another attempt may have succeeded meanwhile: the views are not created again.
        let before = self.progress.try_get_untracked();
        if before != Some(progress) && before != Some(Progress::Loaded) {
            self.progress.try_set(progress);
        }
        matches!(before, None | Some(Progress::Loaded)) || progress == Progress::Loaded
    }
}

/// Loads the module. It has no effect of its own.
#[cfg(divided)]
#[wasm_split_helpers::wasm_split(lazy, fallible)]
fn module() -> Result<(), Unavailable> {
    Ok(())
}

/// In an undivided build the views are always loaded, except in tests.
#[cfg(not(divided))]
impl Loader {
    /// Creates a handle whose views load with [`Self::retry`], and not before, for tests of the
    /// time until then.
    pub fn away() -> Self {
        Self::at(Progress::Away)
    }

    #[expect(clippy::unused_self, reason = "there is nothing to fetch")]
    fn begin(self) {}

    /// Completes loading.
    pub fn retry(self) {
        self.progress.set(Progress::Loaded);
    }

    /// Fails loading.
    pub fn fail(self, failure: Failure) {
        self.progress.set(Progress::Failed(failure));
    }
}

/// Provides the loader to everything below, unless something above has done so.
pub fn provide_loader() {
    provide_context(use_loader());
}

/// Returns the loader of the page.
pub fn use_loader() -> Loader {
    use_context().unwrap_or_else(Loader::new)
}
