//! Tickets for WebSockets that can send neither a cookie nor a header.
//!
//! Each is presented once, shortly after it was issued.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::share::{Held, Share};
use crate::auth::Principal;
use crate::auth::secret::{Secret, digest};
use crate::error::Result;
use crate::limits::{TICKETS, TICKETS_PER_TOKEN};
use crate::service::Moment;
use crate::store::Digest;

/// Lifetime of a ticket, in milliseconds.
pub(super) const TICKET_MS: i64 = 30_000;

/// Maximum number of open tickets.
const SHARE: Share = Share {
    per_owner: TICKETS_PER_TOKEN,
    in_all: TICKETS,
};

/// The open tickets.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    tickets: HashMap<Digest, Ticket>,
    /// Number of tickets that were ever issued.
    given: u64,
}

#[derive(Debug)]
struct Ticket {
    principal: Principal,
    until: Moment,
    order: u64,
}

impl Tickets {
    /// Issues a ticket. If there are too many, the oldest of the owner with the most ends.
    pub(super) fn issue(&self, principal: &Principal, now: Moment) -> Result<Secret> {
        let secret = Secret::plain()?;
        let mut open = self.lock();
        open.tickets
            .retain(|_, ticket| !ticket.until.has_passed(now));
        open.given += 1;
        let ticket = Ticket {
            principal: principal.clone(),
            until: now.after(TICKET_MS),
            order: open.given,
        };
        open.tickets.insert(secret.digest(), ticket);
        while let Some(oldest) = open.surplus() {
            open.tickets.remove(&oldest);
        }
        Ok(secret)
    }

    /// Redeems a ticket, and returns its owner.
    pub(super) fn redeem(&self, presented: &str, now: Moment) -> Option<Principal> {
        let ticket = self.lock().tickets.remove(&digest(presented))?;
        let holds = !ticket.until.has_passed(now) && !ticket.principal.is_ended();
        holds.then_some(ticket.principal)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn surplus(&self) -> Option<Digest> {
        SHARE.surplus(self.tickets.iter().map(|(digest, ticket)| Held {
            key: *digest,
            owner: ticket.principal.credential().unwrap_or_default(),
            order: ticket.order,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::auth::{Access, Scope};
    use crate::store::Role;

    /// Returns a moment at which both clocks read the same.
    fn at(millis: i64) -> Moment {
        Moment {
            millis,
            steady: Duration::from_millis(millis.unsigned_abs()),
        }
    }

    fn viewer(credential: &str) -> Principal {
        let access = Access::new(credential);
        Principal::holder(credential, Role::Viewer, Scope::Everything, None, access)
    }

    #[test]
    fn a_ticket_works_once_and_only_until_it_runs_out() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(&Principal::local(), at(1000)).unwrap();
        assert!(tickets.redeem("another", at(1000)).is_none());
        assert!(tickets.redeem(ticket.reveal(), at(1000)).is_some());
        assert!(tickets.redeem(ticket.reveal(), at(1000)).is_none(), "used");
        let late = tickets.issue(&Principal::local(), at(1000)).unwrap();
        let end = at(1000 + TICKET_MS);
        assert!(tickets.redeem(late.reveal(), end).is_none());
    }

    #[test]
    fn a_clock_that_is_set_back_extends_no_ticket() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(&Principal::local(), at(100_000)).unwrap();
        let set_back = Moment {
            millis: 50_000,
            ..at(100_000 + TICKET_MS)
        };
        assert!(tickets.redeem(ticket.reveal(), set_back).is_none());
    }

    #[test]
    fn one_token_loses_its_own_oldest_tickets_and_no_other_tokens() {
        let tickets = Tickets::default();
        let (ann, bob) = (viewer("ann"), viewer("bob"));
        let others = tickets.issue(&bob, at(0)).unwrap();
        let first = tickets.issue(&ann, at(0)).unwrap();
        let second = tickets.issue(&ann, at(0)).unwrap();
        for _ in 1..TICKETS_PER_TOKEN {
            tickets.issue(&ann, at(0)).unwrap();
        }
        assert_eq!(tickets.lock().tickets.len(), TICKETS_PER_TOKEN + 1);
        assert!(tickets.redeem(first.reveal(), at(0)).is_none());
        assert!(tickets.redeem(second.reveal(), at(0)).is_some());
        assert!(tickets.redeem(others.reveal(), at(0)).is_some());
    }
}
