//! The filter in the query of an address.

use tasktree_protocol::Status;
use web_sys::UrlSearchParams;

use crate::state::Filter;

/// Parses the filter from the query of an address. Unknown names and values are ignored.
pub fn read_filter(query: &str) -> Filter {
    let query = UrlSearchParams::new_with_str(query).ok();
    let get = |name| query.as_ref().and_then(|query| query.get(name));
    Filter {
        text: get("q").unwrap_or_default(),
        statuses: get("status")
            .unwrap_or_default()
            .split(',')
            .filter_map(Status::from_name)
            .collect(),
        blocked: get("blocked").is_some_and(|value| value == "1"),
        agent: get("agent").filter(|agent| !agent.is_empty()),
        ..Filter::default()
    }
}

/// Returns the query with its filter replaced; default values are left out.
pub fn write_filter(query: &str, filter: &Filter) -> String {
    let Ok(query) = UrlSearchParams::new_with_str(query) else {
        return String::new();
    };
    let statuses: Vec<&str> = filter
        .statuses
        .iter()
        .map(|status| status.as_str())
        .collect();
    let values = [
        (
            "q",
            Some(filter.text.clone()).filter(|text| !text.trim().is_empty()),
        ),
        (
            "status",
            Some(statuses.join(",")).filter(|names| !names.is_empty()),
        ),
        ("blocked", filter.blocked.then(|| "1".to_owned())),
        ("agent", filter.agent.clone()),
    ];
    for (name, value) in values {
        match value {
            Some(value) => query.set(name, &value),
            None => query.delete(name),
        }
    }
    query.to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_filter_is_read_as_it_was_written_and_leaves_the_rest_of_the_query_alone() {
        let all = Filter {
            text: "50% & more = 看板 #1".into(),
            statuses: [Status::UpNext, Status::Merged].into(),
            blocked: true,
            agent: Some("fix/1+2".into()),
            ..Filter::default()
        };
        for filter in [Filter::default(), all] {
            let query = write_filter("x=y&q=old&blocked=1", &filter);
            assert_eq!(read_filter(&query), filter, "{query}");
            assert!(query.starts_with("x=y"), "{query}");
        }
        assert_eq!(write_filter("q=old", &Filter::default()), "");
    }

    #[wasm_bindgen_test]
    fn what_a_query_says_that_is_not_understood_is_ignored() {
        let filter = read_filter("status=up_next,nothing,&blocked=yes&agent=&z");
        let expected = Filter {
            statuses: [Status::UpNext].into(),
            ..Filter::default()
        };
        assert_eq!(filter, expected);
    }
}
