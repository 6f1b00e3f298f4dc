//! Addresses of remotes, without the secrets that people write into them.

/// Returns a remote's address without user names that may be tokens, passwords, and queries.
///
/// Of `ssh` addresses and the short form (`git@host:path`) the user stays, since it is no secret
/// there; its password goes. Texts around addresses stay as they are, so messages can pass too.
pub(crate) fn without_credentials(text: &str) -> String {
    if !text.contains("://") {
        return without_password(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let is_ssh = scheme_of(before).ends_with("ssh");
        let (authority, tail) = after.split_at(authority_end(after));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let name = user.split(':').next().unwrap_or_default();
        if is_ssh && !name.is_empty() {
            shown.push_str(name);
            shown.push('@');
        }
        shown.push_str(host);
        rest = without_query(tail, &mut shown);
    }
    shown.push_str(rest);
    shown
}

/// Returns where the host ends: at the path, unless a password has a slash in it.
fn authority_end(after: &str) -> usize {
    let is_end = |letter: char| letter.is_whitespace() || letter == '\'' || letter == '"';
    let address = &after[..after.find(is_end).unwrap_or(after.len())];
    let path_at = |from: usize| {
        let found = address[from..].find(['/', '?', '#']);
        found.map_or(address.len(), |at| from + at)
    };
    let end = path_at(0);
    let is_port = |port: &str| {
        port.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b']')
    };
    let host = address[..end].rsplit('@').next().unwrap_or_default();
    let is_host = host.rsplit_once(':').is_none_or(|(_, port)| is_port(port));
    match address.rfind('@') {
        Some(at) if at > end && !is_host => path_at(at),
        _ => end,
    }
}

/// Copies a path up to its query, and returns what follows the query.
fn without_query<'a>(tail: &'a str, shown: &mut String) -> &'a str {
    let is_end = |letter: char| letter.is_whitespace() || letter == '\'' || letter == '"';
    let end = tail.find(is_end).unwrap_or(tail.len());
    let (path, rest) = tail.split_at(end);
    // Another address may follow without a space, as in `ext::` remotes: it is not this one's path.
    let (path, rest) = match path.find("://") {
        Some(_) => return tail,
        None => (path, rest),
    };
    shown.push_str(&path[..path.find(['?', '#']).unwrap_or(path.len())]);
    rest
}

/// Returns the letters before `://`, in lower case.
fn scheme_of(before: &str) -> String {
    let name = before.trim_end_matches("://");
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "+.-".contains(letter);
    let start = name.rfind(|letter| !legal(letter));
    let start = start.map_or(0, |at| {
        at + name[at..].chars().next().map_or(1, char::len_utf8)
    });
    name[start..].to_ascii_lowercase()
}

/// Removes `:password` from the short form (`user:password@host:path`).
fn without_password(text: &str) -> String {
    match text.split_once('@') {
        Some((user, host)) if user.contains(':') && !user.contains(['/', '\\', ' ']) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{name}@{host}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn credentials_are_not_in_what_is_shown() {
        for (stored, shown) in [
            ("https://user:token@host/a.git", "https://host/a.git"),
            ("https://TOKEN@host/a", "https://host/a"),
            ("HTTPS://u:p%40w@host:8443/a", "HTTPS://host:8443/a"),
            ("https://u:p@w@host/a@b", "https://host/a@b"),
            ("https://u:p@host", "https://host"),
            ("https://u:p/w@host/a", "https://host/a"),
            ("https://[::1]:8080/a@b", "https://[::1]:8080/a@b"),
            ("https://host/a?private_token=x#y", "https://host/a"),
            ("ssh://git:pw@host:22/a", "ssh://git@host:22/a"),
            ("git+ssh://git@host/a", "git+ssh://git@host/a"),
            ("git@host:org/a.git", "git@host:org/a.git"),
            ("user:pw@host:a", "user@host:a"),
            ("/srv/x@y/a.git", "/srv/x@y/a.git"),
            ("C:\\x@y", "C:\\x@y"),
            ("", ""),
            ("helper::https://u:p@host/a", "helper::https://host/a"),
            (
                "fatal: unable to access 'https://u:p@host/a/': no",
                "fatal: unable to access 'https://host/a/': no",
            ),
            ("ftp://u:p@h/a https://t@h/b", "ftp://h/a https://h/b"),
        ] {
            assert_eq!(without_credentials(stored), shown, "{stored}");
        }
    }
}
