use serde_json::json;

use super::*;
use crate::auth::Principal;
use crate::domain::hook;
use crate::hooks::HookRequest;

fn item(session: usize, event: &str) -> Item {
    let body = json!({
        "session_id": session.to_string(), "hook_event_name": event, "tool_name": "Bash",
    });
    let hook = hook::read(&body, None, 0).unwrap();
    let principal = Principal::local();
    Item {
        key: Key::new(&principal, &HookRequest::default(), &hook),
        principal,
        project: None,
        agent: None,
        task: None,
        machine: String::new(),
        git_dir: None,
        branch: None,
        decides: false,
        hook,
        events: 1,
        arrived: 0,
        wanted: Wanted::Nothing,
    }
}

#[test]
fn a_full_queue_drops_activity_and_keeps_starts_waits_and_ends() {
    let mut queue = Queue::default();
    for session in 0..HOOK_EVENTS_QUEUED {
        assert_eq!(queue.push(item(session, "PreToolUse")), 0);
    }
    assert_eq!(queue.push(item(HOOK_EVENTS_QUEUED, "PreToolUse")), 1);
    assert_eq!(queue.waiting, HOOK_EVENTS_QUEUED);
    let kept = ["SessionStart", "PermissionRequest", "Stop", "SessionEnd"];
    for number in 0..2 * HOOK_EVENTS_QUEUED {
        let dropped = queue.push(item(7, kept[number % kept.len()]));
        let has_room_of_activity = number < HOOK_EVENTS_QUEUED;
        assert_eq!(dropped, usize::from(has_room_of_activity), "{number}");
        let most = number.max(HOOK_EVENTS_QUEUED) + usize::from(number >= HOOK_EVENTS_QUEUED);
        assert_eq!(queue.waiting, most, "{number}");
    }
    assert_eq!(
        queue.push(item(7, "Stop")),
        1,
        "even of these there are too many"
    );
    let line = &queue.lines[&item(7, "Stop").key];
    assert_eq!(line.items.len(), 2 * HOOK_EVENTS_QUEUED);
    assert!(!line.items.iter().any(Item::is_activity));
}

#[test]
fn activity_of_a_session_waits_for_its_second_and_other_events_do_not() {
    let mut queue = Queue::default();
    let now = Instant::now();
    let later = now + ACTIVITY_EVERY;
    queue.push(item(1, "PreToolUse"));
    let (taken, _) = queue.take_due(now);
    assert_eq!(taken.len(), 1);
    queue.push(item(1, "PostToolUse"));
    assert!(
        queue.take_due(now).0.is_empty(),
        "one event after the other"
    );
    queue.done(&taken[0].0, now, None);
    let (none, next) = queue.take_due(now);
    assert!(none.is_empty());
    assert_eq!(next, Some(later));
    queue.push(item(1, "PostToolUse"));
    assert_eq!(queue.waiting, 1, "they became one");
    queue.push(item(1, "Stop"));
    let (taken, _) = queue.take_due(now);
    assert_eq!(taken[0].1.len(), 2, "in their order");
    queue.done(&taken[0].0, now, None);
    assert!(queue.is_empty());
    queue.push(item(1, "PostToolUse"));
    queue.ends = true;
    assert_eq!(queue.take_due(now).0.len(), 1, "nothing waits at the end");
}

#[test]
fn the_end_of_the_call_that_waits_is_written_at_once() {
    let mut queue = Queue::default();
    let now = Instant::now();
    queue.push(item(1, "PermissionRequest"));
    let (taken, _) = queue.take_due(now);
    let wait = |call: Option<&str>| WaitOf {
        call: call.map(str::to_owned),
        subagent: None,
        arrived: 0,
        question: Some(1),
    };
    for (call, is_due) in [(Some("Bash"), true), (None, true), (Some("Read"), false)] {
        queue.push(item(1, "PostToolUse"));
        queue.lines.get_mut(&taken[0].0).unwrap().busy = true;
        queue.busy = 1;
        queue.done(&taken[0].0, now, Some(wait(call)));
        assert_eq!(queue.take_due(now).0.len() == 1, is_due, "{call:?}");
    }
}
