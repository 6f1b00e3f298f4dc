//! Options that the verbs and the hook share.

use clap::Args;

use crate::settings::Given;

/// Options that say where, and as whom.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Target {
    /// Address of the server. [default: TASKTREE_SERVER, .tasktree.toml, your configuration, or
    /// http://127.0.0.1:8000]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Id of the project. [default: TASKTREE_PROJECT, .tasktree.toml, or the project of this
    /// folder]
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// Name of the agent that speaks. [default: TASKTREE_AGENT, or that of this session]
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
}

impl Target {
    /// Returns what the options say about settings.
    pub(crate) fn given(&self) -> Given<'_> {
        Given {
            server: self.server.as_deref(),
            project: self.project.as_deref(),
        }
    }
}
