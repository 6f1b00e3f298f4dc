//! Bodies of the hooks, as each harness sends them.

mod copilot;
mod opencode;

use serde_json::{Value, json};
use tasktree_protocol::Timestamp;
use tasktree_protocol::agent::Source;

/// A harness, in one of the forms of its hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harness {
    Claude,
    Codex,
    OpenCode,
    Gemini,
    Cursor,
    /// Copilot CLI with events named in its bodies.
    Copilot,
    /// Copilot CLI with events that are told by their fields.
    CopilotCamel,
    VsCode,
}

/// A tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Run(String),
    Read(String),
    /// An edit of a file, relative to the project's folder.
    Edit(String),
}

/// Event that a harness reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Starts {
        resumed: bool,
    },
    Prompt,
    Begins(Tool),
    Ends(Tool),
    /// A tool call waits for a permission.
    Asks(Tool),
    /// A reminder of an open request.
    Reminds,
    /// A permission was given at the terminal; not told by all harnesses.
    Replied,
    /// A permission was refused.
    Denied(Tool),
    Stops,
    /// The turn ends at a usage limit that lasts so many seconds.
    Limited(i64),
    Fails,
    Leaves,
    ChildStarts(String),
    ChildBegins(String, Tool),
    ChildEnds(String, Tool),
    ChildAsks(String, Tool),
    ChildStops(String),
    /// An event that the server does not know.
    Murmurs,
}

/// Folder of the project.
pub(crate) const FOLDER: &str = "/w";

/// A session as its harness knows it.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) harness: Harness,
    pub(crate) session: String,
    pub(crate) folder: String,
    /// Number of the turn.
    pub(crate) turn: u32,
}

impl Harness {
    pub(crate) const ALL: [Self; 8] = [
        Self::Claude,
        Self::Codex,
        Self::OpenCode,
        Self::Gemini,
        Self::Cursor,
        Self::Copilot,
        Self::CopilotCamel,
        Self::VsCode,
    ];

    pub(crate) fn source(self) -> Source {
        match self {
            Self::Claude => Source::ClaudeCode,
            Self::Codex => Source::Codex,
            Self::OpenCode => Source::OpenCode,
            Self::Gemini => Source::Gemini,
            Self::Cursor => Source::Cursor,
            Self::Copilot | Self::CopilotCamel => Source::Copilot,
            Self::VsCode => Source::VsCode,
        }
    }

    /// Returns true if the harness tells which call waits for a permission.
    pub(crate) fn names_call(self) -> bool {
        matches!(self, Self::Claude | Self::Codex | Self::OpenCode)
    }

    /// Returns true if a subagent of the harness has an id in its events.
    pub(crate) fn names_children(self) -> bool {
        !matches!(self, Self::Cursor | Self::Copilot | Self::CopilotCamel)
    }
}

impl Wire {
    /// Returns the body of an event at a time; none if the harness does not report it.
    pub(crate) fn body(&self, said: &Said, now: i64) -> Option<Value> {
        match self.harness {
            Harness::OpenCode => opencode::body(self, said, now),
            Harness::CopilotCamel => copilot::body(self, said, now),
            _ => self.named(said, now),
        }
    }

    /// Returns true if the harness reports the event.
    pub(crate) fn tells(&self, said: &Said) -> bool {
        self.body(said, 0).is_some()
    }

    /// Returns the body of a harness that names its events.
    fn named(&self, said: &Said, now: i64) -> Option<Value> {
        let (event, more) = match said {
            Said::Starts { resumed } => self.starts(*resumed),
            Said::Prompt => (self.word("UserPromptSubmit"), json!({"prompt": "go on"})),
            Said::Begins(tool) => (self.word("PreToolUse"), self.call(tool)),
            Said::Ends(Tool::Edit(path)) if self.harness == Harness::Cursor => (
                "afterFileEdit",
                json!({"file_path": format!("{FOLDER}/{path}"), "edits": []}),
            ),
            Said::Ends(tool) => (self.word("PostToolUse"), self.ended(tool)),
            Said::Asks(tool) => self.asks(tool)?,
            Said::Reminds if self.harness == Harness::Claude => (
                "Notification",
                json!({"notification_type": "permission_prompt", "message": "Claude needs your permission"}),
            ),
            Said::Denied(tool) if self.harness == Harness::Claude => {
                ("PermissionDenied", self.call(tool))
            }
            Said::Stops => (self.word("Stop"), self.stops("completed")),
            Said::Limited(seconds) if self.harness == Harness::Claude => (
                "StopFailure",
                json!({"error": "rate_limit", "error_details": format!("retry after {seconds} s")}),
            ),
            Said::Fails => self.fails()?,
            Said::Leaves if self.harness == Harness::VsCode => return None,
            Said::Leaves => (self.word("SessionEnd"), json!({"reason": "other"})),
            Said::ChildStarts(id) => (self.word("SubagentStart"), self.child(id)?),
            Said::ChildStops(id) => (self.word("SubagentStop"), self.child(id)?),
            Said::ChildBegins(id, tool) => ("PreToolUse", self.of_child(id, self.call(tool))?),
            Said::ChildEnds(id, tool) => ("PostToolUse", self.of_child(id, self.ended(tool))?),
            Said::ChildAsks(id, tool) if self.harness == Harness::Claude => {
                ("PermissionRequest", self.of_child(id, self.call(tool))?)
            }
            Said::Murmurs => ("SomethingNew", json!({"shape": [1, {"a": null}]})),
            Said::Reminds
            | Said::Replied
            | Said::Denied(_)
            | Said::Limited(_)
            | Said::ChildAsks(..) => return None,
        };
        let mut body = self.base(event, now);
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        Some(body)
    }

    /// Returns the fields that all bodies of the harness have.
    fn base(&self, event: &str, now: i64) -> Value {
        let (session, folder) = (&self.session, &self.folder);
        let turn = format!("turn-{}", self.turn);
        let at = Timestamp::from_unix_millis(now).to_string();
        match self.harness {
            Harness::Codex => json!({"session_id": session, "cwd": folder, "turn_id": turn,
                "transcript_path": format!("/home/sam/.codex/sessions/{session}.jsonl"), "hook_event_name": event}),
            Harness::Gemini => json!({"session_id": session, "cwd": folder, "timestamp": at,
                "transcript_path": "/home/sam/.gemini/tmp/chats/1.json", "hook_event_name": event}),
            Harness::Cursor => {
                json!({"conversation_id": session, "generation_id": turn, "cursor_version": "3.2.0",
                "workspace_roots": [folder], "hook_event_name": event})
            }
            Harness::Copilot => {
                json!({"session_id": session, "cwd": folder, "timestamp": at, "hook_event_name": event})
            }
            Harness::VsCode => {
                json!({"sessionId": session, "cwd": folder, "timestamp": at, "hookEventName": event})
            }
            _ => json!({"session_id": session, "cwd": folder, "prompt_id": turn,
                "transcript_path": format!("/home/sam/.claude/projects/-w/{session}.jsonl"), "hook_event_name": event}),
        }
    }

    /// Returns the harness's word for an event that Claude Code names like this.
    fn word(&self, event: &'static str) -> &'static str {
        match (self.harness, event) {
            (Harness::Gemini, "UserPromptSubmit") => "BeforeAgent",
            (Harness::Gemini, "PreToolUse") => "BeforeTool",
            (Harness::Gemini, "PostToolUse") => "AfterTool",
            (Harness::Gemini, "Stop") => "AfterAgent",
            (Harness::Cursor, "SessionStart") => "sessionStart",
            (Harness::Cursor, "UserPromptSubmit") => "beforeSubmitPrompt",
            (Harness::Cursor, "PreToolUse") => "preToolUse",
            (Harness::Cursor, "PostToolUse") => "postToolUse",
            (Harness::Cursor, "Stop") => "stop",
            (Harness::Cursor, "SessionEnd") => "sessionEnd",
            (Harness::Cursor, "SubagentStart") => "subagentStart",
            (Harness::Cursor, "SubagentStop") => "subagentStop",
            _ => event,
        }
    }

    fn starts(&self, resumed: bool) -> (&'static str, Value) {
        let source = match (self.harness, resumed) {
            (Harness::Copilot | Harness::VsCode, false) => "new",
            (_, false) => "startup",
            (_, true) => "resume",
        };
        (self.word("SessionStart"), json!({"source": source}))
    }

    fn call(&self, tool: &Tool) -> Value {
        let at = |path: &str| format!("{FOLDER}/{path}");
        let (name, input) = match (self.harness, tool) {
            (Harness::Codex, Tool::Edit(path)) => (
                "apply_patch",
                json!({"command": format!("*** Begin Patch\n*** Update File: {}\n@@\n-a\n+b\n*** End Patch", at(path))}),
            ),
            (Harness::Codex, Tool::Read(path)) => {
                ("Bash", json!({"command": format!("cat {path}")}))
            }
            (Harness::Gemini, Tool::Edit(path)) => ("replace", json!({"file_path": at(path)})),
            (Harness::Gemini, Tool::Read(path)) => {
                ("read_file", json!({"absolute_path": at(path)}))
            }
            (Harness::Gemini, Tool::Run(command)) => {
                ("run_shell_command", json!({"command": command}))
            }
            (Harness::Cursor, Tool::Edit(path)) => ("Write", json!({"file_path": at(path)})),
            (Harness::Cursor, Tool::Run(command)) => ("Shell", json!({"command": command})),
            (Harness::Copilot, Tool::Edit(path)) => ("edit", json!({"path": at(path)})),
            (Harness::Copilot, Tool::Run(command)) => ("bash", json!({"command": command})),
            (Harness::VsCode, Tool::Edit(path)) => ("editFiles", json!({"files": [at(path)]})),
            (Harness::VsCode, Tool::Run(command)) => ("runInTerminal", json!({"command": command})),
            (_, Tool::Edit(path)) => (
                "Edit",
                json!({"file_path": at(path), "old_string": "a", "new_string": "b"}),
            ),
            (_, Tool::Read(path)) => ("Read", json!({"file_path": at(path)})),
            (_, Tool::Run(command)) => ("Bash", json!({"command": command})),
        };
        json!({"tool_name": name, "tool_input": input})
    }

    fn ended(&self, tool: &Tool) -> Value {
        let mut call = self.call(tool);
        match self.harness {
            Harness::Copilot => call["tool_result"] = json!({"result_type": "success"}),
            Harness::Gemini => call["tool_response"] = json!({"llmContent": "done"}),
            Harness::Cursor => call["tool_output"] = json!("{}"),
            _ => call["tool_response"] = json!("done"),
        }
        call
    }

    fn asks(&self, tool: &Tool) -> Option<(&'static str, Value)> {
        Some(match self.harness {
            Harness::Claude | Harness::Codex => ("PermissionRequest", self.call(tool)),
            Harness::Gemini => (
                "Notification",
                json!({"notification_type": "ToolPermission", "message": "Tool requires confirmation",
                    "details": {"type": "exec", "command": "git push"}}),
            ),
            Harness::Copilot => (
                "Notification",
                json!({"notification_type": "permission_prompt", "message": "Copilot needs permission"}),
            ),
            _ => return None,
        })
    }

    fn stops(&self, status: &str) -> Value {
        match self.harness {
            Harness::Gemini => json!({"prompt": "go on", "prompt_response": "Done."}),
            Harness::Cursor => json!({"status": status}),
            Harness::Copilot => json!({"stop_reason": "end_turn"}),
            Harness::VsCode => json!({"stop_hook_active": false}),
            _ => json!({"stop_hook_active": false, "last_assistant_message": "Done."}),
        }
    }

    fn fails(&self) -> Option<(&'static str, Value)> {
        match self.harness {
            Harness::Claude => Some(("StopFailure", json!({"error": "server_error"}))),
            Harness::Cursor => Some(("stop", self.stops("error"))),
            _ => None,
        }
    }

    /// Returns the fields that name a subagent.
    fn child(&self, id: &str) -> Option<Value> {
        match self.harness {
            Harness::Claude | Harness::Codex | Harness::VsCode => {
                Some(json!({"agent_id": id, "agent_type": "Explore"}))
            }
            Harness::Cursor => Some(json!({"subagent_type": id, "status": "completed"})),
            Harness::Copilot => Some(json!({"agent_name": id})),
            _ => None,
        }
    }

    /// Returns the fields of a tool call that a subagent makes.
    fn of_child(&self, id: &str, mut call: Value) -> Option<Value> {
        if !self.harness.names_children() {
            return None;
        }
        for (name, value) in self.child(id)?.as_object()? {
            call[name] = value.clone();
        }
        Some(call)
    }
}
