//! Keys of providers, which their prefixes tell.

use super::leading;

/// Prefixes that only keys have, with the least number of characters that follow.
const PREFIXES: [(&str, usize); 30] = [
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("gldt-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxs-", 10),
    ("xapp-", 10),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("whsec_", 10),
    ("AIza", 30),
    ("ya29.", 16),
    ("dop_v1_", 16),
    ("dckr_pat_", 16),
    ("shpat_", 16),
    ("glsa_", 16),
    ("lin_api_", 16),
    ("gsk_", 20),
    ("xai-", 20),
    ("sk-ant-", 10),
    ("AGE-SECRET-KEY-", 16),
    ("tt_", 30),
];

/// Prefixes that other words may have: a key follows only if there is a digit in it.
const LIKELY_PREFIXES: [(&str, usize); 8] = [
    ("sk-", 16),
    ("pk-", 16),
    ("npm_", 20),
    ("hf_", 16),
    ("pypi-", 16),
    ("SG.", 16),
    ("r8_", 16),
    ("ATATT", 16),
];

/// Returns the length of a key that the text begins with.
pub(super) fn key(rest: &str) -> Option<usize> {
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let length = |prefix: &str, least: usize| {
        let after = rest.strip_prefix(prefix)?;
        let tail = leading(after, is_key);
        (tail.len() >= least).then_some(tail)
    };
    for (prefix, least) in PREFIXES {
        if let Some(tail) = length(prefix, least) {
            return Some(prefix.len() + tail.len());
        }
    }
    for (prefix, least) in LIKELY_PREFIXES {
        if let Some(tail) = length(prefix, least)
            && tail.contains(|letter: char| letter.is_ascii_digit())
        {
            return Some(prefix.len() + tail.len());
        }
    }
    let capitals = leading(rest, |letter| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit()
    });
    let is_amazon = capitals.starts_with("AKIA") || capitals.starts_with("ASIA");
    if is_amazon && capitals.len() == 20 {
        return Some(capitals.len());
    }
    let word = leading(rest, is_key);
    let is_json_token = word.starts_with("eyJ") && word.len() >= 20 && word.contains('.');
    is_json_token.then_some(word.len())
}
