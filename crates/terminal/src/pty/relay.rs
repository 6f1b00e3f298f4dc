//! Output of the program on its way to the terminal of the person.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bytes::{read_some, write_all};
use super::inbox::{Inbox, Seen};
use super::keyboard::Orders;
use crate::query::QueryFilter;

/// Maximum number of bytes that are read at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// Mover of output.
pub(super) struct Output {
    pub(super) terminal: OwnedFd,
    pub(super) inbox: Inbox,
    /// Keyboard that types replies to questions about status reports; none if they go to the outer
    /// terminal.
    pub(super) orders: Option<Orders>,
    /// Number of bytes that were read so far.
    pub(super) shown: Arc<AtomicU64>,
}

impl Output {
    /// Moves output until the program has closed its terminal.
    pub(super) fn run(self) {
        let mut filter = QueryFilter::default();
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut is_open = true;
        let (mut passed, mut replies) = (Vec::new(), Vec::new());
        // The end is an error on Linux.
        while let Ok(count @ 1..) = read_some(&self.terminal, &mut chunk) {
            let output = &chunk[..count];
            let bytes = u64::try_from(count).unwrap_or_default();
            self.shown.fetch_add(bytes, Ordering::SeqCst);
            let text = match &self.orders {
                Some(orders) if !filter.is_idle() || output.contains(&0x1b) => {
                    passed.clear();
                    filter.pass(output, &mut passed, &mut replies);
                    if !replies.is_empty() {
                        // Before the rest is shown: the reply has to come before those of the
                        // outer terminal to later questions.
                        orders.reply(std::mem::take(&mut replies));
                    }
                    &passed[..]
                }
                _ => output,
            };
            // A terminal that is gone does not end the program: the signal that comes with it does.
            is_open = is_open && write_all(io::stdout(), text).is_ok();
            self.inbox.push(Seen::Output(output.to_vec()));
        }
        passed.clear();
        filter.finish(&mut passed);
        if is_open {
            let _ = write_all(io::stdout(), &passed);
        }
    }
}
