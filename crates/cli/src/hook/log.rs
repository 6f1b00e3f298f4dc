//! The log of hooks: one file with a limited size, since nobody looks at it until something is
//! missing on the board.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tasktree_protocol::Timestamp;

use crate::files::{self, Readers};
use crate::limits::HOOK_LOG_BYTES;
use crate::surroundings::Surroundings;
use crate::text::short;

/// Number of letters of a line.
const LINE_LETTERS: usize = 500;

/// Adds a line. Nothing happens if the log cannot be written: a hook has nobody to tell.
pub(super) fn add(around: &Surroundings, source: &str, message: &str) {
    let Some(path) = path(around) else {
        return;
    };
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = Timestamp::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or_default());
    let line = format!("{now} {source}: {}\n", short(message, LINE_LETTERS));
    append(&path, &line);
}

/// Returns the file.
pub(super) fn path(around: &Surroundings) -> Option<PathBuf> {
    Some(around.state_folder()?.join("hook.log"))
}

fn append(path: &Path, line: &str) {
    let size = fs::metadata(path)
        .map(|file| file.len())
        .unwrap_or_default();
    if size + line.len() as u64 > HOOK_LOG_BYTES {
        let old = fs::read_to_string(path).unwrap_or_default();
        let _ = files::write(path, &(newer_half(&old).to_owned() + line), Readers::Owner);
        return;
    }
    let opened = OpenOptions::new().append(true).open(path);
    let written = opened.and_then(|mut file| file.write_all(line.as_bytes()));
    if written.is_err() {
        let _ = files::write(path, line, Readers::Owner);
    }
}

/// Returns the newer half of a text, from the beginning of a line.
fn newer_half(text: &str) -> &str {
    let half = text.len() / 2;
    let newer = text
        .as_bytes()
        .iter()
        .skip(half)
        .position(|byte| *byte == b'\n');
    newer.map_or("", |end| &text[half + end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_the_newest_lines_within_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        let around = Surroundings::new(folder.path(), &[("XDG_STATE_HOME", home)]);
        let path = folder.path().join("tasktree/hook.log");
        for number in 0..1500 {
            add(
                &around,
                "codex",
                &format!("number {number} {}", "修".repeat(20)),
            );
            assert!(fs::metadata(&path).unwrap().len() <= HOOK_LOG_BYTES);
        }
        let text = fs::read_to_string(&path).unwrap();
        let last = text.lines().last().unwrap();
        assert!(last.contains("codex: number 1499"), "{last}");
        assert!(!text.contains("number 0 ") && text.len() > 20_000);
        assert!(text.lines().all(|line| line.contains("codex: number")));
    }
}
