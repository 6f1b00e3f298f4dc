//! The path under which the board is served.

use crate::browser::base_url;

thread_local! {
    /// Mount point of the page: `/board` for `https://example.com/board/`, empty on a site of its
    /// own.
    static MOUNT: String = mount_of(&base_url()).to_owned();
}

/// Returns the path of a base address, without the slash at its end.
fn mount_of(base: &str) -> &str {
    // Split into `https:`, nothing, the host, the path. By characters, not by "://": a search for
    // words is a kilobyte of code that nothing else needs.
    let path = base.splitn(4, '/').nth(3);
    path.map_or("", |path| {
        base[base.len() - path.len() - 1..].trim_end_matches('/')
    })
}

/// Passes the mount point of the page to `read`.
pub(super) fn mount<T>(read: impl FnOnce(&str) -> T) -> T {
    MOUNT.with(|mount| read(mount))
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_mount_is_the_path_of_the_base() {
        for (base, mount) in [
            ("https://example.com/", ""),
            ("http://127.0.0.1:8000/", ""),
            ("https://example.com/board/", "/board"),
            ("https://example.com/a/b/", "/a/b"),
            ("/", ""),
        ] {
            assert_eq!(mount_of(base), mount, "{base}");
        }
    }
}
