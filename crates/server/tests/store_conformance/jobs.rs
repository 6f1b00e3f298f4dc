//! The stores under test, and jobs for them.

use std::sync::Arc;

use tasktree_server::error::{Error, Result};
use tasktree_server::store::{InlineStore, SqliteStore, Store, Transaction, WriteJob};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub(crate) fn in_a_file() -> (Arc<dyn Store>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("tasktree.db")).unwrap();
    (Arc::new(store), directory)
}

pub(crate) fn in_memory() -> (Arc<dyn Store>, ()) {
    (Arc::new(SqliteStore::in_memory().unwrap()), ())
}

pub(crate) fn inline() -> (Arc<dyn Store>, ()) {
    (Arc::new(InlineStore::new().unwrap()), ())
}

struct Job<F> {
    change: Option<F>,
    answer: oneshot::Sender<Result<()>>,
}

impl<F: FnOnce(&mut dyn Transaction) -> Result<()> + Send> WriteJob for Job<F> {
    fn run(&mut self, transaction: &mut dyn Transaction) -> Result<()> {
        (self.change.take().unwrap())(transaction)
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let _ = self.answer.send(outcome);
    }
}

/// Queues a change; its outcome comes through the returned receiver.
pub(crate) async fn queue(
    store: &Arc<dyn Store>,
    change: impl FnOnce(&mut dyn Transaction) -> Result<()> + Send + 'static,
) -> oneshot::Receiver<Result<()>> {
    let (answer, outcome) = oneshot::channel();
    store
        .write(Box::new(Job {
            change: Some(change),
            answer,
        }))
        .await;
    outcome
}

pub(crate) fn refusal() -> Error {
    Error::Refused("No.".to_owned())
}
