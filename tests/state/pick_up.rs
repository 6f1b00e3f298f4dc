//! The decision whether a held card may be put down, for random pairs of a snapshot and a later
//! card. It allows exactly the moves that overwrite nothing, and names the change.

use crate::draw::Draw;
use tasktree_board::state::{Overtaken, PickUp, Standing};
use tasktree_protocol::{Maybe, ProjectId, Status, TaskCard, TaskId, TaskPatch, Timestamp};
use wasm_bindgen_test::wasm_bindgen_test;

/// Number of pairs tested.
const PAIRS: u64 = 20_000;

fn card(draw: &mut Draw) -> TaskCard {
    TaskCard {
        id: TaskId::new(1, &ProjectId::from("p1")),
        number: 1,
        title: format!("Title {}", draw.below(2)),
        status: draw.status(),
        branch: format!("branch-{}", draw.below(2)),
        session: [None, Some("ada"), Some("bob")][usize::try_from(draw.below(3)).unwrap()]
            .map(Into::into),
        dependencies: Vec::new(),
        priority: u32::try_from(draw.below(2)).unwrap(),
        updated_at: Timestamp::from_unix_millis(0),
        rev: draw.below(5) + 1,
        ..TaskCard::default()
    }
}

/// Returns a later version of the card, with most fields unchanged.
fn later(draw: &mut Draw, seen: &TaskCard) -> TaskCard {
    let other = card(draw);
    let mut now = seen.clone();
    now.rev += draw.below(3);
    if draw.below(3) == 0 {
        now.title = other.title;
        now.branch = other.branch;
    }
    if draw.below(3) == 0 {
        now.status = other.status;
    }
    if draw.below(3) == 0 {
        now.session = other.session;
    }
    if draw.below(3) == 0 {
        now.priority = other.priority;
    }
    now
}

#[wasm_bindgen_test]
fn a_card_may_be_put_down_exactly_where_nothing_that_a_move_depends_on_has_changed() {
    for seed in 0..PAIRS {
        let mut draw = Draw::new(seed);
        let seen = card(&mut draw);
        let now = later(&mut draw, &seen);
        let pick = PickUp {
            is_settling: draw.below(4) == 0,
            ..PickUp::of(&seen)
        };
        let is_same_session =
            now.session == seen.session || (pick.is_settling && now.session.is_none());
        let is_untouched =
            now.status == seen.status && now.priority == seen.priority && is_same_session;
        let verdict = pick.judge(Some(&now));
        assert_eq!(verdict.is_ok(), is_untouched, "seed {seed}: {verdict:?}");
        // The reason is true of the current card, whatever else has changed.
        match verdict {
            Ok(()) => {}
            Err(Overtaken::Gone) => panic!("seed {seed}: it is there"),
            Err(Overtaken::Claimed { by }) => {
                assert_eq!(now.session, Some(by.clone()), "seed {seed}");
                assert_ne!(seen.session, Some(by), "seed {seed}");
            }
            Err(Overtaken::Moved { to }) => {
                assert!(to == now.status && to != seen.status, "seed {seed}");
            }
            Err(Overtaken::Released) => {
                let was_held = seen.session.is_some() && now.session.is_none();
                assert!(was_held, "seed {seed}");
            }
            Err(Overtaken::Reprioritized) => {
                assert_ne!(now.priority, seen.priority, "seed {seed}");
            }
        }
        assert_eq!(pick.judge(None), Err(Overtaken::Gone), "seed {seed}");
    }
}

#[wasm_bindgen_test]
fn a_card_that_was_claimed_is_said_to_be_claimed_though_it_moved_with_it() {
    let mut draw = Draw::new(1);
    let mut seen = card(&mut draw);
    (seen.status, seen.session) = (Status::Unclaimed, None);
    let mut now = seen.clone();
    (now.status, now.session) = (Status::InProgress, Some("ada".to_owned()));
    let claimed = Overtaken::Claimed { by: "ada".into() };
    assert_eq!(PickUp::of(&seen).judge(Some(&now)), Err(claimed));
    // Finishing the task has moved it.
    now.status = Status::Completed;
    let moved = Overtaken::Moved {
        to: Status::Completed,
    };
    assert_eq!(PickUp::of(&seen).judge(Some(&now)), Err(moved));
}

#[wasm_bindgen_test]
fn a_lost_answer_is_recognized_and_what_others_made_of_the_card_is_not() {
    for seed in 0..PAIRS {
        let mut draw = Draw::new(seed);
        let seen = card(&mut draw);
        let now = later(&mut draw, &seen);
        let target = Standing {
            status: draw.status(),
            ..Standing::of(&seen)
        };
        if PickUp::of(&seen).has_become(&target, &now) {
            assert_eq!((now.status, now.priority), (target.status, target.priority));
            let is_claimed_by_another = now.session.is_some() && now.session != seen.session;
            assert!(!is_claimed_by_another, "seed {seed}");
        }
    }
}

/// Applies a patch with these fields as the server does.
fn apply(patch: TaskPatch, standing: &mut Standing) {
    if let Maybe::Value(status) = patch.status {
        standing.status = status;
    }
    if let Maybe::Value(priority) = patch.priority {
        standing.priority = priority;
    }
    patch.session.apply_to(&mut standing.session);
}

#[wasm_bindgen_test]
fn undoing_restores_whatever_stood_before_and_names_no_field_that_is_the_same() {
    for seed in 0..PAIRS {
        let mut draw = Draw::new(seed);
        let before = Standing::of(&card(&mut draw));
        let mut now = Standing::of(&card(&mut draw));
        let patch = before.restore_from(&now);
        assert_eq!(patch.status.is_absent(), before.status == now.status);
        assert_eq!(patch.session.is_absent(), before.session == now.session);
        assert_eq!(patch.priority.is_absent(), before.priority == now.priority);
        apply(patch, &mut now);
        assert_eq!(now, before, "seed {seed}");
    }
}
