//! Views of people and tokens: the account menu, signing in, the list of tokens.

pub mod account_menu;
pub mod new_token;
pub mod sign_in_notice;
pub mod token_list;
