//! Implementation of [`Read`](crate::Read) and [`Transaction`](crate::Transaction): each primitive
//! calls the module that has its SQL.

#[macro_use]
mod forward;
mod change;
mod read;

use std::cell::RefCell;
use std::rc::Rc;

use prometheus_client::metrics::counter::Counter;
use rusqlite::Connection;
use tasktree_protocol::ProjectId;

use super::keys::Space;
use crate::StoreMetrics;
use crate::error::Result;

/// Rows accessed through a connection with an open transaction.
pub(super) struct Rows<'a> {
    connection: &'a Connection,
    operations: &'a Counter,
    /// Last project that was looked up, with the keys of its rows.
    space: RefCell<Option<Rc<Space>>>,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(connection: &'a Connection, metrics: &'a StoreMetrics) -> Self {
        Self {
            connection,
            operations: &metrics.operations,
            space: RefCell::new(None),
        }
    }

    /// Returns the keys of a project's rows. For a missing project they lead to no rows.
    fn space(&self, id: &ProjectId) -> Result<Rc<Space>> {
        let known = self.space.borrow().clone();
        if let Some(known) = known.filter(|known| known.id == *id) {
            return Ok(known);
        }
        let found = match Space::find(self.connection, id)? {
            Some(found) => found,
            None => Space::of_none(self.connection, id)?,
        };
        let found = Rc::new(found);
        self.space.replace(Some(Rc::clone(&found)));
        Ok(found)
    }
}
