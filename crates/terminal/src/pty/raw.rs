//! Raw mode of the person's terminal: each byte goes to the program.

use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::{io, mem};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Settings of the terminal outside raw mode; none while it is not in raw mode.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Raw mode, which ends when this is dropped, and before the message of a panic is printed.
pub(super) struct RawMode(());

impl RawMode {
    /// Starts raw mode.
    pub(super) fn enter() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(restore_before_panic);
        start()?;
        Ok(Self(()))
    }

    /// Ends raw mode until [`RawMode::enter_again`].
    #[expect(clippy::unused_self, reason = "only while raw mode is wanted")]
    pub(super) fn leave(&self) {
        restore();
    }

    /// Starts raw mode again after a stop. The settings may have been changed meanwhile.
    #[expect(clippy::unused_self, reason = "only while raw mode is wanted")]
    pub(super) fn enter_again(&self) {
        restore();
        // The terminal is gone if this fails, which the threads notice.
        let _ = start();
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

fn start() -> io::Result<()> {
    let before = tcgetattr(io::stdin())?;
    let mut raw = before.clone();
    raw.make_raw();
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
    Ok(())
}

fn restore() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = mem::take(&mut *before) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}

/// Ends raw mode before the message of a panic in the main thread. A panic elsewhere does not end
/// the program, so its message would only disturb the screen.
fn restore_before_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_main = thread::current().name() == Some("main");
        if is_main || cfg!(panic = "abort") {
            restore();
            before(info);
        }
    }));
}
