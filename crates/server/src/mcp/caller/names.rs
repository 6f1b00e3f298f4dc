//! Names in a request: in its headers, or in its query for clients that cannot set headers.

use http::request::Parts;
use tasktree_protocol::http::mcp::TASKTREE_PROJECT;
use tasktree_protocol::{AgentId, ProjectId};

use crate::limits::NAME_CHARS;
use crate::mcp::arguments::Outcome;
use crate::mcp::refusal::Refusal;

/// Header and query parameter with the project.
const PROJECT: (&str, &str) = (TASKTREE_PROJECT, "project");

/// Header and query parameter with the agent. The header is read with the credential.
const AGENT: (&str, &str) = ("tasktree-agent", "agent");

/// Names in the headers and in the query of a request.
#[derive(Debug)]
pub(super) struct Names {
    /// Project in a header or in the query.
    pub(super) project: Option<ProjectId>,
    /// Agent in the query.
    pub(super) agent: Option<AgentId>,
    /// True if a header names the agent.
    pub(super) has_header: bool,
}

impl Names {
    /// Reads the names of a request.
    pub(super) fn read(parts: &Parts) -> Outcome<Self> {
        let header = |name: &str| {
            let value = parts.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        };
        let query = parts.uri.query().unwrap_or_default();
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(found, _)| *found == name)?;
            let value = value.replace('+', " ");
            let text = percent_encoding::percent_decode_str(&value).decode_utf8_lossy();
            Some(text.trim().to_owned())
        };
        let agent = parameter(AGENT.1).filter(|name| !name.is_empty());
        if let Some(name) = &agent {
            let is_long = name.chars().count() > NAME_CHARS;
            if is_long || name.contains('/') || name.contains(char::is_control) {
                return Err(Refusal::invalid(format!(
                    "?agent= is not the name of an agent: at most {NAME_CHARS} characters, no /."
                )));
            }
        }
        let project = header(PROJECT.0).or_else(|| parameter(PROJECT.1));
        let project = project.filter(|id| !id.is_empty());
        Ok(Self {
            project: project.map(ProjectId::from),
            agent: agent.map(AgentId::from),
            has_header: parts.headers.contains_key(AGENT.0),
        })
    }
}
