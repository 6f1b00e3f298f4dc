//! Addresses of remotes, without the secrets that people write into them.

/// Schemes whose addresses are recognized by one slash too, as browsers and some programs do.
const SCHEMES: [&str; 9] = [
    "http", "https", "ftp", "ftps", "ssh", "git", "git+ssh", "ssh+git", "rsync",
];

/// Returns a remote's address without user names that may be tokens, passwords, and parameters.
///
/// A user without a password stays in `ssh` addresses and in the short form (`git@host:path`),
/// since it is no secret there. Beside a password only `git` stays, since any other may be a token.
/// Texts around addresses stay as they are, so messages can pass too.
pub fn without_credentials(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = authority_start(rest) {
        let (before, after) = rest.split_at(at);
        push_words(before, &mut shown);
        let is_ssh = scheme_of(before).ends_with("ssh");
        let (authority, tail) = after.split_at(authority_end(after));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        if let Some(name) = public_user(user).filter(|_| is_ssh) {
            shown.push_str(name);
            shown.push('@');
        }
        shown.push_str(host);
        rest = without_parameters(tail, &mut shown);
    }
    push_words(rest, &mut shown);
    shown
}

/// Returns the start of the first authority, behind the slashes.
///
/// These are `scheme://`, `scheme:/` of a known scheme or with a password behind it, and `//` at
/// the start of a word.
fn authority_start(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find('/') {
        let slash = from + found;
        let before = &text[..slash];
        let after = text[slash..].trim_start_matches('/');
        let end = text.len() - after.len();
        let is_double = end - slash > 1;
        let is_start = if before.ends_with(':') {
            is_double || SCHEMES.contains(&&*scheme_of(before)) || has_password(after)
        } else {
            is_double && (before.is_empty() || before.ends_with(is_end_of_word))
        };
        if is_start {
            return Some(end);
        }
        from = end;
    }
    None
}

fn is_end_of_word(letter: char) -> bool {
    letter.is_whitespace() || letter == '\'' || letter == '"'
}

/// Returns true if a text begins with `user:password@`.
fn has_password(text: &str) -> bool {
    let is_end = |letter: char| letter == '/' || is_end_of_word(letter);
    let first = &text[..text.find(is_end).unwrap_or(text.len())];
    first
        .split_once('@')
        .is_some_and(|(user, _)| user.contains(':'))
}

/// Returns the name of a user, if it is no secret.
fn public_user(user: &str) -> Option<&str> {
    match user.split_once(':') {
        None => Some(user).filter(|name| !name.is_empty()),
        Some((name, _)) => Some(name).filter(|name| *name == "git"),
    }
}

/// Returns the end of the host: the start of the path, unless a password has a slash, a space or a
/// quote in it.
fn authority_end(after: &str) -> usize {
    let address = &after[..after.find(is_end_of_word).unwrap_or(after.len())];
    let path_at = |from: usize| {
        let found = after[from..].find(|letter| "/?#;".contains(letter) || is_end_of_word(letter));
        found.map_or(after.len(), |at| from + at)
    };
    let end = path_at(0);
    let is_port = |port: &str| {
        port.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b']')
    };
    let host = after[..end].rsplit('@').next().unwrap_or_default();
    let is_host = host.rsplit_once(':').is_none_or(|(_, port)| is_port(port));
    if is_host {
        return end;
    }
    // Text that looks like a port is the beginning of a password.
    match address.rfind('@').or_else(|| after.find('@')) {
        Some(at) if at > end => path_at(at),
        _ => end,
    }
}

/// Copies a path up to its parameters, and returns the text after them.
fn without_parameters<'a>(tail: &'a str, shown: &mut String) -> &'a str {
    let end = tail.find(is_end_of_word).unwrap_or(tail.len());
    let (path, rest) = tail.split_at(end);
    // Another address may follow without a space, as in `ext::` remotes: it is not this one's path.
    if path.contains("://") {
        return tail;
    }
    shown.push_str(&path[..path.find(['?', '#', ';']).unwrap_or(path.len())]);
    rest
}

/// Returns the letters before the `:` and the slashes at the end of a text, in lower case.
fn scheme_of(before: &str) -> String {
    let name = before.trim_end_matches('/');
    let Some(name) = name.strip_suffix(':') else {
        return String::new();
    };
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "+.-".contains(letter);
    let start = name.rfind(|letter| !legal(letter));
    let start = start.map_or(0, |at| {
        at + name[at..].chars().next().map_or(1, char::len_utf8)
    });
    name[start..].to_ascii_lowercase()
}

/// Copies words, without the text before the host in the short form with a password
/// (`user:password@host:path`).
fn push_words(text: &str, shown: &mut String) {
    for word in text.split_inclusive(is_end_of_word) {
        match word.split_once('@') {
            Some((user, host)) if user.contains(':') && !user.contains(['/', '\\']) => {
                if let Some(name) = public_user(user) {
                    shown.push_str(name);
                    shown.push('@');
                }
                shown.push_str(host);
            }
            _ => shown.push_str(word),
        }
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
            ("git:pw@host:a", "git@host:a"),
            ("user:pw@host:a", "host:a"),
            ("tok:x-oauth-basic@github.com:o/r", "github.com:o/r"),
            ("ssh://tok:x@host/a", "ssh://host/a"),
            ("ssh://user@host/a", "ssh://user@host/a"),
            ("https:/u:tok@h/a", "https:/h/a"),
            ("https:///u:tok@h/a", "https:///h/a"),
            ("odd:/u:tok@h/a", "odd:/h/a"),
            ("//u:tok@h/a", "//h/a"),
            ("'//tok@h/a'", "'//h/a'"),
            ("https://h/a;token=tok", "https://h/a"),
            ("https://h;token=tok", "https://h"),
            ("http://u:t k@h/a", "http://h/a"),
            ("https://u:t'k@h/a", "https://h/a"),
            ("git@host:/srv/x@y", "git@host:/srv/x@y"),
            ("C:/x@y/a", "C:/x@y/a"),
            ("cannot use u:tok@h:a here", "cannot use h:a here"),
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
