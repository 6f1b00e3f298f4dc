use proptest::prelude::*;

use super::*;

#[test]
fn secrets_are_removed_and_the_words_around_them_stay() {
    for (text, expected) in [
        (
            "curl -H 'Authorization: Bearer abc.def' http://a/b",
            "curl -H 'Authorization: Bearer [secret]' http://a/b",
        ),
        (
            "curl -H \"authorization: Basic dXNlcjpw\" x",
            "curl -H \"authorization: Basic [secret]\" x",
        ),
        (
            "curl -H 'X-Api-Key: 12345' x",
            "curl -H 'X-Api-Key: [secret]' x",
        ),
        ("Bearer 0123456789abcdef", "Bearer [secret]"),
        ("API_KEY=abc cargo run", "API_KEY=[secret] cargo run"),
        (
            "export PGPASSWORD='a b'; psql",
            "export PGPASSWORD='[secret]'; psql",
        ),
        (
            "{\"password\": \"hunter2\"}",
            "{\"password\": \"[secret]\"}",
        ),
        (
            "gh auth login --token abc",
            "gh auth login --token [secret]",
        ),
        (
            "tool --api-key=abc --json",
            "tool --api-key=[secret] --json",
        ),
        ("{accessToken: abc}", "{accessToken: [secret]"),
        (
            "git clone https://ann:pw@host/x.git",
            "git clone https://[secret]@host/x.git",
        ),
        ("use sk-proj-0123456789abcdefghij now", "use [secret] now"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "[secret]"),
        ("id AKIAIOSFODNN7EXAMPLE.", "id [secret]."),
        ("id AKIAIOSFODNN7EXAMPLE", "id [secret]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "[secret]"),
        (
            "a -----BEGIN RSA PRIVATE KEY----- MIIE -----END RSA PRIVATE KEY----- b",
            "a [secret] b",
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY----- MII", "[secret]"),
        ("https://x/?token=abc&n=1", "https://x/?token=[secret]&n=1"),
    ] {
        assert_eq!(scrub(text), expected, "{text}");
    }
}

#[test]
fn ordinary_text_stays_as_it_is() {
    for text in [
        "cargo test --lib",
        "Edit src/worker.rs",
        "grep -rn token src",
        "std::env::Token::new()",
        "MONKEY=banana KEYBOARD=us",
        "git push origin retry-503",
        "pip install sk-learn-contrib-extras",
        "The bearer of bad news",
        "https://example.com/a@b",
        "修 the Token 修",
        "-----BEGIN CERTIFICATE----- x",
    ] {
        assert_eq!(scrub(text), text);
    }
}

proptest! {
    #[test]
    fn any_text_is_scrubbed_once_and_for_all(text in "\\PC{0,80}") {
        let once = scrub(&text);
        prop_assert_eq!(scrub(&once), once);
    }

    #[test]
    fn texts_of_suspicious_parts_are_scrubbed_once_and_for_all(
        parts in prop::collection::vec(prop::sample::select(vec![
            "token", "=", ":", " ", "Bearer ", "\"", "'", "://", "@", "/", "sk-", "AKIA",
            "0123456789abcdefghijklmnop", "-----BEGIN ", "PRIVATE KEY", "-----", "-----END ",
            "[secret]", "--password", "&", "eyJ", ".", "é", "API_KEY", "basic",
        ]), 0..14)
    ) {
        let once = scrub(&parts.concat());
        prop_assert_eq!(scrub(&once), once);
    }

    #[test]
    fn a_named_value_never_stays(value in "[a-z0-9]{6,30}") {
        for text in [
            format!("DB_PASSWORD={value}"),
            format!("--token {value}"),
            format!("https://u:{value}@host"),
            format!("Authorization: Bearer {value}"),
        ] {
            prop_assert!(!scrub(&text).contains(&value), "{}", text);
        }
    }
}
