//! The number of a task, as people write it.

/// Returns a task's number as people write it: `#12`.
pub fn number_sign(number: u64) -> String {
    format!("#{number}")
}
