//! Rows that may come faster than a screen can show them.

use std::collections::VecDeque;

use leptos::prelude::*;

use crate::browser::NextFrame;

/// Row with a unique number, by which a list can key it.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbered<T> {
    /// Number of the row; it rises by one with every row.
    pub number: u64,
    /// Content of the row.
    pub row: T,
}

/// Newest rows of an endless stream. However fast they come, the display changes at most once a
/// frame. It can be copied into callbacks.
pub struct Ring<T: 'static> {
    limit: usize,
    shown: RwSignal<VecDeque<Numbered<T>>, LocalStorage>,
    waiting: StoredValue<Waiting<T>, LocalStorage>,
    frame: NextFrame,
}

struct Waiting<T> {
    rows: VecDeque<Numbered<T>>,
    next_number: u64,
}

impl<T> Clone for Ring<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ring<T> {}

impl<T> std::fmt::Debug for Ring<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Ring")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<T: Clone + 'static> Ring<T> {
    /// Creates an empty ring that keeps the newest `limit` rows. It ends with the current owner.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            shown: RwSignal::new_local(VecDeque::new()),
            waiting: StoredValue::new_local(Waiting {
                rows: VecDeque::new(),
                next_number: 0,
            }),
            frame: NextFrame::new(),
        }
    }

    /// Appends rows, oldest first. They are shown with the next frame.
    pub fn extend(self, rows: impl IntoIterator<Item = T>) {
        self.waiting.try_update_value(|waiting| {
            for row in rows {
                waiting.rows.push_back(Numbered {
                    number: waiting.next_number,
                    row,
                });
                waiting.next_number += 1;
                if waiting.rows.len() > self.limit {
                    waiting.rows.pop_front();
                }
            }
        });
        self.frame.run(move || self.flush());
    }

    /// Replaces all rows.
    pub fn replace(self, rows: impl IntoIterator<Item = T>) {
        self.waiting
            .try_update_value(|waiting| waiting.rows.clear());
        self.shown.try_update(VecDeque::clear);
        self.extend(rows);
    }

    fn flush(self) {
        let rows = self
            .waiting
            .try_update_value(|waiting| std::mem::take(&mut waiting.rows));
        let Some(rows) = rows.filter(|rows| !rows.is_empty()) else {
            return;
        };
        self.shown.update(|shown| {
            shown.extend(rows);
            let surplus = shown.len().saturating_sub(self.limit);
            shown.drain(..surplus);
        });
    }

    /// Returns the rows, oldest first.
    pub fn rows(self) -> Vec<Numbered<T>> {
        self.shown.with(|shown| shown.iter().cloned().collect())
    }

    /// Returns true if there are no rows.
    pub fn is_empty(self) -> bool {
        self.shown.with(VecDeque::is_empty)
    }
}
