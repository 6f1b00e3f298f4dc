//! Warnings of an import.

use crate::limits::IMPORT_WARNINGS;

/// Warnings, limited in number.
#[derive(Default)]
pub(super) struct Warnings {
    kept: Vec<String>,
    more: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, warning: impl FnOnce() -> String) {
        if self.kept.len() < IMPORT_WARNINGS {
            self.kept.push(warning());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            let more = self.more;
            self.kept
                .push(format!("{more} more warnings are not listed."));
        }
        self.kept
    }
}
