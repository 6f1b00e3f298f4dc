//! The texts of the board in every language, and numbers and dates in the chosen one.
//!
//! A text is written once, in the file of its group, with both languages side by side, so that none
//! can be missing:
//!
//! ```text
//! add_task: Text = "Add task", "添加任务";
//! ```
//!
//! It is read as `i18n.t(|s| s.board.add_task)`, which follows a change of the language inside the
//! closure of a view.

use leptos::prelude::*;
use tasktree_protocol::{Status, Timestamp};

use crate::api::ApiError;
use crate::browser::storage;
use crate::ui::{Clock, boxed_effect};

pub mod access;
pub mod agent;
pub mod attention;
pub mod board;
pub mod card;
mod catalogue;
pub mod comments;
pub mod common;
pub mod connection;
pub mod errors;
pub mod first_run;
mod format;
pub mod keyboard;
mod lower_case;
pub mod merge;
pub mod project;
pub mod questions;
pub mod search;
pub mod shell;
mod strings;
pub mod task;
pub mod unsent;

pub use catalogue::{Count, Pair, SAMPLE_ARGUMENTS, Text, With};
pub use lower_case::{as_displayed, lower_case};
pub use strings::Strings;

/// Storage key of the choice. The script in index.html reads the same key.
const KEY: &str = "tasktree.locale";

/// Language of the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    ZhCn,
}

impl Locale {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// Returns the BCP 47 tag, as `lang` and `Intl` expect it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// Returns the name of the language in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhCn => "中文",
        }
    }

    /// Returns its texts.
    #[inline(always)]
    pub const fn strings(self) -> Strings {
        Strings::of(self)
    }

    /// Returns the first supported language of a person's list, most wanted first.
    pub fn negotiate<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Self {
        wanted
            .into_iter()
            .find_map(|tag| {
                let language = tag.split(['-', '_']).next().unwrap_or_default();
                Self::ALL.into_iter().find(|locale| {
                    locale
                        .tag()
                        .split('-')
                        .next()
                        .is_some_and(|own| own.eq_ignore_ascii_case(language))
                })
            })
            .unwrap_or_default()
    }

    fn kept() -> Option<Self> {
        let kept = storage::load(KEY)?;
        Self::ALL.into_iter().find(|locale| locale.tag() == kept)
    }

    fn of_browser() -> Self {
        let wanted = window().navigator().languages();
        let wanted: Vec<String> = wanted.iter().filter_map(|tag| tag.as_string()).collect();
        Self::negotiate(wanted.iter().map(String::as_str))
    }
}

/// Chosen language. It can be copied into callbacks and futures.
#[derive(Clone, Copy, Debug)]
pub struct I18n {
    locale: RwSignal<Locale>,
}

impl I18n {
    /// Creates a handle that stores nothing and reads nothing from the browser: for tests, and
    /// without a context.
    pub fn new(locale: Locale) -> Self {
        Self {
            locale: RwSignal::new(locale),
        }
    }

    /// Returns the language. Code that outlives a page, such as a save after its drawer closed, may
    /// still call this when the page is gone.
    pub fn locale(self) -> Locale {
        self.locale.try_get().unwrap_or_default()
    }

    /// Changes the language, and stores the choice.
    pub fn set_locale(self, locale: Locale) {
        storage::save(KEY, Some(locale.tag()));
        self.locale.set(locale);
    }

    /// Returns a text of the catalogue: `i18n.t(|s| s.board.add_task)`. Texts with arguments are
    /// functions: `i18n.t(|s| (s.task.moved)(title, column))`.
    #[inline(always)]
    pub fn t<T>(self, pick: impl FnOnce(&Strings) -> T) -> T {
        pick(&self.locale().strings())
    }

    /// Returns a text that depends on a number: `i18n.count(|s| s.board.tasks, 3)`.
    pub fn count(self, pick: impl FnOnce(&Strings) -> Count, count: u64) -> String {
        self.t(pick)(count, &self.number(count))
    }

    /// Returns the reason for a refusal. The server's message is English: other languages put their
    /// own text for the code before it.
    pub fn refusal(self, code: &str, message: &str) -> String {
        self.t(|s| s.errors.refused)(code, message)
    }

    /// Returns the reason why a request failed, for a person.
    pub fn error(self, error: &ApiError) -> String {
        match error {
            ApiError::Offline => self.t(|s| s.errors.offline).to_owned(),
            ApiError::Rejected { code, message, .. } => {
                self.refusal(code.as_deref().unwrap_or_default(), message)
            }
            ApiError::Decode(_) => self.t(|s| s.errors.unreadable).to_owned(),
        }
    }

    /// Returns the name of a column.
    pub fn status(self, status: Status) -> &'static str {
        match status {
            Status::Unclaimed => self.t(|s| s.board.unclaimed),
            Status::UpNext => self.t(|s| s.board.up_next),
            Status::InProgress => self.t(|s| s.board.in_progress),
            Status::Completed => self.t(|s| s.board.completed),
            Status::Merged => self.t(|s| s.board.merged),
        }
    }

    /// Returns the name of a role; a role that this version does not know, as the server names it.
    pub fn role(self, role: &str) -> &str {
        match role {
            "admin" => self.t(|s| s.access.role_admin),
            "editor" => self.t(|s| s.access.role_editor),
            "viewer" => self.t(|s| s.access.role_viewer),
            "agent" => self.t(|s| s.access.role_agent),
            other => other,
        }
    }

    /// Returns the permissions of a role in a few words.
    pub fn role_use(self, role: &str) -> &'static str {
        match role {
            "admin" => self.t(|s| s.access.use_admin),
            "editor" => self.t(|s| s.access.use_editor),
            "agent" => self.t(|s| s.access.use_agent),
            _ => self.t(|s| s.access.use_viewer),
        }
    }

    /// Formats a whole number.
    pub fn number(self, number: u64) -> String {
        format::number(self.locale(), number)
    }

    /// Formats an age of up to a day; older moments as their date. `now_ms` comes from the page's
    /// clock, which stands still while the data is not live.
    pub fn ago(self, at: Timestamp, now_ms: i64) -> String {
        format::ago(self.locale(), unix_millis(at), now_ms)
    }

    /// Formats an age by the page's clock, as [`Self::ago`] does. While that clock stands still, it
    /// returns the time or date instead, since an age would be wrong a minute later.
    pub fn age(self, at: Timestamp, clock: Clock) -> String {
        let (at_ms, now_ms) = (unix_millis(at), clock.now_ms());
        if clock.is_stale() {
            format::moment(self.locale(), at_ms, now_ms)
        } else {
            format::ago(self.locale(), at_ms, now_ms)
        }
    }

    /// Formats the time of day in hours and minutes.
    pub fn time(self, unix_ms: i64) -> String {
        format::time(self.locale(), unix_ms)
    }

    /// Formats the time of day to the second.
    pub fn time_to_second(self, unix_ms: i64) -> String {
        format::time_to_second(self.locale(), unix_ms)
    }

    /// Formats date and time to the second, for tooltips.
    pub fn date_time(self, at: Timestamp) -> String {
        format::date_time(self.locale(), unix_millis(at))
    }
}

/// Returns the milliseconds since 1970-01-01T00:00:00Z. A moment without a zone is one on this
/// browser's clock.
pub fn unix_millis(at: Timestamp) -> i64 {
    at.unix_millis(format::local_offset_minutes())
}

/// Provides the language to everything below: the one chosen here before, or else the browser's.
/// `lang` of the document follows it.
pub fn provide_i18n() -> I18n {
    let i18n = I18n::new(Locale::kept().unwrap_or_else(Locale::of_browser));
    boxed_effect(move || {
        let tag = i18n.locale.get().tag();
        if let Some(root) = document().document_element() {
            // `lang` is a valid attribute name, the only thing that could fail.
            drop(root.set_attribute("lang", tag));
        }
    });
    provide_context(i18n);
    i18n
}

/// Returns the language of the page; English if none was provided.
pub fn use_i18n() -> I18n {
    use_context().unwrap_or_else(|| I18n::new(Locale::En))
}
