//! Tickets: a WebSocket that can send neither a cookie nor a header shows one, once, shortly after it was given.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::principal::Principal;
use super::secret::{Digest, Secret, digest};
use crate::error::{Error, Result};

/// How long a ticket can be used, in milliseconds.
pub(super) const TICKET_MS: i64 = 30_000;

/// How many tickets may be open at once.
const MOST: usize = 10_000;

/// The open tickets.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<HashMap<Digest, Ticket>>);

#[derive(Debug)]
struct Ticket {
    principal: Principal,
    until: i64,
}

impl Tickets {
    /// Gives a ticket. `now` is in milliseconds since 1970.
    pub(super) fn issue(&self, principal: &Principal, now: i64) -> Result<Secret> {
        let secret = Secret::plain()?;
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| ticket.until > now);
        if tickets.len() >= MOST {
            return Err(Error::Storage {
                message: "Too many tickets are open; they run out within half a minute.".into(),
                temporary: true,
            });
        }
        let ticket = Ticket {
            principal: principal.clone(),
            until: now + TICKET_MS,
        };
        tickets.insert(secret.digest(), ticket);
        Ok(secret)
    }

    /// Takes a ticket back, and says whose it was.
    pub(super) fn redeem(&self, presented: &str, now: i64) -> Option<Principal> {
        let ticket = self.lock().remove(&digest(presented))?;
        (ticket.until > now && !ticket.principal.is_ended()).then_some(ticket.principal)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Ticket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_works_once_and_only_until_it_runs_out() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(&Principal::local(), 1000).unwrap();
        assert!(tickets.redeem("another", 1000).is_none());
        assert!(tickets.redeem(ticket.reveal(), 1000).is_some());
        assert!(tickets.redeem(ticket.reveal(), 1000).is_none(), "used");
        let late = tickets.issue(&Principal::local(), 1000).unwrap();
        assert!(tickets.redeem(late.reveal(), 1000 + TICKET_MS).is_none());
    }

    #[test]
    fn tickets_are_bounded_and_old_ones_make_room() {
        let tickets = Tickets::default();
        for _ in 0..MOST {
            tickets.issue(&Principal::local(), 0).unwrap();
        }
        assert!(tickets.issue(&Principal::local(), 0).is_err());
        assert!(tickets.issue(&Principal::local(), TICKET_MS).is_ok());
        assert_eq!(tickets.lock().len(), 1);
    }
}
