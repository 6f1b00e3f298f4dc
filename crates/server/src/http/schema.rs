//! Types of requests and answers, under their names in the API's description.

pub(crate) use tasktree_protocol::agent::{Agent, AgentMessage, Lease, Run};
pub(crate) use tasktree_protocol::attention::{Attention, AttentionMark, AttentionMarked};
pub(crate) use tasktree_protocol::event::Notification;
pub(crate) use tasktree_protocol::http::{
    AccessToken, AgentRun, ChangeRecord as Change, Conflict, Demo, DemoRequest, Done,
    EventPage as Events, FolderProject, Heartbeat, HistoryEntry, HookContext, HookDecision,
    HookSeen, KeptProject, Leases, ListedPerson as Person, LogEntry, MadeToken, Mark, MergePreview,
    NewAnswer, NewComment, NewOwner, NewToken, NextRequest, PersonPatch, ReadUpTo, Refused,
    Renewal, RepositoryRefused, Session, SignIn, SocketCommand, Ticket, Undoable, Undone, Unread,
};
pub(crate) use tasktree_protocol::project::{NewProject, ProjectPatch};
pub(crate) use tasktree_protocol::question::{Answer, Question};
pub(crate) use tasktree_protocol::task::{Attempt, Evidence, OnHold};
pub(crate) use tasktree_protocol::{
    CommandResult as SocketResult, Comment, NewTask, Project, ProjectStats, Status, Task, TaskCard,
    TaskPatch,
};

pub(crate) use crate::compat::problem::Invalid;
pub(crate) use crate::domain::import::{FileReport, ImportReport, ImportedTask};
pub(crate) use crate::domain::log::LinesStored as LogStored;
pub(crate) use crate::domain::task_list::Form as TaskView;
pub(crate) use crate::domain::{
    AgentPatch, LeaseRequest as NewLeases, NewLogLines, NewMessage, NewRun, NextTask,
    Plan as NewPlan, PlanReceipt as PlanStored, RegisterAgent as NewAgent, RunPatch,
};
pub(crate) use crate::hub::ConnectionInfo as Connection;
pub(crate) use crate::service::GitStatus;
