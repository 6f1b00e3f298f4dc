//! The actions on a card, with their messages: shared by drag, keys, menus and the drawer.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{AgentId, Project, TaskCard, TaskId, WireError, error::code};

use super::view::{BoardView, use_board_view};
use crate::address::{Address, View, path_to, use_address};
use crate::components::common::number_sign::number_sign;
use crate::i18n::{I18n, use_i18n};
use crate::state::{
    AccessState, AttentionState, BoardState, DISCARDED, HANDED_OVER, ProjectsState, UNDONE,
    use_access, use_attention, use_board,
};
use crate::ui::copy::copy_text;
use crate::ui::menu::Menu;
use crate::ui::toast::Toasts;
use crate::ui::{Handler, Level, Toast, announce, use_menu, use_toasts};

/// Handle to the actions. It can be copied into handlers and futures.
#[derive(Clone, Copy)]
pub struct BoardActions {
    /// Tasks of the project.
    pub board: BoardState,
    /// State of the person's interaction with the board.
    pub view: BoardView,
    /// Texts of the page.
    pub i18n: I18n,
    pub(super) access: AccessState,
    pub(super) toasts: Toasts,
    pub(super) menu: Menu,
    pub(super) attention: AttentionState,
    address: Address,
    projects: Option<ProjectsState>,
}

impl std::fmt::Debug for BoardActions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("BoardActions")
            .field("view", &self.view)
            .finish_non_exhaustive()
    }
}

/// Returns the actions on the open board.
pub fn use_board_actions() -> BoardActions {
    BoardActions {
        address: use_address(),
        projects: use_context(),
        board: use_board(),
        view: use_board_view(),
        access: use_access(),
        attention: use_attention(),
        i18n: use_i18n(),
        toasts: use_toasts(),
        menu: use_menu(),
    }
}

impl BoardActions {
    /// Returns the card as the board shows it, with its pending changes. Not tracked.
    pub fn card(&self, task: &TaskId) -> Option<TaskCard> {
        self.board.card(task)
    }

    /// Checks the permission, and shows a toast if it is missing: shortcuts bypass hidden buttons.
    pub fn allows(&self, permission: &str) -> bool {
        let is_allowed = untrack(|| self.access.may(permission));
        if !is_allowed {
            let text = untrack(|| self.i18n.t(|s| s.access.not_allowed));
            self.toasts.push(Toast::new(Level::Error, text));
        }
        is_allowed
    }

    /// Returns true if git can merge work here: the project has a repository as far as is known,
    /// and the role allows it. Tracked.
    pub fn offers_merge(&self) -> bool {
        let found = self.projects;
        let project = found.and_then(|projects| projects.find(&self.board.project()));
        let is_repository =
            |project: Project| !project.path.is_empty() && project.is_git_repo != Some(false);
        self.access.may("manage") && project.is_some_and(is_repository)
    }

    /// Shows a toast with the reason why something about a task was refused.
    pub fn refuse(
        &self,
        number: u64,
        error: &WireError,
        sentence: impl Fn(&crate::i18n::Strings) -> crate::i18n::Pair,
    ) {
        self.say_refused(number, &self.reason(error), sentence);
    }

    /// Shows the same toast for a reason that is a sentence already.
    pub fn say_refused(
        &self,
        number: u64,
        reason: &str,
        sentence: impl Fn(&crate::i18n::Strings) -> crate::i18n::Pair,
    ) {
        let text = untrack(|| self.i18n.t(sentence)(&number_sign(number), reason));
        self.toasts.push(Toast::new(Level::Error, text));
    }

    /// Shows a toast with the reason why a text of a task was not saved; its button copies the
    /// text. Not for a scope that is about to end: the button would end with it.
    pub fn say_not_saved(&self, number: u64, reason: &str, written: Option<String>) {
        let (i18n, toasts) = (self.i18n, self.toasts);
        let (text, copy) = untrack(|| {
            i18n.t(|s| {
                (
                    (s.task.not_saved)(&number_sign(number), reason),
                    s.task.copy_written,
                )
            })
        });
        let toast = Toast::new(Level::Error, text);
        toasts.push(match written {
            Some(written) => toast.with_action(
                copy,
                Handler::new(move || {
                    let written = written.clone();
                    spawn_local(async move {
                        let failed = untrack(|| i18n.t(|s| s.common.copy_failed));
                        if copy_text(&written, failed).await {
                            announce(untrack(|| i18n.t(|s| s.common.copied)));
                        } else {
                            toasts.push(Toast::new(Level::Info, written));
                        }
                    });
                }),
            ),
            None => toast,
        });
    }

    /// Returns the reason of a failure as a sentence: the server's, or ours if no answer came.
    pub fn reason(&self, error: &WireError) -> String {
        untrack(|| match error.code.as_str() {
            code::UNSENT => self.i18n.t(|s| s.errors.unanswered).to_owned(),
            DISCARDED => self.i18n.t(|s| s.unsent.discarded).to_owned(),
            HANDED_OVER => self.i18n.t(|s| s.unsent.handed_over).to_owned(),
            code::CLAIMED if error.holder.is_some() => {
                let holder = error.holder.as_ref().map(AgentId::as_str);
                self.i18n.t(|s| s.board.worked_on)(holder.unwrap_or_default())
            }
            _ => self.i18n.refusal(&error.code, &error.message),
        })
    }

    /// Returns the address of a task's drawer, with the filter of the board behind it. Tracked.
    pub fn task_address(&self, number: u64) -> String {
        self.with_filter(View::Board { task: Some(number) })
    }

    /// Returns the address of the board, with its filter. Tracked.
    pub fn board_address(&self) -> String {
        self.with_filter(View::BOARD)
    }

    fn with_filter(&self, view: View) -> String {
        let path = path_to(&self.board.project(), view);
        // A handler may still call this when the board is gone.
        match self.address.query.try_get().as_deref() {
            None | Some("") => path,
            Some(query) => format!("{path}?{query}"),
        }
    }

    /// Opens a task's drawer.
    pub fn open(&self, task: &TaskId) {
        if let Some(card) = self.card(task) {
            self.address
                .open(&untrack(|| self.task_address(card.number)));
        }
    }

    /// Closes the drawer. It replaces the address, so that "back" does not open the task again.
    pub fn close_drawer(&self) {
        self.address.replace(&untrack(|| self.board_address()));
    }

    /// Deletes a task, and shows a toast that can restore it.
    pub fn delete(&self, task: &TaskId) {
        let Some(card) = self.card(task).filter(|_| self.allows("destroy")) else {
            return;
        };
        let (this, task) = (*self, task.clone());
        let (id, answer) = self.board.remove_task(task.clone());
        spawn_local(async move {
            match (answer.await, id) {
                (Ok(()), Some(id)) => this.offer_restore(&task, card.number, id),
                // The undo reports its own result.
                (Err(error), _) if error.code == UNDONE => {}
                (Err(error), _) => this.refuse(card.number, &error, |s| s.task.not_deleted),
                (Ok(()), None) => {}
            }
        });
    }

    /// Restores a deleted task.
    pub fn restore(&self, task: &TaskId, number: u64) {
        if !self.allows("destroy") {
            return;
        }
        let (this, task) = (*self, task.clone());
        let answer = self.board.restore_task(task.clone());
        spawn_local(async move {
            match answer.await {
                Ok(()) => this.view.focus(&task),
                Err(error) => this.refuse(number, &error, |s| s.task.not_restored),
            }
        });
    }

    /// Announces a sentence to screen readers.
    pub fn say(&self, sentence: impl FnOnce(I18n) -> String) {
        announce(&untrack(|| sentence(self.i18n)));
    }
}
