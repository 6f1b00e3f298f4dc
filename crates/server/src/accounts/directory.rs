//! The credentials and sign-ins that are valid now, in memory: every request is looked up here.
//!
//! The store has the same, for the next start.

mod sign_ins;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::auth::{Access, Principal, Scope};
use crate::store::{CredentialRow, Digest, Person, Role, SessionRow};
pub(super) use sign_ins::{Begun, SESSION_MS};
use sign_ins::{Session, credential_of};

/// Interval at which the time of the last use is written, in milliseconds: once a minute.
const NOTE_USE_MS: i64 = 60_000;

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

/// A credential, and the principal that it authenticates.
#[derive(Debug)]
struct Credential {
    row: CredentialRow,
    access: Arc<Access>,
    principal: Principal,
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
    /// Adds a credential, which is accepted from now on.
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

/// Returns the principal that a credential authenticates.
fn holder(row: &CredentialRow, access: &Arc<Access>) -> Principal {
    let scope = row
        .project
        .clone()
        .map_or(Scope::Everything, Scope::Project);
    let person = row.person.clone();
    Principal::holder(&row.name, row.role, scope, person, Arc::clone(access))
}

/// Returns true if the credential is that person's.
fn is_of(person: &Person, row: &CredentialRow) -> bool {
    row.person.as_ref().is_some_and(|own| own.id == person.id)
}

/// Returns true if the credential is that of a disabled person.
fn is_disabled(disabled: &HashSet<String>, row: &CredentialRow) -> bool {
    let person = row.person.as_ref();
    person.is_some_and(|person| disabled.contains(&person.id))
}
