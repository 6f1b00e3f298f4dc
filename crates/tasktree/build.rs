//! Rebuilds the program when the board was rebuilt: its files are embedded (see `src/main.rs`).

use std::path::Path;

fn main() {
    let board = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    // While a watched folder is missing, Cargo would run this at every build, so an empty one
    // stands for "not built yet". If it cannot be created (read-only sources), the build goes on
    // without it.
    let _ = std::fs::create_dir_all(&board);
    println!("cargo:rerun-if-changed={}", board.display());
    println!("cargo:rerun-if-changed=build.rs");
}
