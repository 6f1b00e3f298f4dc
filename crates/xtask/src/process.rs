//! Runs other programs, and turns their failures into plain sentences.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Interval at which a running program with a time limit is polled.
const POLL: Duration = Duration::from_millis(100);

/// Returns the folders of `PATH`, with `first` before them.
pub(crate) fn search_path(first: &[PathBuf]) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    first
        .iter()
        .cloned()
        .chain(std::env::split_paths(&path))
        .collect()
}

/// Returns the first executable file called `name` in `folders`.
pub(crate) fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folders
        .iter()
        .map(|folder| folder.join(&name))
        .find(|path| is_executable(path))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Formats the command as one would type it, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = program
        .file_name()
        .unwrap_or_else(|| OsStr::new("?"))
        .to_string_lossy()
        .into_owned();
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        // Writing into a `String` cannot fail.
        let _ = if arg.contains(' ') {
            write!(line, " '{arg}'")
        } else {
            write!(line, " {arg}")
        };
    }
    line
}

/// Runs the command with its output on the terminal.
///
/// # Errors
/// The program is missing, or exits with a code other than 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs the command and returns its standard output.
///
/// # Errors
/// The program is missing, or exits with a code other than 0; the message includes its error
/// output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` failed ({}): {}",
            shown(command),
            output.status,
            said.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs the command with its output on the terminal, and kills it if it takes longer than `limit`.
///
/// # Errors
/// As for [`run`], and if the time limit is exceeded.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            bail!("`{}` failed ({status})", shown(command));
        }
        if started.elapsed() > limit {
            stop(&mut child);
            bail!(
                "`{}` did not finish within {} s",
                shown(command),
                limit.as_secs()
            );
        }
        thread::sleep(POLL);
    }
}

/// Kills the child and waits for it, so that no zombie remains.
fn stop(child: &mut Child) {
    // Both fail only if the child has exited by itself meanwhile, which is just as good.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["test", "-p", "two words"]);
        assert_eq!(shown(&command), "cargo test -p 'two words'");
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it_and_says_what_it_said() {
        let error = output(Command::new("rustc").arg("--no-such-flag"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("`rustc --no-such-flag` failed"),
            "{error}"
        );
        assert!(error.contains("no-such-flag'"), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_it() {
        let error = run(&mut Command::new("no-such-program-here"))
            .unwrap_err()
            .to_string();
        assert_eq!(error, "cannot start `no-such-program-here`");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_ended_at_its_limit() {
        let started = Instant::now();
        let error =
            run_within(Duration::from_millis(300), Command::new("sleep").arg("60")).unwrap_err();
        assert!(
            error.to_string().contains("did not finish within"),
            "{error}"
        );
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[cfg(unix)]
    #[test]
    fn only_executable_files_are_found_and_the_first_folder_wins() {
        use std::os::unix::fs::PermissionsExt as _;
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&first, &second] {
            std::fs::write(folder.path().join("tool"), "#!/bin/sh\n").unwrap();
        }
        let folders = [first.path().to_path_buf(), second.path().to_path_buf()];
        assert_eq!(find("tool", &folders), None);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folders[1].join("tool"), executable.clone()).unwrap();
        assert_eq!(find("tool", &folders), Some(folders[1].join("tool")));
        std::fs::set_permissions(folders[0].join("tool"), executable).unwrap();
        assert_eq!(find("tool", &folders), Some(folders[0].join("tool")));
    }
}
