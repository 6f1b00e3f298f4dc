//! `cargo xtask style`: one style sheet out of the many below `style/`. trunk calls it before every build (`Trunk.toml`),
//! because it does not follow an `@import`: one request instead of one a component, and no list to keep.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::stamp;
use crate::workspace::Workspace;

/// What everything else builds on, in this order; the rest follows by name.
const FIRST: [&str; 3] = ["tokens.css", "reset.css", "layout.css"];

/// Where `index.html` expects the bundle. Fixed, wherever cargo's target folder is.
const BUNDLE: &str = "target/style/board.css";

/// Writes the bundle.
///
/// # Errors
/// A style sheet cannot be read, or the bundle not be written.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let css = bundle(&workspace.root.join("style"))?;
    let path = workspace.root.join(BUNDLE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, css).with_context(|| format!("{} cannot be written", path.display()))
}

/// All style sheets below `folder` one after the other, each under its name.
fn bundle(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    stamp::collect(folder, &mut files)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "css"));
    if files.is_empty() {
        bail!("{} holds no style sheet", folder.display());
    }
    files.sort_by_key(|file| rank(folder, file));
    let mut css = String::new();
    for file in files {
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        css += &format!(
            "/* {} */\n{}\n",
            file.strip_prefix(folder).unwrap_or(&file).display(),
            text.trim_end()
        );
    }
    Ok(css)
}

/// The base first, then what lies beside it, then the folders; by name in each.
fn rank(folder: &Path, file: &Path) -> (usize, usize, PathBuf) {
    let name = file.strip_prefix(folder).unwrap_or(file);
    let first = FIRST
        .iter()
        .position(|first| name == Path::new(first))
        .unwrap_or(FIRST.len());
    (first, name.components().count(), name.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_comes_first_and_the_components_last_whatever_their_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("components")).unwrap();
        for name in [
            "components/badge.css",
            "a.css",
            "layout.css",
            "tokens.css",
            "components/alert.css",
            "reset.css",
            "x.md",
        ] {
            fs::write(folder.path().join(name), "body {}\n\n").unwrap();
        }
        let css = bundle(folder.path()).unwrap();
        let names: Vec<_> = css.lines().filter(|line| line.starts_with("/*")).collect();
        assert_eq!(
            names,
            [
                "/* tokens.css */",
                "/* reset.css */",
                "/* layout.css */",
                "/* a.css */",
                "/* components/alert.css */",
                "/* components/badge.css */"
            ]
        );
        assert_eq!(css.matches("body {}\n").count(), 6);
        assert!(bundle(&folder.path().join("none")).is_err());
    }
}
