//! Fields that are saved one at a time: what is typed is a draft until the server has it.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Task, TaskPatch, Timestamp};
use web_sys::KeyboardEvent;

pub mod editable;
pub mod markdown_field;
pub mod text_field;

use super::discard_words::discard_words;
use super::task_drawer::{OpenTask, Saved};
use crate::i18n::{Strings, Text, use_i18n};
use crate::state::use_unsent;
use crate::ui::keys::is_escape;
use crate::ui::{Button, ButtonLook, Discard, DiscardQuestion, focus_next};
pub use editable::Editable;
pub use markdown_field::MarkdownField;
pub use text_field::{LinesField, TextField};

/// How a field does.
#[derive(Clone, Debug, Default)]
pub enum FieldState {
    /// Nothing to say.
    #[default]
    Idle,
    /// On its way to the server.
    Saving,
    /// Stored.
    Saved,
    /// Changed elsewhere meanwhile: to this. Nothing is sent until the person has chosen.
    Conflict(String),
    /// It cannot be sent as it is.
    Faulty(Fault),
    /// Refused, for this reason.
    Refused(String),
}

/// A sentence about what was typed, in the language of the page.
pub type Fault = fn(&'static Strings) -> Text;

/// Said of a text that was written for a task that is no more.
const ANOTHER_TASK: Fault = |s| s.task.another_task;

/// What a person has typed, and the value and the version of the task that they began with: the task may have changed since.
#[derive(Clone, Debug)]
struct Draft {
    text: String,
    base: String,
    rev: Option<u64>,
    /// When the task was made that it is a change of.
    born: Option<Timestamp>,
    /// It is stored, and shown until the task that holds it has been fetched.
    is_stored: bool,
    /// What is on its way to the server.
    sent: Option<String>,
    /// It was to be sent while an older text was on its way.
    is_due: bool,
}

/// One field of an open task, as text. It can be copied into handlers.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    open: OpenTask,
    truth: Memo<String>,
    read: fn(&Task) -> String,
    patch: fn(&str) -> TaskPatch,
    /// What is wrong with a text that cannot be stored; nothing where it can.
    fault: fn(&str) -> Option<Fault>,
    draft: RwSignal<Option<Draft>>,
    state: RwSignal<FieldState>,
}

impl Field {
    /// The field that `read` reads and `patch` changes.
    pub fn new(open: OpenTask, read: fn(&Task) -> String, patch: fn(&str) -> TaskPatch) -> Self {
        Self::checked(open, read, patch, |_| None)
    }

    /// The same, of which a text that has a fault is not sent.
    pub fn checked(
        open: OpenTask,
        read: fn(&Task) -> String,
        patch: fn(&str) -> TaskPatch,
        fault: fn(&str) -> Option<Fault>,
    ) -> Self {
        let draft = RwSignal::new(None::<Draft>);
        let truth = Memo::new(move |_| open.read(read));
        // A page that is left takes with it what was typed and not sent.
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
        Effect::new(move |_| field.hear(&truth.get()));
        // "Back" and a link take the drawer away without a word: what was typed is saved as on leaving the field.
        on_cleanup(move || field.leave());
        field
    }

    /// What is in the field: the draft, else what the server has.
    pub fn value(self) -> String {
        self.draft
            .with(|draft| draft.as_ref().map(|draft| draft.text.clone()))
            .unwrap_or_else(|| self.truth.get())
    }

    /// What the server has.
    pub fn stored(self) -> String {
        self.truth.get()
    }

    /// How it does.
    pub fn state(self) -> FieldState {
        self.state.get()
    }

    /// Takes what the person typed.
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
        // What was said was said of another text.
        let is_of_this = |state: &FieldState| {
            matches!(
                state,
                FieldState::Idle | FieldState::Saving | FieldState::Conflict(_)
            )
        };
        if !self.state.with_untracked(is_of_this) {
            self.state.set(FieldState::Idle);
        }
        // A text that is too long is said at once, as it may have been pasted.
        let is_idle = |state: &FieldState| matches!(state, FieldState::Idle);
        if !typed.trim().is_empty()
            && self.state.with_untracked(is_idle)
            && let Some(fault) = (self.fault)(&typed)
        {
            self.state.set(FieldState::Faulty(fault));
        }
    }

    /// The server has another value than before.
    fn hear(self, theirs: &str) {
        let Some(draft) = self.draft.get_untracked() else {
            return;
        };
        if draft.is_stored {
            self.draft.set(None);
            return;
        }
        // The answer to a save says what became of it; and a value that is still there is no news.
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

    /// When the task that is shown was made.
    fn born(self) -> Option<Timestamp> {
        untrack(|| self.open.born())
    }

    /// Whether two texts are stored as the same value.
    fn is_same(self, one: &str, other: &str) -> bool {
        (self.patch)(one) == (self.patch)(other)
    }

    /// The field was changed elsewhere, in that version of the task: the person sees it, and chooses.
    fn contest(self, theirs: String, rev: Option<u64>) {
        self.rebase(theirs.clone(), rev);
        self.state.try_set(FieldState::Conflict(theirs));
    }

    /// What is typed is a change of that value, in that version of the task.
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

    /// The person has seen what it was changed to elsewhere, and has chosen what they wrote.
    pub fn keep(self) {
        self.state.set(FieldState::Idle);
        self.commit();
    }

    /// The person gave up: back to what the server has.
    pub fn give_up(self) {
        self.draft.set(None);
        self.state.set(FieldState::Idle);
    }

    /// Sends the draft, if it says anything new.
    pub fn commit(self) {
        // A browser tells a field that is taken away while it has the focus that it lost it: by then there is no draft, and
        // `leave` has sent it.
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

    /// What is wrong with a text, or with sending it: another task has come in place of the one that
    /// it was written for.
    fn fault_of(self, text: &str, born: Option<Timestamp>) -> Option<Fault> {
        // Where the drawer has gone, the server looks.
        match self.born() {
            Some(now) if born != Some(now) => Some(ANOTHER_TASK),
            _ => (self.fault)(text),
        }
    }

    /// Sends what the field that goes away has not sent.
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

    /// Saves `text` over `base` of the version `rev`. A newer version that has either is no conflict, as the same save may be on its way twice; nor
    /// is one that has what was `sent` before.
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

    /// Takes the answer to a save of `text`. What was typed meanwhile is a draft of its own.
    fn settle(self, text: &str, saved: Saved) {
        match saved {
            Saved::Done => {
                let Some(Some(draft)) = self.draft.try_get_untracked() else {
                    return;
                };
                let truth = self.truth.get_untracked();
                // The task that was fetched since is this one, or a later one.
                let is_fetched = !self.is_same(&truth, &draft.base);
                if draft.text != text {
                    self.state.set(FieldState::Idle);
                    self.rebase(text.to_owned(), draft.rev);
                    if is_fetched {
                        self.hear(&truth);
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

    /// Returns true where giving up would lose something that was typed.
    fn is_written(self) -> bool {
        let is_on_its_way =
            |draft: &Draft| self.is_saving() && draft.sent.as_ref() == Some(&draft.text);
        let draft = self.draft.try_get_untracked().flatten();
        draft.is_some_and(|draft| {
            let is_kept = draft.is_stored || is_on_its_way(&draft);
            !is_kept && !self.is_same(&draft.text, &draft.base)
        })
    }

    /// Returns the way out by Escape: it gives up, after a question where something was typed, and
    /// calls `then`.
    fn way_out(self, then: impl Fn() + Send + Sync + 'static) -> Discard {
        let give_up = move || {
            self.give_up();
            then();
        };
        Discard::new(move || self.is_written(), give_up)
    }

    /// Saves what was typed when the field loses the focus, unless the question took it.
    fn blur(self, way_out: Discard) {
        if !untrack(|| way_out.is_asking()) {
            self.commit();
        }
    }

    /// Takes Escape, where there is anything to give up; then it is nobody else's key.
    fn escape(self, event: &KeyboardEvent, way_out: Discard) {
        if is_escape(event) && self.draft.with_untracked(Option::is_some) {
            event.prevent_default();
            event.stop_propagation();
            way_out.escape();
        }
    }
}

/// The text below a field: that it is stored, why it is not, or what it was changed to elsewhere;
/// and the question before what was typed is discarded.
#[component]
pub fn FieldNote(
    /// The field.
    field: Field,
    /// The way out of the field.
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
    // The buttons go with what was chosen; the focus stays near, at the field or what opens it.
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
                // A press must not take the focus from the field: leaving it has a meaning of its own.
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
