//! Storage of credentials and sign-ins. Accounts authenticate with them.

use super::{Service, WriteContext};
use crate::auth::{Principal, Target};
use crate::domain::Change;
use crate::domain::account::{self, NewToken};
use crate::domain::person::{self, ListedPerson, PersonPatch};
use crate::error::Result;
use crate::store::{CredentialRow, Digest, INSTANCE, PersonRow, SessionRow};

/// Length of that name: 32 random bits.
const INSTANCE_LETTERS: usize = 8;

impl Service {
    /// Returns all credentials, sign-ins and people, for the start.
    pub(crate) async fn credentials_and_sessions(
        &self,
    ) -> Result<(Vec<CredentialRow>, Vec<SessionRow>, Vec<PersonRow>)> {
        self.read(Target::Everything, |rows| {
            Ok((rows.credentials()?, rows.sessions()?, rows.people()?))
        })
        .await
    }

    /// Returns the name of this database, which is given once.
    pub(crate) async fn instance(&self) -> Result<String> {
        let known = self
            .read(Target::Everything, |rows| rows.setting(INSTANCE))
            .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let new = uuid::Uuid::new_v4().simple().to_string()[..INSTANCE_LETTERS].to_owned();
        let kept = new.clone();
        self.keep(move |change| change.tx.put_setting(INSTANCE, &kept))
            .await?;
        Ok(new)
    }

    /// Stores a new credential. The answer is not kept under a key: it would be a second copy.
    pub(crate) async fn add_credential(
        &self,
        context: WriteContext,
        new: NewToken,
        digest: Digest,
    ) -> Result<CredentialRow> {
        self.administer(context, move |change| account::add(change, new, digest))
            .await
    }

    /// Ends a credential and its sign-ins.
    pub(crate) async fn revoke_credential(
        &self,
        context: WriteContext,
        id: String,
    ) -> Result<CredentialRow> {
        self.administer(context, move |change| account::revoke(change, &id))
            .await
    }

    /// Renames, disables or enables a person.
    pub(crate) async fn change_person(
        &self,
        context: WriteContext,
        id: String,
        patch: PersonPatch,
    ) -> Result<ListedPerson> {
        let own = self.principal().person().map(|person| person.id.clone());
        let change =
            move |change: &mut Change<'_>| person::update(change, &id, patch, own.as_deref());
        self.administer(context, change).await
    }

    /// Stores the time of a credential's last use, unless it was revoked since.
    pub(crate) async fn note_use(&self, id: String, millis: i64) -> Result<()> {
        self.keep(move |change| account::note_use(change, &id, millis))
            .await
    }

    /// Stores a sign-in.
    pub(crate) async fn put_session(&self, session: SessionRow) -> Result<()> {
        self.keep(move |change| account::put_session(change, &session))
            .await
    }

    /// Stores a sign-in that was used again, unless it has ended.
    ///
    /// A sign-in is marked as ended before its row is removed, so an ended one is not stored again
    /// after that.
    pub(crate) async fn prolong_session(&self, session: SessionRow, of: Principal) -> Result<()> {
        self.keep(move |change| match of.is_ended() {
            true => Ok(()),
            false => account::put_session(change, &session),
        })
        .await
    }

    /// Removes a sign-in.
    pub(crate) async fn delete_session(&self, session: Digest) -> Result<()> {
        self.keep(move |change| change.tx.delete_session(&session))
            .await
    }
}
