//! Operations on people and their marks.

use serde_json::{Map, Value};
use tasktree_protocol::ProjectId;

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::{Permission, Target};
use crate::domain::person::{self, ListedPerson, Mark};
use crate::error::Result;

impl Service {
    /// Returns all people to an administrator, and to others the names of those who reach projects
    /// in the caller's reach.
    ///
    /// The caller is in the list.
    pub async fn people(&self) -> Result<Vec<ListedPerson>> {
        let everybody = self
            .principal()
            .check(Permission::Administer, Target::Everything)
            .is_ok();
        let scope = self.principal().scope().clone();
        let mut people = self
            .read(Target::Visible, move |rows| match everybody {
                true => person::all(rows),
                false => person::within(rows, &scope),
            })
            .await?;
        let own = self.principal().person();
        if let Some(own) = own.filter(|own| people.iter().all(|one| one.id != own.id)) {
            people.insert(0, person::named(own.clone()));
        }
        Ok(people)
    }

    /// Returns the caller's marks in a project.
    pub async fn marks(&self, project: &ProjectId) -> Result<Snapshot<Map<String, Value>>> {
        let person = self.own_person()?;
        self.view(project, move |rows, project| {
            person::marks(rows, project, &person)
        })
        .await
    }

    /// Stores a mark of the caller in a project, or removes it.
    pub async fn put_mark(
        &self,
        context: WriteContext,
        project: &ProjectId,
        mark: Mark,
    ) -> Result<Receipt<Mark>> {
        let person = self.own_person()?;
        // Every reader of a project may mark in it: nobody else sees it.
        let needs = Permission::Read;
        self.change(context, needs, project, move |change, project| {
            person::put_mark(change, project, &person, mark)
        })
        .await
    }

    pub(super) fn own_person(&self) -> Result<String> {
        let person = self.principal().person();
        person
            .map(|person| person.id.clone())
            .ok_or_else(person::no_person)
    }
}
