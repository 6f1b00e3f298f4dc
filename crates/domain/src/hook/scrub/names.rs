//! Names whose values are secret.

/// Words of names whose values are secret.
const SECRET_WORDS: [&str; 16] = [
    "key",
    "apikey",
    "token",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pw",
    "credential",
    "credentials",
    "auth",
    "authorization",
    "authtoken",
    "bearer",
];

/// Ends of names without separators whose values are secret.
const SECRET_ENDS: [&str; 7] = [
    "token",
    "secret",
    "password",
    "passwd",
    "apikey",
    "accesskey",
    "secretkey",
];

/// Returns true for a name whose values are secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if SECRET_ENDS.iter().any(|end| lower.ends_with(end)) {
        return true;
    }
    words(name).any(|word| SECRET_WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Returns the words of a name: `API_KEY`, `api-key` and `apiKey` have two.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', '.']).flat_map(|part| {
        let inner = part.char_indices().skip(1);
        let humps = inner.filter(|(at, letter)| {
            let before = part[..*at].chars().next_back();
            letter.is_ascii_uppercase() && before.is_some_and(|it| it.is_ascii_lowercase())
        });
        let mut from = 0;
        let mut cuts: Vec<usize> = humps.map(|(at, _)| at).collect();
        cuts.push(part.len());
        cuts.into_iter().map(move |to| {
            let word = &part[from..to];
            from = to;
            word
        })
    })
}
