//! `cargo xtask style`: bundles the style sheets below `style/` into one. trunk calls it before
//! every build (`Trunk.toml`), because trunk does not follow an `@import`. One bundle means one
//! request instead of one per component, and no list to maintain.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::stamp;
use crate::workspace::Workspace;

/// Style sheets that all others build on, in this order; the rest follows by name.
const FIRST: [&str; 3] = ["tokens.css", "reset.css", "layout.css"];

/// Path at which `index.html` expects the bundle, independent of cargo's target folder.
const BUNDLE: &str = "target/style/board.css";

/// Writes the bundle.
///
/// # Errors
/// A style sheet cannot be read, or the bundle cannot be written.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let css = bundle(&workspace.root.join("style"))?;
    let path = workspace.root.join(BUNDLE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, css).with_context(|| format!("cannot write {}", path.display()))
}

/// Concatenates all style sheets below `folder`, each under its name.
fn bundle(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    stamp::collect(folder, &mut files)
        .with_context(|| format!("cannot read {}", folder.display()))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "css"));
    if files.is_empty() {
        bail!("{} contains no style sheet", folder.display());
    }
    files.sort_by_key(|file| rank(folder, file));
    let mut css = String::new();
    for file in files {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        css += &format!(
            "/* {} */\n{}\n",
            file.strip_prefix(folder).unwrap_or(&file).display(),
            text.trim_end()
        );
    }
    Ok(css)
}

/// Returns the sort key of a style sheet: the base first, then its siblings, then the folders, by
/// name in each.
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
