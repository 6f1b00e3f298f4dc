//! The credentials and sign-ins that are valid now, in memory: every request is looked up here.
//!
//! The store has the same, for the next start.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::share::{Held, Share};
use crate::auth::{Access, Principal, Scope};
use crate::limits::{SIGN_INS, SIGN_INS_PER_TOKEN};
use crate::service::Moment;
use crate::store::{CredentialRow, Digest, Person, Role, SHARED, SessionRow};

/// Lifetime of a sign-in after its last use, in milliseconds: 30 days.
pub(super) const SESSION_MS: i64 = 30 * 24 * 3600 * 1000;

/// Age after which a sign-in is prolonged, in milliseconds: one day, so that not every request
/// writes.
const PROLONG_AFTER_MS: i64 = 24 * 3600 * 1000;

/// Interval at which the time of the last use is written, in milliseconds: once a minute.
const NOTE_USE_MS: i64 = 60_000;

/// Maximum number of signed-in browsers.
const SHARE: Share = Share {
    per_owner: SIGN_INS_PER_TOKEN,
    in_all: SIGN_INS,
};

/// The valid credentials and sign-ins, by the digest of their secret.
#[derive(Debug, Default)]
pub(super) struct Directory {
    credentials: HashMap<Digest, Credential>,
    sessions: HashMap<Digest, Session>,
    /// Ids of disabled people, whose tokens are refused.
    disabled: HashSet<String>,
    /// Number of times that a sign-in began or was prolonged.
    uses: u64,
}

#[derive(Debug)]
struct Credential {
    row: CredentialRow,
    access: Arc<Access>,
    principal: Principal,
}

#[derive(Debug)]
struct Session {
    principal: Principal,
    until: Moment,
    /// Number of its last use that counted: see [`Directory::uses`].
    used: u64,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    /// Row to be stored.
    pub(super) row: SessionRow,
    /// Sign-ins that ended to make room for it.
    pub(super) ended: Vec<Digest>,
}

/// An authenticated caller, and the changes to be stored about them.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) principal: Principal,
    /// Credential whose last use is to be stored.
    pub(super) used: Option<String>,
    /// Sign-in that was prolonged.
    pub(super) prolonged: Option<SessionRow>,
}

impl Directory {
    pub(super) fn add(&mut self, row: CredentialRow) {
        let access = Access::new(&row.id);
        let principal = holder(&row, &access);
        let credential = Credential {
            row,
            access,
            principal,
        };
        self.credentials.insert(credential.row.digest, credential);
    }

    /// Returns all credentials, oldest first.
    pub(super) fn rows(&self) -> Vec<CredentialRow> {
        let mut rows: Vec<_> = self
            .credentials
            .values()
            .map(|one| one.row.clone())
            .collect();
        rows.sort_by(|a, b| {
            let key = |row: &CredentialRow| (row.made_at.unix_millis(0), row.id.clone());
            key(a).cmp(&key(b))
        });
        rows
    }

    /// Looks up the caller who presents that secret.
    pub(super) fn by_secret(&mut self, digest: &Digest, now: i64) -> Option<Known> {
        let credential = self.credentials.get_mut(digest)?;
        if is_disabled(&self.disabled, &credential.row) {
            return None;
        }
        Some(Known {
            principal: credential.principal.clone(),
            used: credential.note_use(now),
            prolonged: None,
        })
    }

    /// Begins a sign-in of an authenticated caller. Returns `None` if their credential has ended
    /// since.
    pub(super) fn sign_in(
        &mut self,
        session: Digest,
        by: &Principal,
        now: Moment,
    ) -> Option<Begun> {
        let access = by.access().filter(|access| !access.is_ended())?;
        let row = SessionRow {
            digest: session,
            credential: access.credential().to_owned(),
            expires_at: now.after(SESSION_MS).millis,
        };
        if !self.put_session(&row, now) {
            return None;
        }
        let mut ended = Vec::new();
        while let Some(oldest) = self.surplus() {
            if let Some(session) = self.sessions.remove(&oldest) {
                session.end();
            }
            ended.push(oldest);
        }
        Some(Begun { row, ended })
    }

    fn surplus(&self) -> Option<Digest> {
        SHARE.surplus(self.sessions.iter().map(|(digest, session)| Held {
            key: *digest,
            owner: credential_of(session).unwrap_or_default(),
            order: session.used,
        }))
    }

    /// Adds a sign-in; returns true if its credential exists.
    ///
    /// However the clock was set meanwhile, the sign-in lasts no longer than one that begins now.
    pub(super) fn put_session(&mut self, row: &SessionRow, now: Moment) -> bool {
        let access = Access::new(&row.credential);
        let mut all = self.credentials.values();
        let principal = match all.find(|one| one.row.id == row.credential) {
            Some(credential) if is_disabled(&self.disabled, &credential.row) => return false,
            Some(credential) => holder(&credential.row, &access),
            // The secret that the server was started with has no row.
            None if row.credential == SHARED => Principal::shared(access),
            None => return false,
        };
        let left = row.expires_at.saturating_sub(now.millis).min(SESSION_MS);
        self.uses += 1;
        let session = Session {
            principal,
            until: now.after(left),
            used: self.uses,
        };
        self.sessions.insert(row.digest, session);
        true
    }

    /// Looks up the owner of a sign-in that has not expired.
    pub(super) fn by_session(&mut self, digest: &Digest, now: Moment) -> Option<Known> {
        let session = self.sessions.get_mut(digest)?;
        if session.until.has_passed(now) {
            return None;
        }
        let principal = session.principal.clone();
        let id = principal.credential()?.to_owned();
        let is_due = session
            .until
            .has_passed(now.after(SESSION_MS - PROLONG_AFTER_MS));
        let prolonged = is_due.then(|| {
            self.uses += 1;
            session.used = self.uses;
            session.until = now.after(SESSION_MS);
            SessionRow {
                digest: *digest,
                credential: id.clone(),
                expires_at: session.until.millis,
            }
        });
        let mut all = self.credentials.values_mut();
        let used = all
            .find(|one| one.row.id == id)
            .and_then(|credential| credential.note_use(now.millis));
        Some(Known {
            principal,
            used,
            prolonged,
        })
    }

    /// Returns true if a token authenticates an administrator.
    pub(super) fn has_admin(&self) -> bool {
        let mut all = self.credentials.values();
        all.any(|one| one.row.role == Role::Admin && !is_disabled(&self.disabled, &one.row))
    }

    /// Ends everything that a person's tokens opened, and refuses the tokens from now on.
    pub(super) fn disable(&mut self, person: &Person) {
        if !self.disabled.insert(person.id.clone()) {
            return;
        }
        for credential in self.credentials.values_mut() {
            if is_of(person, &credential.row) {
                credential.access.end();
                // An access that has ended stays ended; this new one is for the time after.
                credential.access = Access::new(&credential.row.id);
                credential.principal = holder(&credential.row, &credential.access);
            }
        }
        self.end_sessions(|session| {
            let own = session.principal.person();
            own.is_some_and(|own| own.id == person.id)
        });
    }

    /// Accepts a person's tokens again.
    pub(super) fn enable(&mut self, person: &Person) {
        self.disabled.remove(&person.id);
    }

    /// Updates a person's tokens and sign-ins to the person's current name.
    pub(super) fn rename(&mut self, person: &Person) {
        for credential in self.credentials.values_mut() {
            if is_of(person, &credential.row) {
                credential.row.person = Some(person.clone());
                credential.principal = holder(&credential.row, &credential.access);
            }
        }
        let rows: HashMap<&str, &CredentialRow> = self
            .credentials
            .values()
            .map(|one| (one.row.id.as_str(), &one.row))
            .collect();
        for session in self.sessions.values_mut() {
            let access = session.principal.access().cloned();
            let row = credential_of(session).and_then(|id| rows.get(id));
            if let (Some(access), Some(row)) = (access, row) {
                session.principal = holder(row, &access);
            }
        }
    }

    /// Ends a credential with its sign-ins.
    pub(super) fn end_credential(&mut self, id: &str) {
        self.credentials.retain(|_, one| {
            let ends = one.row.id == id;
            if ends {
                one.access.end();
            }
            !ends
        });
        self.end_sessions(|session| credential_of(session) == Some(id));
    }

    /// Ends the caller's own sign-in and returns its digest. Returns `None` if they authenticated
    /// with anything else.
    pub(super) fn end_session(&mut self, of: &Principal) -> Option<Digest> {
        let mine = of.access()?;
        let found = self.sessions.iter().find(|(_, session)| {
            let access = session.principal.access();
            access.is_some_and(|access| Arc::ptr_eq(access, mine))
        });
        let digest = *found?.0;
        mine.end();
        self.sessions.remove(&digest);
        Some(digest)
    }

    /// Ends a sign-in by the digest of its cookie; returns true if there was one.
    pub(super) fn end_session_by(&mut self, digest: &Digest) -> bool {
        let session = self.sessions.remove(digest);
        session.map(|session| session.end()).is_some()
    }

    /// Ends the sign-ins that have expired; returns their digests.
    pub(super) fn end_expired(&mut self, now: Moment) -> Vec<Digest> {
        self.end_sessions(|session| session.until.has_passed(now))
    }

    fn end_sessions(&mut self, ends: impl Fn(&Session) -> bool) -> Vec<Digest> {
        let ended = self.sessions.extract_if(|_, session| ends(session));
        ended
            .map(|(digest, session)| {
                session.end();
                digest
            })
            .collect()
    }
}

impl Session {
    /// Ends the access that it opened, so its connections close.
    fn end(&self) {
        if let Some(access) = self.principal.access() {
            access.end();
        }
    }
}

impl Credential {
    /// Records a use; returns the credential's id if the use is to be stored.
    fn note_use(&mut self, now: i64) -> Option<String> {
        let last = self
            .row
            .last_used_at
            .map_or(i64::MIN, |at| at.unix_millis(0));
        if now.saturating_sub(last) < NOTE_USE_MS {
            return None;
        }
        self.row.last_used_at = Some(tasktree_protocol::Timestamp::from_unix_millis(now));
        Some(self.row.id.clone())
    }
}

fn holder(row: &CredentialRow, access: &Arc<Access>) -> Principal {
    let scope = row
        .project
        .clone()
        .map_or(Scope::Everything, Scope::Project);
    let person = row.person.clone();
    Principal::holder(&row.name, row.role, scope, person, Arc::clone(access))
}

fn is_of(person: &Person, row: &CredentialRow) -> bool {
    row.person.as_ref().is_some_and(|own| own.id == person.id)
}

fn is_disabled(disabled: &HashSet<String>, row: &CredentialRow) -> bool {
    let person = row.person.as_ref();
    person.is_some_and(|person| disabled.contains(&person.id))
}

fn credential_of(session: &Session) -> Option<&str> {
    session.principal.credential()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
}
