//! Removal of secrets from the summaries that are stored.
//!
//! | secret | example |
//! |---|---|
//! | keys of source code hosts | `ghp_...`, `github_pat_...`, `glpat-...` |
//! | keys of model providers | `sk-...`, `gsk_...`, `xai-...`, `hf_...`, `AIza...` |
//! | keys of other providers | `AKIA...`, `xoxb-...`, `sk_live_...`, `npm_...`, `pypi-...` |
//! | this server's tokens | `tt_...` |
//! | JSON Web Tokens | `eyJ....` |
//! | authorization headers | `Authorization: Bearer ...`, `Basic ...` |
//! | values of secret names | `API_KEY=...`, `"password": "..."`, `--token ...` |
//! | users and passwords in URLs | `https://user:password@host` |
//! | private keys | `-----BEGIN RSA PRIVATE KEY-----` |
//!
//! A name is secret if one of its words is `key`, `token`, `secret`, `password`, `passphrase`,
//! `credential`, `auth` or the like.
//!
//! Each is replaced by [`REMOVED`]. This finds the usual forms, not every secret: a password
//! without a name beside it looks like any other word.

mod keys;
mod names;

use keys::key;
use names::is_secret_name;

/// Text that replaces a secret.
pub(super) const REMOVED: &str = "[secret]";

/// Schemes that come before the secret of an authorization header.
const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "digest", "apikey"];

/// Most passes over a text. One pass may bring two parts of a secret together.
const PASSES: usize = 8;

/// Returns a text without the secrets that are recognized.
pub fn scrub(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..PASSES {
        let next = pass(&without_private_keys(&text));
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// Removes private keys in their text form. One without an end goes to the end of the text.
fn without_private_keys(text: &str) -> String {
    const BEGIN: &str = "-----BEGIN ";
    const HEAD: &str = "PRIVATE KEY";
    const END: &str = "-----END ";
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some(at) = rest.find(BEGIN) {
        let (before, block) = rest.split_at(at);
        kept.push_str(before);
        let head = block[BEGIN.len()..].split("-----").next();
        if !head.is_some_and(|head| head.contains(HEAD)) {
            kept.push_str(BEGIN);
            rest = &block[BEGIN.len()..];
            continue;
        }
        kept.push_str(REMOVED);
        rest = match block.find(END) {
            None => "",
            Some(end) => {
                let after = &block[end + END.len()..];
                match after.find("-----") {
                    Some(dashes) => &after[dashes + 5..],
                    None => "",
                }
            }
        };
    }
    kept.push_str(rest);
    kept
}

/// Replaces the secrets that one look from left to right finds.
fn pass(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    let mut before: Option<char> = None;
    while let Some(letter) = rest.chars().next() {
        let starts_word = before.is_none_or(|before| !is_word(before));
        match find(rest, starts_word) {
            Some(Found { keep, drop }) if drop > 0 && rest.is_char_boundary(keep + drop) => {
                kept.push_str(&rest[..keep]);
                kept.push_str(REMOVED);
                rest = &rest[keep + drop..];
                before = Some(']');
            }
            _ => {
                kept.push(letter);
                rest = &rest[letter.len_utf8()..];
                before = Some(letter);
            }
        }
    }
    kept
}

/// A secret near the beginning of a text: bytes to keep before it, and its own.
struct Found {
    keep: usize,
    drop: usize,
}

fn find(rest: &str, starts_word: bool) -> Option<Found> {
    if let Some(after) = rest.strip_prefix("://") {
        let user = user_info(after)?;
        return Some(Found {
            keep: 3,
            drop: user,
        });
    }
    if !starts_word {
        return None;
    }
    if let Some(drop) = key(rest) {
        return Some(Found { keep: 0, drop });
    }
    let word = leading(rest, |letter| is_word(letter) || letter == '.');
    if word.is_empty() {
        return None;
    }
    if let Some(found) = named(word, &rest[word.len()..]) {
        return Some(Found {
            keep: word.len() + found.keep,
            drop: found.drop,
        });
    }
    bearer(word, &rest[word.len()..]).map(|found| Found {
        keep: word.len() + found.keep,
        drop: found.drop,
    })
}

/// Returns the length of the user and password before the host of a URL.
fn user_info(authority: &str) -> Option<usize> {
    let authority = leading(authority, |letter| {
        !letter.is_whitespace() && !"/?#\"'`<>".contains(letter)
    });
    authority.rfind('@').filter(|at| *at > 0)
}

/// Returns the value after a name whose values are secret: `NAME=..`, `"name": ".."`, `--name ..`.
fn named(word: &str, after: &str) -> Option<Found> {
    let name = word.trim_matches(|letter| letter == '-' || letter == '.');
    if !is_secret_name(name) {
        return None;
    }
    let rest = after.strip_prefix(['"', '\'']).unwrap_or(after);
    let rest = rest.trim_start_matches(' ');
    let value = match rest.strip_prefix(['=', ':']) {
        // `name::path` is code.
        Some(value) if !value.starts_with([':', '=']) => value.trim_start_matches(' '),
        None if word.starts_with("--") && after.starts_with(' ') => {
            let value = after.trim_start_matches(' ');
            if value.starts_with('-') {
                return None;
            }
            value
        }
        Some(_) | None => return None,
    };
    let keep = after.len() - value.len();
    let quote = value.chars().next().filter(|first| "\"'`".contains(*first));
    if let Some(quote) = quote {
        let inner = &value[1..];
        let drop = inner.find(quote).unwrap_or(inner.len());
        return unless_removed(inner, keep + 1, drop);
    }
    let first = plain(value);
    let is_scheme = SCHEMES.contains(&first.to_ascii_lowercase().as_str());
    let tail = &value[first.len()..];
    if is_scheme && tail.starts_with(' ') {
        let secret = tail.trim_start_matches(' ');
        let keep = keep + value.len() - secret.len();
        return unless_removed(secret, keep, plain(secret).len());
    }
    unless_removed(value, keep, first.len())
}

/// Returns the secret after the word `Bearer`, if that is long enough to be one.
fn bearer(word: &str, after: &str) -> Option<Found> {
    let is_bearer = word.eq_ignore_ascii_case("bearer") && after.starts_with(' ');
    let secret = after.trim_start_matches(' ');
    let drop = plain(secret).len();
    if !is_bearer || drop < 8 {
        return None;
    }
    unless_removed(secret, after.len() - secret.len(), drop)
}

/// Returns the place of a secret unless it is removed already.
fn unless_removed(secret: &str, keep: usize, drop: usize) -> Option<Found> {
    (drop > 0 && &secret[..drop] != REMOVED).then_some(Found { keep, drop })
}

/// Returns the leading part of a value without quotes.
fn plain(value: &str) -> &str {
    leading(value, |letter| {
        !letter.is_whitespace() && !"\"'`&;|<>()".contains(letter)
    })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-'
}

fn leading(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests;
