//! One direction of a link: reads bytes, holds them as long as the conditions demand, and writes
//! them.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until};

use super::{Cut, Direction, Flow, Link, Weather};

/// Number of bytes that are read at once.
const CHUNK: usize = 16 << 10;
/// Number of bytes that wait in the proxy before it stops reading, as a congested network does.
const WINDOW: usize = 256 << 10;
/// Time slice of a throttled direction, which gets the bytes of one slice at once.
const SLICE: Duration = Duration::from_millis(20);

/// End of the source.
#[derive(Clone, Copy)]
enum End {
    Fin,
    Failed,
}

/// Queued bytes in chunks, each with the earliest time of its arrival.
#[derive(Default)]
struct Queue {
    chunks: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    /// Number of bytes of the first chunk that were written.
    written: usize,
}

impl Queue {
    fn push(&mut self, due: Instant, chunk: &[u8]) {
        self.bytes += chunk.len();
        self.chunks.push_back((due, chunk.to_vec()));
    }

    fn first(&self) -> Option<(Instant, &[u8])> {
        let (due, chunk) = self.chunks.front()?;
        Some((*due, &chunk[self.written..]))
    }

    fn wrote(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.written += bytes;
        if self.first().is_some_and(|(_, rest)| rest.is_empty()) {
            self.chunks.pop_front();
            self.written = 0;
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Forwards bytes until the source has ended and its end was passed on or lost.
///
/// # Errors
/// Returns the way to cut the link, if one end failed or the direction has reached its byte limit.
pub(super) async fn pump(
    link: &Link,
    direction: Direction,
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
) -> Result<(), Cut> {
    let mut orders = link.orders();
    let mut queue = Queue::default();
    let mut buffer = vec![0; CHUNK];
    let mut source = None;
    let mut has_hole = false;
    let mut not_before = Instant::now();
    loop {
        let (weather, limit) = {
            let orders = orders.borrow_and_update();
            let index = direction as usize;
            (orders.weather[index], orders.ends[index])
        };
        if weather.flow == Flow::Swallow && queue.bytes > 0 {
            has_hole = true;
            queue.clear();
        }
        let left = limit.map(|(end, how)| (end.saturating_sub(link.passed(direction)), how));
        if let Some((0, how)) = left {
            return Err(how);
        }
        if let Some(end) = source
            && queue.bytes == 0
        {
            match (weather.flow, end) {
                (Flow::Swallow, _) => return Ok(()),
                _ if has_hole => return Ok(()),
                (Flow::Pass, End::Fin) => return to.shutdown().await.map_err(|_| Cut::Reset),
                (Flow::Pass, End::Failed) => return Err(Cut::Reset),
                (Flow::Hold, _) => {}
            }
        }
        let may_write = weather.flow == Flow::Pass && !has_hole;
        let next = queue.first().filter(|_| may_write).map(|(due, rest)| {
            let most =
                usize::try_from(left.map_or(u64::MAX, |(left, _)| left)).unwrap_or(usize::MAX);
            let most = most.min(slice(&weather)).min(rest.len());
            (due.max(not_before), &rest[..most])
        });
        let full = queue.bytes >= WINDOW;
        tokio::select! {
            changed = orders.changed() => {
                if changed.is_err() {
                    return Err(Cut::Reset);
                }
            }
            read = from.read(&mut buffer), if source.is_none() && !full => match read {
                Ok(0) => source = Some(End::Fin),
                Ok(_) if has_hole || weather.flow == Flow::Swallow => has_hole = true,
                Ok(bytes) => {
                    link.read(direction, &buffer[..bytes]);
                    queue.push(Instant::now() + weather.delay, &buffer[..bytes]);
                }
                Err(_) => {
                    queue.clear();
                    source = Some(End::Failed);
                }
            },
            written = write(to, next) => {
                let bytes = written.map_err(|_| Cut::Reset)?;
                queue.wrote(bytes);
                link.wrote(direction, bytes);
                if let Some(rate) = weather.bytes_per_second {
                    let each = Duration::from_secs(1) / rate.get();
                    not_before = Instant::now() + each * u32::try_from(bytes).unwrap_or(u32::MAX);
                }
            }
        }
    }
}

/// Returns the number of bytes that may be written at once.
fn slice(weather: &Weather) -> usize {
    weather.bytes_per_second.map_or(usize::MAX, |rate| {
        let bytes = f64::from(rate.get()) * SLICE.as_secs_f64();
        (bytes as usize).max(1)
    })
}

/// Writes the bytes when they are due; without bytes it waits forever. If it is canceled, nothing
/// is written.
async fn write(to: &mut WriteHalf<'_>, next: Option<(Instant, &[u8])>) -> io::Result<usize> {
    match next {
        Some((due, bytes)) => {
            sleep_until(due).await;
            to.write(bytes).await
        }
        None => std::future::pending().await,
    }
}
