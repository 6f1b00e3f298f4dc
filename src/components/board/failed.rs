//! The ways to go on after an agent has failed: any agent tries again, or a chosen one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::attention::AttentionKind;
use tasktree_protocol::{Agent, AgentId, Status, TaskId};
use web_sys::Element;

use super::actions::BoardActions;
use crate::address::task_number;
use crate::components::common::number_sign::number_sign;
use crate::components::lazy::{act, lazy_call};
use crate::state::{PickUp, UNDONE};
use crate::ui::{Handler, IconName, MenuItem, announce};

lazy_call! {
    /// Puts a failed task back into the queue.
    fn retry(actions: BoardActions, task: TaskId) -> () {
        actions.retry(&task);
    }
}

lazy_call! {
    /// Opens the menu of the agents that can have a failed task.
    fn reassign_menu(actions: BoardActions, task: TaskId, anchor: Element) -> () {
        actions.show_agents(&task, &anchor);
    }
}

impl BoardActions {
    /// Returns true if the agent of a task has failed, and nobody has gone on since. Not tracked.
    pub fn has_failed(&self, task: &TaskId) -> bool {
        let item = untrack(|| self.attention.on_task(&self.board.project(), task, None));
        item.is_some_and(|item| item.kind == AttentionKind::Failed)
    }

    /// Puts a failed task back into the queue. Returns false if its agent has not failed.
    pub fn retry_failed(&self, task: &TaskId) -> bool {
        let has_failed = self.has_failed(task);
        if has_failed {
            act(retry(*self, task.clone()), self.i18n, self.toasts);
        }
        has_failed
    }

    /// Opens a menu of agents at `anchor`; the chosen one gets the failed task. Returns false if
    /// its agent has not failed.
    pub fn reassign_failed(&self, task: &TaskId, anchor: &Element) -> bool {
        let has_failed = self.has_failed(task);
        if has_failed {
            let menu = reassign_menu(*self, task.clone(), anchor.clone());
            act(menu, self.i18n, self.toasts);
        }
        has_failed
    }

    /// Puts a task where the next free agent claims it first. Its next claim has a generation of
    /// its own.
    fn retry(&self, task: &TaskId) {
        if let Some(pick) = self.board.pick_up(task) {
            self.view.focus(task);
            self.put_down(&pick, Status::UpNext);
        }
    }

    /// Returns the items by which a failed task is retried or reassigned.
    pub(super) fn failed_items(&self, task: &TaskId, anchor: &Element) -> [MenuItem; 2] {
        let (this, to_retry, to_reassign) = (*self, task.clone(), task.clone());
        let anchor = anchor.clone();
        let (retry, reassign) =
            untrack(|| self.i18n.t(|s| (s.attention.retry, s.attention.reassign)));
        [
            MenuItem {
                label: retry.to_owned(),
                icon: Some(IconName::Retry),
                begins_group: true,
                on_select: Handler::new(move || this.retry(&to_retry)),
                ..MenuItem::default()
            },
            MenuItem {
                label: format!("{reassign}\u{2026}"),
                icon: Some(IconName::Agent),
                on_select: Handler::new(move || this.show_agents(&to_reassign, &anchor)),
                ..MenuItem::default()
            },
        ]
    }

    fn show_agents(&self, task: &TaskId, anchor: &Element) {
        let Some(pick) = self.board.pick_up(task).filter(|_| self.allows("change")) else {
            return;
        };
        let mut agents = self.board.agents().get_untracked();
        agents.retain(|agent| agent.status.is_open());
        agents.sort_by_key(|agent| (self.refusal(agent).is_some(), agent.id.clone()));
        let mut lines: Vec<_> = agents.iter().map(|it| self.agent_line(it, &pick)).collect();
        if lines.is_empty() {
            let nobody = untrack(|| self.i18n.t(|s| s.attention.nobody_free));
            lines.push(MenuItem {
                label: nobody.to_owned(),
                refused: Some(nobody.to_owned()),
                ..MenuItem::default()
            });
        }
        let number = number_sign(pick.number);
        let label = untrack(|| self.i18n.t(|s| s.attention.reassign_to)(&number));
        self.view.focused.set(Some(task.clone()));
        self.menu.toggle_about(anchor, label, lines, task.as_str());
    }

    fn agent_line(&self, agent: &Agent, pick: &PickUp) -> MenuItem {
        let (this, pick, id) = (*self, pick.clone(), agent.id.clone());
        let refused = self.refusal(agent);
        let label = match &refused {
            Some(why) => format!("{id} \u{b7} {why}"),
            None => id.to_string(),
        };
        MenuItem {
            label,
            icon: Some(IconName::Agent),
            refused,
            on_select: Handler::new(move || this.give(&pick, &id)),
            ..MenuItem::default()
        }
    }

    /// Returns the reason why an agent cannot have another task.
    fn refusal(&self, agent: &Agent) -> Option<String> {
        untrack(|| match agent.held_task() {
            Some(held) => {
                let number = task_number(&held).map_or_else(|| held.to_string(), number_sign);
                Some(self.i18n.t(|s| s.attention.works_on)(&number))
            }
            None if !agent.is_alive => Some(self.i18n.t(|s| s.agent.silent).to_owned()),
            None => None,
        })
    }

    /// Gives a task to an agent, unless it has changed since it was picked up. Reports the result,
    /// with an undo.
    fn give(&self, pick: &PickUp, agent: &AgentId) {
        if let Err(what) = self.board.judge(pick) {
            self.say_overtaken(pick, what, |s| s.attention.not_reassigned);
            return;
        }
        self.view.focus(&pick.task);
        let (this, pick, agent) = (*self, pick.clone(), agent.clone());
        let (id, answer) = self.board.give(&pick, &agent);
        spawn_local(async move {
            match answer.await {
                Ok(()) => {
                    let number = number_sign(pick.number);
                    let given =
                        untrack(|| this.i18n.t(|s| s.attention.given)(&number, agent.as_str()));
                    announce(&given);
                    if let Some(id) = id {
                        this.offer_undo(&pick.task, given, id);
                    }
                }
                Err(error) if error.code == UNDONE => this.say_undone(&pick.task),
                Err(error) => this.refuse(pick.number, &error, |s| s.attention.not_reassigned),
            }
        });
    }
}
