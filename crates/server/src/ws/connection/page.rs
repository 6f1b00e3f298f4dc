//! Reading the log for a connection that is behind, while it keeps writing and reading its socket.

use std::sync::Arc;

use futures_util::future::{BoxFuture, pending};
use tasktree_protocol::Cursor;
use tasktree_protocol::frame::close;

use super::Connection;
use crate::error::Error;
use crate::hub::{Page, Stream, Subscription};
use crate::ws::{Close, Realtime};

/// Result of reading a page.
pub(super) enum PageRead {
    Page(Page),
    Trimmed(Cursor),
    Failed(Error),
}

/// Page that is being read.
pub(super) struct Reading {
    stream: Arc<Stream>,
    page: BoxFuture<'static, PageRead>,
}

impl Reading {
    pub(super) fn begin(realtime: &Realtime, subscription: &Subscription) -> Self {
        let (stream, life, seq) = subscription.page_needed();
        let (service, of) = (realtime.service.clone(), Arc::clone(&stream));
        let page = async move {
            match of.read_page(&service, life, seq).await {
                Ok(page) => PageRead::Page(page),
                Err(Error::Trimmed { .. }) => match service.stream_position(of.id()).await {
                    Ok(Some(position)) => PageRead::Trimmed(position),
                    Ok(None) => PageRead::Failed(Error::no_project(of.id())),
                    Err(error) => PageRead::Failed(error),
                },
                Err(error) => PageRead::Failed(error),
            }
        };
        Self {
            stream,
            page: Box::pin(page),
        }
    }
}

/// Waits for the page. Never completes if none is being read.
pub(super) async fn next(reading: &mut Option<Reading>) -> PageRead {
    match reading {
        Some(reading) => (&mut reading.page).await,
        None => pending().await,
    }
}

impl Connection {
    pub(super) fn take_page(&mut self, read: PageRead) -> Result<(), Close> {
        let Some(Reading { stream, .. }) = self.page.take() else {
            return Ok(());
        };
        self.hungry = true;
        let found = self
            .subscriptions
            .iter()
            .position(|one| Arc::ptr_eq(one.stream(), &stream));
        // The client may have unsubscribed meanwhile.
        let Some(index) = found else { return Ok(()) };
        let subscription = &mut self.subscriptions[index];
        let notice = match read {
            PageRead::Page(page) => subscription.turn_to(page),
            PageRead::Trimmed(position) => Some(subscription.skip_to(position)),
            // The hub is about to report that the stream is gone.
            PageRead::Failed(Error::NotFound(_)) => None,
            PageRead::Failed(error) => {
                tracing::error!(%error, stream = %stream.id(), "cannot read the log");
                return Err(Close::new(close::SERVER_ERROR, "cannot read the log"));
            }
        };
        if let Some(notice) = notice {
            self.send_notice(index, notice);
        }
        Ok(())
    }
}
