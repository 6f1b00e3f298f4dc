//! `cargo xtask style`: bundles the style sheets below `style/` into two: one for the live board,
//! and one for the lazy views. trunk calls it before every build (`Trunk.toml`), because trunk does
//! not follow an `@import`. Bundles mean few requests, and no list to maintain.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::stamp;
use crate::workspace::Workspace;

/// Style sheets that all others build on, in this order; the rest follows by name.
const FIRST: [&str; 3] = ["tokens.css", "reset.css", "layout.css"];

/// Folder below `style/` with the style sheets that only lazy views use.
const LAZY: &str = "lazy";

/// Folder in which `index.html` expects the bundles, independent of cargo's target folder.
const BUNDLES: &str = "target/style";

/// Writes the bundles.
///
/// # Errors
/// A style sheet cannot be read, or a bundle cannot be written.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let (style, bundles) = (workspace.root.join("style"), workspace.root.join(BUNDLES));
    fs::create_dir_all(&bundles)?;
    for (name, is_lazy) in [("board.css", false), ("board-lazy.css", true)] {
        let path = bundles.join(name);
        fs::write(&path, bundle(&style, is_lazy)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Concatenates the style sheets below `folder`, each under its name: those that only lazy views
/// use, or the others.
fn bundle(folder: &Path, is_lazy: bool) -> Result<String> {
    let mut files = Vec::new();
    stamp::collect(folder, &mut files)
        .with_context(|| format!("cannot read {}", folder.display()))?;
    files.retain(|file| {
        file.extension().is_some_and(|extension| extension == "css")
            && file.starts_with(folder.join(LAZY)) == is_lazy
    });
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

    fn names(css: &str) -> Vec<&str> {
        css.lines().filter(|line| line.starts_with("/*")).collect()
    }

    #[test]
    fn the_base_comes_first_and_the_components_last_whatever_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["components", LAZY] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        for name in [
            "lazy/dialog.css",
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
        let css = bundle(folder.path(), false).unwrap();
        assert_eq!(
            names(&css),
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
        let css = bundle(folder.path(), true).unwrap();
        assert_eq!(names(&css), ["/* lazy/dialog.css */"]);
        assert!(bundle(&folder.path().join("none"), false).is_err());
    }
}
