//! One connection through the proxy: its orders and its two sockets.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::pump::pump;
use super::{Cut, Direction, Weather};

/// Time that the two ends of a link cut with a FIN have to close it too.
const LINGER: Duration = Duration::from_secs(2);

/// Orders for a link.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Orders {
    pub(super) weather: [Weather; 2],
    /// Byte count since the link's start at which a direction is cut, and the way of the cut.
    pub(super) ends: [Option<(u64, Cut)>; 2],
    cut: Option<Cut>,
}

/// A connection through the proxy.
#[derive(Debug)]
pub struct Link {
    orders: watch::Sender<Orders>,
    passed: [AtomicU64; 2],
    /// First bytes from the client.
    opening: OnceLock<Vec<u8>>,
}

impl Link {
    pub(super) fn new(weather: [Weather; 2]) -> Self {
        let orders = Orders {
            weather,
            ..Orders::default()
        };
        Self {
            orders: watch::Sender::new(orders),
            passed: Default::default(),
            opening: OnceLock::new(),
        }
    }

    /// Sets the conditions of one direction.
    pub fn set(&self, direction: Direction, weather: Weather) {
        self.orders
            .send_modify(|orders| orders.weather[direction as usize] = weather);
    }

    /// Cuts the link now.
    pub fn cut(&self, how: Cut) {
        self.orders.send_modify(|orders| orders.cut = Some(how));
    }

    /// Cuts the link after the given number of further bytes in a direction. If that is in the
    /// middle of a frame, its second half never arrives.
    pub fn cut_after(&self, direction: Direction, bytes: u64, how: Cut) {
        let end = self.passed(direction) + bytes;
        self.orders
            .send_modify(|orders| orders.ends[direction as usize] = Some((end, how)));
    }

    /// Returns the number of bytes that have passed in a direction.
    pub fn passed(&self, direction: Direction) -> u64 {
        self.passed[direction as usize].load(Ordering::Acquire)
    }

    /// Returns true if the client's first request was for that path, with any query string.
    pub fn is_for(&self, path: &str) -> bool {
        let opening = self.opening.get();
        [format!("GET {path} "), format!("GET {path}?")]
            .iter()
            .any(|request| opening.is_some_and(|bytes| bytes.starts_with(request.as_bytes())))
    }

    pub(super) fn orders(&self) -> watch::Receiver<Orders> {
        self.orders.subscribe()
    }

    pub(super) fn read(&self, direction: Direction, bytes: &[u8]) {
        if direction == Direction::ToServer {
            self.opening.get_or_init(|| bytes.to_vec());
        }
    }

    pub(super) fn wrote(&self, direction: Direction, bytes: usize) {
        self.passed[direction as usize].fetch_add(bytes as u64, Ordering::AcqRel);
    }

    /// Forwards bytes until the connection has ended or is cut.
    pub(super) async fn carry(&self, mut client: TcpStream, mut server: TcpStream) {
        // Small frames must not wait for each other. A socket that has already ended reports so
        // soon.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let how = {
            let (mut from_client, mut to_client) = client.split();
            let (mut from_server, mut to_server) = server.split();
            let pumping = async {
                let forth = pump(self, Direction::ToServer, &mut from_client, &mut to_server);
                let back = pump(self, Direction::ToClient, &mut from_server, &mut to_client);
                tokio::try_join!(forth, back).err().unwrap_or(Cut::Fin)
            };
            tokio::select! {
                how = self.until_cut() => how,
                how = pumping => how,
            }
        };
        match how {
            Cut::Reset => [&client, &server].into_iter().for_each(reset),
            Cut::Fin => {
                let _ = timeout(LINGER, async {
                    tokio::join!(end(&mut client), end(&mut server));
                })
                .await;
            }
        }
    }

    async fn until_cut(&self) -> Cut {
        let mut orders = self.orders.subscribe();
        let ordered = orders.wait_for(|orders| orders.cut.is_some()).await;
        // The sender is in `self`, so this cannot fail.
        ordered
            .ok()
            .and_then(|orders| orders.cut)
            .unwrap_or(Cut::Fin)
    }
}

/// Makes the system reset the connection to the peer once the socket is dropped.
pub(super) fn reset(socket: &TcpStream) {
    if let Err(error) = socket.set_zero_linger() {
        eprintln!("a link ends with FIN instead of RST: {error}");
    }
}

/// Sends the end of the stream and reads to the end: a socket with unread bytes would be reset
/// instead.
async fn end(socket: &mut TcpStream) {
    if socket.shutdown().await.is_ok() {
        let mut rest = [0; 4096];
        while matches!(socket.read(&mut rest).await, Ok(1..)) {}
    }
}
