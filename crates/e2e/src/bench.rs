//! Measures the figures that the project promises, from outside: `cargo xtask bench` starts this
//! and prints them.

pub mod board;
mod figure;
mod machine;
mod memory;
mod pace;
mod percentile;
pub mod server;
pub mod soak;

use serde_json::{Value, json};

pub use self::figure::Figure;
use self::machine::Machine;
use self::pace::paced;
use self::percentile::{median, percentile, sorted};

/// Combines the figures with the machine that they were measured on.
fn report(machine: Machine, figures: &[Figure]) -> Value {
    json!({ "machine": machine.told(), "figures": figures })
}
