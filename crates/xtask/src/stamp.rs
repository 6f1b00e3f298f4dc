//! Detects changes since the board was last built. It compares content, because times change with
//! every checkout.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

/// A digest of files and words. Another compiler may compute a different one for the same input,
/// which costs a build, and browsers a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest(u64);

impl Digest {
    /// Computes a digest of the names and contents of `paths` and of the `words`. Each path is a
    /// file, a folder with all files below it, or missing, which counts too.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn of(root: &Path, paths: &[&str], words: &[String]) -> io::Result<Self> {
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        for path in paths {
            let mut files = Vec::new();
            collect(&root.join(path), &mut files)?;
            files.sort();
            (path, files.len()).hash(&mut hasher);
            for file in files {
                file.strip_prefix(root).unwrap_or(&file).hash(&mut hasher);
                fs::read(&file)?.hash(&mut hasher);
            }
        }
        Ok(Self(hasher.finish()))
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Appends all files at or below `path` to `files`.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}

/// Returns the Rust files in and below a folder, sorted.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(root: &Path) -> Digest {
        Digest::of(root, &["Cargo.lock", "src", "none"], &["tool 1".to_owned()]).unwrap()
    }

    #[test]
    fn the_digest_changes_with_content_names_and_words_but_not_with_time() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("src/deep")).unwrap();
        fs::write(root.join("Cargo.lock"), "1").unwrap();
        fs::write(root.join("src/deep/a.rs"), "a").unwrap();
        let first = digest(root);

        fs::write(root.join("src/deep/a.rs"), "a").unwrap();
        fs::write(root.join("elsewhere"), "x").unwrap();
        assert_eq!(digest(root), first, "the same content");

        fs::write(root.join("src/deep/a.rs"), "b").unwrap();
        assert_ne!(digest(root), first, "another content");

        fs::remove_file(root.join("src/deep/a.rs")).unwrap();
        fs::write(root.join("src/deep/b.rs"), "a").unwrap();
        assert_ne!(digest(root), first, "another name");

        fs::rename(root.join("src/deep/b.rs"), root.join("src/deep/a.rs")).unwrap();
        assert_eq!(digest(root), first, "all as it was");
        let other =
            Digest::of(root, &["Cargo.lock", "src", "none"], &["tool 2".to_owned()]).unwrap();
        assert_ne!(other, first, "another tool");
    }

    #[test]
    fn what_moves_from_one_file_to_the_next_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("src")).unwrap();
        fs::write(root.join("src/a"), "xy").unwrap();
        fs::write(root.join("src/b"), "z").unwrap();
        let first = digest(root);
        fs::write(root.join("src/a"), "x").unwrap();
        fs::write(root.join("src/b"), "yz").unwrap();
        assert_ne!(digest(root), first);
    }
}
