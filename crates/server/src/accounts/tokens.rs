//! Named tokens: created, listed, revoked.

use super::Accounts;
use crate::auth::{Permission, Principal, Secret, Target};
use crate::config::SignIn;
use crate::domain::account::NewToken;
use crate::error::Result;
use crate::service::{WriteContext, unstoppable};
use crate::store::{CredentialRow, Role};

impl Accounts {
    /// Returns the valid tokens, oldest first.
    ///
    /// # Errors
    /// If `by` may not see them.
    pub fn tokens(&self, by: &Principal) -> Result<Vec<CredentialRow>> {
        by.check(Permission::Administer, Target::Everything)?;
        Ok(self.directory().rows())
    }

    /// Creates a token. Its secret is returned here, and never again.
    ///
    /// # Errors
    /// If `by` lacks the permission, the name is taken or something else is wrong with the token.
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
            tracing::info!(name = row.name, role = %row.role, by = row.made_by, "token created");
            accounts.directory().add(row.clone());
            Ok((row, secret))
        })
        .await
    }

    /// Revokes a token: its sign-ins and its connections end at once.
    ///
    /// # Errors
    /// If `by` lacks the permission, or there is no such token.
    pub async fn revoke_token(&self, by: &Principal, id: &str) -> Result<()> {
        let context = WriteContext::new(by.actor().clone());
        let (accounts, service) = (self.clone(), self.0.service.acting_for(by.clone()));
        let (id, by) = (id.to_owned(), by.actor().clone());
        unstoppable(async move {
            let row = service.revoke_credential(context, id.clone()).await?;
            accounts.directory().end_credential(&id);
            accounts.0.hub.close_ended();
            tracing::info!(name = row.name, %by, "token revoked");
            Ok(())
        })
        .await
    }

    /// Creates the first token of an administrator, if there is none and the server cannot be used
    /// without one.
    ///
    /// # Errors
    /// If the store fails.
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
