//! The marks of a person on an item: seen, done, snoozed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::attention::{AttentionItem, AttentionMark};
use tasktree_protocol::{Maybe, Timestamp};

use super::view::InboxView;
use crate::browser::clock::server_now_ms;
use crate::i18n::{I18n, use_i18n};
use crate::state::{AttentionState, use_attention};
use crate::ui::toast::Toasts;
use crate::ui::{Handler, Level, Toast, use_toasts};

/// Time for which an item is snoozed, in milliseconds.
const SNOOZE_MS: i64 = 3_600_000;

/// Handle to the marks. It can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    i18n: I18n,
    attention: AttentionState,
    toasts: Toasts,
}

/// Returns the marks of the page.
pub fn use_marks() -> Marks {
    Marks {
        i18n: use_i18n(),
        attention: use_attention(),
        toasts: use_toasts(),
    }
}

impl Marks {
    /// Marks the chosen item as seen.
    pub fn see(self, item: &AttentionItem) {
        let item = item.clone();
        spawn_local(async move { self.attention.see(&item).await });
    }

    /// Marks the chosen item as done, or as open again, and goes on to its neighbor.
    pub fn toggle_done(self, inbox: InboxView) {
        self.change(inbox, |item| {
            let before = done(item.done);
            (
                done(!item.done),
                before,
                (!item.done).then_some(|s| s.attention.marked_done),
            )
        });
    }

    /// Snoozes the chosen item, or ends its snooze, and goes on to its neighbor.
    pub fn toggle_snooze(self, inbox: InboxView) {
        let now_ms = server_now_ms();
        self.change(inbox, |item| {
            let is_snoozed = item
                .snoozed_until
                .is_some_and(|until| until.unix_millis(0) > now_ms);
            let until = (!is_snoozed).then(|| Timestamp::from_unix_millis(now_ms + SNOOZE_MS));
            (
                snoozed(until),
                snoozed(item.snoozed_until),
                (!is_snoozed).then_some(|s| s.attention.was_snoozed),
            )
        });
    }

    /// Makes a change of the chosen item, with a toast that takes it back.
    fn change(
        self,
        inbox: InboxView,
        change: impl FnOnce(&AttentionItem) -> (AttentionMark, AttentionMark, Option<Said>),
    ) {
        let Some(item) = inbox.item.get_untracked() else {
            return;
        };
        let (mark, before, said) = change(&item);
        inbox.leave();
        self.store(item.clone(), mark);
        if let Some(said) = said {
            let undo = Handler::new(move || {
                self.store(item.clone(), before.clone());
                inbox.choose(item.id);
            });
            let (text, label) = untrack(|| (self.i18n.t(said), self.i18n.t(|s| s.common.undo)));
            let toast = Toast::new(Level::Info, text.to_owned());
            self.toasts.push(toast.with_action(label, undo));
        }
    }

    fn store(self, item: AttentionItem, mark: AttentionMark) {
        spawn_local(async move {
            if let Err(error) = self.attention.mark(&item, &mark).await {
                let reason = untrack(|| self.i18n.error(&error));
                let text = untrack(|| self.i18n.t(|s| s.attention.not_marked)(&reason));
                self.toasts.push(Toast::new(Level::Error, text));
            }
        });
    }
}

/// Accessor of a text in the catalogue.
type Said = fn(&crate::i18n::Strings) -> crate::i18n::Text;

fn done(done: bool) -> AttentionMark {
    AttentionMark {
        done: Some(done),
        ..AttentionMark::default()
    }
}

fn snoozed(until: Option<Timestamp>) -> AttentionMark {
    AttentionMark {
        snoozed_until: until.map_or(Maybe::Null, Maybe::Value),
        ..AttentionMark::default()
    }
}
