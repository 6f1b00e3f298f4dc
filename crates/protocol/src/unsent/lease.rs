//! Leases: ownership of changes where the browser has no locks.
//!
//! Browsers have locks only in secure contexts, and a page served by http on a local network is
//! none. There, each page writes a stamp at intervals into its lease, a record of the storage that
//! all pages share. A page whose stamp stands still has crashed, was discarded, or is frozen:
//! another page claims its lease, and owns its changes once the claim has stood for
//! [`CLAIM_MS`].
//!
//! A frozen page may wake later. So an owner reads its leases with [`Leases::take_lost`], in the
//! same turn of the event loop, before it sends a change or writes one to the storage, and lets go
//! of all that is no longer its own. The new owner has read the changes after its claim became
//! visible to the former one: it knows of everything that was sent before.
//!
//! Stamps are from the clock of the machine, which may be set. A clock that jumps can move changes
//! from one living page to another, and does no other harm.

/// Interval of the stamps, in milliseconds.
///
/// Chrome and Safari run the timers of a hidden page once a minute ("intensive throttling"), so the
/// stamps of a living page are up to a minute apart.
pub const STAMP_MS: i64 = 30_000;
/// Age of a stamp from which on its page counts as gone: three times the longest interval of a
/// living page.
pub const GONE_MS: i64 = 3 * 60_000;
/// Time for which a claim must stand. It bounds the time in which a write to the storage becomes
/// visible to the other processes of the browser, which is milliseconds.
pub const CLAIM_MS: i64 = 2_000;
/// Time between two calls of [`Leases::renew`] from which on the clock was set, or the machine or
/// the page has slept. All pages get the time to stamp again, and this one the time in which writes
/// of others become visible to it.
const SLEPT_MS: i64 = 90_000;

/// Storage of the leases, which all pages of a browser share.
pub trait Register {
    /// Returns the lease of a page.
    fn read(&self, page: &str) -> Option<String>;
    /// Writes the lease of a page. Returns false if there is no room.
    fn write(&mut self, page: &str, lease: &str) -> bool;
    /// Removes the lease of a page.
    fn remove(&mut self, page: &str);
}

/// Leases of one page: its own, and those that it has claimed from pages that are gone.
#[derive(Debug)]
pub struct Leases<R> {
    register: R,
    /// Name by which this page holds leases.
    holder: String,
    held: Vec<String>,
    /// Leases of others, as they were read last.
    watched: Vec<Watched>,
    /// Time of the last renewal.
    renewed_ms: Option<i64>,
    /// Time of the renewal that noticed a sleep, until what others wrote meanwhile is visible.
    woke_ms: Option<i64>,
}

#[derive(Debug)]
struct Watched {
    page: String,
    lease: String,
    /// Time since which the lease has not changed, or of this page's claim.
    since_ms: i64,
}

impl<R: Register> Leases<R> {
    /// Returns the leases of a page that holds none. No other page has the name `holder`.
    pub fn new(register: R, holder: impl Into<String>) -> Self {
        Self {
            register,
            holder: holder.into(),
            held: Vec::new(),
            watched: Vec::new(),
            renewed_ms: None,
            woke_ms: None,
        }
    }

    /// Creates the lease of a new name of this page. Returns false if the storage has no room.
    pub fn create(&mut self, page: &str, now_ms: i64) -> bool {
        let lease = self.lease(now_ms);
        let is_written = self.register.write(page, &lease);
        if is_written {
            self.held.push(page.to_owned());
        }
        is_written
    }

    /// Stamps the leases of this page, and claims those of `pages` that are gone. Returns the pages
    /// whose changes are now this page's: their claims have stood long enough.
    ///
    /// Leases that others have claimed are left alone; [`Leases::take_lost`] returns them.
    pub fn renew(&mut self, pages: &[String], now_ms: i64) -> Vec<String> {
        let has_slept = self.has_slept(now_ms);
        self.renewed_ms = Some(now_ms);
        if has_slept {
            self.woke_ms = Some(now_ms);
        }
        self.woke_ms.take_if(|woke| now_ms - *woke >= CLAIM_MS);
        let stamp = self.lease(now_ms);
        if self.woke_ms.is_none() {
            for page in &self.held {
                if self.is_held(page) {
                    self.register.write(page, &stamp);
                }
            }
        }
        self.watched.retain(|it| pages.contains(&it.page));
        let mut gained = Vec::new();
        for page in pages {
            if self.holds(page) {
                continue;
            }
            let mut watched = self.watch(page, now_ms);
            let (holder, stamped_ms) = read(&watched.lease);
            if has_slept && stamped_ms != NEVER {
                watched.since_ms = now_ms;
            }
            let is_claimed = holder == self.holder;
            let age = now_ms.saturating_sub(watched.since_ms);
            if is_claimed && age >= CLAIM_MS {
                gained.push(page.clone());
                continue;
            }
            if !is_claimed && age >= GONE_MS && self.register.write(page, &stamp) {
                watched.lease.clone_from(&stamp);
                watched.since_ms = now_ms;
            }
            self.watched.push(watched);
        }
        self.held.extend_from_slice(&gained);
        gained
    }

    /// Returns true if what this page reads of its leases is up to date. After a sleep it takes
    /// [`CLAIM_MS`] and another [`Leases::renew`].
    pub fn is_current(&self, now_ms: i64) -> bool {
        self.woke_ms.is_none() && !self.has_slept(now_ms)
    }

    /// Returns true if the next [`Leases::renew`] is due in [`CLAIM_MS`] rather than in
    /// [`STAMP_MS`].
    pub fn is_waiting(&self) -> bool {
        let is_claimed = |it: &Watched| read(&it.lease).0 == self.holder;
        self.woke_ms.is_some() || self.watched.iter().any(is_claimed)
    }

    /// Returns true if this page has that lease, unless another one has claimed it since.
    pub fn holds(&self, page: &str) -> bool {
        self.held.iter().any(|held| held == page)
    }

    /// Returns the pages whose leases another page has claimed, and forgets them: what this page
    /// knows of their changes may be outdated.
    pub fn take_lost(&mut self) -> Vec<String> {
        let lost: Vec<_> = self
            .held
            .iter()
            .filter(|page| !self.is_held(page))
            .cloned()
            .collect();
        self.held.retain(|page| !lost.contains(page));
        lost
    }

    /// Ends the lease of a page that has no changes.
    pub fn end(&mut self, page: &str) {
        self.held.retain(|held| held != page);
        if self.is_held(page) {
            self.register.remove(page);
        }
    }

    /// Ends all leases of this page, so that another page need not wait.
    pub fn end_all(&mut self) {
        for page in self.held.clone() {
            self.end(&page);
        }
    }

    /// Returns the lease of a page, with the time for which it has been so.
    fn watch(&mut self, page: &str, now_ms: i64) -> Watched {
        let lease = self.register.read(page).unwrap_or_default();
        let before = self.watched.iter().position(|it| it.page == page);
        let before = before.map(|at| self.watched.swap_remove(at));
        before
            .filter(|it| it.lease == lease)
            .unwrap_or_else(|| Watched {
                page: page.to_owned(),
                // A stamp of the future proves nothing, except that the clock was set.
                since_ms: read(&lease).1.min(now_ms),
                lease,
            })
    }

    fn has_slept(&self, now_ms: i64) -> bool {
        let passed = self.renewed_ms.map_or(0, |last| now_ms - last);
        !(0..SLEPT_MS).contains(&passed)
    }

    fn is_held(&self, page: &str) -> bool {
        let lease = self.register.read(page).unwrap_or_default();
        read(&lease).0 == self.holder
    }

    fn lease(&self, now_ms: i64) -> String {
        format!("{} {now_ms}", self.holder)
    }
}

/// Stamp of a lease that is missing, or cannot be read: it is nobody's.
const NEVER: i64 = i64::MIN;

/// Returns the holder and the stamp of a lease.
fn read(lease: &str) -> (&str, i64) {
    lease
        .split_once(' ')
        .and_then(|(holder, stamp)| Some((holder, stamp.parse().ok()?)))
        .unwrap_or(("", NEVER))
}
