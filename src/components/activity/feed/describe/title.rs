//! Events in words.

use tasktree_protocol::Event;

use crate::i18n::I18n;

/// Returns the title of an event; its type if this version does not know it.
pub(super) fn title(i18n: I18n, event: &Event) -> String {
    i18n.t(|s| {
        let s = &s.shell;
        match event {
            Event::TaskCreated(_) => s.event_task_created,
            Event::TaskUpdated(_) => s.event_task_updated,
            Event::TaskDeleted(_) => s.event_task_deleted,
            Event::TaskStatusChanged(_) => s.event_task_status_changed,
            Event::TasksReset(_) => s.event_tasks_reset,
            Event::TaskMerged(_) => s.event_task_merged,
            Event::TaskCompleted(_) => s.event_task_completed,
            Event::TaskQueuedForMerge(_) => s.event_task_queued_for_merge,
            Event::AgentSpawned(_) => s.event_agent_spawned,
            Event::AgentStatusUpdate(agent) if agent.is_silent() => s.event_agent_silent,
            Event::AgentStatusUpdate(_) => s.event_agent_status_update,
            Event::AgentMessages(_) => s.event_agent_messages,
            Event::AttentionChanged(_) => s.event_attention_changed,
            Event::AttentionMarked(_) => s.event_attention_marked,
            Event::CommentsChanged(_) => s.event_comments_changed,
            Event::QuestionAsked(_) => s.event_question_asked,
            Event::QuestionAnswered(_) => s.event_question_answered,
            Event::AnswerDelivered(_) => s.event_answer_delivered,
            Event::QuestionClosed(_) => s.event_question_closed,
            Event::AgentRemoved(_) => s.event_agent_removed,
            Event::CoordinationUpdate(_) => s.event_coordination_update,
            Event::FileLocksUpdate(_) => s.event_file_locks_update,
            Event::PlanGenerated(_) => s.event_plan_generated,
            Event::Notification(_) => s.event_notification,
            Event::Log(_) => s.log,
            Event::ProjectCreated(_) => s.event_project_created,
            Event::ProjectUpdated(_) => s.event_project_updated,
            Event::ProjectDeleted(_) => s.event_project_deleted,
            Event::ProjectReset(_) => s.event_project_reset,
            other => return other.kind().to_owned(),
        }
        .to_owned()
    })
}
