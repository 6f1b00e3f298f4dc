//! Messages, comments, questions and answers: their identifiers, without their texts.
//!
//! The texts of messages, comments and answers are read where they are stored, by those who may
//! read them there, and are gone once they are deleted.

use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::{AgentId, Comment, ProjectId};

use super::super::{Fields, Noted, Recorder};
use super::{agent_subject, noted};
use crate::error::Result;

impl Recorder<'_> {
    /// Stores a message and returns its number.
    pub(crate) fn add_message(
        &mut self,
        project: &ProjectId,
        message: &AgentMessage,
        keep: u64,
    ) -> Result<u64> {
        let id = self.rows.add_message(project, message, keep)?;
        let fields = Fields::default()
            .with("from", &message.from)?
            .with("to", &message.to)?;
        let subject = format!("message:{id}");
        self.note(project, noted(subject, "message_sent", fields));
        Ok(id)
    }

    /// Marks the messages to an agent up to a number as read; returns true if any was unread.
    pub(crate) fn mark_read(
        &mut self,
        project: &ProjectId,
        to: &AgentId,
        up_to: u64,
        millis: i64,
    ) -> Result<bool> {
        let is_new = self.rows.mark_read(project, to, up_to, millis)?;
        if is_new {
            let fields = Fields::default().with("up_to", &up_to)?;
            self.note(project, noted(agent_subject(to), "messages_read", fields));
        }
        Ok(is_new)
    }

    /// Reassigns the messages to an agent so far to a former agent of its name.
    ///
    /// Returns true if any of them was unread.
    pub(crate) fn close_messages(
        &mut self,
        project: &ProjectId,
        to: &AgentId,
        millis: i64,
    ) -> Result<bool> {
        let was_pending = self.rows.close_messages(project, to, millis)?;
        if was_pending {
            let change = noted(agent_subject(to), "messages_closed", Fields::default());
            self.note(project, change);
        }
        Ok(was_pending)
    }

    /// Stores a new comment and returns its number.
    pub(crate) fn add_comment(
        &mut self,
        project: &ProjectId,
        task: u64,
        comment: &Comment,
    ) -> Result<u64> {
        let id = self.rows.add_comment(project, task, comment)?;
        let fields = Fields::default()
            .with("task", &task)?
            .with("author", &comment.author)?
            .with("bytes", &comment.body.len())?;
        let subject = format!("comment:{id}");
        self.note(project, noted(subject, "comment_added", fields));
        Ok(id)
    }

    /// Replaces the text and times of a comment.
    pub(crate) fn put_comment(
        &mut self,
        project: &ProjectId,
        before: &Comment,
        after: &Comment,
    ) -> Result<()> {
        self.rows.put_comment(project, after)?;
        let mut fields = Fields::default();
        fields.note("bytes", Some(&before.body.len()), Some(&after.body.len()))?;
        let (before, after) = (Some(before), Some(after));
        compare!(fields, before, after; edited_at, deleted_at);
        let (id, kind) = match after {
            Some(comment) if comment.deleted_at.is_some() => (comment.id, "comment_deleted"),
            Some(comment) => (comment.id, "comment_edited"),
            None => return Ok(()),
        };
        self.note(project, noted(format!("comment:{id}"), kind, fields));
        Ok(())
    }

    /// Stores a new question and returns its number.
    pub(crate) fn add_question(
        &mut self,
        project: &ProjectId,
        task: Option<u64>,
        question: &Question,
    ) -> Result<u64> {
        let id = self.rows.add_question(project, task, question)?;
        let fields = Fields::default()
            .with("agent", &question.agent)?
            .with("task", &task)?
            .with("kind", &question.kind)?
            .with("text", &question.text)?
            .with("options", &question.options)?;
        let change = Noted {
            generation: question.generation,
            ..noted(format!("question:{id}"), "question_asked", fields)
        };
        self.note(project, change);
        Ok(id)
    }

    /// Stores the end of a question.
    pub(crate) fn close_question(
        &mut self,
        project: &ProjectId,
        question: &Question,
    ) -> Result<()> {
        self.rows.close_question(project, question)?;
        let fields = Fields::default().with("outcome", &question.outcome)?;
        let subject = format!("question:{}", question.id);
        let change = Noted {
            generation: question.generation,
            ..noted(subject, "question_closed", fields)
        };
        self.note(project, change);
        Ok(())
    }

    /// Stores a new answer and returns its number.
    pub(crate) fn add_question_answer(
        &mut self,
        project: &ProjectId,
        answer: &Answer,
    ) -> Result<u64> {
        let id = self.rows.add_question_answer(project, answer)?;
        self.touch_question(project, answer.question)?;
        let fields = Fields::default()
            .with("answer", &id)?
            .with("late", &answer.late)?;
        let subject = format!("question:{}", answer.question);
        self.note(project, noted(subject, "question_answered", fields));
        Ok(id)
    }

    /// Updates the delivery state of an answer.
    pub(crate) fn put_question_answer(
        &mut self,
        project: &ProjectId,
        before: &Answer,
        after: &Answer,
    ) -> Result<()> {
        self.rows.put_question_answer(project, after)?;
        if before.late != after.late {
            self.touch_question(project, after.question)?;
        }
        let mut fields = Fields::default().with("answer", &after.id)?;
        let subject = format!("question:{}", after.question);
        let (before, after) = (Some(before), Some(after));
        compare!(fields, before, after; late, delivered_at, read_at, sent_again_at);
        self.note(project, noted(subject, "answer_updated", fields));
        Ok(())
    }

    /// Adds the agent that asked a question to the stored rows.
    fn touch_question(&mut self, project: &ProjectId, question: u64) -> Result<()> {
        if let Some(question) = self.rows.question(project, question)? {
            let agents = &mut self.touch(project).agents;
            agents.entry(question.agent).or_insert(None);
        }
        Ok(())
    }
}
