//! Parts of the browser that everything else builds on: listeners, timers, clocks, storage, the
//! page's address. Nothing here knows the board.

mod base_url;
pub mod clock;
pub mod desktop_notification;
mod idle;
mod lazy_styles;
mod listener;
mod next_frame;
pub mod storage;
mod visibility;

pub use base_url::base_url;
pub(crate) use idle::when_idle;
pub use lazy_styles::apply_lazy_styles;
pub(crate) use listener::{Listener, listen_on_window};
pub use next_frame::{NextFrame, before_next_paint};
pub(crate) use visibility::{page_is_visible, until_visible};
