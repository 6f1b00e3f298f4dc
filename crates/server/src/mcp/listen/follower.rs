//! Cursors of a client that listens: they pull events, and tell of the changes.

use rmcp::service::SubscriptionSink;
use tasktree_protocol::{Cursor, ProjectId, StreamId};

use super::wanted::{Changes, Wanted};
use crate::error::{Error, Result};
use crate::hub::{ConnectionGuard, PullOutcome, Subscription};
use crate::service::Service;

/// Number of events that are read at once.
const EVENTS: usize = 256;

/// Number of bytes of events that are read at once.
const BYTES: usize = 1 << 20;

/// Cursors in the streams of projects.
pub(super) struct Follower<'a> {
    service: &'a Service,
    guard: &'a ConnectionGuard,
    wants_list: bool,
    cursors: Vec<(Wanted, Subscription)>,
    /// Changes to be told at once.
    first: Changes,
}

impl<'a> Follower<'a> {
    /// Creates a follower without projects.
    pub(super) fn new(service: &'a Service, guard: &'a ConnectionGuard, wants_list: bool) -> Self {
        Self {
            service,
            guard,
            wants_list,
            cursors: Vec::new(),
            first: Changes::default(),
        }
    }

    /// Starts at a position of a project, or at its current one.
    pub(super) async fn follow(
        &mut self,
        project: ProjectId,
        wanted: Wanted,
        since: Option<&Cursor>,
    ) -> Result<()> {
        let id = StreamId::project(&project);
        let stream = self.guard.subscribe(&id);
        let Some(position) = self.service.stream_position(&id).await? else {
            self.guard.unsubscribe(&stream);
            return Ok(());
        };
        stream.learn(&position);
        let mut cursor = Subscription::new(stream);
        match since.filter(|since| since.epoch == position.epoch) {
            Some(since) => cursor.start(since.clone(), None),
            None => {
                // Something may have changed since the request.
                wanted.note_all(&mut self.first);
                cursor.start(position, None);
            }
        }
        self.cursors.push((wanted, cursor));
        Ok(())
    }

    /// Tells of changes until the connection ends.
    pub(super) async fn run(&mut self, sink: &SubscriptionSink) -> Result<()> {
        let progress = self
            .cursors
            .iter()
            .map(|(_, cursor)| cursor.progress().clone());
        self.guard.reads(progress.collect());
        loop {
            self.guard.take_ring();
            if self.guard.asked_to_close().is_some() {
                return Ok(());
            }
            let changes = self.pull().await?;
            // The client was promised nothing more once its token has ended.
            if self.guard.asked_to_close().is_some() || self.guard.principal().is_ended() {
                return Ok(());
            }
            for uri in changes.uris {
                if sink.notify_resource_updated(uri).await.is_err() {
                    return Ok(());
                }
            }
            if changes.list && sink.notify_resource_list_changed().await.is_err() {
                return Ok(());
            }
            self.guard.rung().await;
        }
    }

    /// Returns the changes since the last call.
    async fn pull(&mut self) -> Result<Changes> {
        let mut changes = std::mem::take(&mut self.first);
        let mut removed = Vec::new();
        for (index, (wanted, cursor)) in self.cursors.iter_mut().enumerate() {
            loop {
                match cursor.pull(EVENTS, BYTES) {
                    PullOutcome::Nothing => break,
                    PullOutcome::Events(events) => {
                        for event in &events {
                            wanted.note(event, &mut changes);
                        }
                    }
                    PullOutcome::Behind => match catch_up(self.service, cursor).await? {
                        CaughtUp::Page => {}
                        CaughtUp::Skipped => wanted.note_all(&mut changes),
                        CaughtUp::Gone => {
                            wanted.note_all(&mut changes);
                            break;
                        }
                    },
                    PullOutcome::Resync(..) => wanted.note_all(&mut changes),
                    PullOutcome::Removed => {
                        wanted.note_all(&mut changes);
                        removed.push(index);
                        break;
                    }
                    PullOutcome::Ephemeral(_) | PullOutcome::Missed | PullOutcome::Live(_) => {}
                }
            }
        }
        for index in removed.into_iter().rev() {
            self.cursors.remove(index);
        }
        changes.list &= self.wants_list;
        Ok(changes)
    }
}

/// Outcome of reading the log for a cursor that is behind.
enum CaughtUp {
    /// The next events are there.
    Page,
    /// They are no longer kept, so the cursor is at the current position.
    Skipped,
    /// The stream does not exist any more.
    Gone,
}

async fn catch_up(service: &Service, cursor: &mut Subscription) -> Result<CaughtUp> {
    let (stream, generation, seq) = cursor.page_needed();
    match stream.read_page(service, generation, seq).await {
        Ok(page) => Ok(match cursor.turn_to(page) {
            Some(_) => CaughtUp::Skipped,
            None => CaughtUp::Page,
        }),
        Err(Error::Trimmed { .. }) => match service.stream_position(cursor.id()).await? {
            Some(position) => {
                cursor.skip_to(position);
                Ok(CaughtUp::Skipped)
            }
            None => Ok(CaughtUp::Gone),
        },
        Err(error) => Err(error),
    }
}
