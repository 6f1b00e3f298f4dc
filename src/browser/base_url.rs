//! The address under which the page was opened.

/// Returns the application's mount point, with a slash at the end: the page's `<base>`, or else the
/// root of its origin.
pub fn base_url() -> String {
    let Some(window) = web_sys::window() else {
        return "/".into();
    };
    let base = window
        .document()
        .filter(|document| {
            document
                .query_selector("base[href]")
                .is_ok_and(|base| base.is_some())
        })
        .and_then(|document| document.base_uri().ok().flatten());
    let mut url = base
        .or_else(|| window.location().origin().ok())
        .unwrap_or_default();
    // A base may name a document: its folder is the mount point.
    if let Some(end) = url
        .rfind('/')
        .filter(|end| *end > url.find(':').map_or(0, |at| at + 2))
    {
        url.truncate(end);
    }
    url.push('/');
    url
}
