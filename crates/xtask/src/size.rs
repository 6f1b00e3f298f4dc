//! `cargo xtask size`: prints the sizes that a browser downloads before a board is live and in
//! total, and checks their limits.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;
use crate::{board, compress, setup, split, stamp};

/// Limits for the download before the board is live, and in total, in bytes: wasm, JavaScript and
/// CSS compressed with brotli, as they are sent. A commit that raises a limit must say why.
const LIMITS: Sizes = Sizes {
    first: 353 * 1024,
    whole: 760 * 1024,
};

/// Total sizes of the bundle, in bytes as sent.
#[derive(Debug, PartialEq, Eq)]
struct Sizes {
    /// Size before the board is live.
    first: usize,
    /// Size including the files that follow.
    whole: usize,
}

/// Extensions of the files that count.
const COUNTED: [&str; 3] = ["wasm", "js", "css"];

/// A file of the bundle, sizes in bytes.
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
    let (sizes, table) = table(&rows);
    print!("{table}");
    if !tools.wasm_opt {
        println!("size: wasm-opt is not installed, so the limits are not checked");
    } else if sizes.first > LIMITS.first || sizes.whole > LIMITS.whole {
        bail!("the bundle is over its limit: {sizes:?}, limits {LIMITS:?} (bytes, brotli)");
    }
    Ok(())
}

fn measure(dist: &Path) -> Result<Vec<Row>> {
    let mut files = Vec::new();
    stamp::collect(dist, &mut files).with_context(|| format!("cannot read {}", dist.display()))?;
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
            // Files that compression does not shrink are sent uncompressed.
            brotli: if packed.exists() {
                length(&packed)?
            } else {
                raw
            },
        })
    };
    files.iter().map(row).collect()
}

/// Returns the total sizes, and the table as text.
fn table(rows: &[Row]) -> (Sizes, String) {
    let sum = |rows: &mut dyn Iterator<Item = &Row>| {
        rows.fold((0, 0), |(raw, brotli), row| {
            (raw + row.raw, brotli + row.brotli)
        })
    };
    let first = sum(&mut rows.iter().filter(|row| split::is_first(&row.name)));
    let whole = sum(&mut rows.iter());
    let names = rows.iter().map(|row| row.name.len());
    let width = names
        .max()
        .unwrap_or(0)
        .max("before the board is live".len());
    let line =
        |name: &str, raw: &str, brotli: &str| format!("{name:<width$}  {raw:>9}  {brotli:>9}\n");
    let mut text = line("file", "bytes", "brotli");
    for row in rows {
        text += &line(&row.name, &row.raw.to_string(), &row.brotli.to_string());
    }
    for (name, (raw, brotli), limit) in [
        ("before the board is live", first, LIMITS.first),
        ("total", whole, LIMITS.whole),
    ] {
        text += &line(name, &raw.to_string(), &brotli.to_string());
        text += &line("  limit", "", &limit.to_string());
    }
    let sizes = Sizes {
        first: first.1,
        whole: whole.1,
    };
    (sizes, text)
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
    fn the_table_has_the_sums_before_and_after_the_board_is_live() {
        let row = |name: &str, raw, brotli| Row {
            name: name.to_owned(),
            raw,
            brotli,
        };
        let rows = [
            row("a-0_bg.wasm", 500, 200),
            row("a-0-lazy.wasm", 300, 90),
            row("a-0.js", 50, 20),
            row("board-lazy-1.css", 40, 10),
        ];
        let (sizes, text) = table(&rows);
        assert_eq!(
            sizes,
            Sizes {
                first: 220,
                whole: 320
            }
        );
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[5].starts_with("before") && lines[5].ends_with("550        220"));
        assert!(lines[7].starts_with("total") && lines[7].ends_with("890        320"));
    }
}
