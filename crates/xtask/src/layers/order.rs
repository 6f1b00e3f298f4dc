//! The layers: the crates with their dependencies, and the modules of each crate in their order.

/// Packages of the workspace, each with the packages of the workspace that it may depend on.
pub(super) const CRATES: &[(&str, &[&str])] = &[
    ("tasktree-protocol", &[]),
    ("tasktree-store", &["tasktree-protocol"]),
    ("tasktree-domain", &["tasktree-protocol", "tasktree-store"]),
    (
        "tasktree-server",
        &["tasktree-protocol", "tasktree-store", "tasktree-domain"],
    ),
    ("tasktree-terminal", &[]),
    ("tasktree-cli", &["tasktree-protocol", "tasktree-terminal"]),
    ("tasktree", &["tasktree-cli", "tasktree-server"]),
    ("tasktree-board", &["tasktree-protocol"]),
    ("tasktree-e2e", &["tasktree-protocol", "tasktree-server"]),
    ("xtask", &[]),
];

/// The modules of each checked crate.
pub(super) const MODULES: &[Layers] = &[
    Layers {
        folder: "crates/protocol/src",
        may_have_circles: true,
        order: &[
            "ids",
            "lenient",
            "maybe",
            "stats",
            "timestamp",
            "error",
            "agent",
            "comment",
            "project",
            "task",
            "question",
            "attention",
            "command",
            "event",
            "message",
            "query",
            "http",
            "schema",
            "unsent",
            "frame",
            "replica",
            "session",
            "follower",
            "draft",
        ],
    },
    Layers {
        folder: "crates/store/src",
        may_have_circles: true,
        order: &[
            "limits",
            "error",
            "remote",
            "metrics",
            "graph",
            "row",
            "log",
            "read",
            "transaction",
            "job",
            "sqlite",
            "database",
        ],
    },
    Layers {
        folder: "crates/domain/src",
        may_have_circles: true,
        order: &[
            "actor",
            "hex",
            "letters",
            "branch",
            "terminal",
            "hook",
            "exists",
            "auth",
            "author",
            "ephemeral",
            "validate",
            "unchanged",
            "dependencies",
            "listing",
            "record",
            "compat/frame",
            "change",
            "asking",
            "mailbox",
            "person",
            "compat/orchestrator",
            // An agent claims a task, a claim holds leases, and the end of one ends the others.
            "agent lease task",
            "attention",
            "account",
            "message",
            "comment",
            "log",
            "plan",
            "project",
            "read",
            "task_list",
            "question",
            "context",
            "compat/coordination",
            "import",
            "compat",
        ],
    },
    Layers {
        folder: "crates/server/src",
        may_have_circles: true,
        order: &[
            "base_path",
            "address",
            "origin",
            "label",
            "keyed_counter",
            "compat/problem",
            "compat/new_task",
            "buffers",
            "config",
            "listener",
            "assets",
            "pages",
            "service",
            "compat/service",
            "hooks",
            "hub",
            "compat/legacy",
            "webhook",
            "accounts",
            "metrics",
            "demo",
            "state",
            "mcp",
            "http",
            "ws",
            "compat",
            "app",
            "serving",
            "shutdown",
            "server",
            "cli",
        ],
    },
    Layers {
        folder: "crates/terminal/src",
        may_have_circles: false,
        order: &[
            "limits", "input", "query", "status", "choices", "answer", "screen", "question",
            "watcher", "outbox", "plain", "pty",
        ],
    },
    Layers {
        folder: "crates/cli/src",
        may_have_circles: true,
        order: &[
            "limits",
            "poll",
            "text",
            "failure",
            "output",
            "surroundings",
            "program",
            "files",
            "repository",
            "settings",
            "options",
            "client",
            "context",
            "claim",
            "report",
            "verbs",
            "hook",
            "harness",
            "connect",
            "doctor",
            "run",
            "mcp",
            "command",
        ],
    },
    // The board.
    Layers {
        folder: "src",
        may_have_circles: false,
        order: &[
            "browser",
            "address",
            "api",
            "ui",
            "i18n",
            "net",
            "state",
            "components/lazy",
            "components/common",
            "components/access",
            "components/project",
            "components/shell",
            "components/agent",
            "components/board",
            "components/task",
            "components/activity",
            "components/inbox",
            "components",
            "pages",
            "app",
        ],
    },
];

/// The modules of a crate, from the lowest to the highest.
#[derive(Debug)]
pub(super) struct Layers {
    /// Folder of the crate's sources.
    pub(super) folder: &'static str,
    /// True if the files within a module may import each other in a circle.
    pub(super) may_have_circles: bool,
    /// Modules, such as `hub` or `components/board`. Each may import those before it. Modules in
    /// one text, separated by spaces, may import each other.
    pub(super) order: &'static [&'static str],
}

/// Place of a module in its crate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Position in the order.
    pub(super) position: usize,
    /// Listed module that it is or is part of.
    pub(super) entry: &'static str,
}

impl Layers {
    /// Returns all listed modules.
    pub(super) fn entries(&self) -> impl Iterator<Item = &'static str> {
        self.order.iter().flat_map(|texts| texts.split(' '))
    }

    /// Returns the place of a module or of an item in one; none if it is in no listed module.
    ///
    /// If several listed modules contain it, the innermost counts.
    pub(super) fn place(&self, path: &[String]) -> Option<Place> {
        let mut found: Option<(usize, Place)> = None;
        for (position, texts) in self.order.iter().enumerate() {
            for entry in texts.split(' ') {
                let parts = entry.split('/').count();
                let is_within = path.len() >= parts && entry.split('/').eq(&path[..parts]);
                if is_within && found.is_none_or(|(longest, _)| longest < parts) {
                    found = Some((parts, Place { position, entry }));
                }
            }
        }
        found.map(|(_, place)| place)
    }
}
