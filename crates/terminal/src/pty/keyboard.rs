//! Input on its way to the program: keys of the person, replies of terminals, and answers.
//!
//! One thread writes all of it, so an answer is never mixed with keys.

use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::bytes::{is_readable, read_some, write_all};
use super::inbox::{Inbox, Seen};
use crate::input::has_keys;
use crate::limits::ECHO_WITHIN;

/// Maximum number of bytes of input that are read at once.
const CHUNK_BYTES: usize = 4096;

/// Order to the keyboard.
enum Order {
    /// Types the reply of a terminal.
    Reply(Vec<u8>),
    /// Types an answer.
    Type(Answer),
    /// Reads no more keys: they are for whoever comes after us.
    Stop,
}

/// Keys of an answer and their conditions.
struct Answer {
    keys: Vec<u8>,
    /// Number of times that the person had typed.
    typed: u64,
    /// Number of bytes of output that the decision knew; none if output is expected.
    shown: Option<u64>,
    /// False once the order was taken or withdrawn.
    is_open: Arc<AtomicBool>,
    reply: SyncSender<bool>,
}

/// Handle to give orders. Cloning returns another one.
#[derive(Clone)]
pub(super) struct Orders {
    sender: Sender<Order>,
    wake: Arc<UnixStream>,
}

/// Receiving end of orders.
pub(super) struct Received {
    orders: Receiver<Order>,
    wake: UnixStream,
}

impl Orders {
    pub(super) fn new() -> io::Result<(Self, Received)> {
        let (sender, orders) = mpsc::channel();
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let received = Received {
            orders,
            wake: woken,
        };
        let wake = Arc::new(wake);
        Ok((Self { sender, wake }, received))
    }

    /// Types the reply of a terminal.
    pub(super) fn reply(&self, reply: Vec<u8>) {
        self.send(Order::Reply(reply));
    }

    /// Reads no more keys.
    pub(super) fn stop(&self) {
        self.send(Order::Stop);
    }

    /// Types an answer unless the person has typed more often, or the program has shown more, than
    /// the decision knew. Returns false if it was not typed.
    pub(super) fn type_answer(&self, keys: &[u8], typed: u64, shown: Option<u64>) -> bool {
        let is_open = Arc::new(AtomicBool::new(true));
        let (reply, is_typed) = mpsc::sync_channel(1);
        self.send(Order::Type(Answer {
            keys: keys.to_vec(),
            typed,
            shown,
            is_open: Arc::clone(&is_open),
            reply,
        }));
        match is_typed.recv_timeout(ECHO_WITHIN) {
            Ok(is_typed) => is_typed,
            // The program reads nothing: the order is withdrawn.
            Err(_) if is_open.swap(false, Ordering::SeqCst) => false,
            Err(_) => is_typed.recv().unwrap_or(false),
        }
    }

    fn send(&self, order: Order) {
        // Nobody receives it after the end.
        let _ = self.sender.send(order);
        // A full buffer wakes it too.
        let _ = (&*self.wake).write(&[0]);
    }
}

/// Mover of input.
pub(super) struct Keyboard {
    pub(super) received: Received,
    pub(super) inbox: Inbox,
    pub(super) terminal: OwnedFd,
    /// Number of bytes of output that were read so far.
    pub(super) shown: Arc<AtomicU64>,
}

impl Keyboard {
    /// Moves input until it is told to stop.
    pub(super) fn run(self) {
        let stdin = io::stdin();
        let mut typed = 0;
        let mut has_input = true;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let mut files = vec![PollFd::new(&self.received.wake, PollFlags::IN)];
            if has_input {
                files.push(PollFd::new(&stdin, PollFlags::IN));
            }
            match poll(&mut files, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return,
            }
            let is_ready = files.get(1).is_some_and(|file| !file.revents().is_empty());
            if !self.obey(typed) {
                return;
            }
            if !is_ready {
                continue;
            }
            let Ok(count @ 1..) = read_some(&stdin, &mut chunk) else {
                has_input = false;
                continue;
            };
            let input = &chunk[..count];
            if has_keys(input) {
                typed += 1;
                self.inbox.push(Seen::Typed(typed));
            }
            // A reply that was ordered before this input came has to go first.
            if !self.obey(typed) || write_all(&self.terminal, input).is_err() {
                return;
            }
        }
    }

    /// Executes the orders that have come. Returns false if one of them is to stop.
    fn obey(&self, typed: u64) -> bool {
        let mut woken = [0; 64];
        while matches!((&self.received.wake).read(&mut woken), Ok(1..)) {}
        while let Ok(order) = self.received.orders.try_recv() {
            match order {
                Order::Stop => return false,
                Order::Reply(reply) => {
                    let _ = write_all(&self.terminal, &reply);
                }
                Order::Type(answer) => self.type_answer(&answer, typed),
            }
        }
        true
    }

    fn type_answer(&self, answer: &Answer, typed: u64) {
        if !answer.is_open.swap(false, Ordering::SeqCst) {
            return;
        }
        let is_seen = answer.shown.is_none_or(|shown| {
            self.shown.load(Ordering::SeqCst) == shown && !is_readable(&self.terminal)
        });
        let may = answer.typed == typed && is_seen && !is_readable(io::stdin());
        let is_typed = may && write_all(&self.terminal, &answer.keys).is_ok();
        // Nobody waits for it if the observer has ended.
        let _ = answer.reply.send(is_typed);
    }
}
