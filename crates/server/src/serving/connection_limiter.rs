//! Limiter of connections: a maximum in all, and one per address.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::HttpLimits;
use crate::keyed_counter::{KeyedCounter, counted};

/// Limiter of open connections.
pub(super) struct ConnectionLimiter {
    all: Arc<Semaphore>,
    addresses: Arc<Mutex<KeyedCounter<IpAddr>>>,
    per_address: usize,
    /// Trusted proxies, which speak for many clients.
    proxies: Vec<IpAddr>,
    /// Number of open connections.
    open: Gauge,
}

/// Permit of one connection. It is returned when dropped, whatever became of the connection.
pub(super) struct ConnectionPermit {
    _permit: OwnedSemaphorePermit,
    address: Option<IpAddr>,
    addresses: Arc<Mutex<KeyedCounter<IpAddr>>>,
    open: Gauge,
}

impl ConnectionLimiter {
    /// Creates a limiter; `proxies` are not counted by address, and `open` shows the number of
    /// connections.
    pub(super) fn new(limits: &HttpLimits, proxies: &[IpAddr], open: Gauge) -> Self {
        let all = limits.max_connections.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(all)),
            addresses: Arc::default(),
            per_address: limits.max_connections_per_address,
            proxies: proxies.iter().map(IpAddr::to_canonical).collect(),
            open,
        }
    }

    /// Takes a permit for a connection from that address, if there is one.
    pub(super) fn take(&self, peer: IpAddr) -> Option<ConnectionPermit> {
        let is_proxy = self.proxies.contains(&peer.to_canonical());
        let address = counted(peer).filter(|_| !is_proxy);
        let permit = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let mut addresses = lock(&self.addresses);
        if !addresses.has_room(address.as_ref(), self.per_address) {
            return None;
        }
        addresses.enter(address);
        drop(addresses);
        self.open.inc();
        Some(ConnectionPermit {
            _permit: permit,
            address,
            addresses: Arc::clone(&self.addresses),
            open: self.open.clone(),
        })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        lock(&self.addresses).leave(self.address.as_ref());
        self.open.dec();
    }
}

fn lock(counter: &Mutex<KeyedCounter<IpAddr>>) -> MutexGuard<'_, KeyedCounter<IpAddr>> {
    counter.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_in_all_and_for_each_address_but_this_machine_and_proxies() {
        let limits = HttpLimits {
            max_connections: 6,
            max_connections_per_address: 1,
            ..HttpLimits::default()
        };
        let open = Gauge::default();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let limiter = ConnectionLimiter::new(&limits, &[address("192.0.2.9")], open.clone());
        let take = |text: &str| limiter.take(address(text));
        let ann = take("192.0.2.1");
        assert!(ann.is_some());
        assert!(take("::ffff:192.0.2.1").is_none());
        let others = ["192.0.2.2", "192.0.2.9", "192.0.2.9", "127.0.0.1", "::1"].map(take);
        assert!(others.iter().all(Option::is_some));
        assert!(take("192.0.2.3").is_none(), "there are six");
        assert_eq!(open.get(), 6);
        drop(ann);
        assert!(take("192.0.2.1").is_some());
        drop(others);
        assert_eq!(open.get(), 0);
    }

    #[test]
    fn without_limit_is_a_limit_too() {
        let limits = HttpLimits {
            max_connections: usize::MAX,
            ..HttpLimits::default()
        };
        let limiter = ConnectionLimiter::new(&limits, &[], Gauge::default());
        assert!(limiter.take([127, 0, 0, 1].into()).is_some());
    }
}
