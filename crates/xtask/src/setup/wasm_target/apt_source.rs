//! Reads apt's own configuration to find the Debian mirrors that this machine uses.
//!
//! Both formats are supported: one-line `.list` files and deb822 `.sources` files
//! (sources.list(5)).

use std::path::Path;

/// Returns the addresses of the Debian archive that this machine's apt uses, in the order of the
/// files, without duplicates.
pub(super) fn mirrors(etc_apt: &Path) -> Vec<String> {
    let mut files = vec![etc_apt.join("sources.list")];
    let mut parts: Vec<_> = std::fs::read_dir(etc_apt.join("sources.list.d"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    parts.sort();
    files.extend(parts);

    let mut mirrors = Vec::new();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let uris = match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => one_line_uris(&text),
            Some("sources") => deb822_uris(&text),
            _ => Vec::new(),
        };
        for uri in uris.into_iter().filter(|uri| is_debian_archive(uri)) {
            let uri = uri.trim_end_matches('/').to_owned();
            if !mirrors.contains(&uri) {
                mirrors.push(uri);
            }
        }
    }
    mirrors
}

/// Returns true for the archive itself, but not for its security updates or another vendor's
/// repository.
fn is_debian_archive(uri: &str) -> bool {
    let fetched = ["http://", "https://", "mirror+http://", "mirror+https://"];
    fetched.iter().any(|scheme| uri.starts_with(scheme))
        && uri.trim_end_matches('/').ends_with("/debian")
}

/// Parses lines of the form `deb [options] URI suite component...`.
fn one_line_uris(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(one_line_uri)
        .map(str::to_owned)
        .collect()
}

fn one_line_uri(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("deb")?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?.1,
        None => rest,
    };
    rest.split_whitespace().next()
}

/// Parses stanzas of `Key: value` lines, separated by empty lines; a line that begins with a blank
/// continues the previous value.
fn deb822_uris(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines
        .split(|line| line.trim().is_empty())
        .flat_map(stanza_uris)
        .collect()
}

fn stanza_uris(lines: &[&str]) -> Vec<String> {
    let (mut key, mut uris, mut binary, mut enabled) = (String::new(), Vec::new(), false, true);
    for line in lines {
        let value = match line.split_once(':') {
            Some((name, value)) if !line.starts_with([' ', '\t']) => {
                key = name.trim().to_ascii_lowercase();
                value
            }
            _ => line,
        };
        match key.as_str() {
            "uris" => uris.extend(value.split_whitespace().map(str::to_owned)),
            "types" => binary |= value.split_whitespace().any(|kind| kind == "deb"),
            "enabled" => enabled = !matches!(value.trim(), "no" | "false" | "0"),
            _ => {}
        }
    }
    if binary && enabled { uris } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_found_in_a_deb822_file_between_comments_and_other_stanzas() {
        let text = "Types: deb\n# http://old.example/archive/debian/2025\nURIs: http://deb.example/debian\n\
                    Suites: bookworm bookworm-updates\nComponents: main\n\n\
                    Types: deb-src\nURIs: http://sources.example/debian\nSuites: sid\n\n\
                    Enabled: no\nTypes: deb\nURIs: http://off.example/debian\n";
        assert_eq!(deb822_uris(text), ["http://deb.example/debian"]);
    }

    #[test]
    fn a_deb822_value_may_hold_several_uris_on_several_lines() {
        let text = "types: deb deb-src\r\nuris:\r\n http://a.example/debian\r\n\thttp://b.example/debian/\r\nsuites: sid\r\n";
        assert_eq!(
            deb822_uris(text),
            ["http://a.example/debian", "http://b.example/debian/"]
        );
    }

    #[test]
    fn one_line_entries_are_read_with_and_without_options() {
        let text = "# deb http://comment.example/debian sid main\n\
                    deb http://a.example/debian trixie main\n\
                    \tdeb  [arch=amd64 signed-by=/k.gpg]   https://b.example/debian/ sid main\n\
                    deb-src http://c.example/debian sid main\ndeb\ndebug http://d.example/debian\ndeb [broken\n";
        assert_eq!(
            one_line_uris(text),
            ["http://a.example/debian", "https://b.example/debian/"]
        );
    }

    #[test]
    fn only_the_archive_itself_is_a_mirror() {
        assert!(is_debian_archive("http://deb.example/debian"));
        assert!(is_debian_archive("https://mirror.example/pub/debian/"));
        assert!(!is_debian_archive("http://deb.example/debian-security"));
        assert!(!is_debian_archive("https://packages.example/node"));
        assert!(!is_debian_archive("cdrom:[Debian]/debian"));
        assert!(!is_debian_archive("http://archive.ubuntu.com/ubuntu"));
    }

    #[test]
    fn all_files_of_the_folder_are_read_and_each_mirror_is_named_once() {
        let apt = tempfile::tempdir().unwrap();
        let parts = apt.path().join("sources.list.d");
        std::fs::create_dir(&parts).unwrap();
        std::fs::write(
            apt.path().join("sources.list"),
            "deb http://one.example/debian/ sid main\n",
        )
        .unwrap();
        std::fs::write(
            parts.join("b.list"),
            "deb http://one.example/debian trixie main\n",
        )
        .unwrap();
        std::fs::write(
            parts.join("a.sources"),
            "Types: deb\nURIs: http://two.example/debian\n",
        )
        .unwrap();
        std::fs::write(
            parts.join("c.list.off"),
            "deb http://three.example/debian sid main\n",
        )
        .unwrap();
        assert_eq!(
            mirrors(apt.path()),
            ["http://one.example/debian", "http://two.example/debian"]
        );
        assert!(mirrors(&apt.path().join("none")).is_empty());
    }
}
