//! Import of tasks from elsewhere.

use tasktree_protocol::{ProjectId, StreamId};

use super::{Receipt, Service, WriteContext};
use crate::auth::{Permission, Target};
use crate::domain::import::{self, ImportReport, ImportedTask};
use crate::error::Result;

impl Service {
    /// Makes or updates tasks by the identifier that they have at their source, all in one transaction. A task that is as
    /// the source has it is left alone. With `dry_run` nothing is changed; the report is the same.
    pub async fn import_tasks(
        &self,
        context: WriteContext,
        project: &ProjectId,
        tasks: Vec<ImportedTask>,
        dry_run: bool,
    ) -> Result<Receipt<ImportReport>> {
        let of = Target::Project(project);
        self.principal().check(Permission::Manage, of)?;
        let (stream, project) = (StreamId::project(project), project.clone());
        if dry_run {
            let (now, limits) = (self.now(), self.limits().clone());
            let snapshot = self
                .snapshot(of, stream, move |rows| {
                    import::plan(rows, &project, tasks, now, &limits)
                })
                .await?;
            return Ok(Receipt {
                value: snapshot.value.report,
                cursor: snapshot.cursor,
                replayed: false,
                committed: None,
            });
        }
        self.write(context, Permission::Manage, stream, move |work| {
            import::apply(work, &project, tasks)
        })
        .await
    }
}
