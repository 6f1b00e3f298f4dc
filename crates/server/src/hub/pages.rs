//! Pages of the log for connections that are behind. Each page is read once, however many
//! connections want it: after a restart all reconnect at the same moment and need the same events.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tasktree_protocol::StreamId;
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::service::Service;
use crate::store::LogPage;

/// Events in a page. Pages begin at multiples of it, so that connections at different positions
/// share them.
pub const PAGE_EVENTS: u64 = 500;

type Cell = OnceCell<LogPage>;
type Cells = HashMap<(u64, u64), Weak<Cell>>;

/// Page that was read. It lives as long as a connection holds it.
#[derive(Clone, Debug)]
pub struct Page(Arc<Cell>);

impl Page {
    #[cfg(test)]
    pub(super) fn of(page: LogPage) -> Self {
        Self(Arc::new(Cell::new_with(Some(page))))
    }

    /// Returns the events of the page once they are read.
    pub fn get(&self) -> Option<&LogPage> {
        self.0.get()
    }
}

/// Pages of one stream that are being read or used.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Pages by the stream's generation and the page's first event.
    cells: Mutex<Cells>,
}

impl Pages {
    /// Returns a page that contains the event after `seq`.
    ///
    /// # Errors
    /// Returns `Trimmed` if that event is no longer kept, or any error of the store.
    pub(super) async fn read(
        &self,
        service: &Service,
        stream: &StreamId,
        generation: u64,
        seq: u64,
    ) -> Result<Page, Error> {
        let first = seq / PAGE_EVENTS * PAGE_EVENTS;
        let cell = self.cell((generation, first), seq);
        let read = |after| service.read_events(stream, after, PAGE_EVENTS as usize);
        match cell.get_or_try_init(|| read(first)).await {
            Ok(page) if holds(page, seq + 1) => Ok(Page(cell)),
            // The page's beginning is trimmed, or it was read too early: this connection reads its
            // own page.
            Ok(_) | Err(Error::Trimmed { .. }) => {
                Ok(Page(Arc::new(Cell::new_with(Some(read(seq).await?)))))
            }
            Err(error) => Err(error),
        }
    }

    fn cell(&self, key: (u64, u64), seq: u64) -> Arc<Cell> {
        let mut cells = self.lock();
        cells.retain(|_, cell| cell.strong_count() > 0);
        let shared = cells.get(&key).and_then(Weak::upgrade).filter(|cell| {
            // A page that is still being read is as new as one that would be read now.
            cell.get().is_none_or(|page| holds(page, seq + 1))
        });
        shared.unwrap_or_else(|| {
            let cell = Arc::new(Cell::new());
            cells.insert(key, Arc::downgrade(&cell));
            cell
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cells> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn holds(page: &LogPage, seq: u64) -> bool {
    let first = page.events.first().map_or(u64::MAX, |event| event.seq);
    first <= seq && page.events.last().is_some_and(|event| event.seq >= seq)
}
