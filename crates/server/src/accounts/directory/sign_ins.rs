//! Sign-ins of browsers: their begin, use and end.

use std::sync::Arc;

use super::{Directory, Known, holder, is_disabled};
use crate::accounts::share::{Held, Share};
use crate::auth::{Access, Principal};
use crate::limits::{SIGN_INS, SIGN_INS_PER_TOKEN};
use crate::service::Moment;
use crate::store::{Digest, SHARED, SessionRow};

/// Lifetime of a sign-in after its last use, in milliseconds: 30 days.
pub(in crate::accounts) const SESSION_MS: i64 = 30 * 24 * 3600 * 1000;

/// Age after which a sign-in is prolonged, in milliseconds: one day, so that not every request
/// writes.
const PROLONG_AFTER_MS: i64 = 24 * 3600 * 1000;

/// Maximum number of signed-in browsers.
const SHARE: Share = Share {
    per_owner: SIGN_INS_PER_TOKEN,
    in_all: SIGN_INS,
};

/// A sign-in that has not ended.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) principal: Principal,
    until: Moment,
    /// Number of its last use that counted: see [`Directory::uses`].
    used: u64,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub(in crate::accounts) struct Begun {
    /// Row to be stored.
    pub(in crate::accounts) row: SessionRow,
    /// Sign-ins that ended to make room for it.
    pub(in crate::accounts) ended: Vec<Digest>,
}

impl Directory {
    /// Begins a sign-in of an authenticated caller. Returns `None` if their credential has ended
    /// since.
    pub(in crate::accounts) fn sign_in(
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

    /// Returns the sign-in that ends to make room for others, if there are too many.
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
    pub(in crate::accounts) fn put_session(&mut self, row: &SessionRow, now: Moment) -> bool {
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
    pub(in crate::accounts) fn by_session(
        &mut self,
        digest: &Digest,
        now: Moment,
    ) -> Option<Known> {
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

    /// Ends the caller's own sign-in and returns its digest. Returns `None` if they authenticated
    /// with anything else.
    pub(in crate::accounts) fn end_session(&mut self, of: &Principal) -> Option<Digest> {
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
    pub(in crate::accounts) fn end_session_by(&mut self, digest: &Digest) -> bool {
        let session = self.sessions.remove(digest);
        session.map(|session| session.end()).is_some()
    }

    /// Ends the sign-ins that have expired; returns their digests.
    pub(in crate::accounts) fn end_expired(&mut self, now: Moment) -> Vec<Digest> {
        self.end_sessions(|session| session.until.has_passed(now))
    }

    /// Ends the sign-ins for which `ends` is true; returns their digests.
    pub(super) fn end_sessions(&mut self, ends: impl Fn(&Session) -> bool) -> Vec<Digest> {
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

/// Returns the id of the credential that a sign-in began with.
pub(super) fn credential_of(session: &Session) -> Option<&str> {
    session.principal.credential()
}
