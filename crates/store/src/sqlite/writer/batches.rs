//! Batching of jobs into commits.
//!
//! Jobs that are queued when a commit ends go into the next one. That alone would let eight writers
//! alternate between commits of one job and of seven: the first to return would commit alone while
//! the others wait. So for a short time after a commit, as many jobs are expected as it had,
//! because their writers have just been answered. A single writer never waits.

use std::time::{Duration, Instant};

use crate::sqlite::queue::{Job, Receiver};

/// Maximum number of jobs in one commit; bounds how long the first of them waits for the last.
const MOST: usize = 256;

/// Maximum time to wait for writers after a commit; never longer than the commit itself took.
const PATIENCE: Duration = Duration::from_millis(2);

pub(super) struct Batches {
    jobs: Receiver,
    patience: Duration,
    /// Jobs that came during the last commit.
    waiting: Vec<Job>,
    /// Number of jobs expected in the next commit.
    expected: usize,
    /// Time to wait for writers after the last commit: its duration, at most `patience`.
    took: Duration,
}

impl Batches {
    pub(super) fn new(jobs: Receiver) -> Self {
        Self {
            jobs,
            patience: PATIENCE,
            waiting: Vec::new(),
            expected: 0,
            took: Duration::ZERO,
        }
    }

    /// Waits for the jobs of the next commit, at least one; none if all senders are gone.
    pub(super) fn next(&mut self) -> Option<Vec<Job>> {
        let until = Instant::now() + self.took;
        let mut batch = std::mem::take(&mut self.waiting);
        if batch.is_empty() {
            batch.push(self.jobs.wait()?);
        }
        take_queued(&self.jobs, &mut batch);
        while batch.len() < self.expected {
            match self.jobs.until(until) {
                Some(job) => batch.push(job),
                None => break,
            }
        }
        Some(batch)
    }

    /// Records a batch that was committed and is about to be answered.
    pub(super) fn committed(&mut self, jobs: usize, took: Duration) {
        take_queued(&self.jobs, &mut self.waiting);
        self.expected = (self.waiting.len() + jobs).min(MOST);
        self.took = took.min(self.patience);
    }
}

fn take_queued(jobs: &Receiver, batch: &mut Vec<Job>) {
    while batch.len() < MOST
        && let Some(job) = jobs.now()
    {
        batch.push(job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::queue::{Sender, queue};

    /// Longer than any test takes.
    const LONG: Duration = Duration::from_secs(60);

    fn batches(patience: Duration) -> (Sender, Batches) {
        let (sender, jobs) = queue(1000);
        let batches = Batches {
            patience,
            ..Batches::new(jobs)
        };
        (sender, batches)
    }

    fn send(sender: &Sender, jobs: usize) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        for _ in 0..jobs {
            let job = Job::Read(Box::new(|_| {}));
            assert!(runtime.block_on(sender.send(job)).is_ok());
        }
    }

    #[test]
    fn eight_writers_that_wait_for_their_answers_share_their_commits() {
        let (sender, mut batches) = batches(LONG);
        send(&sender, 1);
        assert_eq!(
            batches.next().unwrap().len(),
            1,
            "the first is committed at once"
        );
        // Seven jobs come during the commit, and the first writer's next one after its answer.
        send(&sender, 7);
        batches.committed(1, LONG);
        for _ in 0..20 {
            std::thread::scope(|scope| {
                scope.spawn(|| send(&sender, 1));
                assert_eq!(batches.next().unwrap().len(), 8);
            });
            batches.committed(8, LONG);
            // Fast writers are back before the others have their answers.
            send(&sender, 7);
        }
    }

    #[test]
    fn a_writer_that_is_alone_waits_for_nobody() {
        let (sender, mut batches) = batches(LONG);
        let began = Instant::now();
        for _ in 0..100 {
            send(&sender, 1);
            assert_eq!(batches.next().unwrap().len(), 1);
            batches.committed(1, LONG);
        }
        assert!(began.elapsed() < LONG / 2);
    }

    #[test]
    fn writers_that_do_not_come_back_are_waited_for_once() {
        let (sender, mut batches) = batches(Duration::from_millis(20));
        send(&sender, 8);
        assert_eq!(batches.next().unwrap().len(), 8);
        batches.committed(8, LONG);
        send(&sender, 1);
        assert_eq!(batches.next().unwrap().len(), 1, "the others have left");
        batches.patience = LONG;
        batches.committed(1, LONG);
        send(&sender, 1);
        let began = Instant::now();
        assert_eq!(batches.next().unwrap().len(), 1);
        assert!(began.elapsed() < LONG / 2, "nobody is expected any more");
    }

    #[test]
    fn a_batch_has_a_largest_size_and_the_rest_comes_next() {
        let (sender, mut batches) = batches(LONG);
        send(&sender, MOST + 3);
        assert_eq!(batches.next().unwrap().len(), MOST);
        batches.committed(MOST, Duration::ZERO);
        assert_eq!(batches.next().unwrap().len(), 3);
        drop(sender);
        batches.committed(3, LONG);
        assert!(batches.next().is_none());
    }
}
