//! A network that breaks on demand: a TCP proxy in front of a server, whose links can be cut, silenced, slowed down and
//! flapped while they are in use, one by one or all together.
//!
//! It is made for tests and stands in user space, because a kernel that can do this (`netem`) is not everywhere.

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

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

impl Direction {
    /// Both of them.
    pub const BOTH: [Self; 2] = [Self::ToServer, Self::ToClient];
}

/// What becomes of bytes, and of the end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// They go through.
    #[default]
    Pass,
    /// They wait until they may pass: a network that is gone for a while, behind which TCP sends again.
    Hold,
    /// They vanish, and nobody is told: a black hole. The link stays silent in this direction for good, since TCP delivers
    /// nothing that comes after a hole.
    Swallow,
}

/// One direction of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// What becomes of bytes.
    pub flow: Flow,
    /// How much later they arrive.
    pub delay: Duration,
    /// How many may pass in a second.
    pub bytes_per_second: Option<NonZeroU32>,
}

impl Weather {
    /// A black hole.
    pub const HOLE: Self = Self::of(Flow::Swallow);
    /// Nothing passes for now.
    pub const HELD: Self = Self::of(Flow::Hold);
    /// Everything passes at once.
    pub const FAIR: Self = Self::of(Flow::Pass);

    const fn of(flow: Flow) -> Self {
        Self {
            flow,
            delay: Duration::ZERO,
            bytes_per_second: None,
        }
    }
}

/// How a link ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Both ends are told that nothing more comes, as when a process ends.
    Fin,
    /// Both ends get an error, as when a machine has lost its memory of the connection.
    Reset,
}

/// A running proxy. It ends, with its links, when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    network: Arc<Network>,
    accepting: JoinHandle<()>,
}

/// What the proxy and its links share.
#[derive(Debug, Default)]
struct Network {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// For links that are yet to come.
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

    /// Takes a link in; none where new ones are refused.
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
    /// Starts a proxy on a free port of this machine, in front of the server at that address.
    ///
    /// # Errors
    /// When the system has no port.
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

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The whole address of a path on the server, through the proxy.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The links that are open, the oldest first.
    pub fn links(&self) -> Vec<Arc<Link>> {
        self.network.state().links.clone()
    }

    /// How many links there have been.
    pub fn accepted(&self) -> u64 {
        self.network.state().accepted
    }

    /// How many links there were at most at the same moment.
    pub fn most_links(&self) -> usize {
        self.network.state().most_links
    }

    /// Sets one direction of all links, and of those that are yet to come.
    pub fn set(&self, direction: Direction, weather: Weather) {
        let mut state = self.network.state();
        state.weather[direction as usize] = weather;
        for link in &state.links {
            link.set(direction, weather);
        }
    }

    /// Sets both directions of all links, and of those that are yet to come.
    pub fn set_all(&self, weather: Weather) {
        for direction in Direction::BOTH {
            self.set(direction, weather);
        }
    }

    /// Cuts all links.
    pub fn cut(&self, how: Cut) {
        self.network.cut(how);
    }

    /// Resets whoever connects from now on, or no longer.
    pub fn refuse(&self, refuses: bool) {
        self.network.refuse(refuses);
    }

    /// Answers whoever asks for a WebSocket with 403 from now on, or no longer: as a proxy does that
    /// lets nothing but HTTP through.
    pub fn refuse_upgrades(&self, refuses: bool) {
        self.network.state().refuses_upgrades = refuses;
    }

    /// Lets the network be there for a while and gone for a while, in turn, until the handle is dropped: then it is there.
    /// When it goes, all links are cut, and whoever connects is reset.
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

/// A network that comes and goes as long as this is there.
#[derive(Debug)]
pub struct Flapping {
    network: Arc<Network>,
    count: tokio::sync::watch::Receiver<u64>,
    flapping: JoinHandle<()>,
}

impl Flapping {
    /// Waits until it has gone that often.
    pub async fn until_gone(&mut self, times: u64) {
        // The sender lives as long as this.
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
    // They end when this does.
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

/// Looks whether the first request of a connection asks for a WebSocket. Browsers make each on a
/// connection of its own.
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
        // A client that is gone needs no answer.
        let _ = client.write_all(REFUSED).await;
        return network.forget(&link);
    }
    match TcpStream::connect(server).await {
        Ok(server) => link.carry(client, server).await,
        Err(_) => link::reset(&client),
    }
    network.forget(&link);
}
