use proptest::prelude::*;

use super::*;
use crate::limits::{ASK_AGAIN, ASKS_PER_REPORT};
use crate::question::Question;
use crate::status::Need;

const SIZE: Size = Size {
    rows: 24,
    columns: 80,
};

/// Report of a wait for a permission, with the message `Delete?`.
const BLOCKED: &str = "\x1b]7501;state=blocked:kind=permission:msg=RGVsZXRlPw==\x1b\\";
const WORKING: &str = "\x1b]7501;state=working:progress=40\x1b\\";

const PROMPT: &str = "\r\nrm -r target\r\n❯ 1. Yes\r\n  2. No\r\n";

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn watching(output: &str) -> Watcher {
    let mut watcher = Watcher::new(SIZE);
    watcher.output(output.as_bytes(), ms(0));
    watcher
}

fn events(watcher: &mut Watcher) -> Vec<Event> {
    std::iter::from_fn(|| watcher.event()).collect()
}

/// Returns the newest question.
fn asked(watcher: &mut Watcher) -> Option<Question> {
    let events = events(watcher).into_iter().rev();
    let mut questions = events.filter_map(|event| match event {
        Event::Asked(question) => Some(question),
        _ => None,
    });
    questions.next()
}

fn asking() -> (Watcher, u64) {
    let mut watcher = watching(&format!("{BLOCKED}{PROMPT}"));
    watcher.tick(ms(200));
    let question = asked(&mut watcher).unwrap();
    (watcher, question.serial)
}

#[test]
fn a_question_has_the_message_the_prompt_and_its_choices() {
    let mut watcher = watching(&format!("{BLOCKED}{PROMPT}"));
    assert_eq!(watcher.due(), Some(SETTLED));
    watcher.tick(ms(199));
    assert_eq!(asked(&mut watcher), None);
    watcher.tick(ms(200));
    let question = asked(&mut watcher).unwrap();
    assert_eq!(question.need, Some(Need::Permission));
    assert_eq!(question.text, "Delete?\n\nrm -r target\n1. Yes\n2. No");
    assert_eq!(question.options, ["Yes", "No"]);
    assert_eq!(watcher.due(), None);
    // The same report again is the same question.
    watcher.output(BLOCKED.as_bytes(), ms(5000));
    watcher.tick(ms(6000));
    assert_eq!(asked(&mut watcher), None);
    let keys = watcher.may_type(question.serial, "Yes", false).unwrap();
    assert_eq!(keys.text, b"1");
}

#[test]
fn a_restless_screen_delays_a_question_for_a_limited_time() {
    let mut watcher = watching(BLOCKED);
    for at in 1..=12 {
        watcher.output(format!("\r{at}").as_bytes(), ms(at * 50));
    }
    assert_eq!(asked(&mut watcher).unwrap().serial, 1);
    // And asks again a limited number of times.
    let mut last = 1;
    for at in 0..2000 {
        watcher.output(format!("\r{at}").as_bytes(), ms(1000 + at * 300));
        watcher.tick(ms(1000 + at * 300 + 250));
        last = asked(&mut watcher).map_or(last, |question| question.serial);
    }
    assert_eq!(last, u64::from(ASKS_PER_REPORT));
    assert_eq!(watcher.due(), None);
}

#[test]
fn an_answer_is_typed_only_into_the_unchanged_prompt() {
    type Change = fn(&mut Watcher);
    let changes: [(Change, Refused); 7] = [
        (
            |watcher| watcher.output(b"more\r\n", ms(300)),
            Refused::Changed,
        ),
        (
            |watcher| watcher.output(b"\x1b[2A\x1b[K  1. No", ms(300)),
            Refused::Changed,
        ),
        (|watcher| watcher.typed(1), Refused::Typed),
        (
            |watcher| watcher.output(WORKING.as_bytes(), ms(300)),
            Refused::Gone,
        ),
        (
            |watcher| {
                watcher.output(WORKING.as_bytes(), ms(300));
                watcher.output(BLOCKED.as_bytes(), ms(301));
                watcher.tick(ms(600));
            },
            Refused::Gone,
        ),
        (|watcher| watcher.skipped(5, SIZE, ms(300)), Refused::Gone),
        (|watcher| watcher.answered(1), Refused::Answered),
    ];
    for (change, refused) in changes {
        let (mut watcher, serial) = asking();
        assert!(watcher.may_type(serial, "Yes", false).is_ok());
        change(&mut watcher);
        assert_eq!(watcher.may_type(serial, "Yes", false), Err(refused));
    }
    let (watcher, serial) = asking();
    let other = watcher.may_type(serial + 1, "Yes", false);
    assert_eq!(other, Err(Refused::Gone));
    let none = watcher.may_type(serial, "Perhaps", false);
    assert_eq!(none, Err(Refused::NoChoice));
}

#[test]
fn a_sign_in_is_never_typed() {
    let mut watcher = watching("\x1b]7501;state=blocked:kind=auth\x1b\\Password: ");
    watcher.tick(ms(200));
    let question = asked(&mut watcher).unwrap();
    assert_eq!(question.need, Some(Need::Auth));
    let refused = watcher.may_type(question.serial, "secret", true);
    assert_eq!(refused, Err(Refused::SignIn));
}

#[test]
fn a_refused_answer_leads_to_a_question_that_shows_the_prompt_as_it_is() {
    let (mut watcher, serial) = asking();
    watcher.output("\x1b[3A\x1b[Krm -r src\r\n\n\n".as_bytes(), ms(300));
    watcher.refused(serial, Refused::Changed, ms(310));
    let question = asked(&mut watcher).unwrap();
    assert_eq!(question.text, "Delete?\n\nrm -r src\n1. Yes\n2. No");
    assert!(watcher.may_type(question.serial, "No", false).is_ok());
    // Of a question that is gone there is nothing to show.
    watcher.refused(serial, Refused::Gone, ms(320));
    assert_eq!(asked(&mut watcher), None);
}

#[test]
fn the_next_prompt_under_the_same_report_is_another_question() {
    let (mut watcher, serial) = asking();
    watcher.answered(serial);
    watcher.output(b"\x1b[H\x1b[2Jrm -r src\r\n1. Yes\r\n2. No\r\n", ms(300));
    assert_eq!(watcher.due(), Some(ms(200) + ASK_AGAIN));
    watcher.tick(ms(2300));
    let next = asked(&mut watcher).unwrap();
    assert!(next.serial > serial);
    assert!(watcher.may_type(next.serial, "Yes", false).is_ok());
}

#[test]
fn reports_are_told_once() {
    let mut watcher = watching(&format!("{WORKING}{WORKING}"));
    watcher.output(WORKING.as_bytes(), ms(1));
    let told = events(&mut watcher);
    let [Event::Reported(report)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!((report.state, report.progress), (State::Working, Some(40)));
    // A part of the program says nothing about the program.
    watcher.output(b"\x1b]7501;state=done:id=part\x07", ms(2));
    assert_eq!(events(&mut watcher), []);
    watcher.output(b"\x1b]7501;state=clear\x07", ms(3));
    assert_eq!(events(&mut watcher), [Event::Unknown]);
}

/// Returns output with everything that has a meaning, and other bytes.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => Just(BLOCKED.as_bytes().to_vec()),
        1 => Just(WORKING.as_bytes().to_vec()),
        3 => Just(PROMPT.as_bytes().to_vec()),
        1 => Just(b"\x1b[?1049h".to_vec()),
        1 => Just(b"\x1b[2J\x1b[H\x1b[3A".to_vec()),
        1 => Just("修 é\r\n".as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..40),
        1 => "\\x1b\\[[0-9;?]{0,9}[@-~]".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Returns the lines and the state after output in chunks.
fn outcome(output: &[u8], chunk: usize) -> (Vec<String>, Option<Question>, Option<Report>) {
    let mut watcher = Watcher::new(SIZE);
    for chunk in output.chunks(chunk) {
        watcher.output(chunk, ms(0));
    }
    watcher.tick(ms(1000));
    let mut lines = Vec::new();
    let mut question = None;
    watcher.ended();
    while let Some(event) = watcher.event() {
        match event {
            Event::Line(line) => lines.push(line),
            Event::Asked(asked) => question = Some(asked),
            Event::Reported(_) | Event::Unknown => {}
        }
    }
    (lines, question, watcher.reported.clone())
}

proptest! {
    #[test]
    fn chunks_make_no_difference(output in output(), chunk in 1_usize..50) {
        let whole = outcome(&output, usize::MAX);
        prop_assert_eq!(outcome(&output, chunk), whole);
    }

    #[test]
    fn nothing_is_typed_into_another_prompt(more in output(), keys in 0_u64..2) {
        let (mut watcher, serial) = asking();
        let before = watcher.screen.around_cursor();
        watcher.output(&more, ms(300));
        watcher.typed(keys);
        let may = watcher.may_type(serial, "Yes", false).is_ok();
        let is_same = watcher.screen.around_cursor() == before
            && keys == 0
            && watcher.wait.as_ref().is_some_and(|wait| wait.report.message.is_some());
        prop_assert!(!may || is_same);
    }

    #[test]
    fn no_size_and_no_output_makes_it_panic(
        steps in prop::collection::vec((output(), 0_u16..40, 0_u16..90), 0..6),
    ) {
        let mut watcher = Watcher::new(Size { rows: 0, columns: 0 });
        for (at, (output, rows, columns)) in steps.into_iter().enumerate() {
            let at = ms(u64::try_from(at).unwrap_or_default() * 700);
            watcher.output(&output, at);
            watcher.resized(Size { rows, columns }, at);
            watcher.tick(at);
        }
        watcher.ended();
    }
}
