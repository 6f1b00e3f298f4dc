//! Both languages are complete, and numbers and dates follow the chosen one.

use crate::support::{mount, settle};
use leptos::prelude::*;
use tasktree_board::i18n::{I18n, Locale, SAMPLE_ARGUMENTS, provide_i18n};
use tasktree_board::ui::provide_clock;
use tasktree_protocol::Timestamp;
use wasm_bindgen_test::wasm_bindgen_test;

/// Texts that are the same in both languages: names, and marks between arguments.
const SAME: [&str; 7] = [
    "Access.you_are",
    "Shell.product",
    "Shell.page_title",
    "Shell.page_of_project",
    "Connection.code_and_reason",
    "Agent.percent",
    "Agent.from_to",
];

#[wasm_bindgen_test]
fn every_text_is_there_in_both_languages_and_translated() {
    let english = Locale::En.strings().samples();
    let chinese = Locale::ZhCn.strings().samples();
    assert!(english.len() > 150, "the catalogue is read");
    let mut faults = Vec::new();
    for ((name, en), (_, zh)) in english.iter().zip(&chinese) {
        if en.trim().is_empty() || zh.trim().is_empty() {
            faults.push(format!("{name} is empty"));
        } else if SAME.contains(name) != (en == zh) {
            faults.push(format!("{name} is {en:?} and {zh:?}"));
        } else if !SAME.contains(name) && zh.is_ascii() {
            faults.push(format!("{name} is not Chinese: {zh:?}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[wasm_bindgen_test]
fn every_argument_is_in_the_text_of_both_languages() {
    let chinese = Locale::ZhCn.strings().samples();
    for ((name, en), (_, zh)) in Locale::En.strings().samples().iter().zip(&chinese) {
        for argument in SAMPLE_ARGUMENTS {
            assert_eq!(
                en.contains(argument),
                zh.contains(argument),
                "{name}: {en:?} and {zh:?}"
            );
        }
    }
}

#[wasm_bindgen_test]
fn the_first_language_that_the_board_speaks_is_taken() {
    assert_eq!(Locale::negotiate(["fr-FR", "zh-TW", "en"]), Locale::ZhCn);
    assert_eq!(Locale::negotiate(["fr", "EN-gb", "zh"]), Locale::En);
    assert_eq!(Locale::negotiate(["zh_CN"]), Locale::ZhCn);
    assert_eq!(Locale::negotiate(["zhx", "eng", ""]), Locale::En);
    assert_eq!(Locale::negotiate([]), Locale::En);
}

#[wasm_bindgen_test]
fn numbers_and_counts_are_written_as_the_language_does() {
    let english = I18n::new(Locale::En);
    assert_eq!(english.count(|s| s.board.tasks, 1), "1 task");
    assert_eq!(english.count(|s| s.board.tasks, 12_345), "12,345 tasks");
    assert_eq!(
        I18n::new(Locale::ZhCn).count(|s| s.board.tasks, 12_345),
        "12,345 个任务"
    );
}

#[wasm_bindgen_test]
fn ages_are_relative_up_to_a_day_and_dates_after_it() {
    const NOW: i64 = 1_700_000_000_000;
    const MINUTE: i64 = 60_000;
    let ago = |locale, age: i64| I18n::new(locale).ago(Timestamp::from_unix_millis(NOW - age), NOW);
    assert_eq!(ago(Locale::En, 20_000), "just now");
    assert_eq!(ago(Locale::En, 5 * MINUTE), "5m ago");
    assert_eq!(ago(Locale::ZhCn, 20_000), "刚刚");
    assert_eq!(ago(Locale::ZhCn, 5 * MINUTE), "5分钟前");
    assert_eq!(ago(Locale::ZhCn, 23 * 60 * MINUTE), "23小时前");
    let date = ago(Locale::En, 3 * 24 * 60 * MINUTE);
    assert!(date.starts_with("Nov "), "{date}");
    assert_eq!(
        ago(Locale::En, -MINUTE),
        "just now",
        "another clock may be ahead of this one"
    );
}

#[wasm_bindgen_test]
async fn a_chosen_language_changes_the_page_at_once_and_is_kept() {
    let storage = window().local_storage().unwrap().unwrap();
    let page = mount(|| {
        let i18n = provide_i18n();
        (
            i18n,
            view! { <p>{move || i18n.t(|s| s.board.add_task)}</p> },
        )
    });
    for (locale, words) in [(Locale::ZhCn, "添加任务"), (Locale::En, "Add task")] {
        page.value.set_locale(locale);
        settle().await;
        assert_eq!(page.root.text_content().unwrap(), words);
        assert_eq!(
            document()
                .document_element()
                .unwrap()
                .get_attribute("lang")
                .unwrap(),
            locale.tag()
        );
        assert_eq!(
            storage.get_item("tasktree.locale").unwrap().unwrap(),
            locale.tag()
        );
    }
    page.value.set_locale(Locale::ZhCn);
    let next_visit = crate::support::run(provide_i18n);
    assert_eq!(next_visit.value.locale(), Locale::ZhCn);
    storage.remove_item("tasktree.locale").unwrap();
}

fn at(text: &str) -> Timestamp {
    serde_json::from_value(text.into()).unwrap()
}

#[wasm_bindgen_test]
fn a_date_of_another_year_has_its_year() {
    let now_ms = at("2026-06-15T12:00:00Z").unix_millis(0);
    for (locale, same, other) in [
        (Locale::En, "Mar 5", "Mar 5, 2025"),
        (Locale::ZhCn, "3月5日", "2025年3月5日"),
    ] {
        let i18n = I18n::new(locale);
        assert_eq!(i18n.ago(at("2026-03-05T12:00:00Z"), now_ms), same);
        assert_eq!(i18n.ago(at("2025-03-05T12:00:00Z"), now_ms), other);
    }
}

#[wasm_bindgen_test]
async fn ages_are_times_of_day_while_they_cannot_go_on() {
    let is_live = RwSignal::new(true);
    let page = mount(move || (provide_clock(is_live.into()), ()));
    let i18n = I18n::new(Locale::En);
    let just_now = Timestamp::from_unix_millis(tasktree_board::browser::clock::now_ms());
    settle().await;
    assert_eq!(i18n.age(just_now, page.value), "just now");
    is_live.set(false);
    settle().await;
    assert_eq!(
        i18n.age(just_now, page.value),
        i18n.time(just_now.unix_millis(0))
    );
    is_live.set(true);
    settle().await;
    assert_eq!(i18n.age(just_now, page.value), "just now");
}

#[wasm_bindgen_test]
async fn ages_count_by_the_servers_clock() {
    use tasktree_board::browser::clock::{note_server_time, now_ms, server_now_ms};
    let hour = 3_600_000;
    let date = |ms: i64| {
        let date = js_sys::Date::new(&(ms as f64).into());
        String::from(date.to_utc_string())
    };
    note_server_time(&date(now_ms() - hour));
    let page = mount(|| (provide_clock(Signal::stored(true)), ()));
    settle().await;
    let i18n = I18n::new(Locale::En);
    let written = Timestamp::from_unix_millis(now_ms() - hour - 5 * 60_000 - 30_000);
    assert_eq!(i18n.age(written, page.value), "5m ago");
    note_server_time("no date");
    assert!(
        (server_now_ms() - now_ms()).abs() > hour / 2,
        "what is no date says nothing"
    );
    note_server_time(&date(now_ms()));
    assert!((server_now_ms() - now_ms()).abs() < 1_000);
}

#[wasm_bindgen_test]
fn the_page_is_not_offered_for_translation_by_the_browser() {
    let page = include_str!("../../index.html");
    assert!(page.contains(r#"translate="no""#) && page.contains("notranslate"));
}
