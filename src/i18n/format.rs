//! Numbers and dates in the browser's `Intl`. Formatters are cached: creating one costs more than a
//! hundred uses.

use std::cell::OnceCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::Locale;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Formatters of one language, each created at its first use: the seven together would delay the
/// first card.
#[derive(Default)]
struct Formatters {
    number: OnceCell<Function>,
    relative: OnceCell<Intl::RelativeTimeFormat>,
    time: OnceCell<Function>,
    time_to_second: OnceCell<Function>,
    date: OnceCell<Function>,
    date_with_year: OnceCell<Function>,
    date_time: OnceCell<Function>,
}

thread_local! {
    static EN: Formatters = Formatters::default();
    static ZH_CN: Formatters = Formatters::default();
}

fn with<T>(locale: Locale, use_them: impl FnOnce(&Formatters) -> T) -> T {
    match locale {
        Locale::En => &EN,
        Locale::ZhCn => &ZH_CN,
    }
    .with(use_them)
}

fn tag(locale: Locale) -> Array {
    Array::of1(&JsValue::from_str(locale.tag()))
}

/// Formats a moment with those parts.
fn write_date(
    locale: Locale,
    pick: fn(&Formatters) -> &OnceCell<Function>,
    parts: &[(&str, &str)],
    unix_ms: i64,
) -> String {
    with(locale, |formatters| {
        let format = pick(formatters)
            .get_or_init(|| Intl::DateTimeFormat::new(&tag(locale), &options(parts)).format());
        call(format, &date(unix_ms))
    })
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
fn local(unix_ms: i64) -> Date {
    Date::new(&JsValue::from_f64(unix_ms as f64))
}

fn date(unix_ms: i64) -> JsValue {
    local(unix_ms).unchecked_into()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "dates and counts are far below 2^53"
)]
pub(super) fn number(locale: Locale, number: u64) -> String {
    with(locale, |formatters| {
        let format = formatters
            .number
            .get_or_init(|| Intl::NumberFormat::new(&tag(locale), &Object::new()).format());
        call(format, &JsValue::from_f64(number as f64))
    })
}

pub(super) fn ago(locale: Locale, unix_ms: i64, now_ms: i64) -> String {
    // A moment in the future is a difference between two clocks, not something that has not
    // happened.
    let age_ms = (now_ms - unix_ms).max(0);
    let (count, unit) = match age_ms {
        ..MINUTE_MS => return locale.strings().common.just_now.to_owned(),
        MINUTE_MS..HOUR_MS => (age_ms / MINUTE_MS, "minute"),
        HOUR_MS..DAY_MS => (age_ms / HOUR_MS, "hour"),
        _ => return short_date(locale, unix_ms, now_ms),
    };
    #[expect(clippy::cast_precision_loss, reason = "fewer than 60")]
    with(locale, |formatters| {
        let format = formatters.relative.get_or_init(|| {
            let form = options(&[("numeric", "auto"), ("style", "narrow")]);
            Intl::RelativeTimeFormat::new(&tag(locale), &form)
        });
        format.format(-(count as f64), unit).into()
    })
}

/// Formats a day, with its year if that is not the present one.
fn short_date(locale: Locale, unix_ms: i64, now_ms: i64) -> String {
    if local(unix_ms).get_full_year() == local(now_ms).get_full_year() {
        let parts = [("month", "short"), ("day", "numeric")];
        return write_date(locale, |formatters| &formatters.date, &parts, unix_ms);
    }
    let parts = [("year", "numeric"), ("month", "short"), ("day", "numeric")];
    write_date(
        locale,
        |formatters| &formatters.date_with_year,
        &parts,
        unix_ms,
    )
}

/// Formats a moment: its time of day on the day of `now_ms`, otherwise its day.
pub(super) fn moment(locale: Locale, unix_ms: i64, now_ms: i64) -> String {
    if local(unix_ms).to_date_string() == local(now_ms).to_date_string() {
        time(locale, unix_ms)
    } else {
        short_date(locale, unix_ms, now_ms)
    }
}

/// Hour format of both languages, counted from 0: a table of times must line up.
const HOURS: (&str, &str) = ("hourCycle", "h23");

pub(super) fn time(locale: Locale, unix_ms: i64) -> String {
    let parts = [("hour", "2-digit"), ("minute", "2-digit"), HOURS];
    write_date(locale, |formatters| &formatters.time, &parts, unix_ms)
}

pub(super) fn time_to_second(locale: Locale, unix_ms: i64) -> String {
    let parts = [
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
        HOURS,
    ];
    write_date(
        locale,
        |formatters| &formatters.time_to_second,
        &parts,
        unix_ms,
    )
}

pub(super) fn date_time(locale: Locale, unix_ms: i64) -> String {
    let parts = [("dateStyle", "medium"), ("timeStyle", "medium")];
    write_date(locale, |formatters| &formatters.date_time, &parts, unix_ms)
}

/// Returns this browser's offset from UTC, positive if ahead.
#[expect(clippy::cast_possible_truncation, reason = "at most 14 hours")]
pub(super) fn local_offset_minutes() -> i32 {
    // The browser counts the other way round.
    -(Date::new_0().get_timezone_offset() as i32)
}
