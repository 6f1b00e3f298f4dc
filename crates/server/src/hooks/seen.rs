//! Last events of the harnesses: exact in memory, stored once a minute.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::ProjectId;
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::HookSeen;

use crate::store::SeenIn;

type Place = (Option<ProjectId>, Source);

/// Last events by project and harness.
#[derive(Debug, Default)]
pub(super) struct Seen {
    seen: BTreeMap<Place, HookSeen>,
    /// Those that are not stored yet.
    unsaved: BTreeSet<Place>,
}

impl Seen {
    pub(super) fn of(stored: Vec<SeenIn>) -> Self {
        let stored = stored.into_iter();
        Self {
            seen: stored
                .map(|one| ((one.project, one.seen.source), one.seen))
                .collect(),
            unsaved: BTreeSet::new(),
        }
    }

    /// Adds an event to those of its harness.
    pub(super) fn note(&mut self, project: Option<&ProjectId>, event: HookSeen) {
        let place = (project.cloned(), event.source);
        self.unsaved.insert(place.clone());
        match self.seen.get_mut(&place) {
            Some(known) => {
                let events = known.events + event.events;
                *known = HookSeen { events, ..event };
            }
            None => {
                self.seen.insert(place, event);
            }
        }
    }

    /// Returns the last events of each harness in the projects that a filter admits.
    pub(super) fn of_projects(&self, admits: impl Fn(Option<&ProjectId>) -> bool) -> Vec<HookSeen> {
        let mut all: BTreeMap<Source, HookSeen> = BTreeMap::new();
        for ((project, source), seen) in &self.seen {
            if !admits(project.as_ref()) {
                continue;
            }
            let known = all.entry(*source).or_insert_with(|| HookSeen {
                events: 0,
                ..seen.clone()
            });
            known.events += seen.events;
            if seen.last_at.unix_millis(0) > known.last_at.unix_millis(0) {
                known.last_at = seen.last_at;
                known.last_event.clone_from(&seen.last_event);
            }
        }
        all.into_values().collect()
    }

    /// Returns the events that are not stored yet, which then count as stored.
    pub(super) fn take_unsaved(&mut self) -> Vec<(Option<ProjectId>, HookSeen)> {
        let unsaved = std::mem::take(&mut self.unsaved).into_iter();
        unsaved
            .filter_map(|place| {
                let seen = self.seen.get(&place)?.clone();
                Some((place.0, seen))
            })
            .collect()
    }

    /// Marks events as not stored, after their write failed.
    pub(super) fn put_back(&mut self, unsaved: &[(Option<ProjectId>, HookSeen)]) {
        for (project, seen) in unsaved {
            self.unsaved.insert((project.clone(), seen.source));
        }
    }
}
