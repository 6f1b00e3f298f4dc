//! Changes to people: rename, disable, enable.

use super::Accounts;
use crate::auth::Principal;
use crate::domain::person::{ListedPerson, PersonPatch};
use crate::error::Result;
use crate::service::{WriteContext, unstoppable};

impl Accounts {
    /// Renames a person, or disables or enables them.
    ///
    /// The tokens of a disabled person are refused, and their sign-ins and connections end at once.
    /// A new name appears on their changes from their next request on; an open connection gets it
    /// when it reconnects.
    ///
    /// # Errors
    /// If `by` lacks the permission, there is no such person, or the name is another's.
    pub async fn change_person(
        &self,
        by: &Principal,
        id: &str,
        patch: PersonPatch,
    ) -> Result<ListedPerson> {
        let context = WriteContext::new(by.actor().clone());
        let (accounts, service) = (self.clone(), self.0.service.acting_for(by.clone()));
        let (id, by) = (id.to_owned(), by.actor().clone());
        unstoppable(async move {
            let row = service.change_person(context, id, patch).await?;
            {
                let mut directory = accounts.directory();
                directory.rename(&row.person());
                match row.disabled_at {
                    Some(_) => directory.disable(&row.person()),
                    None => directory.enable(&row.person()),
                }
            }
            accounts.0.hub.close_ended();
            let disabled = row.disabled_at.is_some();
            tracing::info!(name = row.name, disabled, %by, "person changed");
            Ok(row)
        })
        .await
    }
}
