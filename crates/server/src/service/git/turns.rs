//! Turns of git operations: one at a time in a repository, and no new ones once the server ends.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::fs;
use tokio::sync::{OwnedMutexGuard, RwLock, RwLockReadGuard, Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::command::path_of;
use super::plain;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Maximum bytes that are read of a file that leads to a repository.
const POINTER_BYTES: u64 = 4096;

/// Running operations, by repository.
#[derive(Debug)]
pub(in crate::service) struct Turns {
    repositories: Mutex<HashMap<PathBuf, Weak<tokio::sync::Mutex<()>>>>,
    commands: Semaphore,
    /// Time within which the repository of a folder has to be found.
    patience: Duration,
    /// Shared by running operations; the end of the server waits for all of it.
    at_work: RwLock<()>,
    ending: AtomicBool,
}

/// The right to run git in one repository.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _repository: OwnedMutexGuard<()>,
    _command: SemaphorePermit<'a>,
    _work: RwLockReadGuard<'a, ()>,
}

impl Turns {
    pub(in crate::service) fn new(limits: &Limits) -> Self {
        Self {
            repositories: Mutex::default(),
            commands: Semaphore::new(limits.git_commands.max(1)),
            patience: Duration::from_secs(limits.git_seconds),
            at_work: RwLock::default(),
            ending: AtomicBool::new(false),
        }
    }

    /// Waits for the turn in the repository that has a folder, or in the folder itself if none has
    /// it.
    ///
    /// # Errors
    /// If the folder cannot be looked at within the time of a command, such as one on a disk that
    /// does not answer, or the server ends.
    pub(super) async fn take(&self, folder: &Path) -> Result<Turn<'_>> {
        let found = timeout(self.patience, repository_of(folder)).await;
        let found = found.map_err(|_| {
            Error::Command(format!(
                "The folder '{}' could not be read within {} s",
                folder.display(),
                self.patience.as_secs()
            ))
        })?;
        let repository = self.lock_of(found).lock_owned().await;
        let command = self.commands.acquire().await;
        let command = command.map_err(|_| Error::store_closed())?;
        let change = self.at_work.read().await;
        if self.ending.load(Ordering::Relaxed) {
            return Err(Error::store_closed());
        }
        Ok(Turn {
            _repository: repository,
            _command: command,
            _work: change,
        })
    }

    fn lock_of(&self, repository: PathBuf) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = self
            .repositories
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = all.get(&repository).and_then(Weak::upgrade) {
            return lock;
        }
        all.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        all.insert(repository, Arc::downgrade(&lock));
        lock
    }

    /// Lets nothing new begin, and waits until running operations are done; returns true if they
    /// are.
    pub(super) async fn end(&self, patience: Duration) -> bool {
        self.ending.store(true, Ordering::Relaxed);
        timeout(patience, self.at_work.write()).await.is_ok()
    }
}

/// Returns the folder that all work trees of a repository share, without running git.
///
/// It only serves as the key of the turn.
async fn repository_of(folder: &Path) -> PathBuf {
    let folder = canonical(folder).await;
    for candidate in folder.ancestors() {
        if let Some(git) = git_folder(candidate).await {
            let common = pointer(&git.join("commondir"), "").await;
            return canonical(&common.map_or_else(|| git.clone(), |path| git.join(path))).await;
        }
    }
    folder
}

/// Returns the git folder of a folder that is the root of a work tree, or a git folder itself.
pub(super) async fn git_folder(folder: &Path) -> Option<PathBuf> {
    let dot_git = folder.join(".git");
    match fs::metadata(&dot_git).await {
        Ok(found) if found.is_dir() => return Some(dot_git),
        Ok(_) => return Some(folder.join(pointer(&dot_git, "gitdir: ").await?)),
        Err(_) => {}
    }
    let has = async |name| fs::try_exists(folder.join(name)).await.unwrap_or(false);
    (has("HEAD").await && has("objects").await && has("refs").await).then(|| folder.to_owned())
}

/// Returns the path after a word in a regular file. It may contain line breaks, except at its end.
pub(super) async fn pointer(file: &Path, word: &str) -> Option<PathBuf> {
    let text = plain::read(file, POINTER_BYTES).await?;
    let end = text.iter().rposition(|byte| !b"\r\n".contains(byte))?;
    Some(path_of(text[..=end].strip_prefix(word.as_bytes())?))
}

pub(super) async fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path)
        .await
        .unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    async fn waits<T>(change: impl Future<Output = T>) -> bool {
        timeout(SOON, change).await.is_err()
    }

    #[tokio::test]
    async fn one_repository_has_one_turn_by_whichever_folder_and_another_has_its_own() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&one, &two] {
            fs::create_dir_all(folder.path().join(".git/worktrees/linked")).unwrap();
            fs::create_dir_all(folder.path().join("sub")).unwrap();
        }
        let common = one.path().join(".git/worktrees/linked");
        fs::write(common.join("commondir"), "../..\n").unwrap();
        let linked = tempfile::tempdir().unwrap();
        let pointer = format!("gitdir: {}\n", common.display());
        fs::write(linked.path().join(".git"), pointer).unwrap();
        let turns = Turns::new(&Limits::default());
        let turn = turns.take(one.path()).await.unwrap();
        for folder in [one.path(), &one.path().join("sub"), linked.path()] {
            assert!(waits(turns.take(folder)).await, "{folder:?}");
        }
        drop(turns.take(two.path()).await.unwrap());
        drop(turn);
        drop(turns.take(linked.path()).await.unwrap());
        drop(turns.take(&two.path().join("sub")).await.unwrap());
        assert_eq!(
            turns.repositories.lock().unwrap().len(),
            1,
            "what nobody waits for is forgotten"
        );
    }

    #[tokio::test]
    async fn commands_of_all_repositories_together_are_limited() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let turns = Turns::new(&Limits {
            git_commands: 1,
            ..Limits::default()
        });
        let turn = turns.take(one.path()).await.unwrap();
        assert!(waits(turns.take(two.path())).await);
        drop(turn);
        drop(turns.take(two.path()).await.unwrap());
    }

    #[tokio::test]
    async fn the_end_waits_for_what_runs_and_lets_nothing_begin() {
        let folder = tempfile::tempdir().unwrap();
        let turns = Turns::new(&Limits::default());
        let turn = turns.take(folder.path()).await.unwrap();
        assert!(!turns.end(SOON).await);
        drop(turn);
        assert!(turns.end(SOON).await);
        assert!(turns.take(folder.path()).await.is_err());
    }
}
