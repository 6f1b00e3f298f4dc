//! Fields that are saved one at a time: typed text is a draft until the server has it.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Task, TaskPatch, Timestamp};
use web_sys::KeyboardEvent;

pub mod editable;
pub mod markdown_field;
pub mod text_field;

use super::open_task::{OpenTask, Saved};
use crate::components::common::discard_words::discard_words;
use crate::i18n::{Strings, Text, use_i18n};
use crate::state::use_unsent;
use crate::ui::keys::is_escape;
use crate::ui::{Button, ButtonLook, Discard, DiscardQuestion, focus_next};
pub use editable::Editable;
pub use markdown_field::MarkdownField;
pub use text_field::{LinesField, TextField};

/// State of a field.
#[derive(Clone, Debug, Default)]
pub enum FieldState {
    /// Nothing to report.
    #[default]
    Idle,
    /// Being sent to the server.
    Saving,
    /// Stored.
    Saved,
    /// Changed by somebody else meanwhile, to this value. Nothing is sent until the person has
    /// chosen.
    Conflict(String),
    /// It cannot be sent as it is.
    Faulty(Fault),
    /// Refused, for this reason.
    Refused(String),
}

/// Sentence about the typed text, in the language of the page.
pub type Fault = fn(&Strings) -> Text;

/// Fault of a text that was written for a task that no longer exists.
const ANOTHER_TASK: Fault = |s| s.task.another_task;

/// Text that a person has typed, with the value and the version of the task that they began with:
/// the task may have changed since.
#[derive(Clone, Debug)]
struct Draft {
    text: String,
    base: String,
    rev: Option<u64>,
    /// Time at which the task was created that the draft changes.
    born: Option<Timestamp>,
    /// Set if it is stored; it is shown until the task with it has been fetched.
    is_stored: bool,
    /// Text that is being sent to the server.
    sent: Option<String>,
    /// Set if it was to be sent while an older text was being sent.
    is_due: bool,
}

/// Field of an open task, as text. It can be copied into handlers.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    open: OpenTask,
    truth: Memo<String>,
    read: fn(&Task) -> String,
    patch: fn(&str) -> TaskPatch,
    /// Returns the fault of a text that cannot be stored; `None` if it can.
    fault: fn(&str) -> Option<Fault>,
    draft: RwSignal<Option<Draft>>,
    state: RwSignal<FieldState>,
}

impl Field {
    /// Creates a field that `read` reads and `patch` changes.
    pub fn new(open: OpenTask, read: fn(&Task) -> String, patch: fn(&str) -> TaskPatch) -> Self {
        Self::checked(open, read, patch, |_| None)
    }

    /// Creates a field that does not send texts with a fault.
    pub fn checked(
        open: OpenTask,
        read: fn(&Task) -> String,
        patch: fn(&str) -> TaskPatch,
        fault: fn(&str) -> Option<Fault>,
    ) -> Self {
        let draft = RwSignal::new(None::<Draft>);
        let truth = Memo::new(move |_| open.read(read));
        // Leaving the page loses text that was typed and not sent, so the browser asks first.
        use_unsent().hold_while(move || {
            let is_typed = |it: &Draft| it.text != it.base && !it.is_stored;
            draft.with(|draft| draft.as_ref().is_some_and(is_typed))
        });
        let field = Self {
            open,
            truth,
            read,
            patch,
            fault,
            draft,
            state: RwSignal::default(),
        };
        Effect::new(move |_| field.on_truth(&truth.get()));
        // "Back" and a link close the drawer without notice: the typed text is saved as when
        // leaving the field.
        on_cleanup(move || field.leave());
        field
    }

    /// Returns the text in the field: the draft, or else the server's value.
    pub fn value(self) -> String {
        self.draft
            .with(|draft| draft.as_ref().map(|draft| draft.text.clone()))
            .unwrap_or_else(|| self.truth.get())
    }

    /// Returns the server's value.
    pub fn stored(self) -> String {
        self.truth.get()
    }

    /// Returns the state of the field.
    pub fn state(self) -> FieldState {
        self.state.get()
    }

    /// Records typed text.
    pub fn edit(self, text: String) {
        let typed = text.clone();
        let begun = self.draft.get_untracked().map(|draft| {
            let base = if draft.is_stored {
                draft.text
            } else {
                draft.base
            };
            (base, draft.rev, draft.born, draft.sent)
        });
        let (base, rev, born, sent) = begun.unwrap_or_else(|| {
            (
                self.truth.get_untracked(),
                self.open.rev(),
                self.born(),
                None,
            )
        });
        self.draft.set(Some(Draft {
            text,
            base,
            rev,
            born,
            is_stored: false,
            sent,
            is_due: false,
        }));
        // The message was about another text.
        let is_of_this = |state: &FieldState| {
            matches!(
                state,
                FieldState::Idle | FieldState::Saving | FieldState::Conflict(_)
            )
        };
        if !self.state.with_untracked(is_of_this) {
            self.state.set(FieldState::Idle);
        }
        // A text that is too long is reported at once, as it may have been pasted.
        let is_idle = |state: &FieldState| matches!(state, FieldState::Idle);
        if !typed.trim().is_empty()
            && self.state.with_untracked(is_idle)
            && let Some(fault) = (self.fault)(&typed)
        {
            self.state.set(FieldState::Faulty(fault));
        }
    }

    /// Handles a new value of the server.
    fn on_truth(self, theirs: &str) {
        let Some(draft) = self.draft.get_untracked() else {
            return;
        };
        if draft.is_stored {
            self.draft.set(None);
            return;
        }
        // The answer to a save reports its own outcome; and an unchanged value is no news.
        if self.is_saving() || self.is_same(theirs, &draft.base) {
            return;
        }
        if self.is_same(&draft.text, &draft.base) {
            self.give_up();
        } else if draft.born != self.born() {
            self.state.set(FieldState::Faulty(ANOTHER_TASK));
        } else if self.is_same(&draft.text, theirs) {
            self.give_up();
        } else {
            self.contest(theirs.to_owned(), self.open.rev());
        }
    }

    /// Returns the time at which the shown task was created.
    fn born(self) -> Option<Timestamp> {
        untrack(|| self.open.born())
    }

    /// Returns true if two texts are stored as the same value.
    fn is_same(self, one: &str, other: &str) -> bool {
        (self.patch)(one) == (self.patch)(other)
    }

    /// Shows a conflict with that version of the task, from which the person chooses.
    fn contest(self, theirs: String, rev: Option<u64>) {
        self.rebase(theirs.clone(), rev);
        self.state.try_set(FieldState::Conflict(theirs));
    }

    /// Bases the draft on that value, in that version of the task.
    fn rebase(self, base: String, rev: Option<u64>) {
        self.draft.try_update(|draft| {
            if let Some(draft) = draft {
                (draft.base, draft.rev) = (base, rev);
            }
        });
    }

    fn is_contested(self) -> bool {
        self.state
            .with_untracked(|state| matches!(state, FieldState::Conflict(_)))
    }

    fn is_saving(self) -> bool {
        self.state
            .with_untracked(|state| matches!(state, FieldState::Saving))
    }

    /// Sends the person's text over the conflicting value that they have seen.
    pub fn keep(self) {
        self.state.set(FieldState::Idle);
        self.commit();
    }

    /// Discards the draft, and shows the server's value.
    pub fn give_up(self) {
        self.draft.set(None);
        self.state.set(FieldState::Idle);
    }

    /// Sends the draft, if it differs from the server's value.
    pub fn commit(self) {
        // A browser reports the loss of the focus of a field that is removed while it has it: by
        // then there is no draft, and `leave` has sent it.
        let Some(Some(Draft {
            text,
            base,
            rev,
            born,
            is_stored: false,
            ..
        })) = self.draft.try_get_untracked()
        else {
            return;
        };
        if self.is_saving() {
            self.draft.update(|draft| {
                if let Some(draft) = draft {
                    draft.is_due = true;
                }
            });
            return;
        }
        if self.is_same(&text, &base) {
            self.give_up();
            return;
        }
        if self.is_contested() {
            return;
        }
        if let Some(fault) = self.fault_of(&text, born) {
            self.state.set(FieldState::Faulty(fault));
            return;
        }
        self.state.set(FieldState::Saving);
        self.draft.update(|draft| {
            if let Some(draft) = draft {
                draft.sent = Some(text.clone());
            }
        });
        let saving = self.save(&text, base, rev, None);
        spawn_local(async move { self.settle(&text, saving.await) });
    }

    /// Returns the fault of a text, or of sending it if another task has replaced the one that it
    /// was written for.
    fn fault_of(self, text: &str, born: Option<Timestamp>) -> Option<Fault> {
        // After the drawer has closed, the server checks this.
        match self.born() {
            Some(now) if born != Some(now) => Some(ANOTHER_TASK),
            _ => (self.fault)(text),
        }
    }

    /// Sends the unsent text of a field that is removed.
    fn leave(self) {
        let Some(Some(Draft {
            text,
            base,
            rev,
            born,
            sent,
            is_stored: false,
            ..
        })) = self.draft.try_get_untracked()
        else {
            return;
        };
        if self.is_same(&text, &base) {
            return;
        }
        let open = self.open;
        if self.is_contested() {
            spawn_local(async move { open.say_overtaken(Some(text)) });
        } else if let Some(fault) = self.fault_of(&text, born) {
            let reason = untrack(|| open.actions.i18n.t(fault));
            spawn_local(async move { open.say_not_saved(reason, Some(text)) });
        } else {
            let saving = self.save(&text, base, rev, sent);
            spawn_local(async move { open.say_lost(&saving.await, Some(text)) });
        }
    }

    /// Saves `text` over `base` of the version `rev`. A newer version with either text is no
    /// conflict, as the same save may be sent twice; nor is one with the text that was `sent`
    /// before.
    fn save(
        self,
        text: &str,
        base: String,
        rev: Option<u64>,
        sent: Option<String>,
    ) -> impl Future<Output = Saved> + use<> {
        let (read, text) = (self.read, text.to_owned());
        let patch = (self.patch)(&text);
        self.open.save(patch, rev, move |task| {
            let now = read(task);
            let ours = [Some(&base), Some(&text), sent.as_ref()];
            ours.into_iter().flatten().any(|it| self.is_same(&now, it))
        })
    }

    /// Handles the answer to a save of `text`. Text that was typed meanwhile is a draft of its own.
    fn settle(self, text: &str, saved: Saved) {
        match saved {
            Saved::Done => {
                let Some(Some(draft)) = self.draft.try_get_untracked() else {
                    return;
                };
                let truth = self.truth.get_untracked();
                // The task that was fetched since is this version, or a later one.
                let is_fetched = !self.is_same(&truth, &draft.base);
                if draft.text != text {
                    self.state.set(FieldState::Idle);
                    self.rebase(text.to_owned(), draft.rev);
                    if is_fetched {
                        self.on_truth(&truth);
                    }
                } else {
                    self.state.set(FieldState::Saved);
                    let stored = Draft {
                        is_stored: true,
                        ..draft
                    };
                    self.draft.set((!is_fetched).then_some(stored));
                }
                let is_due = |draft: &Option<Draft>| draft.as_ref().is_some_and(|it| it.is_due);
                if self.draft.try_with_untracked(is_due) == Some(true) {
                    self.commit();
                }
            }
            Saved::Conflict(task) => {
                self.contest((self.read)(&task), Some(task.rev).filter(|rev| *rev > 0));
            }
            Saved::Refused(reason) => {
                self.state.try_set(FieldState::Refused(reason));
            }
            Saved::Declined => {
                if self.draft.try_get_untracked().is_some() {
                    self.give_up();
                }
            }
        }
    }

    /// Returns true if discarding the draft would lose typed text.
    fn is_written(self) -> bool {
        let is_on_its_way =
            |draft: &Draft| self.is_saving() && draft.sent.as_ref() == Some(&draft.text);
        let draft = self.draft.try_get_untracked().flatten();
        draft.is_some_and(|draft| {
            let is_kept = draft.is_stored || is_on_its_way(&draft);
            !is_kept && !self.is_same(&draft.text, &draft.base)
        })
    }

    /// Returns the guard for Escape: it discards the draft, after a question if text was typed, and
    /// then calls `then`.
    fn way_out(self, then: impl Fn() + Send + Sync + 'static) -> Discard {
        let give_up = move || {
            self.give_up();
            then();
        };
        Discard::new(move || self.is_written(), give_up)
    }

    /// Saves the typed text when the field loses the focus, unless the question took the focus.
    fn blur(self, way_out: Discard) {
        if !untrack(|| way_out.is_asking()) {
            self.commit();
        }
    }

    /// Handles Escape if there is a draft to discard; then the key has no other effect.
    fn escape(self, event: &KeyboardEvent, way_out: Discard) {
        if is_escape(event) && self.draft.with_untracked(Option::is_some) {
            event.prevent_default();
            event.stop_propagation();
            way_out.escape();
        }
    }
}

/// Text below a field: it is stored, why it is not, or its conflicting value. Below it is the
/// question before typed text is discarded.
#[component]
pub fn FieldNote(
    /// Field that the text is about.
    field: Field,
    /// Guard of the field's draft.
    way_out: Discard,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <DiscardQuestion guard=way_out words=discard_words(i18n) />
        <StateNote field />
    }
}

#[component]
fn StateNote(field: Field) -> impl IntoView {
    let i18n = use_i18n();
    let unsent = use_unsent();
    let conflict = NodeRef::<html::Div>::new();
    // The buttons disappear with the choice; the focus stays near, at the field or the button that
    // opens it.
    let stay = move || {
        let place = conflict.get_untracked().and_then(|it| it.parent_element());
        focus_next(place, "input, textarea, header .icon-button");
    };
    let take_theirs = move |_| {
        stay();
        field.give_up();
    };
    let keep_mine = move |_| {
        stay();
        field.keep();
    };
    move || {
        match field.state() {
        FieldState::Idle => ().into_any(),
        FieldState::Saving if unsent.is_waiting.get() => {
            view! { <p class="field-note" role="status">{i18n.t(|s| s.unsent.field_waits)}</p> }.into_any()
        }
        FieldState::Saving => view! { <p class="field-note" role="status">{i18n.t(|s| s.task.saving)}</p> }.into_any(),
        FieldState::Saved => {
            view! { <p class="field-note" data-kind="saved" role="status">{i18n.t(|s| s.task.saved)}</p> }.into_any()
        }
        FieldState::Faulty(fault) => {
            view! { <p class="field-note" data-kind="refused" role="alert">{i18n.t(fault)}</p> }.into_any()
        }
        FieldState::Refused(reason) => {
            view! { <p class="field-note" data-kind="refused" role="alert">{reason}</p> }.into_any()
        }
        FieldState::Conflict(theirs) => view! {
            <div node_ref=conflict class="field-note" data-kind="conflict" role="alert">
                <p>{i18n.t(|s| s.task.conflict)}</p>
                <blockquote dir="auto">{theirs}</blockquote>
                // A press must not take the focus from the field: leaving it saves.
                <div class="field-note-actions" on:mousedown=|event| event.prevent_default()>
                    <Button label=i18n.t(|s| s.task.take_theirs) on_click=take_theirs />
                    <Button look=ButtonLook::Danger label=i18n.t(|s| s.task.keep_mine) on_click=keep_mine />
                </div>
            </div>
        }
        .into_any(),
    }
    }
}
