//! Numbers and dates by the browser's `Intl`. Formatters are kept: making one costs more than a hundred uses.

use std::cell::OnceCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::Locale;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The formatters of one language.
struct Formatters {
    number: Function,
    relative: Intl::RelativeTimeFormat,
    time: Function,
    time_to_second: Function,
    date: Function,
    date_time: Function,
}

impl Formatters {
    fn new(locale: Locale) -> Self {
        let tag = Array::of1(&JsValue::from_str(locale.tag()));
        let date =
            |wanted: &[(&str, &str)]| Intl::DateTimeFormat::new(&tag, &options(wanted)).format();
        Self {
            number: Intl::NumberFormat::new(&tag, &Object::new()).format(),
            relative: Intl::RelativeTimeFormat::new(
                &tag,
                &options(&[("numeric", "auto"), ("style", "narrow")]),
            ),
            // `h23` in both languages: a table of times must line up.
            time: date(&[
                ("hour", "2-digit"),
                ("minute", "2-digit"),
                ("hourCycle", "h23"),
            ]),
            time_to_second: date(&[
                ("hour", "2-digit"),
                ("minute", "2-digit"),
                ("second", "2-digit"),
                ("hourCycle", "h23"),
            ]),
            date: date(&[("month", "short"), ("day", "numeric")]),
            date_time: date(&[("dateStyle", "medium"), ("timeStyle", "medium")]),
        }
    }
}

thread_local! {
    static EN: OnceCell<Formatters> = const { OnceCell::new() };
    static ZH_CN: OnceCell<Formatters> = const { OnceCell::new() };
}

fn with<T>(locale: Locale, use_them: impl FnOnce(&Formatters) -> T) -> T {
    match locale {
        Locale::En => &EN,
        Locale::ZhCn => &ZH_CN,
    }
    .with(|formatters| use_them(formatters.get_or_init(|| Formatters::new(locale))))
}

fn options(wanted: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in wanted {
        // Setting a property of a plain object cannot fail.
        drop(Reflect::set(
            &options,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        ));
    }
    options
}

fn call(format: &Function, argument: &JsValue) -> String {
    let text = format.call1(&JsValue::UNDEFINED, argument);
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "dates and counts are far below 2^53"
)]
fn date(unix_ms: i64) -> JsValue {
    Date::new(&JsValue::from_f64(unix_ms as f64)).unchecked_into()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "dates and counts are far below 2^53"
)]
pub(super) fn number(locale: Locale, number: u64) -> String {
    with(locale, |formatters| {
        call(&formatters.number, &JsValue::from_f64(number as f64))
    })
}

pub(super) fn ago(locale: Locale, unix_ms: i64, now_ms: i64) -> String {
    // A moment of the future is a difference between two clocks, not something that has not happened.
    let age_ms = (now_ms - unix_ms).max(0);
    let (count, unit) = match age_ms {
        ..MINUTE_MS => (0, "second"),
        MINUTE_MS..HOUR_MS => (age_ms / MINUTE_MS, "minute"),
        HOUR_MS..DAY_MS => (age_ms / HOUR_MS, "hour"),
        _ => return with(locale, |formatters| call(&formatters.date, &date(unix_ms))),
    };
    #[expect(clippy::cast_precision_loss, reason = "fewer than 60")]
    with(locale, |formatters| {
        formatters.relative.format(-(count as f64), unit).into()
    })
}

pub(super) fn time(locale: Locale, unix_ms: i64) -> String {
    with(locale, |formatters| call(&formatters.time, &date(unix_ms)))
}

pub(super) fn time_to_second(locale: Locale, unix_ms: i64) -> String {
    with(locale, |formatters| {
        call(&formatters.time_to_second, &date(unix_ms))
    })
}

pub(super) fn date_time(locale: Locale, unix_ms: i64) -> String {
    with(locale, |formatters| {
        call(&formatters.date_time, &date(unix_ms))
    })
}

/// How far this browser's time is ahead of UTC.
#[expect(clippy::cast_possible_truncation, reason = "at most 14 hours")]
pub(super) fn local_offset_minutes() -> i32 {
    // The browser counts the other way round.
    -(Date::new_0().get_timezone_offset() as i32)
}
