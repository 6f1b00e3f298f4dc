//! Memory budget shared by request and response bodies. A client that reads or sends slowly keeps
//! its response, or the part of the request received so far, in the server's memory. One budget
//! therefore bounds all of them together, and another bounds each caller.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::Principal;
use crate::error::{Error, Result};
use crate::keyed_counter::counted;

/// Size of a request or response, in bytes, up to which it is not counted. The limit on connections
/// bounds those.
pub(crate) const SMALL: usize = 16 * 1024;

/// Unit in which the budget is counted, in bytes.
const UNIT: usize = 1024;

/// Caller with a budget of its own: a credential, or an address if there is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// Id of a token that was created.
    Credential(String),
    /// An address of another machine.
    Address(IpAddr),
}

impl Caller {
    /// Returns the caller that a request is counted for. This machine has none, as everywhere:
    /// local programs are trusted, and a local proxy speaks for everybody.
    pub(crate) fn of(principal: Option<&Principal>, from: Option<IpAddr>) -> Option<Self> {
        let own = principal.filter(|principal| !principal.is_shared());
        let credential = own.and_then(Principal::credential);
        match credential {
            Some(credential) => Some(Self::Credential(credential.to_owned())),
            None => from.and_then(counted).map(Self::Address),
        }
    }
}

/// Budget that all callers share. Cloning returns another handle to the same budget.
#[derive(Clone)]
pub(crate) struct Buffers(Arc<Inner>);

struct Inner {
    room: Arc<Semaphore>,
    /// Units of the whole budget.
    all: usize,
    /// Units of one caller.
    each: usize,
    /// Budgets of the callers that hold something.
    shares: Mutex<HashMap<Caller, Weak<Semaphore>>>,
}

/// Budget as one caller may use it. Cloning returns another handle to the same budget.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    buffers: Buffers,
    caller: Option<Caller>,
}

/// Reserved part of the budget. Dropping it releases the reservation.
#[derive(Debug)]
pub(crate) struct Reservation {
    _own: Option<OwnedSemaphorePermit>,
    _all: OwnedSemaphorePermit,
}

/// Budget that is exhausted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// Budget of all callers.
    All,
    /// Budget of the caller.
    Own,
}

impl Buffers {
    /// Creates a budget of `bytes`, of which each caller may use `per_caller`.
    pub(crate) fn new(bytes: usize, per_caller: usize) -> Self {
        let all = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            room: Arc::new(Semaphore::new(all)),
            all,
            each: (per_caller / UNIT).clamp(1, all),
            shares: Mutex::default(),
        }))
    }

    /// Returns the budget as `caller` may use it.
    pub(crate) const fn share(self, caller: Option<Caller>) -> Share {
        Share {
            buffers: self,
            caller,
        }
    }

    /// Returns the reserved bytes, rounded up.
    pub(crate) fn taken(&self) -> usize {
        (self.0.all - self.0.room.available_permits()) * UNIT
    }
}

impl fmt::Debug for Buffers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Buffers({} of {})",
            self.taken(),
            self.0.all * UNIT
        )
    }
}

impl Share {
    /// Returns the caller's own budget, if it has one.
    fn own(&self) -> Option<Arc<Semaphore>> {
        let caller = self.caller.as_ref()?;
        let inner = &self.buffers.0;
        let mut shares = inner.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = shares.get(caller).and_then(Weak::upgrade) {
            return Some(own);
        }
        shares.retain(|_, share| share.strong_count() > 0);
        let own = Arc::new(Semaphore::new(inner.each));
        shares.insert(caller.clone(), Arc::downgrade(&own));
        Some(own)
    }

    /// Returns the units for `bytes`. A body larger than the whole budget, or than the caller's,
    /// reserves all of it.
    fn units(&self, bytes: usize) -> u32 {
        let inner = &self.buffers.0;
        let most = if self.caller.is_some() {
            inner.each
        } else {
            inner.all
        };
        u32::try_from(bytes.div_ceil(UNIT).min(most)).unwrap_or(u32::MAX)
    }

    /// Reserves `bytes` without waiting.
    ///
    /// # Errors
    /// Returns the exhausted budget. The caller may retry later.
    pub(crate) fn take(&self, bytes: usize) -> std::result::Result<Reservation, Full> {
        let units = self.units(bytes);
        let own = match self.own() {
            Some(own) => Some(own.try_acquire_many_owned(units).map_err(|_| Full::Own)?),
            None => None,
        };
        let room = Arc::clone(&self.buffers.0.room);
        let all = room.try_acquire_many_owned(units).map_err(|_| Full::All)?;
        Ok(Reservation {
            _own: own,
            _all: all,
        })
    }

    /// Reserves `bytes`, waiting until they are available: clients that do not read lose their
    /// connections in time.
    ///
    /// # Errors
    /// Returns an error if the server shuts down.
    pub(crate) async fn wait_for(&self, bytes: usize) -> Result<Reservation> {
        let units = self.units(bytes);
        let closed = |_| Error::store_closed();
        let own = match self.own() {
            Some(own) => Some(own.acquire_many_owned(units).await.map_err(closed)?),
            None => None,
        };
        let room = Arc::clone(&self.buffers.0.room);
        let all = room.acquire_many_owned(units).await.map_err(closed)?;
        Ok(Reservation {
            _own: own,
            _all: all,
        })
    }
}

impl Reservation {
    /// Returns bytes that hold this reservation for as long as they live.
    pub(crate) fn hold(self, bytes: Bytes) -> Bytes {
        Arc::new(self).share(bytes)
    }

    /// Does the same as [`Self::hold`] for one of several parts that share the reservation.
    pub(crate) fn share(self: Arc<Self>, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Held { bytes, _room: self })
    }
}

/// Bytes with their reservation.
struct Held {
    bytes: Bytes,
    _room: Arc<Reservation>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Option<Caller> {
        Some(Caller::Credential("ann".to_owned()))
    }

    #[test]
    fn room_is_taken_until_the_bytes_are_dropped() {
        let buffers = Buffers::new(64 * UNIT, 64 * UNIT);
        let share = buffers.clone().share(None);
        let first = share
            .take(40 * UNIT)
            .unwrap()
            .hold(Bytes::from_static(b"first"));
        assert_eq!(share.take(25 * UNIT).unwrap_err(), Full::All);
        let part = first.slice(1..);
        drop(first);
        assert_eq!(buffers.taken(), 40 * UNIT, "a part of them is still there");
        drop(part);
        let all = share.take(1000 * UNIT).unwrap();
        assert!(share.take(1).is_err(), "what is too large has all of it");
        drop(all);
        assert!(share.take(64 * UNIT).is_ok());
    }

    #[test]
    fn one_caller_does_not_take_the_room_of_the_others() {
        let buffers = Buffers::new(64 * UNIT, 16 * UNIT);
        let share = buffers.clone().share(ann());
        let first = share.take(10 * UNIT).unwrap();
        assert_eq!(share.take(7 * UNIT).unwrap_err(), Full::Own);
        let other = buffers.clone().share(ann());
        let rest = other.take(6 * UNIT).unwrap();
        assert_eq!(other.take(1).unwrap_err(), Full::Own);
        let address = Some(Caller::Address([192, 0, 2, 1].into()));
        assert!(buffers.clone().share(address).take(16 * UNIT).is_ok());
        drop((first, rest));
        let all = share.take(1000 * UNIT).unwrap();
        assert_eq!(buffers.taken(), 16 * UNIT, "at most the caller's room");
        drop(all);
        buffers.clone().share(None).take(1).unwrap();
        let bob = Some(Caller::Credential("bob".to_owned()));
        let held = buffers.clone().share(bob).take(1).unwrap();
        let known = buffers.0.shares.lock().unwrap().len();
        assert_eq!(known, 1, "nothing is kept of who has nothing in it");
        drop(held);
    }

    #[tokio::test]
    async fn who_waits_for_room_has_it_when_another_gives_it_back() {
        let buffers = Buffers::new(8 * UNIT, 4 * UNIT);
        let share = buffers.clone().share(ann());
        let first = share.take(4 * UNIT).unwrap();
        let waiting = share.wait_for(2 * UNIT);
        tokio::pin!(waiting);
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        drop(first);
        let second = waiting.await.unwrap();
        assert_eq!(buffers.taken(), 2 * UNIT);
        drop(second);
    }
}
