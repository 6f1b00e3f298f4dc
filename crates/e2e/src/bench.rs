//! The figures that the project promises, measured from outside: `cargo xtask bench` starts this and prints them.

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

/// The figures, and the machine that they were taken on.
fn report(machine: Machine, figures: &[Figure]) -> Value {
    json!({ "machine": machine.told(), "figures": figures })
}
