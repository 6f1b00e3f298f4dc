//! Errors for unknown names, with the name that was probably meant.

/// Type of the problem, as pydantic names it.
pub(in crate::http) const KIND: &str = "extra_forbidden";

/// Names that other tools and languages use for fields of this API.
const ELSEWHERE: &[(&str, &str)] = &[
    ("agent", "session"),
    ("assignee", "session"),
    ("blocked_by", "dependencies"),
    ("blockers", "dependencies"),
    ("column", "status"),
    ("comment", "body"),
    ("content", "body"),
    ("cursor", "after"),
    ("cwd", "folder"),
    ("depends_on", "dependencies"),
    ("deps", "dependencies"),
    ("details", "description"),
    ("files", "owned_files"),
    ("hold", "on_hold"),
    ("max", "limit"),
    ("message", "body"),
    ("name", "title"),
    ("name", "id"),
    ("owner", "session"),
    ("page_size", "limit"),
    ("parent_id", "parent"),
    ("per_page", "limit"),
    ("prio", "priority"),
    ("requires", "dependencies"),
    ("session_id", "session"),
    ("state", "status"),
    ("subject", "title"),
    ("summary", "title"),
    ("text", "body"),
    ("ttl", "ttl_seconds"),
];

/// Similarity from which a known name counts as the one that was meant; 1 is equal.
const ALIKE: f64 = 0.8;

/// Largest number of names that are listed.
const LISTED: usize = 30;

/// Returns the message for an unknown `what`: "field", "query parameter".
pub(in crate::http) fn message(what: &str, name: &str, known: &[&str]) -> String {
    if let Some(meant) = meant(name, known) {
        return format!("Unknown {what}; did you mean '{meant}'?");
    }
    let mut names = Vec::new();
    for name in known {
        if !names.contains(name) {
            names.push(*name);
        }
    }
    if names.is_empty() {
        return format!("Unknown {what}; none is accepted here");
    }
    let more = names.len() > LISTED;
    names.truncate(LISTED);
    let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    let list = match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() && !more => {
            format!("{} and {last}", rest.join(", "))
        }
        _ => quoted.join(", "),
    };
    let more = if more { ", ..." } else { "" };
    format!("Unknown {what}; the known ones are {list}{more}")
}

/// Returns the known name that was probably meant.
fn meant<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = name.to_ascii_lowercase().replace(['-', ' ', '.'], "_");
    // `dependsOn`, `DependsOn`
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if index > 0 && letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    let find = |wanted: &str| known.iter().find(|known| **known == wanted).copied();
    for spelling in [&plain, &snake] {
        let same = find(spelling);
        let elsewhere = || {
            let mut names = ELSEWHERE.iter().filter(|(from, _)| from == spelling);
            names.find_map(|(_, to)| find(to))
        };
        if let Some(meant) = same.or_else(elsewhere) {
            return Some(meant);
        }
    }
    let likeness = |known: &str| strsim::jaro_winkler(&snake, known);
    let best = known
        .iter()
        .max_by(|left, right| likeness(left).total_cmp(&likeness(right)))?;
    (likeness(best) >= ALIKE).then_some(*best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_and_the_words_of_other_tools_lead_to_the_known_name() {
        let known = ["title", "dependencies", "status", "owned_files", "session"];
        for (name, wanted) in [
            ("depends_on", "dependencies"),
            ("dependsOn", "dependencies"),
            ("dependancies", "dependencies"),
            ("Status", "status"),
            ("ownedFiles", "owned_files"),
            ("owned-files", "owned_files"),
            ("assignee", "session"),
            ("name", "title"),
        ] {
            assert_eq!(meant(name, &known), Some(wanted), "{name}");
        }
        assert_eq!(meant("colour", &known), None);
        assert_eq!(meant("anything", &[]), None);
    }
}
