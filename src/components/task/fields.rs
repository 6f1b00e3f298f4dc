//! Fields that are saved one at a time: typed text is a draft until the server has it.
//!
//! [`tasktree_protocol::draft`] decides what happens to it; here it gets the open task, and the
//! person's input.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::draft::{self, Change, Draft, Input, Loss, Note, Output, Rules, Version};
use tasktree_protocol::{Task, TaskPatch};
use web_sys::KeyboardEvent;

pub mod editable;
pub mod field_note;
pub mod markdown_field;
pub mod text_field;

use super::open_task::{OpenTask, Saved};
use crate::i18n::{Strings, Text};
use crate::state::use_unsent;
use crate::ui::Discard;
use crate::ui::keys::is_escape;
pub use editable::Editable;
pub use field_note::FieldNote;
pub use markdown_field::MarkdownField;
pub use text_field::{LinesField, TextField};

/// Sentence about the typed text, in the language of the page.
pub type Fault = fn(&Strings) -> Text;

/// Field of an open task, as text. It can be copied into handlers.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    read: Memo<Version>,
    draft: RwSignal<Draft<Fault>>,
    note: Memo<Note<Fault>>,
    driver: StoredValue<Driver>,
}

/// Draft of a field with its task. It outlives the field while a change is on its way.
#[derive(Clone, Debug)]
struct Driver {
    open: OpenTask,
    read: fn(&Task) -> String,
    rules: Rules<Fault>,
    draft: ArcRwSignal<Draft<Fault>>,
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
        let rules = Rules { patch, fault };
        let version = Memo::new(move |_| open.version(read));
        let draft = ArcRwSignal::new(Draft::new(rules, version.get_untracked()));
        let driver = Driver {
            open,
            read,
            rules,
            draft: draft.clone(),
        };
        let draft = RwSignal::from(draft);
        // Leaving the page loses text that was typed and not sent, so the browser asks first.
        use_unsent().hold_while(move || draft.with(Draft::is_unsent));
        let field = Self {
            read: version,
            draft,
            note: Memo::new(move |_| draft.with(Draft::note)),
            driver: StoredValue::new(driver.clone()),
        };
        Effect::new(move |_| field.input(Input::Read(version.get())));
        // "Back" and a link close the drawer without notice: the typed text is saved as when
        // leaving the field.
        on_cleanup(move || driver.input(Input::Left));
        field
    }

    /// Returns the text in the field: the draft, or else the server's value. Tracked.
    pub fn value(self) -> String {
        self.draft.with(|draft| draft.text().to_owned())
    }

    /// Returns the server's value. Tracked.
    pub fn stored(self) -> String {
        self.read.with(|version| version.text.clone())
    }

    /// Returns the note below the field. Tracked.
    pub fn note(self) -> Note<Fault> {
        self.note.get()
    }

    /// Passes an input to the draft, unless the field was removed: a browser reports the loss of
    /// the focus of a field that is removed while it has it.
    pub fn input(self, input: Input) {
        if let Some(driver) = self.driver.try_get_value() {
            driver.input(input);
        }
    }

    /// Records typed text.
    pub fn edit(self, text: String) {
        self.input(Input::Typed(text));
    }

    /// Sends the draft, if it differs from the server's value.
    pub fn commit(self) {
        self.input(Input::Commit);
    }

    /// Returns true if the draft fulfills a condition. Not tracked.
    fn is(self, condition: fn(&Draft<Fault>) -> bool) -> bool {
        self.draft.try_with_untracked(condition) == Some(true)
    }

    /// Returns the guard for Escape: it discards the draft, after a question if text was typed, and
    /// then calls `then`.
    fn way_out(self, then: impl Fn() + Send + Sync + 'static) -> Discard {
        let discard = move || {
            self.input(Input::Discard);
            then();
        };
        Discard::new(move || self.is(Draft::is_written), discard)
    }

    /// Saves the typed text when the field loses the focus, unless the question took the focus.
    fn blur(self, way_out: Discard) {
        if !untrack(|| way_out.is_asking()) {
            self.commit();
        }
    }

    /// Handles Escape if there is a draft to discard; then the key has no other effect.
    fn escape(self, event: &KeyboardEvent, way_out: Discard) {
        if is_escape(event) && self.is(Draft::can_discard) {
            event.prevent_default();
            event.stop_propagation();
            way_out.escape();
        }
    }
}

impl Driver {
    fn input(&self, input: Input) {
        match self.draft.try_update(|draft| draft.handle(input)) {
            Some(Some(Output::Send(change))) => self.clone().send(change),
            Some(Some(Output::Lost { text, reason })) => self.report(text, reason),
            Some(None) | None => {}
        }
    }

    /// Sends a change, and passes the answer to the draft.
    fn send(self, change: Change) {
        let (read, rules, id) = (self.read, self.rules, change.id);
        let (patch, rev) = ((rules.patch)(&change.text), change.base.rev);
        let saving = self.open.save(patch, rev, move |task| {
            rules.may_replace(&change, &read(task))
        });
        spawn_local(async move {
            let answer = match saving.await {
                Saved::Done(rev) => draft::Answer::Stored { rev },
                Saved::Conflict(task) => draft::Answer::Conflict(version_of(&task, read)),
                Saved::Refused(reason) => draft::Answer::Refused(reason),
                Saved::Declined => draft::Answer::Declined,
            };
            self.input(Input::Answered { id, answer });
        });
    }

    /// Shows a toast with a text that was lost with the field.
    fn report(&self, text: String, reason: Loss<Fault>) {
        let open = self.open;
        let words = move |fault| untrack(|| open.actions.i18n.t(sentence(fault))).to_owned();
        // Not while the view of the field is removed.
        spawn_local(async move {
            match reason {
                Loss::Overtaken => open.say_overtaken(Some(text)),
                Loss::Faulty(fault) => open.say_not_saved(&words(fault), Some(text)),
                Loss::Refused(reason) => open.say_not_saved(&reason, Some(text)),
            }
        });
    }
}

impl OpenTask {
    /// Returns a field's value in the version of the task that is shown. Tracked.
    fn version(self, read: fn(&Task) -> String) -> Version {
        self.read(|task| version_of(task, read))
    }
}

fn version_of(task: &Task, read: fn(&Task) -> String) -> Version {
    Version {
        text: read(task),
        rev: Some(task.rev).filter(|rev| *rev > 0),
        created_at: Some(task.created_at),
    }
}

/// Returns the sentence about a fault.
fn sentence(fault: draft::Fault<Fault>) -> Fault {
    match fault {
        draft::Fault::Text(fault) => fault,
        draft::Fault::AnotherTask => |s| s.task.another_task,
    }
}
