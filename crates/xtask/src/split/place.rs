//! Puts the parts in the place of the undivided program, under names with the digest of them all.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::{FILES, LAZY_STYLES, LOADER, PROGRAM};
use crate::stamp::Digest;

/// Placeholder for the digest in names, until it is known.
const DIGEST: &str = "DIGEST-OF-ALL-PARTS";

/// Replaces trunk's undivided program with the parts, under names that change with the content of
/// any of them.
pub(super) fn put_in_place(work: &Path, dist: &Path) -> Result<()> {
    // The scripts contain the names, and are digested with them. A digest cannot contain itself, so
    // they have a placeholder for it.
    let mut scripts = Vec::new();
    for (file, name) in FILES.iter().filter(|(file, _)| file.ends_with(".js")) {
        let script = with_names(&fs::read_to_string(work.join(file))?);
        // Each script names one or two of the other files, and no file that will not exist.
        ensure!(
            script.contains(DIGEST) && !script.contains(&format!("\"./{PROGRAM}.js\"")),
            "{file} does not name the other parts as expected"
        );
        scripts.push((*name, script));
    }
    let texts: Vec<String> = scripts.iter().map(|(_, text)| text.clone()).collect();
    let wasm = FILES
        .map(|(file, _)| file)
        .into_iter()
        .filter(|file| file.ends_with(".wasm"));
    let digest = Digest::of(work, &wasm.collect::<Vec<_>>(), &texts)?.to_string();

    let page = dist.join("index.html");
    let html = fs::read_to_string(&page)?;
    let whole = digest_in(&html)?.to_owned();
    for (_, name) in [FILES[0], FILES[1]] {
        fs::remove_file(dist.join(name.replace(DIGEST, &whole)))?;
    }
    for (name, text) in scripts {
        fs::write(
            dist.join(name.replace(DIGEST, &digest)),
            text.replace(DIGEST, &digest),
        )?;
    }
    for (file, name) in FILES.iter().filter(|(file, _)| file.ends_with(".wasm")) {
        fs::rename(work.join(file), dist.join(name.replace(DIGEST, &digest)))?;
    }
    fs::write(page, page_of_parts(&html, &whole, &digest)?)?;
    Ok(())
}

/// Returns the digest that trunk has put into the names of the program's files.
fn digest_in(html: &str) -> Result<&str> {
    let begin = format!("/{PROGRAM}-");
    html.split_once(begin.as_str())
        .and_then(|(_, rest)| rest.split_once(".js"))
        .map(|(digest, _)| digest)
        .with_context(|| format!("trunk's page does not refer to {begin}*.js"))
}

/// Changes a script to name the other files as in the built board, with a placeholder for the
/// digest.
fn with_names(script: &str) -> String {
    let name = |at: usize| format!("\"./{}\"", FILES[at].1);
    script
        // Only in the import: the program refers to its loader by the name that it was linked with.
        .replace(&format!("from \"{LOADER}\""), &format!("from {}", name(2)))
        .replace(&format!("\"./{PROGRAM}.js\""), &name(0))
        .replace("\"./split_lazy.wasm\"", &name(3))
}

/// Changes the page to name the parts instead of the undivided program, and to preload the loader
/// along with the program. The style sheet of the lazy views becomes a link without a purpose,
/// which `src/components/lazy/loader.rs` applies when it loads them.
fn page_of_parts(html: &str, whole: &str, digest: &str) -> Result<String> {
    let html = html.replace(whole, digest);
    let preload = format!("<link crossorigin href=/{PROGRAM}-{digest}.js rel=modulepreload>");
    ensure!(html.contains(&preload), "trunk's page has no {preload}");
    let loader = preload.replace(".js", "-loader.js");
    let html = html.replace(&preload, &(preload.clone() + &loader));
    let styles = format!("<link href=/{LAZY_STYLES}");
    let (before, after) = html
        .split_once(styles.as_str())
        .with_context(|| format!("trunk's page has no {styles}*.css"))?;
    let (link, after) = after
        .split_once(APPLIED)
        .filter(|(link, _)| !link.contains('>'))
        .with_context(|| format!("trunk's page does not apply {styles}*.css"))?;
    Ok(format!("{before}{styles}{link} data-lazy>{after}"))
}

/// End of a link to a style sheet, as trunk writes it.
const APPLIED: &str = " rel=stylesheet>";

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<script type=module>import init from '/tasktree-board-aa00.js';\
        await init({ module_or_path: '/tasktree-board-aa00_bg.wasm' });</script>\
        <link href=/board-1.css rel=stylesheet><link href=/board-lazy-2.css rel=stylesheet>\
        <link crossorigin href=/tasktree-board-aa00.js rel=modulepreload>";

    fn dist_and_work() -> (tempfile::TempDir, tempfile::TempDir) {
        let (work, dist) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(work.path().join("first")).unwrap();
        for (file, _) in FILES {
            fs::write(work.path().join(file), "").unwrap();
        }
        fs::write(
            work.path().join(FILES[0].0),
            "import * as a from \"./__wasm_split.js\"\nconst i = {\"./__wasm_split.js\": a};",
        )
        .unwrap();
        fs::write(
            work.path().join(FILES[2].0),
            "import {b} from \"./tasktree-board.js\"; fetch(\"./split_lazy.wasm\");",
        )
        .unwrap();
        for name in ["tasktree-board-aa00.js", "tasktree-board-aa00_bg.wasm"] {
            fs::write(dist.path().join(name), "").unwrap();
        }
        fs::write(dist.path().join("index.html"), PAGE).unwrap();
        (work, dist)
    }

    #[test]
    fn the_parts_stand_in_the_place_of_the_whole_and_name_each_other() {
        let (work, dist) = dist_and_work();
        put_in_place(work.path(), dist.path()).unwrap();
        let mut names: Vec<String> = fs::read_dir(&dist)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let digest = names[1].split(['-', '.']).nth(2).unwrap().to_owned();
        let read = |name: &str| {
            let content = fs::read_to_string(dist.path().join(name)).unwrap();
            content.replace(&digest, "D")
        };
        let expected = FILES.map(|(_, name)| name.replace(DIGEST, &digest));
        for name in &expected {
            assert!(names.contains(name), "{names:?} lacks {name}");
        }
        assert_eq!(names.len(), 5);
        assert_eq!(
            read("index.html"),
            "<script type=module>import init from '/tasktree-board-D.js';\
            await init({ module_or_path: '/tasktree-board-D_bg.wasm' });</script>\
            <link href=/board-1.css rel=stylesheet><link href=/board-lazy-2.css data-lazy>\
            <link crossorigin href=/tasktree-board-D.js rel=modulepreload>\
            <link crossorigin href=/tasktree-board-D-loader.js rel=modulepreload>"
        );
        assert_eq!(
            read(&expected[0]),
            "import * as a from \"./tasktree-board-D-loader.js\"\nconst i = {\"./__wasm_split.js\": a};"
        );
        assert_eq!(
            read(&expected[2]),
            "import {b} from \"./tasktree-board-D.js\"; fetch(\"./tasktree-board-D-lazy.wasm\");"
        );
    }

    #[test]
    fn the_names_change_with_any_part() {
        let digest_of = |change: &dyn Fn(&Path)| {
            let (work, dist) = dist_and_work();
            change(work.path());
            put_in_place(work.path(), dist.path()).unwrap();
            let html = fs::read_to_string(dist.path().join("index.html")).unwrap();
            digest_in(&html).unwrap().to_owned()
        };
        let before = digest_of(&|_| ());
        for (file, _) in FILES {
            let after = digest_of(&|work| {
                let other = fs::read_to_string(work.join(file)).unwrap() + "other";
                fs::write(work.join(file), other).unwrap();
            });
            assert_ne!(before, after, "{file}");
        }
    }

    #[test]
    fn a_page_that_names_no_program_is_an_error() {
        assert!(digest_in("<html></html>").is_err());
        assert!(page_of_parts("<html></html>", "aa00", "bb11").is_err());
    }
}
