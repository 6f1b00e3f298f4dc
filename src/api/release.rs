//! The release of the board that the server has.

use gloo_net::http::Request;
use leptos::prelude::document;
use web_sys::RequestCache;

use crate::browser::base_url;

/// Element of a page that names its program. The name changes with the program's content.
const PROGRAM: &str = "link[rel=modulepreload]";

/// Returns true if the server's page names another program than this page does. False if the server
/// cannot be reached.
pub async fn is_replaced() -> bool {
    let own = document()
        .query_selector(PROGRAM)
        .ok()
        .flatten()
        .and_then(|link| link.get_attribute("href"));
    let request = Request::get(&base_url()).cache(RequestCache::NoStore);
    let (Some(own), Ok(answer)) = (own, request.send().await) else {
        return false;
    };
    // A page to sign in, or of a proxy, names no program at all.
    let is_page = |page: &str| page.contains("modulepreload") && !page.contains(&own);
    answer.ok() && answer.text().await.is_ok_and(|page| is_page(&page))
}
