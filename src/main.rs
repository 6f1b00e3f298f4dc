//! Mounts the board into the page.

use leptos::mount::mount_to_body;
use tasktree_board::app::App;

fn main() {
    console_error_panic_hook::set_once();
    mount_to_body(App);
}
