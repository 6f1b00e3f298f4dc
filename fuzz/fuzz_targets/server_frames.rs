//! Fuzzes the frames that a server sends to a connected client, one per line. Each is parsed or
//! refused, and the session accepts all of them. The events of a project's log that it delivers are
//! in order, without gaps or repetitions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tasktree_protocol::frame::Incoming;
use tasktree_protocol::replica::Replica;
use tasktree_protocol::session::{Config, Environment, Input, Output, Session};
use tasktree_protocol::{Cursor, StreamId};

const PROJECT: &str = "p";

fuzz_target!(|text: &str| {
    let mut client = Client {
        session: Session::new(Config::default()),
        tasks: Replica::new(PROJECT.into()),
        generation: 0,
        now_ms: 1_000,
    };
    client.tasks.apply_snapshot([], Some(start()));
    client.handle(Input::Subscribe {
        stream: StreamId::from(PROJECT),
        cursor: Some(start()),
    });
    client.handle(Input::Open);
    for line in text.lines() {
        // Validity is up to the session; here it must only not panic.
        let _ = Incoming::parse(line);
        let generation = client.generation;
        client.handle(Input::Frame {
            generation,
            text: line.into(),
        });
    }
});

fn start() -> Cursor {
    Cursor::new("e".into(), 0)
}

struct Client {
    session: Session,
    tasks: Replica,
    generation: u64,
    now_ms: i64,
}

impl Client {
    fn handle(&mut self, input: Input) {
        let mut inputs = vec![input];
        // A requested snapshot or socket is available immediately; a session that requests them
        // forever would be a bug of its own.
        let mut rounds = 0;
        while let Some(input) = inputs.pop() {
            rounds += 1;
            assert!(rounds < 100, "the session does not come to rest");
            self.now_ms += 10;
            let environment = Environment {
                now_ms: self.now_ms,
                visible: true,
                random: 0.5,
                buffered_bytes: 0,
            };
            for output in self.session.handle(environment, input) {
                inputs.extend(self.perform(output));
            }
        }
    }

    fn perform(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Connect { generation } => {
                self.generation = generation;
                Some(Input::SocketOpened { generation })
            }
            Output::NeedSnapshot { stream, .. } => {
                let cursor = self.tasks.cursor().cloned().unwrap_or_else(start);
                self.tasks.apply_snapshot([], Some(cursor.clone()));
                Some(Input::SnapshotApplied {
                    stream,
                    cursor: Some(cursor),
                })
            }
            Output::Deliver(message) => {
                if message.stream() == StreamId::from(PROJECT)
                    && let (Some(seq), Some(cursor)) = (message.seq, self.tasks.cursor())
                {
                    assert_eq!(seq, cursor.seq + 1, "delivered after {}", cursor.seq);
                }
                self.tasks.apply(&message);
                None
            }
            _ => None,
        }
    }
}
