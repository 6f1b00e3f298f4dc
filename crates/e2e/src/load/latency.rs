//! How long a change takes from a writer's request to a subscriber, the commit in between.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::clients;
use super::{Figure, Sizes, server};

/// Events with which a single client is measured.
const SINGLE_EVENTS: u64 = 200;

pub(super) async fn run(sizes: Sizes) -> Result<Vec<Figure>> {
    let many = measure(
        sizes.connections,
        sizes.events_per_second,
        sizes.events_per_second * sizes.seconds,
    )
    .await?;
    let single = measure(1, sizes.events_per_second, SINGLE_EVENTS).await?;
    let load = format!(
        "{} connections, {} events/s",
        sizes.connections, sizes.events_per_second
    );
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    Ok(vec![
        Figure::new(
            format!("write to client, median, {load}"),
            ms(percentile(&many, 0.50)),
            "ms",
        ),
        Figure::new(
            format!("write to client, p99, {load}"),
            ms(percentile(&many, 0.99)),
            "ms",
        )
        .at_most(50.0),
        Figure::new(
            format!("write to client, p99.9, {load}"),
            ms(percentile(&many, 0.999)),
            "ms",
        ),
        Figure::new(
            "write to client, median, 1 connection",
            ms(percentile(&single, 0.50)),
            "ms",
        ),
        Figure::new(
            "write to client, p99, 1 connection",
            ms(percentile(&single, 0.99)),
            "ms",
        ),
    ])
}

/// The time from each request to each client, sorted.
async fn measure(connections: usize, per_second: u64, events: u64) -> Result<Vec<Duration>> {
    let (server, task) = server().await?;
    let clients = clients::connect(server.address(), connections, true).await?;
    let first = clients.first().context("there are no clients")?.seq;
    let count = usize::try_from(events)?;
    let begun: Arc<[OnceLock<Instant>]> = (0..count).map(|_| OnceLock::new()).collect();
    let mut readings = JoinSet::new();
    for mut client in clients {
        let begun = Arc::clone(&begun);
        readings.spawn(async move {
            let mut took = Vec::with_capacity(count);
            while took.len() < count {
                client
                    .read(|seq| {
                        let index = usize::try_from(seq - first - 1).unwrap_or(usize::MAX);
                        took.extend(
                            begun
                                .get(index)
                                .and_then(OnceLock::get)
                                .map(Instant::elapsed),
                        );
                    })
                    .await?;
            }
            anyhow::Ok(took)
        });
    }
    let mut ticks = interval(Duration::from_secs(1) / u32::try_from(per_second)?);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let path = format!("/api/projects/bench/tasks/{task}");
    for (number, begun) in begun.iter().enumerate() {
        ticks.tick().await;
        let title = json!({"title": format!("Title number {number}")});
        begun.get_or_init(Instant::now);
        server.call(Method::PUT, &path, Some(title)).await?;
    }
    let mut all = Vec::with_capacity(count * connections);
    while let Some(reading) = readings.join_next().await {
        all.extend(reading??);
    }
    all.sort_unstable();
    Ok(all)
}

/// The value that the given share of a sorted list is not above.
fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let hundred: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&hundred, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&hundred, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&hundred, 0.999), Duration::from_millis(100));
        assert_eq!(percentile(&hundred[..1], 0.99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
    }
}
