//! Changes that outlive their page, under crashes at any point: each is made once or reported once.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::result_large_err,
    reason = "a test fails where it goes wrong"
)]

mod lease;
mod rules;
mod server;
mod storage;
mod world;

use proptest::prelude::*;
use world::{Step, World};

fn step() -> impl Strategy<Value = Step> {
    let tab = 0..2_usize;
    prop_oneof![
        4 => (tab.clone(), 0..3_u64, 0..4_u8).prop_map(|(tab, task, kind)| Step::Ask { tab, task, kind }),
        8 => (tab.clone(), 0..5_u8, any::<bool>()).prop_map(|(tab, fails, merges)| Step::Deliver { tab, fails, merges }),
        2 => tab.clone().prop_map(Step::Crash),
        1 => tab.clone().prop_map(Step::Freeze),
        3 => tab.clone().prop_map(Step::Thaw),
        3 => (tab.clone(), 0..4_u32).prop_map(|(tab, after)| Step::CrashAfter { tab, after }),
        2 => tab.clone().prop_map(Step::Adopt),
        2 => tab.prop_map(Step::Dismiss),
        2 => (0..400_000_i64).prop_map(Step::Wait),
        1 => (-1_000_000..1_000_000_i64).prop_map(Step::SetClock),
        1 => Just(Step::Replace),
        2 => (0..3_u64).prop_map(Step::Edit),
        2 => (0..3_usize).prop_map(Step::SignIn),
        1 => any::<bool>().prop_map(Step::Full),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn each_change_is_made_once_or_reported_once_whenever_pages_end(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        World::new(false).run(&steps)?;
    }

    #[test]
    fn leases_do_the_same_where_the_browser_has_no_locks(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        World::new(true).run(&steps)?;
    }
}
