//! A network that breaks on demand: a TCP proxy in front of a server. Its links can be cut,
//! silenced, slowed down and flapped while they are in use, individually or all together.
//!
//! It is made for tests and runs in user space, because a kernel that can do this (`netem`) is not
//! available everywhere.

mod link;
mod pump;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

pub use self::link::Link;

/// Direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

impl Direction {
    /// Both directions.
    pub const BOTH: [Self; 2] = [Self::ToServer, Self::ToClient];
}

/// Handling of bytes, and of the end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// Bytes pass through.
    #[default]
    Pass,
    /// Bytes wait until they may pass, as on a network that is down for a while and then
    /// retransmits.
    Hold,
    /// Bytes vanish without notice, as in a black hole. The link stays silent in this direction for
    /// good, since TCP delivers nothing after a hole.
    Swallow,
}

/// Conditions of one direction of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// Handling of bytes.
    pub flow: Flow,
    /// Delay of their arrival.
    pub delay: Duration,
    /// Number of bytes that may pass per second.
    pub bytes_per_second: Option<NonZeroU32>,
}

impl Weather {
    /// A black hole.
    pub const HOLE: Self = Self::of(Flow::Swallow);
    /// Nothing passes for now.
    pub const HELD: Self = Self::of(Flow::Hold);
    /// Everything passes immediately.
    pub const FAIR: Self = Self::of(Flow::Pass);

    const fn of(flow: Flow) -> Self {
        Self {
            flow,
            delay: Duration::ZERO,
            bytes_per_second: None,
        }
    }
}

/// Way in which a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Both ends see the end of the stream, as when a process exits.
    Fin,
    /// Both ends get an error, as when a machine has lost its record of the connection.
    Reset,
}

/// A running proxy. It ends, with its links, when this value is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    network: Arc<Network>,
    accepting: JoinHandle<()>,
}

/// State that the proxy shares with its links.
#[derive(Debug, Default)]
struct Network {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Conditions for future links.
    weather: [Weather; 2],
    refuses: bool,
    refuses_upgrades: bool,
    links: Vec<Arc<Link>>,
    accepted: u64,
    most_links: usize,
}

impl Network {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self, how: Cut) {
        for link in &self.state().links {
            link.cut(how);
        }
    }

    fn refuse(&self, refuses: bool) {
        self.state().refuses = refuses;
    }

    /// Registers a new link; returns `None` if new links are refused.
    fn admit(&self) -> Option<Arc<Link>> {
        let mut state = self.state();
        if state.refuses {
            return None;
        }
        let link = Arc::new(Link::new(state.weather));
        state.links.push(Arc::clone(&link));
        state.accepted += 1;
        state.most_links = state.most_links.max(state.links.len());
        Some(link)
    }

    fn forget(&self, link: &Arc<Link>) {
        self.state().links.retain(|other| !Arc::ptr_eq(other, link));
    }
}

impl Proxy {
    /// Starts a proxy on a free port of this machine, in front of the server at the given address.
    ///
    /// # Errors
    /// The system has no free port.
    pub async fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let network = Arc::new(Network::default());
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&network)));
        Ok(Self {
            address,
            network,
            accepting,
        })
    }

    /// Returns the address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the full address of a path on the server, through the proxy.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the open links, oldest first.
    pub fn links(&self) -> Vec<Arc<Link>> {
        self.network.state().links.clone()
    }

    /// Returns the number of links accepted so far.
    pub fn accepted(&self) -> u64 {
        self.network.state().accepted
    }

    /// Returns the largest number of simultaneous links.
    pub fn most_links(&self) -> usize {
        self.network.state().most_links
    }

    /// Sets the conditions of one direction of all links, including future ones.
    pub fn set(&self, direction: Direction, weather: Weather) {
        let mut state = self.network.state();
        state.weather[direction as usize] = weather;
        for link in &state.links {
            link.set(direction, weather);
        }
    }

    /// Sets the conditions of both directions of all links, including future ones.
    pub fn set_all(&self, weather: Weather) {
        for direction in Direction::BOTH {
            self.set(direction, weather);
        }
    }

    /// Cuts all links.
    pub fn cut(&self, how: Cut) {
        self.network.cut(how);
    }

    /// Starts or stops resetting all new connections.
    pub fn refuse(&self, refuses: bool) {
        self.network.refuse(refuses);
    }

    /// Starts or stops answering new WebSocket requests with 403, as a proxy does that lets only
    /// HTTP through.
    pub fn refuse_upgrades(&self, refuses: bool) {
        self.network.state().refuses_upgrades = refuses;
    }

    /// Alternates the network between up and down until the handle is dropped, which leaves it up.
    /// As it goes down, all links are cut, and new connections are reset.
    pub fn flap(&self, there: Duration, gone: Duration) -> Flapping {
        let network = Arc::clone(&self.network);
        let (times, count) = tokio::sync::watch::channel(0);
        let flapping = tokio::spawn({
            let network = Arc::clone(&network);
            async move {
                loop {
                    sleep(there).await;
                    network.refuse(true);
                    network.cut(Cut::Reset);
                    times.send_modify(|times| *times += 1);
                    sleep(gone).await;
                    network.refuse(false);
                }
            }
        });
        Flapping {
            network,
            count,
            flapping,
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A network that goes up and down until this value is dropped.
#[derive(Debug)]
pub struct Flapping {
    network: Arc<Network>,
    count: tokio::sync::watch::Receiver<u64>,
    flapping: JoinHandle<()>,
}

impl Flapping {
    /// Waits until the network has gone down the given number of times.
    pub async fn until_gone(&mut self, times: u64) {
        // The sender lives as long as this value.
        let _ = self.count.wait_for(|count| *count >= times).await;
    }
}

impl Drop for Flapping {
    fn drop(&mut self) {
        self.flapping.abort();
        self.network.refuse(false);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, network: Arc<Network>) {
    // The links end when this function does.
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                match network.admit() {
                    Some(link) => {
                        links.spawn(serve(client, server, link, Arc::clone(&network)));
                    }
                    None => link::reset(&client),
                }
            }
            Some(_) = links.join_next() => {}
        }
    }
}

/// Returns true if the first request of a connection is for a WebSocket. Browsers make each such
/// request on a new connection.
async fn asks_for_upgrade(client: &TcpStream) -> bool {
    let mut head = [0; 4096];
    let length = client.peek(&mut head).await.unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..length]).to_ascii_lowercase();
    head.contains("upgrade: websocket")
}

async fn serve(mut client: TcpStream, server: SocketAddr, link: Arc<Link>, network: Arc<Network>) {
    if network.state().refuses_upgrades && asks_for_upgrade(&client).await {
        const REFUSED: &[u8] =
            b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        // A client that has gone needs no answer.
        let _ = client.write_all(REFUSED).await;
        return network.forget(&link);
    }
    match TcpStream::connect(server).await {
        Ok(server) => link.carry(client, server).await,
        Err(_) => link::reset(&client),
    }
    network.forget(&link);
}
