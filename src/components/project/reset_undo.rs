//! Undoing a reset of all tasks, with its messages: from the toast about a reset, and in the list
//! of events.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::ProjectId;

use crate::api::{ApiError, Undone};
use crate::i18n::{I18n, use_i18n};
use crate::state::{AccessState, Undos, use_access, use_undos};
use crate::ui::toast::Toasts;
use crate::ui::{Button, Level, ShowIf, Toast, use_toasts};

/// Number of reasons listed for tasks that stay as they are.
const REASONS: usize = 3;

/// Handle that undoes resets. It can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct ResetUndo {
    access: AccessState,
    undos: Undos,
    toasts: Toasts,
    i18n: I18n,
}

/// Returns a handle that undoes resets on this page.
#[must_use]
pub fn use_reset_undo() -> ResetUndo {
    ResetUndo {
        access: use_access(),
        undos: use_undos(),
        toasts: use_toasts(),
        i18n: use_i18n(),
    }
}

impl ResetUndo {
    /// Returns true if the undo is still possible and the role allows it. Tracked.
    pub fn is_offered(&self, undo: &str) -> bool {
        self.access.may("destroy") && self.undos.is_open(undo)
    }

    /// Undoes a reset, and reports the result.
    pub fn run(self, project: ProjectId, undo: String) {
        spawn_local(async move {
            let toast = match self.undos.undo(&project, &undo).await {
                Ok(undone) => self.done(&undone),
                Err(error) => self.refused(&error),
            };
            self.toasts.push(toast);
        });
    }

    fn done(self, undone: &Undone) -> Toast {
        let Self { i18n, .. } = self;
        untrack(|| {
            let tasks = i18n.count(|s| s.board.tasks, undone.tasks.len() as u64);
            let agents = i18n.count(|s| s.agent.count, undone.agents.len() as u64);
            let what = if undone.agents.is_empty() {
                tasks
            } else {
                [tasks, agents].join(i18n.t(|s| s.common.list_comma))
            };
            let mut text = i18n.t(|s| s.shell.reset_undone)(&what);
            if undone.skipped.is_empty() {
                return Toast::new(Level::Success, text);
            }
            let mut why = undone
                .skipped
                .iter()
                .take(REASONS)
                .cloned()
                .collect::<Vec<_>>();
            if undone.skipped.len() > REASONS {
                why.push("\u{2026}".to_owned());
            }
            text += &i18n.t(|s| s.shell.reset_kept)(&why.join(" "));
            Toast::new(Level::Warning, text)
        })
    }

    fn refused(self, error: &ApiError) -> Toast {
        let Self { i18n, .. } = self;
        let text = untrack(|| {
            let reason = if error.is_not_found() {
                i18n.t(|s| s.shell.reset_over).to_owned()
            } else {
                i18n.error(error)
            };
            i18n.t(|s| s.shell.reset_not_undone)(&reason)
        });
        Toast::new(Level::Error, text)
    }
}

/// Button that undoes a reset; hidden if that is not possible.
#[component]
pub fn UndoButton(
    /// Project whose tasks were reset.
    project: ProjectId,
    /// Id of the undo.
    undo: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let reset = use_reset_undo();
    let target = StoredValue::new((project, undo));
    let run = move |_| {
        if let Some((project, undo)) = target.try_get_value() {
            reset.run(project, undo);
        }
    };
    let is_offered = move || target.with_value(|(_, undo)| reset.is_offered(undo));
    view! {
        <ShowIf when=is_offered>
            <Button label=move || i18n.t(|s| s.common.undo) on_click=run/>
        </ShowIf>
    }
}
