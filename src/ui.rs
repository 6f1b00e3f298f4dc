//! Building blocks that know no domain type: what they show and say is given to them.

pub mod announcer;
pub mod button;
pub mod clock;
pub mod copy_button;
pub mod dialog;
pub mod field;
pub mod focus;
pub mod icon;
pub mod list;
pub mod menu;
pub mod motion;
pub mod next_frame;
pub mod popover;
pub mod preference;
pub mod ring;
pub mod skeleton;
pub mod storage;
pub mod title;
pub mod toast;
pub mod virtual_list;

pub use announcer::{Announcer, announce};
pub use button::{Button, ButtonLook, IconButton};
pub use clock::{provide_clock, use_clock};
pub use copy_button::CopyButton;
pub use dialog::{ConfirmDialog, Dialog};
pub use field::TextField;
pub use focus::{focus_next, hand_on_focus, is_focus_lost};
pub use icon::{Icon, IconName};
pub use list::List;
pub use menu::{Menu, MenuHost, MenuItem, provide_menu, use_menu};
pub use next_frame::NextFrame;
pub use popover::Popover;
pub use ring::{Numbered, Ring};
pub use skeleton::Skeleton;
pub use toast::{Level, Toast, ToastHost, provide_toasts, use_toasts};
