use proptest::prelude::*;

use super::*;

#[test]
fn numbers_stay_as_written_and_members_that_are_named_twice_both_count() {
    let read = parse("{\"a\": 12345678901234567890.10, \"a\": -1e2}").unwrap();
    let expected = [("a", "12345678901234567890.10"), ("a", "-1e2")];
    let expected = expected.map(|(name, it)| (name.to_owned(), Json::Number(it.to_owned())));
    assert_eq!(read, Json::Object(expected.to_vec()));
}

#[test]
fn half_a_character_is_a_fault_of_its_text_alone() {
    let read = parse(r#"["\ud83e\udd80", "a\ud800b", "\udc00\u0000", "ok"]"#).unwrap();
    let Json::List(items) = &read else {
        panic!("{read:?}")
    };
    assert_eq!(items[0], Json::Text("🦀".into()));
    assert_eq!(items[1], Json::Broken("a\u{fffd}b".into(), 1));
    assert_eq!(items[3], Json::Text("ok".into()));
    assert_eq!(read.broken(), 3);
}

#[test]
fn what_is_no_json_is_refused_with_its_place_and_text() {
    for (text, refusal) in [
        (
            "",
            "line 1, column 1: the file is empty, at the end of the line",
        ),
        (
            "{\n  \"é\": [1, 2,]\n}",
            "line 2, column 14: expected a value, at: ]",
        ),
        (
            "{\r\n\"a\": 1\r\n\"b\": 2}",
            "line 3, column 1: expected a comma or }, at: \"b\": 2}",
        ),
        (
            "{'a': 1}",
            "line 1, column 2: expected a name in double quotes, at: 'a': 1}",
        ),
        (
            "[1] x",
            "line 1, column 5: unexpected text after the end of the JSON, at: x",
        ),
        ("[01]", "line 1, column 2: expected a number, at: 01]"),
        ("[\"a", "line 1, column 2: unterminated string, at: \"a"),
        (
            "[\"\\x\"]",
            "line 1, column 3: unknown escape sequence, at: \\x\"]",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), refusal);
    }
    let deep = "[".repeat(200_000);
    assert!(parse(&deep).is_err());
}

proptest! {
    #[test]
    fn what_another_program_writes_is_read_and_written_again(
        texts in prop::collection::vec(any::<String>(), 0..8), number in any::<f64>(),
    ) {
        let texts: Vec<_> = texts.into_iter().map(|text| text.replace('\0', "")).collect();
        let value = serde_json::json!({"texts": texts, "number": number, "more": [null, true, {}, []]});
        let read = parse(&value.to_string()).unwrap();
        let again: serde_json::Value = serde_json::from_str(&read.to_string()).unwrap();
        let reread: serde_json::Value = serde_json::from_str(&value.to_string()).unwrap();
        prop_assert_eq!(again, reread);
    }

    #[test]
    fn the_same_is_json_here_and_elsewhere(text in "[\\[\\]{}:,\"a1\\\\u \n-]{0,12}") {
        let elsewhere = serde_json::from_str::<serde_json::Value>(&text);
        let here = parse(&text);
        if elsewhere.is_ok() {
            prop_assert!(here.is_ok(), "{:?}", here);
        }
    }
}
