//! Pending imports: large imports that are published, but whose changes of existing tasks are not
//! all written.
//!
//! The request of an import writes them. If a write fails or the server stops, the sweeper writes
//! the rest. The next import waits until then.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tasktree_protocol::{ProjectId, StreamId};
use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::{IdempotencyKey, Receipt, Service, WriteContext};
use crate::actor::Actor;
use crate::auth::{Permission, Principal, Target};
use crate::domain::Change;
use crate::domain::import::{self, FileReport, ImportReport};
use crate::error::{Error, Result};
use crate::limits::IMPORT_PARTS_A_SWEEP;
use crate::store::ImportShare;

/// Import that was published.
pub(super) enum Published<T> {
    /// Everything is written.
    Written(Receipt<T>),
    /// Changes of existing tasks are left to write, under this name.
    Pending(String),
}

/// Request of an import, which is answered when all changes are written.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    actor: String,
    key: Option<IdempotencyKey>,
    stream: StreamId,
    report: Report,
}

/// Report of an import.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Report {
    /// Report on a file.
    File(FileReport),
    /// Report on tasks of one project.
    Tasks(ImportReport),
}

impl From<FileReport> for Report {
    fn from(report: FileReport) -> Self {
        Self::File(report)
    }
}

impl From<ImportReport> for Report {
    fn from(report: ImportReport) -> Self {
        Self::Tasks(report)
    }
}

impl Report {
    /// Adds warnings about the tasks of a project.
    fn warn(&mut self, project: &ProjectId, warnings: Vec<String>) {
        let report = match self {
            Self::Tasks(report) => Some(report),
            Self::File(report) => {
                let mut portions = report.projects.iter_mut();
                let portion = portions.find(|portion| portion.project == *project);
                portion.map(|portion| &mut portion.report)
            }
        };
        if let Some(report) = report {
            report.warnings.extend(warnings);
        }
    }
}

impl Service {
    /// Publishes an import in one transaction.
    ///
    /// If it `is_stored`, changes are left to write, and the answer is stored after them.
    pub(super) async fn publish_import<T, F>(
        &self,
        mut context: WriteContext,
        stream: StreamId,
        is_stored: bool,
        publish: F,
    ) -> Result<Published<T>>
    where
        T: Into<Report> + Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(&mut Change<'_>, &str) -> Result<T> + Send + 'static,
    {
        let import = Uuid::new_v4().simple().to_string();
        if !is_stored {
            let publish = move |change: &mut Change<'_>| publish(change, &import);
            let written = self.write(context, Permission::Manage, stream, publish);
            return written.await.map(Published::Written);
        }
        let (name, of) = (import.clone(), stream.clone());
        let (actor, key) = (context.actor.to_string(), context.idempotency.take());
        self.write(context, Permission::Manage, stream, move |change| {
            let request = Request {
                report: publish(change, &name)?.into(),
                actor,
                key,
                stream: of,
            };
            change
                .tx
                .put_import(&name, &serde_json::to_string(&request)?)
        })
        .await?;
        Ok(Published::Pending(import))
    }

    /// Writes the changes of a pending import, and stores the answer to its request.
    ///
    /// # Errors
    /// If a write fails. The sweeper then continues.
    pub(super) async fn complete_import<T: DeserializeOwned>(
        &self,
        import: &str,
    ) -> Result<Receipt<T>> {
        let server = self.acting_for(Principal::server());
        let completed = async {
            server.write_pending(usize::MAX).await?;
            server.answer_import(import).await
        };
        let receipt = completed.await.map_err(|error| {
            let message = "The changes of this import are stored, and the server continues to \
                           write them. Repeat the request with the same Idempotency-Key to get \
                           the report.";
            unfinished(message, &error)
        })?;
        Ok(Receipt {
            value: serde_json::from_value(receipt.value)?,
            cursor: receipt.cursor,
            replayed: receipt.replayed,
            committed: receipt.committed,
        })
    }

    /// Waits until no other import is running, and completes all pending ones: their tasks and
    /// changes are found by the next import, which keeps the guard until it has ended.
    ///
    /// # Errors
    /// If a write fails: then the next import has to wait.
    pub(super) async fn import_turn(&self) -> Result<MutexGuard<'_, ()>> {
        let one_at_a_time = self.inner.importing.lock().await;
        let server = self.acting_for(Principal::server());
        let completed = async {
            server.write_pending(usize::MAX).await?;
            server.answer_imports().await
        };
        completed.await.map_err(|error| {
            let message = "The server is still completing an earlier import, so this one was not \
                           started. Try again in a moment.";
            unfinished(message, &error)
        })?;
        Ok(one_at_a_time)
    }

    /// Continues pending imports, unless an import is running.
    pub(super) async fn sweep_imports(&self) -> Result<()> {
        let Ok(_one_at_a_time) = self.inner.importing.try_lock() else {
            return Ok(());
        };
        self.write_pending(IMPORT_PARTS_A_SWEEP).await?;
        self.answer_imports().await
    }

    /// Writes up to `parts` parts of the changes of pending imports.
    async fn write_pending(&self, parts: usize) -> Result<()> {
        let mut left = parts;
        let shares = self.read(Target::Everything, |rows| rows.import_shares());
        for (project, share) in shares.await? {
            while left > 0 {
                left -= 1;
                if !self.write_part(&project, &share).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Writes one part of an import's changes in a project; returns true if there are more.
    async fn write_part(&self, project: &ProjectId, share: &ImportShare) -> Result<bool> {
        let context = WriteContext::new(Actor::stored(share.actor.clone()));
        let (of, import) = (project.clone(), share.import.clone());
        let stream = StreamId::project(project);
        let written = self.write(context, Permission::Manage, stream, move |change| {
            let part = import::write_part(change, &of)?;
            if !part.warnings.is_empty()
                && let Some(request) = change.tx.import(&import)?
            {
                let mut request: Request = serde_json::from_str(&request)?;
                request.report.warn(&of, part.warnings);
                let request = serde_json::to_string(&request)?;
                change.tx.put_import(&import, &request)?;
            }
            Ok(part.has_more)
        });
        Ok(written.await?.value)
    }

    /// Stores the answers of all pending imports that have nothing left to write.
    async fn answer_imports(&self) -> Result<()> {
        let done = self.read(Target::Everything, |rows| rows.imports_done());
        for import in done.await? {
            self.answer_import(&import).await?;
        }
        Ok(())
    }

    /// Stores the answer of an import whose changes are all written.
    async fn answer_import(&self, import: &str) -> Result<Receipt<serde_json::Value>> {
        let name = import.to_owned();
        let found = self.read(Target::Everything, move |rows| rows.import(&name));
        let request = found.await?.ok_or_else(|| {
            Error::Internal("Internal error: a pending import has no request.".to_owned())
        })?;
        let Request {
            actor,
            key,
            stream,
            report,
        } = serde_json::from_str(&request)?;
        let report = serde_json::to_value(report)?;
        let context = WriteContext {
            idempotency: key,
            ..WriteContext::new(Actor::stored(actor))
        };
        let keyless = WriteContext {
            idempotency: None,
            ..context.clone()
        };
        let end = async |context| {
            let (name, report) = (import.to_owned(), report.clone());
            self.write(context, Permission::Manage, stream.clone(), move |change| {
                change.tx.end_import(&name)?;
                Ok(report)
            })
            .await
        };
        match end(context).await {
            // The caller has used the key for another request meanwhile, whose answer stays.
            Err(Error::KeyReused) => end(keyless).await,
            Ok(receipt) if receipt.replayed => end(keyless).await,
            other => other,
        }
    }
}

/// Returns the error of a pending import that could not be completed.
fn unfinished(message: &str, error: &Error) -> Error {
    Error::Storage {
        message: format!("{message} The last step failed: {error}"),
        temporary: true,
    }
}
