//! Wire types and pure logic shared by TaskTree's server, board and tools.
//!
//! No module depends on a socket, a clock, a browser or an async runtime; CI checks the dependency
//! list. [`message`] and the entity modules define what is sent over the wire, and [`http`] the
//! paths and other types of the HTTP API. [`session`] is the client's connection as a state machine
//! without I/O, [`follower`] keeps a copy of the server's data current with snapshots and events,
//! [`draft`] is the text of a field until the server has it, [`unsent`] decides what becomes of
//! changes that outlive their page, and [`replica`] applies a project's events to a set of tasks.

pub mod agent;
pub mod attention;
pub mod command;
pub mod comment;
pub mod draft;
pub mod error;
pub mod event;
pub mod follower;
pub mod frame;
pub mod http;
pub mod ids;
pub mod lenient;
pub mod maybe;
pub mod message;
pub mod project;
pub mod query;
pub mod question;
pub mod replica;
#[cfg(feature = "schema")]
mod schema;
pub mod session;
pub mod stats;
pub mod task;
pub mod timestamp;
pub mod unsent;

pub use agent::{Agent, AgentStatus};
pub use attention::{AttentionItem, AttentionKind};
pub use command::{Bound, Command, CommandResult, NO_CREDENTIAL};
pub use comment::Comment;
pub use error::WireError;
pub use event::Event;
pub use frame::ClientFrame;
pub use ids::{AgentId, Cursor, Epoch, ProjectId, StreamId, TaskId};
pub use maybe::Maybe;
pub use message::Message;
pub use project::Project;
pub use stats::ProjectStats;
pub use task::{NewTask, Status, Task, TaskCard, TaskPatch};
pub use timestamp::Timestamp;
