//! Compresses the built board once, so that the server never has to: writes `.br` and `.gz` beside
//! each file that gains from it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::stamp;

/// Minimum size of a file to compress, in bytes. Smaller files fit into one packet uncompressed.
const WORTH_IT: usize = 1024;

/// File extensions of formats that are already compressed.
const DENSE: [&str; 8] = ["br", "gz", "png", "jpg", "webp", "avif", "woff2", "ico"];

/// Brotli's best quality, and its default window of 4 MiB as a power of two.
const BROTLI: (i32, i32) = (11, 22);

/// Writes the compressed forms of all files below `folder`.
///
/// # Errors
/// A file cannot be read or written.
pub(crate) fn folder(folder: &Path) -> Result<()> {
    let mut files = Vec::new();
    stamp::collect(folder, &mut files)
        .with_context(|| format!("cannot read {}", folder.display()))?;
    for file in files.iter().filter(|file| !is_dense(file)) {
        let content = fs::read(file)?;
        if content.len() < WORTH_IT {
            continue;
        }
        for (extension, packed) in [("br", brotli(&content)?), ("gz", gzip(&content)?)] {
            if packed.len() < content.len() {
                fs::write(beside(file, extension), packed)?;
            }
        }
    }
    Ok(())
}

/// Compresses `content` with brotli to the smallest size.
///
/// # Errors
/// None in memory; the library's interface allows for one.
fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI.0,
        lgwin: BROTLI.1,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params)?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn is_dense(file: &Path) -> bool {
    file.extension()
        .is_some_and(|extension| DENSE.iter().any(|dense| extension == *dense))
}

/// Appends an extension to a file name: `app.js` and `br` become `app.js.br`.
pub(crate) fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_forms_hold_the_same_bytes_as_the_file() {
        let dist = tempfile::tempdir().unwrap();
        let content = "the same words again and again ".repeat(500);
        fs::create_dir(dist.path().join("deep")).unwrap();
        fs::write(dist.path().join("deep/app.js"), &content).unwrap();
        folder(dist.path()).unwrap();

        let mut gzip = String::new();
        let file = fs::File::open(dist.path().join("deep/app.js.gz")).unwrap();
        flate2::read::GzDecoder::new(file)
            .read_to_string(&mut gzip)
            .unwrap();
        assert_eq!(gzip, content);

        let mut unpacked = Vec::new();
        let packed = fs::read(dist.path().join("deep/app.js.br")).unwrap();
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, content.as_bytes());
    }

    #[test]
    fn small_dense_and_incompressible_files_are_left_alone_and_a_second_time_adds_nothing() {
        let dist = tempfile::tempdir().unwrap();
        // A linear congruential generator: bytes that no compressor can shrink.
        let noise: Vec<u8> = std::iter::successors(Some(1_u32), |x| {
            Some(x.wrapping_mul(1_664_525).wrapping_add(1))
        })
        .map(|x| x.to_be_bytes()[0])
        .take(4096)
        .collect();
        fs::write(dist.path().join("small.css"), "a{}").unwrap();
        fs::write(dist.path().join("icon.png"), vec![0; 4096]).unwrap();
        fs::write(dist.path().join("noise.bin"), noise).unwrap();
        fs::write(dist.path().join("page.html"), "x".repeat(4096)).unwrap();
        folder(dist.path()).unwrap();
        folder(dist.path()).unwrap();
        let mut names: Vec<_> = fs::read_dir(dist.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "icon.png",
                "noise.bin",
                "page.html",
                "page.html.br",
                "page.html.gz",
                "small.css"
            ]
        );
    }
}
