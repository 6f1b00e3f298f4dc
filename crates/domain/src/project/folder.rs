//! Projects by their folders.

use tasktree_protocol::ProjectId;

use crate::lease::spelling;

/// Returns the project of a folder: the one whose own folder is the innermost that contains it.
///
/// If no project's folder does, the folder of its repository decides: `git_dir` is the common
/// directory of the repository, which is elsewhere for a worktree.
pub fn of_folder(
    folders: &[(ProjectId, String)],
    path: Option<&str>,
    git_dir: Option<&str>,
) -> Option<ProjectId> {
    let repository = git_dir.and_then(parent);
    [path, repository]
        .into_iter()
        .flatten()
        .find_map(|path| innermost(folders, path))
}

fn innermost(folders: &[(ProjectId, String)], path: &str) -> Option<ProjectId> {
    let mut best: Option<(usize, bool, &ProjectId)> = None;
    for (project, folder) in folders {
        let Some(depth) = spelling::depth(path, folder) else {
            continue;
        };
        // Of folders that differ in case only, the one that is spelled alike.
        let rank = (depth, path.starts_with(folder.as_str()));
        if best.is_none_or(|(depth, exact, _)| rank > (depth, exact)) {
            best = Some((rank.0, rank.1, project));
        }
    }
    best.map(|(.., project)| project.clone())
}

/// Returns the folder that contains a path.
fn parent(path: &str) -> Option<&str> {
    let path = path.trim_end_matches(['/', '\\']);
    let at = path.rfind(['/', '\\'])?;
    Some(&path[..at.max(1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_the_innermost_project_that_contains_it() {
        let folders = [
            ("none", ""),
            ("home", "/home/dev"),
            ("relay", "/home/dev/relay/"),
            ("Relay", "/home/dev/Relay"),
            ("windows", "C:\\work\\shop"),
        ]
        .map(|(id, folder)| (ProjectId::from(id), folder.to_owned()));
        let found = |path: &str, git: Option<&str>| {
            let found = of_folder(&folders, Some(path), git);
            found.map_or_else(String::new, String::from)
        };
        for (path, git, project) in [
            ("/home/dev/relay/src", None, "relay"),
            ("/home/dev/Relay", None, "Relay"),
            ("/home/dev/relay2", None, "home"),
            ("/home/dev", None, "home"),
            ("/home", None, ""),
            ("/tmp/tree", Some("/home/dev/relay/.git"), "relay"),
            ("/tmp/tree", Some("/.git"), ""),
            ("c:/work/shop/src", None, "windows"),
            ("src", None, ""),
        ] {
            assert_eq!(found(path, git), project, "{path} {git:?}");
        }
    }
}
