//! An event in words.

use serde_json::Value;
use tasktree_protocol::{
    AgentId, AgentStatus, Event, Message, ProjectId, Status, TaskCard, TaskId,
};

use crate::address::{View, path_to, task_number};
use crate::components::agent::liveness::waiting_text;
use crate::components::common::actor::actor_name;
use crate::components::common::status_icon::status_icon;
use crate::components::task::history::field_names;
use crate::i18n::I18n;
use crate::ui::IconName;

#[cfg(test)]
mod tests;
mod title;

use title::title;

/// Number of characters shown of an unknown event's data.
const RAW_SHOWN: usize = 160;

/// Event in words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Described {
    pub(super) icon: IconName,
    /// Status that the event is about, for its color.
    pub(super) status: Option<&'static str>,
    /// Title, such as "Task created".
    pub(super) title: String,
    /// Object of the event.
    pub(super) subject: String,
    /// Further detail.
    pub(super) detail: Option<String>,
    /// Address of the subject.
    pub(super) href: Option<String>,
    /// Name of the actor.
    pub(super) actor: String,
    /// Set if title and subject are shown as they came.
    pub(super) is_raw: bool,
}

/// Describes a message of `project` in words.
pub(super) fn describe(i18n: I18n, message: &Message, project: &ProjectId) -> Described {
    let event = &message.event;
    let mut described = Described {
        icon: IconName::Info,
        status: None,
        title: title(i18n, event),
        subject: String::new(),
        detail: None,
        href: None,
        actor: message
            .actor
            .as_deref()
            .map_or_else(String::new, |actor| actor_name(i18n, actor)),
        is_raw: false,
    };
    match event {
        Event::TaskCreated(card) => described.about(card, project, IconName::Add),
        Event::TaskUpdated(card) => {
            described.about(card, project, IconName::Edit);
            if message.changed.iter().any(|field| field == "status") {
                described.moved_to(i18n, card.status);
            } else {
                described.detail = field_names(i18n, &message.changed);
            }
        }
        Event::TaskDeleted(deleted) => {
            described.icon = IconName::Delete;
            described.subject = number_of(&deleted.task_id);
        }
        Event::TaskStatusChanged(change)
        | Event::TaskMerged(change)
        | Event::TaskCompleted(change)
        | Event::TaskQueuedForMerge(change)
        | Event::AgentSpawned(change) => {
            described.subject = number_of(&change.task_id);
            if let Some(card) = &change.task {
                described.about(card, project, IconName::Info);
            }
            let status = change
                .status
                .or_else(|| change.task.as_ref().map(|card| card.status));
            if let Some(status) = status {
                described.moved_to(i18n, status);
            }
            if matches!(event, Event::AgentSpawned(_)) {
                described.icon = IconName::Agent;
                described.detail.clone_from(&change.session);
            }
        }
        Event::TasksReset(reset) => {
            described.icon = IconName::Retry;
            described.subject = i18n.count(|s| s.board.tasks, reset.reset_count);
        }
        Event::AgentStatusUpdate(agent) => {
            described.icon = IconName::Agent;
            described.subject = agent.id.to_string();
            described.detail = match agent.status {
                AgentStatus::Waiting => Some(waiting_text(i18n, agent.waiting_for.as_ref())),
                _ => agent.last_activity.clone(),
            };
        }
        Event::AgentRemoved(removed) => {
            described.icon = IconName::Agent;
            described.subject = removed.id.to_string();
        }
        Event::AgentMessages(messages) => {
            described.icon = IconName::Message;
            let from = match messages.from.as_deref() {
                // A person, on a server without sign-in.
                Some("local") => i18n.t(|s| s.common.a_person),
                from => from.unwrap_or("?"),
            };
            described.subject = i18n.t(|s| (s.agent.from_to)(from, messages.agent.as_str()));
        }
        Event::CommentsChanged(changed) => {
            described.icon = IconName::Message;
            described.subject = number_of(&changed.task_id);
            described.detail = Some(i18n.count(|s| s.comments.count, changed.comments));
            described.href = href_of(&changed.task_id, project);
        }
        Event::QuestionAsked(question) | Event::QuestionClosed(question) => {
            described.about_question(i18n, &question.agent, question.task_id.as_ref(), project);
        }
        Event::QuestionAnswered(answer) | Event::AnswerDelivered(answer) => {
            described.about_question(i18n, &answer.agent, answer.task_id.as_ref(), project);
        }
        Event::AttentionChanged(data) => {
            let count = |field: &str| {
                data.get(field)
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len)
            };
            described.icon = IconName::Bell;
            described.subject = format!("+{} \u{2212}{}", count("opened"), count("closed"));
        }
        Event::AttentionMarked(data) => {
            described.icon = IconName::Bell;
            described.subject = data.get("id").map_or_else(String::new, ToString::to_string);
        }
        Event::CoordinationUpdate(update) => {
            described.icon = IconName::Agent;
            described.subject = i18n.count(|s| s.agent.count, update.active_agents);
        }
        Event::FileLocksUpdate(locks) => {
            described.icon = IconName::Lock;
            let count = locks.leases.len().max(locks.locks.len());
            described.subject = i18n.count(|s| s.agent.lease_count, count as u64);
        }
        Event::PlanGenerated(plan) => {
            described.icon = IconName::Log;
            described.subject = i18n.count(|s| s.board.tasks, plan.tasks_created);
        }
        Event::Notification(notification) => {
            described.icon = IconName::Bell;
            described.subject.clone_from(&notification.title);
            described.detail.clone_from(&notification.message);
        }
        Event::ProjectCreated(project) | Event::ProjectUpdated(project) => {
            described.icon = IconName::Project;
            described.subject.clone_from(&project.name);
        }
        Event::ProjectDeleted(deleted) => {
            described.icon = IconName::Project;
            described.subject = deleted.project_id.to_string();
        }
        Event::ProjectReset(_) => {
            described.icon = IconName::Retry;
            described.subject = project.to_string();
        }
        Event::Log(log) => {
            described.icon = IconName::Log;
            let agent = log.agent.as_ref().map(ToString::to_string);
            described.subject = agent.unwrap_or_else(|| i18n.t(|s| s.common.the_server).to_owned());
            described.detail = log.lines.last().cloned();
        }
        other => {
            described.is_raw = true;
            described.subject = raw(&other.data());
        }
    }
    described
}

impl Described {
    fn about(&mut self, card: &TaskCard, project: &ProjectId, icon: IconName) {
        self.icon = icon;
        self.subject = format!("#{} {}", card.number, card.title);
        self.href = Some(path_to(
            project,
            View::Board {
                task: Some(card.number),
            },
        ));
    }

    fn about_question(
        &mut self,
        i18n: I18n,
        agent: &AgentId,
        task: Option<&TaskId>,
        project: &ProjectId,
    ) {
        self.icon = IconName::Message;
        self.subject = match task {
            Some(task) => i18n.t(|s| (s.agent.on_task)(agent.as_str(), &number_of(task))),
            None => agent.to_string(),
        };
        self.href = task
            .and_then(|task| href_of(task, project))
            .or_else(|| Some(path_to(project, View::Agents)));
    }

    fn moved_to(&mut self, i18n: I18n, status: Status) {
        self.icon = status_icon(status);
        self.status = Some(status.as_str());
        self.detail = Some(i18n.status(status).to_owned());
    }
}

/// Returns the address of a task's drawer.
fn href_of(task: &TaskId, project: &ProjectId) -> Option<String> {
    let number = task_number(task)?;
    let view = View::Board { task: Some(number) };
    Some(path_to(project, view))
}

/// Returns `#12` for `12-project`; the id itself if it has another form.
fn number_of(task: &TaskId) -> String {
    task_number(task).map_or_else(|| task.to_string(), |number| format!("#{number}"))
}

/// Returns the beginning of unknown data.
fn raw(data: &Value) -> String {
    let text = data.to_string();
    match text.char_indices().nth(RAW_SHOWN) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text,
    }
}
