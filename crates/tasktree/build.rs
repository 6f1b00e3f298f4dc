//! Has the program built again when the board was: its files are embedded (see `src/main.rs`).

use std::path::Path;

fn main() {
    let board = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    // Cargo would run this at every build while a watched folder is missing, so an empty one stands for "not built yet".
    // Where it cannot be made (read-only sources), the build goes on without it.
    let _ = std::fs::create_dir_all(&board);
    println!("cargo:rerun-if-changed={}", board.display());
    println!("cargo:rerun-if-changed=build.rs");
}
