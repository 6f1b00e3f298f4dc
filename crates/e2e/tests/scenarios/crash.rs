//! Kills the server repeatedly while twenty writers write, and checks that every acknowledged write
//! exists exactly once.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::Server;
use tasktree_e2e::follower::Follower;
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_protocol::{TaskCard, TaskId};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

const WRITERS: usize = 20;
const KILLS: u64 = 6;
/// Number of writes between two kills. The total must stay under the 10,000 events that are kept
/// for a project.
const WRITES_A_ROUND: u64 = 600;

/// Environment variable with the seed of an earlier run, to repeat it.
const SEED_VARIABLE: &str = "TASKTREE_SEED";

/// A write, and the answer that acknowledged it.
struct Write {
    key: String,
    method: Method,
    path: String,
    title: String,
    /// Number of times it was sent: more than one if the server was killed meanwhile.
    attempts: u32,
    /// True if it had been committed and only the answer was lost.
    was_committed: bool,
    answer: Answer,
}

#[derive(Debug, PartialEq)]
struct Answer {
    /// Position of the write's event.
    seq: u64,
    task: Value,
}

/// A writer that creates a task and then renames it repeatedly.
struct Writer {
    number: usize,
    address: SocketAddr,
    http: reqwest::Client,
    /// Semaphore with a permit for each write.
    allowed: Arc<Semaphore>,
    acknowledged: Arc<watch::Sender<u64>>,
}

impl Writer {
    async fn run(self) -> Result<Vec<Write>> {
        let mut writes: Vec<Write> = Vec::new();
        while let Ok(permit) = self.allowed.acquire().await {
            permit.forget();
            let tasks = "/api/projects/crash/tasks";
            let (method, path) = match writes.first() {
                None => (Method::POST, tasks.to_owned()),
                Some(first) => {
                    let id = first.answer.task["id"]
                        .as_str()
                        .context("a task has an id")?;
                    (Method::PUT, format!("{tasks}/{id}"))
                }
            };
            let title = format!("writer {} write {}", self.number, writes.len());
            let key = title.replace(' ', "-");
            let mut attempts = 0;
            let (answer, was_committed) = until("a write is acknowledged", PATIENCE, || {
                attempts += 1;
                send(&self.http, self.address, &method, &path, &key, &title)
            })
            .await?;
            writes.push(Write {
                key,
                method,
                path,
                title,
                attempts,
                was_committed,
                answer,
            });
            self.acknowledged.send_modify(|count| *count += 1);
        }
        Ok(writes)
    }
}

/// Sends a write. Returns the answer, and true if it is the replay of an earlier answer. A refusal
/// is an error, too.
async fn send(
    http: &reqwest::Client,
    address: SocketAddr,
    method: &Method,
    path: &str,
    key: &str,
    title: &str,
) -> Result<Option<(Answer, bool)>> {
    let request = http
        .request(method.clone(), format!("http://{address}{path}"))
        .header("idempotency-key", key)
        .json(&json!({ "title": title }));
    let answer = request.send().await?.error_for_status()?;
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let seq = header("stream-seq").context("no position")?.parse()?;
    let is_repetition = header("idempotency-replayed") == Some("true");
    let task = answer.json().await?;
    Ok(Some((Answer { seq, task }, is_repetition)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills_and_nothing_is_there_twice() -> Result<()> {
    let seed = match std::env::var(SEED_VARIABLE) {
        Ok(seed) => seed.parse().context("the seed is a number")?,
        Err(_) => fastrand::u64(..),
    };
    println!("{SEED_VARIABLE}={seed}");
    let mut random = fastrand::Rng::with_seed(seed);

    let mut server = Server::start().await?;
    server.project_with_tasks("crash", &[]).await?;
    let mut follower = Follower::start(&server, "crash");
    follower.until_live_after(0).await?;
    let allowed = Arc::new(Semaphore::new(0));
    let (acknowledged, mut count) = watch::channel(0);
    let acknowledged = Arc::new(acknowledged);
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let writer = Writer {
                number,
                address: server.address(),
                http: reqwest::Client::new(),
                allowed: Arc::clone(&allowed),
                acknowledged: Arc::clone(&acknowledged),
            };
            tokio::spawn(writer.run())
        })
        .collect();
    drop(acknowledged);

    for round in 0..=KILLS {
        allowed.add_permits(usize::try_from(WRITES_A_ROUND)?);
        if round < KILLS {
            let at = round * WRITES_A_ROUND + random.u64(1..WRITES_A_ROUND - 50);
            reach(&mut count, at).await?;
            // Answers arrive right after a commit. The kills should hit all moments of the next
            // one.
            tokio::time::sleep(Duration::from_micros(random.u64(0..3_000))).await;
            let connections = follower.connections();
            server.kill().await?;
            server.start_again().await?;
            follower.until_live_after(connections).await?;
        }
        reach(&mut count, (round + 1) * WRITES_A_ROUND).await?;
    }
    allowed.close();
    let mut writes = Vec::new();
    for writer in writers {
        writes.extend(writer.await??);
    }
    let total = u64::try_from(writes.len())?;
    assert_eq!(total, (KILLS + 1) * WRITES_A_ROUND);
    let repeated = writes.iter().filter(|write| write.attempts > 1).count();
    assert!(repeated > 0, "no kill met a write");
    let unanswered = writes.iter().filter(|write| write.was_committed).count();

    let log = log_of(&server).await?;
    everything_is_in_the_log_once(&writes, &log)?;
    let rows = rows(&server).await?;
    the_log_ends_at_the_rows(&log, &rows)?;

    let http = reqwest::Client::new();
    for write in &writes {
        let again = send(
            &http,
            server.address(),
            &write.method,
            &write.path,
            &write.key,
            &write.title,
        );
        let (answer, is_repetition) = again.await?.context("an answer")?;
        assert!(is_repetition, "{} was executed again", write.key);
        assert_eq!(answer, write.answer, "{}", write.key);
    }
    assert_eq!(log_of(&server).await?, log, "repetitions wrote nothing");

    let followed = follower.leave_at(u64::try_from(log.len())?).await?;
    println!(
        "{total} writes, {repeated} of them sent again ({unanswered} had been committed), {KILLS} kills; the follower: {} connections, {} events, {} snapshots",
        followed.connections, followed.events, followed.snapshots
    );
    assert!(followed.connections > KILLS);
    assert_eq!(followed.cursor.seq, u64::try_from(log.len())?);
    assert_eq!(followed.tasks, rows);
    Ok(())
}

/// Waits until the given number of writes is acknowledged.
async fn reach(count: &mut watch::Receiver<u64>, at: u64) -> Result<()> {
    let waiting = count.wait_for(|count| *count >= at);
    let outcome = timeout(PATIENCE, waiting).await;
    outcome
        .with_context(|| format!("{at} writes are not acknowledged in time"))?
        .context("the writers have failed")?;
    Ok(())
}

/// Returns the whole log, whose events must follow each other without a gap.
async fn log_of(server: &Server) -> Result<Vec<Value>> {
    let mut log: Vec<Value> = Vec::new();
    loop {
        let path = format!("/api/projects/crash/events?after={}", log.len());
        let mut page = server.call(Method::GET, &path, None).await?;
        let Value::Array(events) = page["events"].take() else {
            anyhow::bail!("a page has events");
        };
        for event in events {
            ensure!(
                event["seq"] == json!(log.len() + 1),
                "after event {} came {event}",
                log.len()
            );
            log.push(event);
        }
        if page["more"] != json!(true) {
            ensure!(page["seq"] == json!(log.len()), "the log ends elsewhere");
            return Ok(log);
        }
    }
}

fn everything_is_in_the_log_once(writes: &[Write], log: &[Value]) -> Result<()> {
    let mut times: HashMap<&str, u32> = HashMap::new();
    for event in log {
        if let Some(title) = event["data"]["title"].as_str() {
            *times.entry(title).or_default() += 1;
        }
    }
    for write in writes {
        let event = usize::try_from(write.answer.seq - 1)?;
        let event = log
            .get(event)
            .with_context(|| format!("{} is lost", write.key))?;
        ensure!(
            event["data"]["title"] == json!(write.title)
                && event["data"]["rev"] == write.answer.task["rev"],
            "{} was acknowledged as {event}",
            write.key
        );
        let times = times.remove(write.title.as_str());
        ensure!(times == Some(1), "{} is there {times:?} times", write.key);
    }
    ensure!(times.is_empty(), "nobody wrote {times:?}");
    Ok(())
}

/// Checks that each task's versions are in the log from 1 on in sequence, up to the row's.
fn the_log_ends_at_the_rows(log: &[Value], rows: &BTreeMap<TaskId, TaskCard>) -> Result<()> {
    let mut versions: BTreeMap<TaskId, (u64, String)> = BTreeMap::new();
    for event in log {
        let data = &event["data"];
        let (Some(id), Some(rev), Some(title)) = (
            data["id"].as_str(),
            data["rev"].as_u64(),
            data["title"].as_str(),
        ) else {
            continue;
        };
        let entry = versions.entry(id.into()).or_default();
        ensure!(
            rev == entry.0 + 1,
            "after version {} of {id} came {rev}",
            entry.0
        );
        *entry = (rev, title.to_owned());
    }
    let stored: BTreeMap<_, _> = rows
        .iter()
        .map(|(id, card)| (id.clone(), (card.rev, card.title.clone())))
        .collect();
    ensure!(versions == stored, "{versions:?} is not {stored:?}");
    Ok(())
}

async fn rows(server: &Server) -> Result<BTreeMap<TaskId, TaskCard>> {
    let path = "/api/projects/crash/tasks?view=card";
    let cards: Vec<TaskCard> = serde_json::from_value(server.call(Method::GET, path, None).await?)?;
    Ok(cards
        .into_iter()
        .map(|card| (card.id.clone(), card))
        .collect())
}
