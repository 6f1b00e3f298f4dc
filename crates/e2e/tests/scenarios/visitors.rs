//! Test of a large number of clients that come and go: the server keeps nothing of them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::Server;
use tasktree_e2e::wait::{PATIENCE, until};
use tokio::net::TcpStream;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Environment variable with the number of visits, to override [`VISITS`].
const VISITS_VARIABLE: &str = "TASKTREE_VISITS";
const VISITS: usize = 2_000;
/// Number of visits after which the server has made its one-time allocations for this load.
const WARM_UP: usize = 500;
/// Number of simultaneous visits.
const AT_ONCE: usize = 32;
/// Minimum interval between visits: a little less than the server can handle.
const A_VISIT: Duration = Duration::from_micros(1_200);
/// Maximum growth of the server's memory.
const GROWTH_KIB: u64 = 5 << 10;

/// Resources that a server holds.
#[derive(Clone, Copy, Debug)]
struct Holds {
    memory_kib: u64,
    files: usize,
    threads: usize,
}

impl Holds {
    fn of(server: &Server) -> Result<Self> {
        let process = server.process_id().context("the server runs")?;
        let folder = format!("/proc/{process}");
        let status = std::fs::read_to_string(format!("{folder}/status"))?;
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next())
            .context("there is a VmRSS")?;
        Ok(Self {
            memory_kib: memory.parse()?,
            files: std::fs::read_dir(format!("{folder}/fd"))?.count(),
            threads: std::fs::read_dir(format!("{folder}/task"))?.count(),
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_thousands_who_come_and_go_nothing_is_left() -> Result<()> {
    let visits = match std::env::var(VISITS_VARIABLE) {
        Ok(visits) => visits.parse().context("the number of visits")?,
        Err(_) => VISITS,
    };
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["One"]).await?;
    come_and_go(&server, WARM_UP).await?;
    let before = at_rest(&server).await?;
    come_and_go(&server, visits).await?;
    let after = at_rest(&server).await?;
    println!("{visits} visits: {before:?} before, {after:?} after");
    // A connection for the test's own requests may or may not be kept alive.
    assert!(after.files.abs_diff(before.files) <= 1, "files");
    assert!(after.threads.abs_diff(before.threads) <= 2, "threads");
    let growth = after.memory_kib.saturating_sub(before.memory_kib);
    assert!(growth <= GROWTH_KIB, "{growth} KiB more");
    Ok(())
}

async fn come_and_go(server: &Server, visits: usize) -> Result<()> {
    let mut pace = tokio::time::interval(A_VISIT);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold((pace, 0), |(mut pace, number)| async move {
        pace.tick().await;
        (number < visits).then_some((number, (pace, number + 1)))
    })
    .map(Ok)
    .try_for_each_concurrent(AT_ONCE, |number| visit(server, number))
    .await
}

/// Connects, becomes live, and leaves: with a close, without one, or even before a hello.
async fn visit(server: &Server, number: usize) -> Result<()> {
    let mut request = format!("ws://{}/ws/updates", server.address()).into_client_request()?;
    request
        .headers_mut()
        .insert("sec-websocket-protocol", "board.v1".parse()?);
    let tcp = TcpStream::connect(server.address()).await?;
    let (mut socket, _) = client_async(request, tcp).await?;
    if number.is_multiple_of(5) {
        return Ok(());
    }
    let hello =
        json!({"type": "sys.hello", "data": {"client": "visitor", "subs": [{"stream": "demo"}]}});
    socket.send(Message::text(hello.to_string())).await?;
    loop {
        let frame = socket.next().await.context("the server closed")??;
        let text = frame.into_text()?;
        if text.contains(r#""type":"sys.live""#) {
            break;
        }
        ensure!(text.contains(r#""type":"sys.welcome""#), "{text}");
    }
    if number.is_multiple_of(2) {
        socket.close(None).await?;
        while socket.next().await.is_some_and(|frame| frame.is_ok()) {}
    }
    Ok(())
}

/// Returns the server's resources once all clients have left and its memory no longer changes.
async fn at_rest(server: &Server) -> Result<Holds> {
    until("everybody has left", PATIENCE, || async {
        let list = server
            .call(Method::GET, "/api/admin/connections", None)
            .await?;
        Ok((list == json!([])).then_some(()))
    })
    .await?;
    let mut last = Holds::of(server)?;
    until("it is at rest", PATIENCE, || {
        let now = Holds::of(server);
        let newest = *now.as_ref().unwrap_or(&last);
        let before = std::mem::replace(&mut last, newest);
        async move {
            let now = now?;
            let same = now.memory_kib == before.memory_kib && now.files == before.files;
            Ok(same.then_some(now))
        }
    })
    .await
}
