//! Tests of the board in a real browser, with a real server.

#[path = "../../../server/tests/git_support/mod.rs"]
mod git_support;
#[path = "../../../tasktree/tests/program/agent_cli/run/terminal.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests of the terminal itself use all of it"
)]
mod terminal;

mod answers;
mod attention;
mod browser;
mod held_card;
mod import;
mod layout;
mod lazy_views;
mod main_path;
mod merge;
mod random_person;
mod scripts;
mod sign_in_links;
mod trunk_serve;
mod two_browsers;
