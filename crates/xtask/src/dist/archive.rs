//! Archives with the same bytes for the same content, and checksums.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use crate::stamp;

/// Packs a folder into the file `FOLDER.tar.gz` beside it; returns its path.
///
/// Entries are sorted, without owners and times.
pub(super) fn pack(folder: &Path) -> Result<PathBuf> {
    let name = folder.file_name().context("the folder has no name")?;
    let mut files = Vec::new();
    stamp::collect(folder, &mut files)?;
    files.sort();
    let mut packed = folder.as_os_str().to_owned();
    packed.push(".tar.gz");
    let packed = PathBuf::from(packed);
    let gzip = GzEncoder::new(File::create(&packed)?, Compression::best());
    let mut archive = Builder::new(gzip);
    for file in files {
        let content = fs::read(&file)?;
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(content.len() as u64);
        header.set_mode(if is_program(&file) { 0o755 } else { 0o644 });
        let inside = Path::new(name).join(file.strip_prefix(folder)?);
        archive.append_data(&mut header, inside, content.as_slice())?;
    }
    archive.into_inner()?.finish()?;
    Ok(packed)
}

fn is_program(file: &Path) -> bool {
    matches!(
        file.extension().and_then(|kind| kind.to_str()),
        None | Some("exe")
    ) && file.file_stem().is_some_and(|name| name == "tasktree")
}

/// Returns the line of `file` for `sha256sum --check`, with its path inside `folder`.
pub(super) fn checksum(folder: &Path, file: &Path) -> Result<String> {
    let mut line = String::new();
    for byte in Sha256::digest(fs::read(file)?) {
        write!(line, "{byte:02x}")?;
    }
    let inside = file.strip_prefix(folder)?.to_string_lossy();
    Ok(format!("{line}  {}\n", inside.replace('\\', "/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_archive_and_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = Vec::new();
        for run in ["a", "b"] {
            let stage = folder.path().join(run).join("tasktree-1-x");
            fs::create_dir_all(stage.join("completions")).unwrap();
            // The second time in another order.
            let mut files = vec![("tasktree", "program"), ("completions/_tasktree", "words")];
            if run == "b" {
                files.reverse();
            }
            for (name, content) in files {
                fs::write(stage.join(name), content).unwrap();
            }
            let packed = pack(&stage).unwrap();
            lines.push(checksum(&folder.path().join(run), &packed).unwrap());
        }
        assert_eq!(lines[0], lines[1]);
        assert!(
            lines[0].ends_with("  tasktree-1-x.tar.gz\n"),
            "{}",
            lines[0]
        );
    }

    #[test]
    fn only_the_program_is_executable() {
        assert!(is_program(Path::new("x/tasktree")));
        assert!(is_program(Path::new("x/tasktree.exe")));
        for other in ["x/tasktree.bash", "x/_tasktree", "x/LICENSE-MIT"] {
            assert!(!is_program(Path::new(other)), "{other}");
        }
    }
}
