//! Files that differ between two commits, with the numbers of their changed lines.

use super::command::Git;
use crate::error::Result;

/// Files that differ.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) all: Vec<FileChange>,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileChange {
    /// Path, for a person.
    pub(super) path: String,
    /// Path as git has it, which need not be UTF-8.
    pub(super) name: Vec<u8>,
    /// `A` added, `D` deleted, `M` modified, `T` another kind of file.
    pub(super) kind: char,
    /// Ids of the contents before and after, zeros if there is no file.
    pub(super) contents: [String; 2],
    /// Lines added and deleted; `None` for a file that is no text.
    pub(super) lines: Option<(u64, u64)>,
}

impl Changes {
    /// Compares two commits or trees.
    ///
    /// # Errors
    /// `Command` if there are more changes than are read.
    pub(super) async fn between(git: &Git, from: &str, to: &str) -> Result<Self> {
        let ask = [
            "diff-tree",
            "-r",
            "-z",
            "--raw",
            "--numstat",
            "--no-abbrev",
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
        let mut parts = text.split(|byte| *byte == 0);
        let mut all: Vec<FileChange> = Vec::new();
        let mut counted = 0;
        while let Some(part) = parts.next() {
            if part.starts_with(b":") {
                let name = parts.next().unwrap_or_default();
                all.push(FileChange::read(&String::from_utf8_lossy(part), name));
                continue;
            }
            let mut fields = part.splitn(3, |byte| *byte == b'\t');
            let (Some(added), Some(removed), Some(name)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let number = |field| std::str::from_utf8(field).ok()?.parse().ok();
            // Both lists are in the same order.
            if let Some(change) = all.get_mut(counted).filter(|change| change.name == name) {
                change.lines = number(added).zip(number(removed));
            }
            counted += 1;
        }
        Self { all }
    }
}

impl FileChange {
    /// Reads an entry: both modes, both ids, and the kind.
    fn read(entry: &str, name: &[u8]) -> Self {
        let mut fields = entry.split(' ').skip(2);
        let mut id = || fields.next().unwrap_or_default().to_owned();
        Self {
            path: String::from_utf8_lossy(name).into_owned(),
            name: name.to_owned(),
            contents: [id(), id()],
            kind: entry.chars().next_back().unwrap_or('M'),
            lines: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_lines_are_read_of_any_path() {
        let text = b":100644 100644 a b M\0a\tb\0:000000 100644 0 c A\0:odd\xff\0\
                    3\t1\ta\tb\0-\t-\t:odd\xff\0";
        let change = |path: &str, name: &[u8], kind, contents: [&str; 2], lines| FileChange {
            path: path.to_owned(),
            name: name.to_owned(),
            kind,
            contents: contents.map(str::to_owned),
            lines,
        };
        assert_eq!(
            Changes::read(text).all,
            [
                change("a\tb", b"a\tb", 'M', ["a", "b"], Some((3, 1))),
                change(":odd\u{fffd}", b":odd\xff", 'A', ["0", "c"], None)
            ]
        );
        assert_eq!(Changes::read(b"").all, []);
    }
}
