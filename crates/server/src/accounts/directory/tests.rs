//! Tests of credentials and sign-ins in memory.

use std::time::Duration;

use super::*;
use crate::limits::SIGN_INS_PER_TOKEN;
use crate::service::Moment;

/// Returns a moment at which both clocks read the same.
fn at(millis: i64) -> Moment {
    Moment {
        millis,
        steady: Duration::from_millis(millis.unsigned_abs()),
    }
}

fn row(id: &str, role: Role) -> CredentialRow {
    CredentialRow {
        id: id.to_owned(),
        name: format!("name of {id}"),
        role,
        project: None,
        person: None,
        digest: [id.as_bytes()[0]; 32],
        made_at: tasktree_protocol::Timestamp::from_unix_millis(0),
        made_by: "human:local".to_owned(),
        last_used_at: None,
        revoked_at: None,
    }
}

#[test]
fn a_sign_in_ends_with_its_credential_and_leaves_others_alone() {
    let mut directory = Directory::default();
    directory.add(row("a", Role::Viewer));
    directory.add(row("b", Role::Admin));
    let viewer = directory.by_secret(&[b'a'; 32], 0).unwrap().principal;
    let admin = directory.by_secret(&[b'b'; 32], 0).unwrap().principal;
    directory.sign_in([1; 32], &viewer, at(0)).unwrap();
    directory.sign_in([2; 32], &admin, at(0)).unwrap();
    let session = directory.by_session(&[1; 32], at(1)).unwrap().principal;
    directory.end_credential("a");
    assert!(viewer.is_ended() && session.is_ended() && !admin.is_ended());
    assert!(directory.by_secret(&[b'a'; 32], 2).is_none());
    assert!(directory.by_session(&[1; 32], at(2)).is_none());
    assert!(directory.by_session(&[2; 32], at(2)).is_some());
    // A caller authenticated before the end begins nothing after it.
    assert!(directory.sign_in([3; 32], &viewer, at(3)).is_none());
    assert!(directory.by_session(&[3; 32], at(3)).is_none());
}

#[test]
fn a_sign_in_that_is_used_lasts_and_one_that_is_not_runs_out() {
    let mut directory = Directory::default();
    directory.add(row("a", Role::Viewer));
    let viewer = directory.by_secret(&[b'a'; 32], 0).unwrap().principal;
    directory.sign_in([1; 32], &viewer, at(0)).unwrap();
    let known = directory.by_session(&[1; 32], at(1000)).unwrap();
    assert!(known.prolonged.is_none(), "not at every request");
    let known = directory.by_session(&[1; 32], at(SESSION_MS - 1)).unwrap();
    assert_eq!(known.prolonged.unwrap().expires_at, 2 * SESSION_MS - 1);
    assert!(directory.end_expired(at(2 * SESSION_MS - 2)).is_empty());
    assert!(
        directory
            .by_session(&[1; 32], at(2 * SESSION_MS - 1))
            .is_none()
    );
    assert_eq!(directory.end_expired(at(2 * SESSION_MS - 1)), [[1; 32]]);
    assert!(known.principal.is_ended());
}

#[test]
fn the_time_of_use_is_written_once_a_minute_at_most() {
    let mut directory = Directory::default();
    directory.add(row("a", Role::Agent));
    let mut written = |now| {
        directory
            .by_secret(&[b'a'; 32], now)
            .unwrap()
            .used
            .is_some()
    };
    assert_eq!(
        [0, 1, NOTE_USE_MS - 1, NOTE_USE_MS, NOTE_USE_MS + 1].map(&mut written),
        [true, false, false, true, false]
    );
}

#[test]
fn a_clock_that_is_set_back_extends_no_sign_in_also_over_a_restart() {
    let mut directory = Directory::default();
    directory.add(row("a", Role::Viewer));
    let viewer = directory.by_secret(&[b'a'; 32], 0).unwrap().principal;
    let began = at(SESSION_MS);
    let row = directory.sign_in([1; 32], &viewer, began).unwrap().row;
    let set_back = Moment {
        millis: 1000,
        ..at(2 * SESSION_MS)
    };
    assert!(directory.by_session(&[1; 32], set_back).is_none());
    // After a restart with the clock set back, it lasts at most as long as a new one.
    assert!(directory.put_session(&row, at(0)));
    assert!(directory.by_session(&[1; 32], at(SESSION_MS)).is_none());
}

#[test]
fn one_token_signs_out_its_own_browsers_only() {
    let mut directory = Directory::default();
    directory.add(row("a", Role::Viewer));
    directory.add(row("b", Role::Viewer));
    let ann = directory.by_secret(&[b'a'; 32], 0).unwrap().principal;
    let bob = directory.by_secret(&[b'b'; 32], 0).unwrap().principal;
    directory.sign_in([255; 32], &bob, at(0)).unwrap();
    let mut ended = Vec::new();
    for number in 0..=SIGN_INS_PER_TOKEN {
        let digest = [u8::try_from(number).unwrap(); 32];
        ended.extend(directory.sign_in(digest, &ann, at(0)).unwrap().ended);
    }
    assert_eq!(ended, [[0; 32]]);
    assert!(directory.by_session(&[0; 32], at(1)).is_none());
    assert!(directory.by_session(&[1; 32], at(1)).is_some());
    assert!(directory.by_session(&[255; 32], at(1)).is_some());
}
