//! `tasktree reserve` and `unreserve`: leases on files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tasktree_protocol::agent::Lease;
use tasktree_protocol::http::{Leases, paths};
use ureq::http::Method;

use super::Verb;
use crate::client::Call;
use crate::context::Context;
use crate::failure::{Exit, Failure, Result};
use crate::limits::LEASE_TIME;
use crate::output::{Form, Report};
use crate::repository::Repository;
use crate::text::{self, columns};

/// Options of `reserve`.
#[derive(Debug, Args)]
pub(crate) struct Reserve {
    /// Files or patterns such as `src/**/*.rs`, relative to this folder.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// Ask others to stay away.
    #[arg(long)]
    exclusive: bool,
    /// Duration: 90s, 30m, 2h. [default: 30m]
    #[arg(long = "for", value_name = "TIME", value_parser = text::duration)]
    time: Option<Duration>,
    /// Reason for others to read.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Verb for Reserve {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let paths: Vec<_> = self
            .paths
            .iter()
            .map(|path| in_project(context, path))
            .collect();
        let request = json!({
            "agent": context.agent()?,
            "paths": paths,
            "exclusive": self.exclusive,
            "ttl_seconds": self.time.unwrap_or(LEASE_TIME).as_secs(),
            "reason": self.why,
        });
        let path = context.path(paths::leases)?;
        let granted = context.as_agent(|| Call::new(Method::POST, &path).json(&request))?;
        let leases = granted.json()?["leases"].clone();
        let rows: Vec<Lease> = granted.read::<Leases>()?.leases;
        let text = columns(&rows.iter().map(row).collect::<Vec<_>>());
        Ok(Some(Report::new(leases, text)))
    }
}

fn row(lease: &Lease) -> [String; 3] {
    let conflicts: Vec<_> = lease.conflicts.iter().map(ToString::to_string).collect();
    let conflicts = match conflicts.is_empty() {
        true => String::new(),
        false => format!("also held by {}", conflicts.join(", ")),
    };
    [
        lease.path.clone(),
        format!("until {}", lease.expires_at),
        conflicts,
    ]
}

/// Options of `unreserve`.
#[derive(Debug, Args)]
pub(crate) struct Unreserve {
    /// Files or patterns as they were reserved; all of yours if left out.
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
}

impl Verb for Unreserve {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let agent = context.agent()?;
        let path = context.path(paths::leases)?;
        let leases = context.client.get(&path)?.read::<Leases>()?.leases;
        let wanted: Vec<_> = self
            .paths
            .iter()
            .map(|path| in_project(context, path))
            .collect();
        let is_wanted = |lease: &&Lease| {
            lease.agent == *agent && (wanted.is_empty() || wanted.contains(&lease.path))
        };
        let own: Vec<_> = leases.iter().filter(is_wanted).collect();
        let missing = wanted
            .iter()
            .find(|path| !own.iter().any(|lease| lease.path == **path));
        if let Some(missing) = missing {
            let message = format!("you have no lease on {missing}");
            return Err(Failure::new(Exit::NotFound, "not_found", message));
        }
        let speaker = context.speaker()?;
        let mut released: Vec<Value> = Vec::new();
        for lease in own {
            let path = paths::lease(context.project()?, lease.id);
            match speaker.send(Call::new(Method::DELETE, &path)) {
                Ok(_) => released.push(json!(lease.path)),
                // It has expired meanwhile.
                Err(refused) if refused.exit == Exit::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        let text = format!("Released {} leases", released.len());
        Ok(Some(Report::new(released, text)))
    }
}

/// Returns a path as the project knows it: relative to the root of the work tree.
///
/// The server's project may be in another folder, on another machine even. A path outside of the
/// work tree is sent as it is.
fn in_project(context: &Context, path: &str) -> String {
    let folder = &context.around.folder;
    let root = match (&context.settings.folder_file, Repository::of(folder)) {
        (_, Some(repository)) => repository.root,
        (Some(file), None) => file.parent().unwrap_or(folder).to_owned(),
        (None, None) => return path.to_owned(),
    };
    relative(&context.around.absolute(Path::new(path)), &root).unwrap_or_else(|| path.to_owned())
}

fn relative(path: &Path, root: &PathBuf) -> Option<String> {
    let inner = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<_>> = inner.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/")).filter(|path| !path.is_empty())
}
