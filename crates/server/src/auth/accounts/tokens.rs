//! Named tokens: made, listed, revoked.

use tasktree_protocol::ProjectId;

use super::Accounts;
use crate::auth::permission::{Permission, Role};
use crate::auth::principal::{Principal, Target};
use crate::auth::secret::Secret;
use crate::config::SignIn;
use crate::error::Result;
use crate::service::{WriteContext, unstoppable};
use crate::store::CredentialRow;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Whose it is.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The project that it is bound to.
    pub project: Option<ProjectId>,
    /// Name of the person whose token it is: one that is there, or a new one. By default that of
    /// the token. An agent's token has none.
    pub person: Option<String>,
}

impl Accounts {
    /// The tokens that hold, the oldest first.
    ///
    /// # Errors
    /// Where `by` may not see them.
    pub fn tokens(&self, by: &Principal) -> Result<Vec<CredentialRow>> {
        by.check(Permission::Administer, Target::Everything)?;
        Ok(self.directory().rows())
    }

    /// Makes a token. Its secret is given here, and never again.
    ///
    /// # Errors
    /// Where `by` may not, the name is taken or something else is wrong with the token.
    pub async fn make_token(
        &self,
        by: &Principal,
        new: NewToken,
    ) -> Result<(CredentialRow, Secret)> {
        let secret = Secret::token()?;
        let context = WriteContext::new(by.actor().clone());
        let (accounts, service) = (self.clone(), self.0.service.acting_for(by.clone()));
        unstoppable(async move {
            let row = service
                .add_credential(context, new, secret.digest())
                .await?;
            tracing::info!(name = row.name, role = %row.role, by = row.made_by, "made a token");
            accounts.directory().add(row.clone());
            Ok((row, secret))
        })
        .await
    }

    /// Revokes a token: its sign-ins and its connections end at once.
    ///
    /// # Errors
    /// Where `by` may not, or there is no such token.
    pub async fn revoke_token(&self, by: &Principal, id: &str) -> Result<()> {
        let context = WriteContext::new(by.actor().clone());
        let (accounts, service) = (self.clone(), self.0.service.acting_for(by.clone()));
        let (id, by) = (id.to_owned(), by.actor().clone());
        unstoppable(async move {
            let row = service.revoke_credential(context, id.clone()).await?;
            accounts.directory().end_credential(&id);
            accounts.0.hub.close_ended();
            tracing::info!(name = row.name, %by, "revoked a token");
            Ok(())
        })
        .await
    }

    /// Makes the first token of an administrator, where there is none and one is needed to come in at all.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn first_admin(&self) -> Result<Option<Secret>> {
        let rows = self.directory().rows();
        let has_admin = self.directory().has_admin();
        if self.0.sign_in == SignIn::Off || self.0.shared.is_some() || has_admin {
            return Ok(None);
        }
        let is_taken = |name: &str| rows.iter().any(|row| row.name == name);
        let mut names = std::iter::once("admin".to_owned())
            .chain((2..).map(|number| format!("admin-{number}")));
        let name = names.find(|name| !is_taken(name)).unwrap_or_default();
        let new = NewToken {
            name,
            role: Role::Admin,
            project: None,
            person: None,
        };
        let (_, secret) = self.make_token(&Principal::server(), new).await?;
        Ok(Some(secret))
    }
}
