//! Which files differ between two commits, and by how many lines.

use super::command::Git;
use crate::error::Result;

/// Files that differ.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) all: Vec<Change>,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: String,
    /// `A` made, `D` removed, `M` changed, `T` another kind of file.
    pub(super) kind: char,
    /// Lines that came and went; none of a file that is no text.
    pub(super) lines: Option<(u64, u64)>,
}

impl Changes {
    /// Compares two commits or trees.
    ///
    /// # Errors
    /// `Command` where there are more than is read.
    pub(super) async fn between(git: &Git, from: &str, to: &str) -> Result<Self> {
        let ask = [
            "diff-tree",
            "-r",
            "-z",
            "--raw",
            "--numstat",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=none",
            from,
            to,
        ];
        Ok(Self::read(&git.whole(&ask).await?))
    }

    /// Reads the list of kinds, then that of lines: `:.. M NUL path NUL`, `1 TAB 2 TAB path NUL`.
    fn read(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let mut parts = text.split('\0');
        let mut all: Vec<Change> = Vec::new();
        let mut counted = 0;
        while let Some(part) = parts.next() {
            if part.starts_with(':') {
                all.push(Change {
                    path: parts.next().unwrap_or_default().to_owned(),
                    kind: part.chars().next_back().unwrap_or('M'),
                    lines: None,
                });
                continue;
            }
            let mut fields = part.splitn(3, '\t');
            let (Some(added), Some(removed), Some(path)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            // Both lists are in the same order.
            if let Some(change) = all.get_mut(counted).filter(|change| change.path == path) {
                change.lines = added.parse().ok().zip(removed.parse().ok());
            }
            counted += 1;
        }
        Self { all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_lines_are_read_of_any_path() {
        let text = ":100644 100644 a b M\0a\tb\0:000000 100644 0 c A\0:odd\0\
                    3\t1\ta\tb\0-\t-\t:odd\0";
        let change = |path: &str, kind, lines| Change {
            path: path.to_owned(),
            kind,
            lines,
        };
        assert_eq!(
            Changes::read(text.as_bytes()).all,
            [change("a\tb", 'M', Some((3, 1))), change(":odd", 'A', None)]
        );
        assert_eq!(Changes::read(b"").all, []);
    }
}
