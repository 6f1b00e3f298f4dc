//! The service's report that it cannot store what it is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use tasktree_protocol::NewTask;
use tasktree_server::error::Error;
use tasktree_server::limits::DISK_RESERVE_BYTES;
use tasktree_server::store::{InlineStore, ReadJob, SqliteStore, Store, WriteJob};

use crate::core_support::{Core, human};

/// A store on a disk that is full at times.
struct Disk {
    inner: InlineStore,
    full: AtomicBool,
    writes: AtomicU64,
    room: AtomicU64,
}

impl Disk {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: InlineStore::new().unwrap(),
            full: AtomicBool::new(false),
            writes: AtomicU64::new(0),
            room: AtomicU64::new(u64::MAX),
        })
    }
}

#[async_trait]
impl Store for Disk {
    async fn write(&self, job: Box<dyn WriteJob>) {
        self.writes.fetch_add(1, Ordering::Relaxed);
        if self.full.load(Ordering::Relaxed) {
            let message = "The disk is full; nothing was changed.".to_owned();
            let temporary = true;
            return job.finish(Err(Error::Storage { message, temporary }));
        }
        self.inner.write(job).await;
    }

    async fn read(&self, job: ReadJob) {
        self.inner.read(job).await;
    }

    fn room(&self) -> Option<u64> {
        Some(self.room.load(Ordering::Relaxed))
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_said_after_the_first_write_that_failed_and_until_one_succeeds() {
    let disk = Disk::new();
    let core = Core::over(disk.clone()).await;
    core.service.health().await.unwrap();
    let writes = disk.writes.load(Ordering::Relaxed);
    for _ in 0..10 {
        core.service.health().await.unwrap();
    }
    let again = disk.writes.load(Ordering::Relaxed);
    assert_eq!(again, writes, "asking often writes nothing");
    disk.full.store(true, Ordering::Relaxed);
    let new = NewTask {
        title: "No room".to_owned(),
        ..NewTask::default()
    };
    let refused = core.service.create_task(human(), &core.project, new).await;
    assert!(refused.is_err());
    let error = core.service.health().await.unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    disk.full.store(false, Ordering::Relaxed);
    core.task("Room again").await;
    tokio::time::advance(tasktree_server::limits::HEALTH_PROBE_FAILED_EVERY).await;
    core.service.health().await.unwrap();
    // Also if nobody else writes.
    disk.full.store(true, Ordering::Relaxed);
    tokio::time::advance(tasktree_server::limits::HEALTH_PROBE_EVERY).await;
    core.service.health().await.unwrap_err();
}

#[tokio::test]
async fn a_nearly_full_disk_is_said_while_it_is_though_small_writes_succeed() {
    let disk = Disk::new();
    let core = Core::over(disk.clone()).await;
    core.service.health().await.unwrap();
    disk.room.store(DISK_RESERVE_BYTES - 1, Ordering::Relaxed);
    core.task("It is small").await;
    let error = core.service.health().await.unwrap_err();
    assert!(error.to_string().contains("nearly full"), "{error}");
    disk.room.store(DISK_RESERVE_BYTES, Ordering::Relaxed);
    core.service.health().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_room_on_the_disk_of_a_file_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("board.db")).unwrap();
    assert!(store.room().is_some_and(|room| room > 0));
    assert_eq!(SqliteStore::in_memory().unwrap().room(), None);
}
