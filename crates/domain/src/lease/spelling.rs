//! Normalization of paths: every spelling of a path inside a project leads to the same lease.

use crate::letters;

/// Returns a path relative to the project's folder: with single slashes, without `.` and `..`, in
/// its original case.
///
/// An absolute path is accepted only under the project's folder.
///
/// # Errors
/// Gives the reason why the path is not in the project.
pub(super) fn relative(path: &str, project: &str) -> Result<String, String> {
    let home = path.trim();
    if home == "~" || home.starts_with("~/") || home.starts_with("~\\") {
        return Err("contains '~', which the server cannot expand: use a full path".to_owned());
    }
    let parts = match absolute(path) {
        None => resolved(path)?,
        Some((root, rest)) => {
            let hint = "use a path relative to the project";
            let Some((own_root, own_rest)) = absolute(project) else {
                return Err(format!(
                    "is absolute, but the project has no folder: {hint}"
                ));
            };
            let (mut parts, own) = (resolved(rest)?, resolved(own_rest)?);
            let is_under = root == own_root
                && parts.len() >= own.len()
                && own
                    .iter()
                    .zip(&parts)
                    .all(|(own, it)| fold(own) == fold(it));
            if !is_under {
                return Err(format!("is outside the project's folder {project}: {hint}"));
            }
            parts.split_off(own.len())
        }
    };
    Ok(match parts.is_empty() {
        true => ".".to_owned(),
        false => parts.join("/"),
    })
}

/// Returns the number of directories in the path of a project's folder, if an absolute path is in
/// that folder.
pub(crate) fn depth(path: &str, project: &str) -> Option<usize> {
    absolute(path)?;
    let (_, own) = absolute(project)?;
    relative(path, project).ok()?;
    Some(resolved(own).ok()?.len())
}

/// Returns a text in the form used for comparison.
///
/// Some file systems ignore case, and the difference between the two forms of an accented letter.
pub(super) fn fold(text: &str) -> String {
    let composed = letters::composed(text);
    let small: String = composed.chars().flat_map(char::to_lowercase).collect();
    // Lowercasing composed letters may decompose them: `İ`.
    letters::composed(&small).into_owned()
}

/// Splits an absolute path into its root, `/` or a lowercase drive, and the rest.
fn absolute(path: &str) -> Option<(String, &str)> {
    let path = path.trim();
    if path.starts_with(['/', '\\']) {
        return Some(("/".to_owned(), path));
    }
    let (drive, rest) = path.split_once(':')?;
    let is_drive = drive.len() == 1 && drive.chars().all(|letter| letter.is_ascii_alphabetic());
    (is_drive && rest.starts_with(['/', '\\'])).then(|| (fold(drive), rest))
}

/// Returns the names of a path in order.
fn resolved(path: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    for name in path.trim().split(['/', '\\']) {
        match name {
            "" | "." => {}
            ".." => {
                if names.pop().is_none() {
                    return Err("is outside the project".to_owned());
                }
            }
            name => names.push(name),
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POSIX: &str = "/srv/shop";
    const WINDOWS: &str = "C:\\srv\\shop\\";

    #[test]
    fn every_spelling_of_a_path_is_the_path_and_its_letters_are_kept() {
        for (spelling, project, path) in [
            ("src/config.rs", "", "src/config.rs"),
            ("./src/config.rs", "", "src/config.rs"),
            ("src//config.rs/", "", "src/config.rs"),
            ("src\\config.rs", "", "src/config.rs"),
            ("src/../src/config.rs", "", "src/config.rs"),
            (" src/./config.rs ", POSIX, "src/config.rs"),
            ("SRC/Config.rs", POSIX, "SRC/Config.rs"),
            ("/srv/shop/src/config.rs", POSIX, "src/config.rs"),
            ("/srv/./x/../shop//src/config.rs", POSIX, "src/config.rs"),
            ("/srv/shop/src/config.rs", "/srv/shop/", "src/config.rs"),
            ("/src/config.rs", "/", "src/config.rs"),
            ("C:\\srv\\shop\\src\\config.rs", WINDOWS, "src/config.rs"),
            ("c:/SRV/shop/src/config.rs", WINDOWS, "src/config.rs"),
            ("\\\\host\\share\\a.rs", "\\\\host\\share", "a.rs"),
            ("a:b/c", POSIX, "a:b/c"),
            (".", POSIX, "."),
            ("a/..", POSIX, "."),
            ("/srv/shop", POSIX, "."),
        ] {
            let read = relative(spelling, project);
            assert_eq!(read.as_deref(), Ok(path), "{spelling} in {project}");
        }
    }

    #[test]
    fn what_is_outside_of_the_project_is_refused_with_the_reason() {
        for (path, project, reason) in [
            ("/src/config.rs", POSIX, "outside"),
            ("/srv/shop2/a.rs", POSIX, "outside"),
            ("/srv", POSIX, "outside"),
            ("/srv/shop/../other/a.rs", POSIX, "outside"),
            ("C:\\srv\\shop\\a.rs", POSIX, "outside"),
            ("D:\\srv\\shop\\a.rs", WINDOWS, "outside"),
            ("~/shop/a.rs", "/home/ann/shop", "cannot expand"),
            ("~", "", "cannot expand"),
            ("/src/a.rs", "", "no folder"),
            ("C:\\a.rs", "shop", "no folder"),
            ("../a.rs", POSIX, "outside"),
            ("a/../../b", POSIX, "outside"),
        ] {
            let refused = relative(path, project).unwrap_err();
            assert!(refused.contains(reason), "{path} in {project}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn a_path_that_was_read_is_read_as_itself(path in "[aB./\\\\]{0,12}") {
            if let Ok(read) = relative(&path, POSIX) {
                prop_assert_eq!(relative(&read, ""), Ok(read.clone()));
                let absolute = format!("{POSIX}/{read}");
                prop_assert_eq!(relative(&absolute, POSIX), Ok(read));
            }
        }
    }
}
