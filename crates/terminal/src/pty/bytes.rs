//! Reading and writing of terminals, which others may have made non-blocking.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read, write};

/// Reads what there is; waits if there is nothing.
pub(super) fn read_some(file: impl AsFd, buffer: &mut [u8]) -> Result<usize, Errno> {
    loop {
        match read(&file, &mut *buffer) {
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait_for(&file, PollFlags::IN)?,
            done => return done,
        }
    }
}

/// Writes all bytes.
pub(super) fn write_all(file: impl AsFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match write(&file, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            // Another program has made the terminal non-blocking.
            Err(Errno::AGAIN) => wait_for(&file, PollFlags::OUT)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait_for(file: impl AsFd, flags: PollFlags) -> Result<(), Errno> {
    match poll(&mut [PollFd::new(&file, flags)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Returns true if something can be read at once.
pub(super) fn is_readable(file: impl AsFd) -> bool {
    let now = Timespec::try_from(Duration::ZERO).ok();
    let mut files = [PollFd::new(&file, PollFlags::IN)];
    poll(&mut files, now.as_ref()).is_ok_and(|count| count > 0)
}
