//! Pseudo-terminals.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

use crate::screen::Size;

/// Both ends of a pseudo-terminal.
pub(super) struct Pair {
    /// End that plays the terminal.
    pub(super) master: OwnedFd,
    /// End of the program.
    pub(super) slave: OwnedFd,
}

impl Pair {
    /// Opens a pseudo-terminal with the settings and the size of a terminal.
    pub(super) fn open(like: BorrowedFd<'_>) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&master, FdFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(name, flags, Mode::empty())?;
        tcsetattr(&slave, OptionalActions::Now, &tcgetattr(like)?)?;
        tcsetwinsize(&slave, tcgetwinsize(like)?)?;
        Ok(Self { master, slave })
    }
}

/// Returns the size of a terminal; that of a usual one if it has none.
pub(super) fn size_of(terminal: impl AsFd) -> Size {
    let size = tcgetwinsize(terminal).ok();
    let size = size.filter(|size| size.ws_row > 0 && size.ws_col > 0);
    size.map_or(
        Size {
            rows: 24,
            columns: 80,
        },
        |size| Size {
            rows: size.ws_row,
            columns: size.ws_col,
        },
    )
}
