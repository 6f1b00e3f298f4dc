//! How many connections came from where.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::address::network;

/// Connections by address. An IPv6 address counts with its /64, which is what one subscriber of a network has. This machine is not
/// counted: whatever runs here is trusted, and a reverse proxy on it speaks for everybody.
#[derive(Debug, Default)]
pub(super) struct Addresses(HashMap<IpAddr, usize>);

impl Addresses {
    /// Counts one more, unless there are `most` already; says whether it did.
    pub(super) fn enter(&mut self, address: Option<IpAddr>, most: usize) -> bool {
        let Some(key) = address.and_then(key) else {
            return true;
        };
        let count = self.0.entry(key).or_default();
        if *count >= most {
            return false;
        }
        *count += 1;
        true
    }

    /// Counts one less.
    pub(super) fn leave(&mut self, address: Option<IpAddr>) {
        let Some(key) = address.and_then(key) else {
            return;
        };
        if let Some(count) = self.0.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&key);
            }
        }
    }
}

/// What an address counts as; none where it is not counted.
fn key(address: IpAddr) -> Option<IpAddr> {
    let address = address.to_canonical();
    if address.is_loopback() {
        return None;
    }
    Some(network(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_address_has_its_share_and_gets_it_back_and_others_do_not_notice() {
        let mut addresses = Addresses::default();
        for _ in 0..2 {
            assert!(addresses.enter(address("192.0.2.1"), 2));
        }
        assert!(!addresses.enter(address("192.0.2.1"), 2));
        assert!(
            !addresses.enter(address("::ffff:192.0.2.1"), 2),
            "the same, written otherwise"
        );
        assert!(addresses.enter(address("192.0.2.2"), 2));
        addresses.leave(address("192.0.2.1"));
        assert!(addresses.enter(address("192.0.2.1"), 2));
        for text in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
            addresses.leave(address(text));
        }
        assert!(addresses.0.is_empty(), "nothing is kept of who has left");
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_this_machine_is_none() {
        let mut addresses = Addresses::default();
        assert!(addresses.enter(address("2001:db8:0:1::1"), 1));
        assert!(!addresses.enter(address("2001:db8:0:1:ffff::2"), 1));
        assert!(addresses.enter(address("2001:db8:0:2::1"), 1));
        for here in [
            address("127.0.0.1"),
            address("::1"),
            address("::ffff:127.0.0.1"),
            None,
        ] {
            assert!(addresses.enter(here, 0));
            addresses.leave(here);
        }
    }
}
