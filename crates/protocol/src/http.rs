//! The HTTP API beside the rows: its paths, and the types of requests and answers.

pub mod access;
pub mod agents;
pub mod answers;
pub mod demo;
pub mod history;
pub mod hooks;
pub mod mcp;
pub mod merge;
pub mod paths;
pub mod projects;
pub mod tasks;

pub use access::{
    AccessToken, ListedPerson, MadeToken, Mark, NewToken, Permission, Person, PersonPatch, Role,
    SHARED, Session, SignIn, Ticket, YOU,
};
pub use agents::{Heartbeat, Leases, NewOwner, NextRequest, ReadUpTo, Renewal, Unread};
pub use answers::{Conflict, Done, Refused, RepositoryRefused, SocketCommand};
pub use demo::{Demo, DemoRequest};
pub use history::{
    ChangeRecord, EventPage, FieldChange, HistoryEntry, HistorySummary, LogEntry, TextEdit,
};
pub use hooks::{AgentRun, Decision, FolderProject, HookContext, HookDecision, HookSeen};
pub use merge::{CommitLine, FileLine, MergePreview, MergeRefusal};
pub use projects::KeptProject;
pub use tasks::{NewAnswer, NewComment, Undoable, Undone};
