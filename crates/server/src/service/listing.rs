//! Long lists, read part by part.

use std::sync::Arc;

use tasktree_protocol::{ProjectId, StreamId};

use super::{Service, Snapshot};
use crate::auth::Target;
use crate::domain::listing::{self, Form, From, Order};
use crate::error::Result;

/// The rest of a list of tasks. It is read when it is asked for, so that a slow reader holds nothing up.
#[derive(Debug)]
pub struct Rest {
    service: Service,
    project: ProjectId,
    form: Form,
    order: Arc<Order>,
    from: From,
}

/// A part of a list, and what comes after it.
#[derive(Debug)]
pub struct ListPart {
    /// JSON: all parts together are an array.
    pub bytes: Vec<u8>,
    /// None after the last part.
    pub rest: Option<Rest>,
}

impl Service {
    /// Returns the tasks of a project, sorted by [`tasktree_protocol::task::sort_key`], in parts of about
    /// [`ANSWER_PART_BYTES`](crate::limits::ANSWER_PART_BYTES). The position is that of the list and of its first part; rows of later parts
    /// may be newer.
    ///
    /// # Errors
    /// As for every reading.
    pub async fn list_in_parts(
        &self,
        project: &ProjectId,
        form: Form,
    ) -> Result<Snapshot<ListPart>> {
        let (service, id) = (self.clone(), project.clone());
        let stream = StreamId::project(project);
        self.snapshot(Target::Project(project), stream, move |rows| {
            let order = Arc::new(listing::order(rows, &id)?);
            let rest = Rest {
                service,
                project: id,
                form,
                order,
                from: From::default(),
            };
            rest.part(rows)
        })
        .await
    }
}

impl Rest {
    /// Reads the next part.
    ///
    /// # Errors
    /// As for every reading.
    pub async fn next(self) -> Result<ListPart> {
        let (service, project) = (self.service.clone(), self.project.clone());
        let of = Target::Project(&project);
        service.read(of, move |rows| self.part(rows)).await
    }

    fn part(mut self, rows: &dyn crate::store::Read) -> Result<ListPart> {
        let part = self.order.part(rows, &self.project, self.form, self.from)?;
        let rest = part.next.map(|from| {
            self.from = from;
            self
        });
        Ok(ListPart {
            bytes: part.bytes,
            rest,
        })
    }
}
