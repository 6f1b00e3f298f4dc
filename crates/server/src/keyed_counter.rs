//! Counter of connections by user or address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use crate::address::network;

/// A count per key; keys without connections are dropped. A connection without a key is not
/// counted.
#[derive(Debug)]
pub(crate) struct KeyedCounter<K>(HashMap<K, usize>);

impl<K> Default for KeyedCounter<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> KeyedCounter<K> {
    /// Returns true if the key has fewer than `most`.
    pub(crate) fn has_room(&self, key: Option<&K>, most: usize) -> bool {
        key.is_none_or(|key| self.0.get(key).copied().unwrap_or(0) < most)
    }

    /// Counts one more.
    pub(crate) fn enter(&mut self, key: Option<K>) {
        if let Some(key) = key {
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// Counts one less.
    pub(crate) fn leave(&mut self, key: Option<&K>) {
        if let Some((key, count)) = key.and_then(|key| Some((key, self.0.get_mut(key)?))) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(key);
            }
        }
    }
}

/// Returns the key under which an address is counted.
///
/// An IPv6 address counts with its /64, which is what one subscriber of a network has. This machine
/// is not counted: everything that runs here is trusted, and a reverse proxy on it speaks for
/// everybody.
pub(crate) fn counted(address: IpAddr) -> Option<IpAddr> {
    let address = address.to_canonical();
    (!address.is_loopback()).then(|| network(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_share_and_gets_it_back_and_others_do_not_notice() {
        let mut counter = KeyedCounter::default();
        for _ in 0..2 {
            assert!(counter.has_room(Some(&"ann"), 2));
            counter.enter(Some("ann"));
        }
        assert!(!counter.has_room(Some(&"ann"), 2));
        assert!(counter.has_room(Some(&"bob"), 2));
        assert!(counter.has_room(None, 0));
        counter.enter(None);
        counter.leave(Some(&"ann"));
        assert!(counter.has_room(Some(&"ann"), 2));
        for key in [None, Some(&"ann"), Some(&"nobody")] {
            counter.leave(key);
        }
        assert!(counter.0.is_empty(), "nothing is kept of who has left");
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_this_machine_is_none() {
        let counted = |text: &str| counted(text.parse().unwrap());
        assert_eq!(counted("192.0.2.1"), counted("::ffff:192.0.2.1"));
        assert_ne!(counted("192.0.2.1"), counted("192.0.2.2"));
        assert_eq!(counted("2001:db8:0:1::1"), counted("2001:db8:0:1:ffff::2"));
        assert_ne!(counted("2001:db8:0:1::1"), counted("2001:db8:0:2::1"));
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(counted(here), None);
        }
    }
}
