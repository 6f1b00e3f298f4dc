//! The frame around every page: the bar, the connection, notifications, unsent changes.

pub mod connection_badge;
pub mod connection_details;
pub mod display_menu;
pub mod help_dialog;
pub mod inbox_link;
pub mod language_switch;
pub mod notification_list;
pub mod notify;
pub mod top_bar;
pub mod unsent_list;
pub mod unsent_reports;
pub mod unsent_words;
