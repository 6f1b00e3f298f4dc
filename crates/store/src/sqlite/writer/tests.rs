use std::sync::mpsc::{Sender, channel};

use super::*;
use crate::sqlite::schema;
use crate::{EventRow, Transaction};

struct Write<F> {
    change: F,
    outcome: Sender<Result<()>>,
}

impl<F: FnMut(&mut dyn Transaction) -> Result<()> + Send> WriteJob for Write<F> {
    fn run(&mut self, rows: &mut dyn Transaction) -> Result<()> {
        (self.change)(rows)
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        self.outcome.send(outcome).unwrap();
    }
}

/// Writes a row and its event, as every operation does.
fn row_and_event(rows: &mut dyn Transaction, name: &str, bytes: usize) -> Result<()> {
    let stream = tasktree_protocol::StreamId::system();
    rows.put_setting(name, &"x".repeat(bytes))?;
    let seq = rows.advance_stream(&stream)?.seq;
    let message = bytes::Bytes::from(vec![b'x'; bytes]);
    rows.add_event(&EventRow {
        stream,
        seq,
        kind: name.to_owned(),
        message,
    })
}

fn commit(writer: &Writer, batch: Vec<Box<dyn WriteJob>>) {
    writer.commit(batch, |_, _| {});
}

fn names(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(std::result::Result::unwrap)
        .collect()
}

fn limit_pages(connection: &Connection, pages: u32) {
    let sql = format!("PRAGMA max_page_count = {pages}");
    connection.query_row(&sql, [], |_| Ok(())).unwrap();
}

#[test]
fn a_disk_that_fills_up_in_the_middle_leaves_no_row_without_its_event_and_no_event_without_its_row()
{
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    let pages: u32 = connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    limit_pages(&connection, pages + 40);
    let writer = Writer {
        connection,
        disk: None,
        metrics: StoreMetrics::default(),
    };
    let mut told = 0;
    // Batches of a small, a large and a small job, until the disk is full, and beyond.
    for round in 0..20 {
        let (outcome, outcomes) = channel();
        let mut batch: Vec<Box<dyn WriteJob>> = Vec::new();
        for (job, bytes) in [(0, 10), (1, 9000), (2, 10)] {
            let change = move |rows: &mut dyn Transaction| {
                row_and_event(rows, &format!("{round}/{job}"), bytes)
            };
            batch.push(Box::new(Write {
                change,
                outcome: outcome.clone(),
            }));
        }
        commit(&writer, batch);
        drop(outcome);
        for outcome in outcomes {
            match outcome {
                Ok(()) => told += 1,
                Err(Error::Storage {
                    temporary: true,
                    message,
                }) => {
                    assert!(message.contains("disk is full"), "{message}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        let rows = names(
            &writer.connection,
            "SELECT name FROM settings WHERE name LIKE '%/%' ORDER BY name",
        );
        let events = names(&writer.connection, "SELECT kind FROM events ORDER BY kind");
        assert_eq!(rows, events);
        assert_eq!(
            rows.len(),
            told,
            "what was answered is there, and nothing else"
        );
        let seqs = names(
            &writer.connection,
            "SELECT CAST(seq AS TEXT) FROM events ORDER BY seq",
        );
        let contiguous: Vec<_> = (1..=told).map(|seq| seq.to_string()).collect();
        assert_eq!(seqs, contiguous);
    }
    assert!(told < 60, "the disk was never full");
    limit_pages(&writer.connection, pages + 4000);
    let (outcome, outcomes) = channel();
    let change = |rows: &mut dyn Transaction| row_and_event(rows, "after", 9000);
    commit(&writer, vec![Box::new(Write { change, outcome })]);
    outcomes.recv().unwrap().unwrap();
}
