//! The credentials and sign-ins that hold now, in memory: every request is looked up here. The store has the same, for the next start.

use std::collections::HashMap;
use std::sync::Arc;

use super::principal::{Access, Principal, SHARED, Scope};
use super::secret::Digest;
use crate::store::{CredentialRow, SessionRow};

/// How long a sign-in lasts after it was last used, in milliseconds: 30 days.
pub(super) const SESSION_MS: i64 = 30 * 24 * 3600 * 1000;

/// A sign-in is prolonged once this much of it has gone, in milliseconds, so that not every request writes: a day.
const PROLONG_AFTER_MS: i64 = 24 * 3600 * 1000;

/// How often the time of the last use is written, in milliseconds: once a minute.
const NOTE_USE_MS: i64 = 60_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Directory {
    credentials: HashMap<Digest, Credential>,
    sessions: HashMap<Digest, Session>,
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
    expires_at: i64,
}

/// Somebody who was recognised, and what is to be written about it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) principal: Principal,
    /// The credential whose last use is to be noted.
    pub(super) used: Option<String>,
    /// The sign-in that was prolonged.
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

    /// All credentials, the oldest first.
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

    /// Who presents that secret.
    pub(super) fn by_secret(&mut self, digest: &Digest, now: i64) -> Option<Known> {
        let credential = self.credentials.get_mut(digest)?;
        Some(Known {
            principal: credential.principal.clone(),
            used: credential.note_use(now),
            prolonged: None,
        })
    }

    /// Begins a sign-in of somebody who was recognised; gives what is to be stored. None where what let them in has ended since.
    pub(super) fn sign_in(
        &mut self,
        session: Digest,
        by: &Principal,
        now: i64,
    ) -> Option<SessionRow> {
        let access = by.access().filter(|access| !access.is_ended())?;
        let row = SessionRow {
            digest: session,
            credential: access.credential().to_owned(),
            expires_at: now + SESSION_MS,
        };
        self.put_session(&row).then_some(row)
    }

    /// Takes in a sign-in; says whether its credential is there.
    pub(super) fn put_session(&mut self, row: &SessionRow) -> bool {
        let access = Access::new(&row.credential);
        let mut all = self.credentials.values();
        let principal = match all.find(|one| one.row.id == row.credential) {
            Some(credential) => holder(&credential.row, &access),
            // The secret that the server was started with: it has no row.
            None if row.credential == SHARED => Principal::shared(access),
            None => return false,
        };
        let session = Session {
            principal,
            expires_at: row.expires_at,
        };
        self.sessions.insert(row.digest, session);
        true
    }

    /// Whose sign-in that is, while it lasts.
    pub(super) fn by_session(&mut self, digest: &Digest, now: i64) -> Option<Known> {
        let session = self.sessions.get_mut(digest)?;
        if session.expires_at <= now {
            return None;
        }
        let principal = session.principal.clone();
        let id = principal.access()?.credential().to_owned();
        let prolonged = (session.expires_at - now < SESSION_MS - PROLONG_AFTER_MS).then(|| {
            session.expires_at = now + SESSION_MS;
            SessionRow {
                digest: *digest,
                credential: id.clone(),
                expires_at: session.expires_at,
            }
        });
        let mut all = self.credentials.values_mut();
        let used = all
            .find(|one| one.row.id == id)
            .and_then(|credential| credential.note_use(now));
        Some(Known {
            principal,
            used,
            prolonged,
        })
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

    /// Ends the sign-in that somebody came by; gives its digest. None where they came by something else.
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

    /// Ends the sign-ins that have run out; says whether there were any.
    pub(super) fn end_expired(&mut self, now: i64) -> bool {
        self.end_sessions(|session| session.expires_at <= now)
    }

    fn end_sessions(&mut self, ends: impl Fn(&Session) -> bool) -> bool {
        let before = self.sessions.len();
        self.sessions.retain(|_, session| {
            let ends = ends(session);
            if let Some(access) = session.principal.access().filter(|_| ends) {
                access.end();
            }
            !ends
        });
        self.sessions.len() < before
    }
}

impl Credential {
    /// Notes a use; gives the identifier where that is to be written.
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
    Principal::holder(&row.name, row.role, scope, Arc::clone(access))
}

fn credential_of(session: &Session) -> Option<&str> {
    session.principal.access().map(|access| access.credential())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;

    fn row(id: &str, role: Role) -> CredentialRow {
        CredentialRow {
            id: id.to_owned(),
            name: format!("name of {id}"),
            role,
            project: None,
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
        directory.sign_in([1; 32], &viewer, 0).unwrap();
        directory.sign_in([2; 32], &admin, 0).unwrap();
        let session = directory.by_session(&[1; 32], 1).unwrap().principal;
        directory.end_credential("a");
        assert!(viewer.is_ended() && session.is_ended() && !admin.is_ended());
        assert!(directory.by_secret(&[b'a'; 32], 2).is_none());
        assert!(directory.by_session(&[1; 32], 2).is_none());
        assert!(directory.by_session(&[2; 32], 2).is_some());
        // Who was recognised before the end begins nothing after it.
        assert!(directory.sign_in([3; 32], &viewer, 3).is_none());
        assert!(directory.by_session(&[3; 32], 3).is_none());
    }

    #[test]
    fn a_sign_in_that_is_used_lasts_and_one_that_is_not_runs_out() {
        let mut directory = Directory::default();
        directory.add(row("a", Role::Viewer));
        let viewer = directory.by_secret(&[b'a'; 32], 0).unwrap().principal;
        directory.sign_in([1; 32], &viewer, 0).unwrap();
        let known = directory.by_session(&[1; 32], 1000).unwrap();
        assert!(known.prolonged.is_none(), "not at every request");
        let known = directory.by_session(&[1; 32], SESSION_MS - 1).unwrap();
        assert_eq!(known.prolonged.unwrap().expires_at, 2 * SESSION_MS - 1);
        assert!(!directory.end_expired(2 * SESSION_MS - 2));
        assert!(directory.by_session(&[1; 32], 2 * SESSION_MS - 1).is_none());
        assert!(directory.end_expired(2 * SESSION_MS - 1));
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
}
