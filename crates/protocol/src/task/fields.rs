//! The table of a task's fields, one row each.
//!
//! The types [`Task`], [`TaskCard`], [`NewTask`] and [`TaskPatch`] come from it. So do, through the
//! macros that it exports, the columns of the store, the reading and the description of requests,
//! the record of changes and the names in the history. A new field starts with a row here; the
//! compiler asks for the rest (ARCHITECTURE.md, "How to add things").

use serde::{Deserialize, Serialize};

use super::{Evidence, OnHold, Status, Verdict};
use crate::{AgentId, Maybe, TaskId, Timestamp, lenient};

/// Defines the types and the exported macros from the rows.
///
/// `task[..]` contains the options of serde for the field in [`Task`]. `card`, `new`, `patch` and
/// `import` are present if the field is in that type, and contain its type there; `card` also the
/// options of serde. The type in a patch is without `Option`, because [`Maybe`] allows `null`.
///
/// Each exported macro calls a macro of the caller with its fields. A caller usually has one arm
/// for each field with its own rule, and one for all others, so that it never misses a new one.
macro_rules! task_fields {
    (($dollar:tt) $(
        $(#[doc = $doc:literal])+
        $name:ident: $type:ty => task[$($task:tt)*]
            $(, card[$card:ty $(; $($option:tt)+)?])?
            $(, new[$new:ty])?
            $(, patch[$patch:ty])?
            $(, import[$import:ty])?;
    )*) => {
        /// Task with all of its stored fields. The first ones have the order of the older
        /// dashboard's API; fields that TaskTree added follow.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub struct Task {
            $(
                $(#[doc = $doc])+
                #[serde($($task)*)]
                #[cfg_attr(feature = "schema", schema(required))]
                pub $name: $type,
            )*
        }

        /// Task as the board's list and the event log carry it: without long texts and empty
        /// fields. It can also be read from a whole task.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[expect(missing_docs, reason = "as in Task")]
        pub struct TaskCard {
            $($(
                #[serde($($($option)+)?)]
                pub $name: $card,
            )?)*
        }

        /// Task to be created. All fields but the title may be omitted. Without `branch`, the
        /// branch is `task-{number}`. `on_hold` is the reason for a hold.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(default, deny_unknown_fields)]
        #[expect(missing_docs, reason = "as in Task")]
        pub struct NewTask {
            $($(pub $name: $new,)?)*
        }

        /// Change of a task: absent fields stay, `null` clears (and is an error if a field cannot
        /// be empty). `on_hold` is the reason for a hold; `null` ends it.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(default, deny_unknown_fields)]
        #[expect(missing_docs, reason = "as in Task")]
        pub struct TaskPatch {
            $($(
                #[serde(skip_serializing_if = "Maybe::is_absent")]
                #[cfg_attr(feature = "schema", schema(value_type = Option<$patch>))]
                pub $name: Maybe<$patch>,
            )?)*
        }

        impl From<&Task> for TaskCard {
            fn from(task: &Task) -> Self {
                Self { $($($name: <$card>::clone(&task.$name),)?)* }
            }
        }

        impl TaskCard {
            /// Applies the fields of a change that the card shows, before the server has answered.
            pub fn lay_over(&mut self, patch: &TaskPatch) {
                $(lay_over!(self, patch, $name $(card $card)? $(patch $patch)?);)*
            }
        }

        /// Calls a macro with the fields of a `Task`, each as `name: type, "doc"...;`.
        #[macro_export]
        macro_rules! task_fields {
            ($dollar callback:ident) => { $dollar callback! { $($name: $type, $($doc)+;)* } };
        }

        /// Calls a macro with the fields of a `TaskCard`, each as `name: type, [option of serde];`.
        #[macro_export]
        macro_rules! task_card_fields {
            ($dollar callback:ident) => {
                $dollar callback! { $($($name: $card, [$($($option)+)?];)?)* }
            };
        }

        /// Calls a macro with the fields of a `NewTask`, each as `name: type,`.
        #[macro_export]
        macro_rules! new_task_fields {
            ($dollar callback:ident) => { $dollar callback! { $($($name: $new,)?)* } };
        }

        /// Calls a macro with the fields of a `TaskPatch`, each as `name: type,` without `Maybe`.
        #[macro_export]
        macro_rules! task_patch_fields {
            ($dollar callback:ident) => { $dollar callback! { $($($name: $patch,)?)* } };
        }

        /// Calls a macro with the fields that imported tasks have, each as `name: type,`.
        #[macro_export]
        macro_rules! imported_task_fields {
            ($dollar callback:ident) => { $dollar callback! { $($($name: $import,)?)* } };
        }
    };
}

/// Applies one field of a change to a card, if both have it.
macro_rules! lay_over {
    // The server stores the start of a hold.
    ($self:ident, $patch:ident, on_hold $($place:tt)*) => {};
    // These cannot be cleared, or the server knows the empty value.
    ($self:ident, $patch:ident, title $($place:tt)*) => { lay_over!(@value $self, $patch, title) };
    ($self:ident, $patch:ident, branch $($place:tt)*) => { lay_over!(@value $self, $patch, branch) };
    ($self:ident, $patch:ident, status $($place:tt)*) => {
        if let Maybe::Value(status) = $patch.status {
            if $self.status != status {
                // A move by hand merges nothing.
                $self.merge_commit = None;
            }
            $self.status = status;
        }
    };
    (@value $self:ident, $patch:ident, $name:ident) => {
        if let Maybe::Value(value) = &$patch.$name {
            $self.$name.clone_from(value);
        }
    };
    ($self:ident, $patch:ident, $name:ident card $card:ty) => {};
    ($self:ident, $patch:ident, $name:ident patch $type:ty) => {};
    ($self:ident, $patch:ident, $name:ident) => {};
    ($self:ident, $patch:ident, $name:ident $($both:tt)+) => {
        $patch.$name.clone().apply_to(&mut $self.$name);
    };
}

task_fields! {
    ($)
    /// Identifier, never changed and never reused.
    id: TaskId => task[], card[TaskId];
    /// Number in the project, from 1, never reused.
    number: u64 => task[rename = "task_id"], card[u64; rename = "task_id"];
    /// Summary of the work to do, in one line.
    title: String => task[], card[String], new[String], patch[String], import[String];
    /// Full description of the work (Markdown).
    description: Option<String> => task[],
        new[Option<String>],
        patch[String], import[Option<String>];
    /// Prompt for the agent (Markdown).
    prompt: Option<String> => task[], new[Option<String>], patch[String], import[Option<String>];
    /// Current status.
    status: Status => task[], card[Status], new[Status], patch[Status], import[Status];
    /// Git branch of the work.
    branch: String => task[],
        card[String; default, deserialize_with = "lenient::or_default", skip_serializing_if = "is_default"],
        new[Option<String>], patch[String];
    /// Session that works on the task, or that completed it: an agent's identifier, or a label that
    /// names no agent.
    session: Option<String> => task[],
        card[Option<String>; default, skip_serializing_if = "is_default"],
        patch[String];
    /// Tasks that must be completed or merged before this one can be claimed.
    dependencies: Vec<TaskId> => task[],
        card[Vec<TaskId>; default, deserialize_with = "lenient::or_default", skip_serializing_if = "is_default"],
        new[Vec<TaskId>], patch[Vec<TaskId>];
    /// Priority: 1 urgent, 2 high, 3 medium, 4 low, larger values later still; 0 is none, and last.
    priority: u32 => task[],
        card[u32; default, deserialize_with = "lenient::priority", skip_serializing_if = "is_default"],
        new[u32], patch[u32], import[u32];
    /// Files that belong to this task.
    owned_files: Vec<String> => task[], new[Vec<String>], patch[Vec<String>];
    /// Files that the task shares with others.
    shared_files: Vec<String> => task[], new[Vec<String>], patch[Vec<String>];
    /// Files that the task will create.
    creates_files: Vec<String> => task[], new[Vec<String>], patch[Vec<String>];
    /// Rank by which finished work is merged, smaller first.
    merge_order: i64 => task[], new[i64], patch[i64];
    /// Files that no other task may touch meanwhile.
    exclusive_files: Vec<String> => task[], new[Vec<String>], patch[Vec<String>];
    /// Setup that must be done before the task starts.
    initialization_deps: Vec<String> => task[], new[Vec<String>], patch[Vec<String>];
    /// Time when it was created.
    created_at: Timestamp => task[];
    /// Time when it was last changed.
    updated_at: Timestamp => task[], card[Timestamp];
    /// Time when it became completed; none if it is not.
    completed_at: Option<Timestamp> => task[];
    /// Time when it became merged; none if it is not.
    merged_at: Option<Timestamp> => task[];
    /// Version of the row, incremented with every change; 0 from backends that have none.
    rev: u64 => task[default], card[u64; default];
    /// Time when it entered its status.
    status_changed_at: Option<Timestamp> => task[default],
        card[Option<Timestamp>; default, skip_serializing_if = "is_default"];
    /// Dependencies that were not done yet when the answer was made.
    blocked_by: Vec<TaskId> => task[default];
    /// Agent that holds the task. A task in progress without an agent lacks this field.
    holder: Option<AgentId> => task[default],
        card[Option<AgentId>; default, skip_serializing_if = "is_default"];
    /// Number of its newest claim; 0 before the first, and incremented with each claim.
    generation: u64 => task[default], card[u64; default, skip_serializing_if = "is_default"];
    /// Hold on the task; set while nobody is to work on it.
    on_hold: Option<OnHold> => task[default],
        card[Option<OnHold>; default, skip_serializing_if = "is_default"],
        new[Option<String>], patch[String], import[Option<String>];
    /// Task that this one is a part of.
    parent: Option<TaskId> => task[default],
        card[Option<TaskId>; default, skip_serializing_if = "is_default"],
        new[Option<TaskId>], patch[TaskId];
    /// Statement of the agent that completed it.
    evidence: Option<Evidence> => task[default];
    /// Finding of the server on the evidence.
    verdict: Option<Verdict> => task[default],
        card[Option<Verdict>; default, skip_serializing_if = "is_default"];
    /// Full id of the commit in the main branch that has the work. Absent if the task is not
    /// merged, or was marked as merged by hand.
    merge_commit: Option<String> => task[default],
        card[Option<String>; default, skip_serializing_if = "is_default"];
    /// Identifier of the person responsible for the task, whoever works on it.
    assignee: Option<String> => task[default],
        card[Option<String>; default, skip_serializing_if = "is_default"],
        patch[String];
    /// Free words that group tasks, each once in any case.
    labels: Vec<String> => task[default],
        card[Vec<String>; default, deserialize_with = "lenient::or_default", skip_serializing_if = "is_default"],
        new[Vec<String>], patch[Vec<String>], import[Vec<String>];
}

/// Maximum number of labels of a task.
pub const LABELS_PER_TASK: usize = 20;

/// Maximum length of a label, in characters.
pub const LABEL_CHARS: usize = 50;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
