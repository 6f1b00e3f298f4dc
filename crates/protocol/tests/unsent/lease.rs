//! Leases, case by case.

use tasktree_protocol::unsent::{CLAIM_MS, GONE_MS, Leases, STAMP_MS};

use crate::storage::{Reach, Storage};

/// Longest time between two stamps of a living page: timers of hidden pages run once a minute.
const THROTTLED_MS: i64 = 60_000;
/// A moment to begin with.
const START_MS: i64 = 1_000_000_000;

fn open(storage: &Storage, page: &str, now: i64) -> Leases<Reach> {
    let mut leases = Leases::new(Reach::of(storage), page);
    assert!(leases.create(page, now));
    assert!(
        leases
            .renew(&storage.pages(), now)
            .iter()
            .all(|it| it != page)
    );
    leases
}

/// Renews the leases at intervals up to a time. Returns what they gained, and when.
fn live(
    leases: &mut Leases<Reach>,
    storage: &Storage,
    interval: i64,
    (from, to): (i64, i64),
) -> Option<(Vec<String>, i64)> {
    let mut now = from;
    while now < to {
        now += if leases.is_waiting() {
            CLAIM_MS
        } else {
            interval
        };
        let gained = leases.renew(&storage.pages(), now);
        if !gained.is_empty() {
            return Some((gained, now));
        }
    }
    None
}

#[test]
fn a_living_page_keeps_its_changes_also_while_its_timers_are_throttled() {
    let storage = Storage::default();
    let mut hidden = open(&storage, "hidden", START_MS);
    let mut other = open(&storage, "other", START_MS);
    for minute in 0..60 {
        let now = START_MS + minute * THROTTLED_MS;
        assert_eq!(hidden.renew(&storage.pages(), now), [""; 0]);
        let span = (now, now + THROTTLED_MS);
        assert_eq!(live(&mut other, &storage, STAMP_MS, span), None);
        assert_eq!(hidden.take_lost(), [""; 0]);
    }
    // Nor does one that is opened meanwhile.
    let mut third = open(&storage, "third", START_MS + 60 * THROTTLED_MS - 1);
    assert!(!third.is_waiting());
    assert_eq!(
        third.renew(&storage.pages(), START_MS + 60 * THROTTLED_MS),
        [""; 0]
    );
}

#[test]
fn the_changes_of_a_page_that_is_gone_go_to_one_other_page_after_three_minutes() {
    let storage = Storage::default();
    let gone = open(&storage, "gone", START_MS);
    let mut one = open(&storage, "one", START_MS);
    let mut two = open(&storage, "two", START_MS);
    drop(gone);
    let mut now = START_MS;
    while now + STAMP_MS < START_MS + GONE_MS {
        now += STAMP_MS;
        assert_eq!(one.renew(&storage.pages(), now), [""; 0]);
        assert_eq!(two.renew(&storage.pages(), now), [""; 0]);
        assert!(!one.is_waiting() && !two.is_waiting(), "too early");
    }
    // The later claim finds the earlier one.
    now = START_MS + GONE_MS;
    assert_eq!(one.renew(&storage.pages(), now), [""; 0]);
    assert_eq!(two.renew(&storage.pages(), now), [""; 0]);
    assert!(one.is_waiting() && !two.is_waiting());
    now += CLAIM_MS;
    assert_eq!(one.renew(&storage.pages(), now), ["gone"]);
    assert_eq!(two.renew(&storage.pages(), now), [""; 0]);
    assert_eq!(one.take_lost(), [""; 0]);
    // And to the next one when that is gone as well.
    drop(one);
    let span = (now, now + 2 * GONE_MS);
    let (mut gained, at) = live(&mut two, &storage, STAMP_MS, span).unwrap();
    gained.sort();
    assert_eq!(gained, ["gone", "one"]);
    assert!(at < now + GONE_MS + 2 * STAMP_MS, "{}", at - now);
}

#[test]
fn of_two_claims_the_later_one_holds() {
    let storage = Storage::default();
    drop(open(&storage, "gone", START_MS));
    let stale = storage.leases.borrow()["gone"].clone();
    let now = START_MS + GONE_MS;
    let mut one = open(&storage, "one", now);
    let claim = storage.leases.borrow()["gone"].clone();
    assert_ne!(claim, stale);
    // The second page reads the lease before the claim is visible, and writes after it.
    storage.leases.borrow_mut().insert("gone".to_owned(), stale);
    let mut two = open(&storage, "two", now);
    assert_eq!(one.renew(&storage.pages(), now + CLAIM_MS), [""; 0]);
    assert_eq!(two.renew(&storage.pages(), now + CLAIM_MS), ["gone"]);
}

#[test]
fn a_page_that_wakes_lets_go_of_what_another_one_has_claimed() {
    let storage = Storage::default();
    let mut frozen = open(&storage, "frozen", START_MS);
    let mut other = open(&storage, "other", START_MS);
    let span = (START_MS, START_MS + 2 * GONE_MS);
    let (gained, now) = live(&mut other, &storage, STAMP_MS, span).unwrap();
    assert_eq!(gained, ["frozen"]);
    // It does not know yet that it has slept, and so what others wrote meanwhile.
    assert!(!frozen.is_current(now));
    assert_eq!(frozen.renew(&storage.pages(), now), [""; 0]);
    assert!(!frozen.is_current(now) && frozen.is_waiting());
    assert_eq!(frozen.renew(&storage.pages(), now + CLAIM_MS), [""; 0]);
    assert!(frozen.is_current(now + CLAIM_MS) && !frozen.is_waiting());
    assert_eq!(frozen.take_lost(), ["frozen"]);
    assert_eq!(other.take_lost(), [""; 0], "its stamp was left alone");
    // Under a new name it has leases as before.
    assert!(frozen.create("thawed", now + CLAIM_MS));
    assert_eq!(frozen.take_lost(), [""; 0]);
}

#[test]
fn a_page_that_wakes_before_anybody_has_claimed_its_lease_keeps_it() {
    let storage = Storage::default();
    let mut frozen = open(&storage, "frozen", START_MS);
    let now = START_MS + 2 * GONE_MS;
    frozen.renew(&storage.pages(), now);
    frozen.renew(&storage.pages(), now + CLAIM_MS);
    assert_eq!(frozen.take_lost(), [""; 0]);
    let mut other = open(&storage, "other", now + CLAIM_MS);
    let span = (now + CLAIM_MS, now + CLAIM_MS + STAMP_MS);
    assert_eq!(live(&mut other, &storage, STAMP_MS, span), None);
}

#[test]
fn pages_that_slept_with_their_machine_leave_each_other_the_time_to_stamp() {
    for jump in [-10 * GONE_MS, 100 * GONE_MS] {
        let storage = Storage::default();
        let mut one = open(&storage, "one", START_MS);
        let mut two = open(&storage, "two", START_MS);
        let now = START_MS + jump;
        assert_eq!(one.renew(&storage.pages(), now), [""; 0]);
        assert_eq!(two.renew(&storage.pages(), now + THROTTLED_MS), [""; 0]);
        for step in 1..20 {
            let now = now + step * THROTTLED_MS;
            assert_eq!(one.renew(&storage.pages(), now), [""; 0], "{jump}");
            assert_eq!(two.renew(&storage.pages(), now + 1), [""; 0], "{jump}");
            assert_eq!((one.take_lost(), two.take_lost()), (vec![], vec![]));
        }
    }
}

#[test]
fn a_stamp_of_the_future_keeps_nothing_from_being_taken_over() {
    let storage = Storage::default();
    drop(open(&storage, "gone", START_MS + 1_000 * GONE_MS));
    let mut other = open(&storage, "other", START_MS);
    let span = (START_MS, START_MS + GONE_MS + STAMP_MS);
    let (gained, _) = live(&mut other, &storage, STAMP_MS, span).unwrap();
    assert_eq!(gained, ["gone"]);
}

#[test]
fn the_changes_of_a_page_that_was_closed_are_taken_over_at_once() {
    let storage = Storage::default();
    let mut closed = open(&storage, "closed", START_MS);
    let mut other = open(&storage, "other", START_MS);
    closed.end_all();
    // Its changes are still there, and so is its name.
    let pages = ["closed".to_owned(), "other".to_owned()];
    assert_eq!(other.renew(&pages, START_MS + 1), [""; 0]);
    assert!(other.is_waiting());
    assert_eq!(other.renew(&pages, START_MS + 1 + CLAIM_MS), ["closed"]);
    other.end("closed");
    assert!(!storage.leases.borrow().contains_key("closed"));
}

#[test]
fn a_full_storage_gives_no_lease() {
    let storage = Storage::default();
    storage.is_full.set(true);
    let mut leases = Leases::new(Reach::of(&storage), "full");
    assert!(!leases.create("full", START_MS));
    assert!(!leases.holds("full"));
    storage.is_full.set(false);
    assert!(leases.create("full", START_MS));
    assert!(leases.holds("full"));
}
