//! The board's rows compared with a slow and simple model: after any sequence of operations both
//! show the same.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::draw::Draw;
use crate::support::PROJECT;
use tasktree_board::state::rows::{Changes, Overlay, Rows};
use tasktree_protocol::{Maybe, ProjectId, Status, TaskCard, TaskId, TaskPatch, Timestamp};
use wasm_bindgen_test::wasm_bindgen_test;

fn draw_card(draw: &mut Draw, rev: u64) -> TaskCard {
    let number = draw.below(8) + 1;
    let dependencies = (0..draw.below(3)).map(|_| id(draw.below(9) + 1)).collect();
    TaskCard {
        id: id(number),
        number,
        title: format!("Version {rev}"),
        status: draw.status(),
        branch: format!("task-{number}"),
        session: [None, Some("a1"), Some("a2")][usize::try_from(draw.below(3)).unwrap()]
            .map(Into::into),
        dependencies,
        priority: u32::try_from(draw.below(4)).unwrap(),
        updated_at: Timestamp::from_unix_millis(0),
        rev,
        ..TaskCard::default()
    }
}

fn id(number: u64) -> TaskId {
    TaskId::new(number, &ProjectId::from(PROJECT))
}

/// Truth and intents, from which everything is recomputed each time.
#[derive(Default)]
struct Model {
    truth: BTreeMap<TaskId, TaskCard>,
    intents: Vec<(TaskId, String, Overlay)>,
}

impl Model {
    fn upsert(&mut self, card: TaskCard) {
        let known = self.truth.get(&card.id).map_or(0, |known| known.rev);
        if card.rev >= known {
            self.truth.insert(card.id.clone(), card);
        }
    }

    fn view(&self, id: &TaskId) -> Option<TaskCard> {
        let mut card = self.truth.get(id)?.clone();
        for (_, _, overlay) in self.intents.iter().filter(|(task, ..)| task == id) {
            match overlay {
                Overlay::Removal => return None,
                Overlay::Patch(patch) => {
                    if let Maybe::Value(status) = patch.status {
                        card.status = status;
                    }
                }
            }
        }
        Some(card)
    }

    fn views(&self) -> Vec<TaskCard> {
        self.truth.keys().filter_map(|id| self.view(id)).collect()
    }

    fn column(&self, status: Status) -> Vec<TaskCard> {
        let mut column: Vec<_> = self
            .views()
            .into_iter()
            .filter(|card| card.status == status)
            .collect();
        column.sort_by_key(|card| (card.sort_key(), card.id.clone()));
        column
    }

    fn blocked_by(&self, card: &TaskCard) -> Vec<u64> {
        let there = card.dependencies.iter().filter_map(|id| self.view(id));
        there
            .filter(|card| !card.status.is_done())
            .map(|card| card.number)
            .collect()
    }
}

/// Returns the rows as shown, task by task, to compare before and after.
fn shown(rows: &Rows) -> BTreeMap<TaskId, (TaskCard, Vec<u64>)> {
    let cards = Status::ALL.iter().flat_map(|status| rows.column(*status));
    cards
        .map(|card| (card.id.clone(), (card.clone(), rows.blocked_by(&card.id))))
        .collect()
}

#[wasm_bindgen_test]
fn rows_show_what_the_model_shows_and_say_everything_that_changed() {
    for seed in 0..60 {
        let mut draw = Draw::new(seed);
        let (mut rows, mut model) = (Rows::default(), Model::default());
        for step in 1..=120 {
            let before = shown(&rows);
            let order_before: Vec<Vec<TaskId>> = Status::ALL
                .iter()
                .map(|status| rows.column(*status).map(|card| card.id.clone()).collect())
                .collect();
            let mut changes = Changes::default();
            match draw.below(10) {
                0..=3 => {
                    // Occasionally a row that is older than the known one.
                    let age = draw_age(&mut draw, step);
                    let card = draw_card(&mut draw, step - age);
                    rows.upsert(card.clone(), &mut changes);
                    model.upsert(card);
                }
                4 => {
                    let gone = id(draw.below(8) + 1);
                    rows.remove(&gone, &mut changes);
                    model.truth.remove(&gone);
                    model.intents.retain(|(task, ..)| *task != gone);
                }
                5..=6 => {
                    let task = id(draw.below(8) + 1);
                    let overlay = if draw.below(4) == 0 {
                        Overlay::Removal
                    } else {
                        Overlay::Patch(Box::new(TaskPatch {
                            status: Maybe::Value(draw.status()),
                            ..TaskPatch::default()
                        }))
                    };
                    rows.add_intent(&task, &step.to_string(), overlay.clone(), &mut changes);
                    if model.truth.contains_key(&task) {
                        model.intents.push((task, step.to_string(), overlay));
                    }
                }
                7..=8 => {
                    if !model.intents.is_empty() {
                        let at = usize::try_from(draw.below(model.intents.len() as u64)).unwrap();
                        let (task, intent, _) = model.intents.remove(at);
                        assert!(rows.drop_intent(&task, &intent, &mut changes));
                    }
                }
                _ => {
                    let cards: Vec<TaskCard> = (0..draw.below(6))
                        .map(|_| draw_card(&mut draw, step))
                        .collect();
                    let kept: HashSet<TaskId> = cards.iter().map(|card| card.id.clone()).collect();
                    rows.replace_all(cards.clone(), &mut changes);
                    model.truth.retain(|id, _| kept.contains(id));
                    model.intents.retain(|(task, ..)| kept.contains(task));
                    cards.into_iter().for_each(|card| model.upsert(card));
                }
            }
            for status in Status::ALL {
                let column: Vec<TaskCard> = rows.column(status).cloned().collect();
                assert_eq!(
                    column,
                    model.column(status),
                    "seed {seed}, step {step}, {status:?}"
                );
                assert_eq!(rows.count(status), column.len());
            }
            let sessions: BTreeSet<String> = model
                .views()
                .into_iter()
                .filter_map(|card| card.session)
                .collect();
            assert!(
                rows.sessions().eq(sessions.iter()),
                "seed {seed}, step {step}"
            );
            for card in model.views() {
                assert_eq!(
                    rows.blocked_by(&card.id),
                    model.blocked_by(&card),
                    "seed {seed}, step {step}"
                );
            }
            // A reader of only the reported changes misses nothing.
            let after = shown(&rows);
            for id in before.keys().chain(after.keys()) {
                let (was, is) = (before.get(id), after.get(id));
                if was.map(|it| &it.0) != is.map(|it| &it.0) {
                    assert!(
                        changes.tasks.contains(id),
                        "seed {seed}, step {step}: {id} changed unsaid"
                    );
                }
                if let (Some(was), Some(is)) = (was, is) {
                    assert!(
                        was.1 == is.1 || changes.blocked.contains(id),
                        "seed {seed}, step {step}: {id} waits for others unsaid"
                    );
                }
            }
            for (status, before) in Status::ALL.iter().zip(&order_before) {
                let after: Vec<TaskId> = rows.column(*status).map(|card| card.id.clone()).collect();
                assert!(
                    *before == after || changes.columns[*status as usize],
                    "seed {seed}, step {step}: {status:?} changed unsaid"
                );
            }
        }
    }
}

fn draw_age(draw: &mut Draw, step: u64) -> u64 {
    if draw.below(4) == 0 {
        draw.below(step)
    } else {
        0
    }
}

#[wasm_bindgen_test]
fn the_same_row_again_changes_nothing() {
    let mut rows = Rows::default();
    let card = draw_card(&mut Draw::new(1), 3);
    rows.upsert(card.clone(), &mut Changes::default());
    let mut changes = Changes::default();
    rows.upsert(card.clone(), &mut changes);
    rows.replace_all(vec![card], &mut changes);
    assert!(changes.is_empty());
}
