//! `cargo xtask size`: what a browser downloads before the board works, and the limit for it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;
use crate::{board, compress, setup, stamp};

/// What wasm, JavaScript and CSS together should weigh as they are sent, compressed with brotli: 200 KB, in bytes. Not reached yet.
const GOAL: usize = 200 * 1024;

/// What they may weigh, in bytes: a little over what they do, so that nothing grows them unseen. Whoever raises it says why in the commit.
const LIMIT: usize = 560 * 1024;

/// The files that count.
const COUNTED: [&str; 3] = ["wasm", "js", "css"];

/// One file of the bundle, sizes in bytes.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: String,
    raw: usize,
    brotli: usize,
}

/// Builds the board and prints its size.
///
/// # Errors
/// The build fails, or the bundle is over the limit.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tools = setup::build_tools(workspace)?;
    board::build(workspace, tools)?;
    let rows = measure(&workspace.dist())?;
    let (total, table) = table(&rows);
    print!("{table}");
    println!("size: {total} bytes; the limit is {LIMIT}, the goal {GOAL}");
    if !tools.wasm_opt {
        println!("size: wasm-opt is missing here, so the limit is not checked");
    } else if total > LIMIT {
        bail!(
            "the bundle is {total} bytes with brotli, {} over the limit of {LIMIT}",
            total - LIMIT
        );
    }
    Ok(())
}

fn measure(dist: &Path) -> Result<Vec<Row>> {
    let mut files = Vec::new();
    stamp::collect(dist, &mut files)
        .with_context(|| format!("{} cannot be read", dist.display()))?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| COUNTED.iter().any(|counted| extension == *counted))
    });
    files.sort();
    let row = |file: &std::path::PathBuf| {
        let length = |file: &Path| anyhow::Ok(usize::try_from(fs::metadata(file)?.len())?);
        let raw = length(file)?;
        let packed = compress::beside(file, "br");
        let name = file
            .strip_prefix(dist)
            .unwrap_or(file)
            .display()
            .to_string();
        Ok(Row {
            name,
            raw,
            // What gains nothing from it is sent as it is.
            brotli: if packed.exists() {
                length(&packed)?
            } else {
                raw
            },
        })
    };
    files.iter().map(row).collect()
}

/// The sum of the compressed sizes and the table as text.
fn table(rows: &[Row]) -> (usize, String) {
    let (raw, total) = rows.iter().fold((0, 0), |(raw, brotli), row| {
        (raw + row.raw, brotli + row.brotli)
    });
    let width = rows
        .iter()
        .map(|row| row.name.len())
        .max()
        .unwrap_or(0)
        .max("total".len());
    let line =
        |name: &str, raw: &str, brotli: &str| format!("{name:<width$}  {raw:>9}  {brotli:>9}\n");
    let mut text = line("file", "bytes", "brotli");
    for row in rows {
        text += &line(&row.name, &row.raw.to_string(), &row.brotli.to_string());
    }
    text += &line("total", &raw.to_string(), &total.to_string());
    text += &line("limit", "", &LIMIT.to_string());
    (total, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_js_and_css_count_and_their_compressed_forms_do_not_count_twice() {
        let dist = tempfile::tempdir().unwrap();
        for name in ["a.wasm", "b.js", "c.css", "index.html", "d.png"] {
            fs::write(dist.path().join(name), "x".repeat(3000)).unwrap();
        }
        compress::folder(dist.path()).unwrap();
        let rows = measure(dist.path()).unwrap();
        assert_eq!(
            rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
            ["a.wasm", "b.js", "c.css"]
        );
        assert!(rows.iter().all(|row| row.raw == 3000 && row.brotli < 100));
    }

    #[test]
    fn the_table_ends_with_the_sum_and_the_limit() {
        let row = |name: &str, raw, brotli| Row {
            name: name.to_owned(),
            raw,
            brotli,
        };
        let (total, text) = table(&[row("a.wasm", 500, 200), row("b.js", 50, 20)]);
        assert_eq!(total, 220);
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(lines[3], ["total", "550", "220"]);
        assert_eq!(lines[4], ["limit", &LIMIT.to_string()]);
    }
}
