//! Files of the person: read with a limit, and written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::limits::TEXT_BYTES;

/// Returns the text of a file; none if there is no such file.
///
/// # Errors
/// Returns a failure if the file cannot be read, is longer than [`TEXT_BYTES`] or is not UTF-8.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let read = text_of(file).map_err(|error| unreadable(path, &error))?;
    Ok(Some(read))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::local(format_args!("cannot read {}: {error}", path.display()))
}

/// Reads a text to its end.
///
/// # Errors
/// Returns an error if reading fails, or if the text is too long or not UTF-8.
pub(crate) fn text_of(source: impl io::Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    source.take(TEXT_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > TEXT_BYTES {
        let sentence = format!("it has more than {TEXT_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, sentence));
    }
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Readers of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Everybody who may read new files of the person.
    Usual,
    /// Only the person.
    Owner,
}

/// Replaces a file, or creates it with its folders. Others see the old text or the new one.
///
/// A symbolic link stays one: the file that it leads to is replaced.
///
/// # Errors
/// Returns a failure if the file cannot be written; then the old one is untouched.
pub(crate) fn write(path: &Path, text: &str, readers: Readers) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    replace(&target, text, readers)
        .map_err(|error| Failure::local(format_args!("cannot write {}: {error}", path.display())))
}

fn replace(path: &Path, text: &str, readers: Readers) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder, readers)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder.join(format!(".{name}.tasktree-{}", std::process::id()));
    let written = write_new(&draft, text, readers).and_then(|()| {
        if let (Readers::Usual, Ok(old)) = (readers, fs::metadata(path)) {
            fs::set_permissions(&draft, old.permissions())?;
        }
        fs::rename(&draft, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

fn make_folder(folder: &Path, readers: Readers) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    #[cfg(not(unix))]
    let _ = readers;
    builder.create(folder)
}

fn write_new(path: &Path, text: &str, readers: Readers) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Removes a file, and its folder if that is empty then.
///
/// # Errors
/// Returns a failure if the file cannot be removed.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::local(format_args!(
            "cannot remove {}: {error}",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// Removes folders that are empty, from the innermost to the outermost.
pub(crate) fn remove_empty_folders(folders: &[PathBuf]) {
    for folder in folders {
        // Fails for a folder that is not empty, which is to stay.
        let _ = fs::remove_dir(folder);
    }
}
