//! Parts that several folders of components share.

pub mod actor;
pub mod allowed;
pub mod attention_icon;
pub mod attention_words;
pub mod command_line;
pub mod discard_words;
pub mod markdown;
pub mod not_loaded;
pub mod not_refreshed;
pub mod number_sign;
pub mod status_icon;
pub mod toast_level;
