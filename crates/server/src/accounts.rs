//! Authentication: credentials (named tokens), sign-ins of browsers (sessions), and tickets.
//!
//! ```text
//! a request's credential -> Accounts -> Principal -> Service, which checks it before every read
//!                                                    and every write
//! ```
//!
//! The end of a token reaches the store first, then the directory in memory, then the hub; the end
//! of a sign-in reaches the store last. A credential or sign-in that has ended in the directory is
//! refused from that moment on, for connected clients too: [`Principal::check`] checks it, and the
//! hub closes the connections.

mod attempts;
mod directory;
mod metrics;
mod people;
mod sessions;
mod share;
mod tickets;
mod tokens;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::auth::secret::{Secret, digest};
use crate::auth::{Access, Principal};
use crate::config::{Config, SignIn, Token};
use crate::error::Result;
use crate::hub::WebSocketManager;
use crate::service::Service;
use crate::store::{CredentialRow, SHARED};
use attempts::Attempts;
use directory::{Directory, Known};
pub use metrics::AccessMetrics;
pub use sessions::SESSION_SECONDS;
use tickets::{TICKET_MS, Tickets};

/// Lifetime of a ticket, in seconds.
pub const TICKET_SECONDS: i64 = TICKET_MS / 1000;

/// Credential that a request presents to authenticate.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// No credential.
    Nothing,
    /// A token, as a bearer.
    Token(&'a str),
    /// A browser's cookie.
    Session(&'a str),
    /// A ticket, in a WebSocket's subprotocols.
    Ticket(&'a str),
}

/// Reason why a caller is not authenticated. The texts are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No credential was presented, and one is required.
    #[error("Authentication required: sign in, or send a token as Authorization: Bearer TOKEN")]
    Missing,
    /// No such token exists, or it was revoked.
    #[error("The token is invalid or was revoked")]
    Wrong,
    /// The sign-in or the ticket has ended.
    #[error("The sign-in is no longer valid; sign in again")]
    Ended,
    /// A ticket was sent with a request that opens no WebSocket.
    #[error("A ticket can only open a WebSocket. Send a token as Authorization: Bearer TOKEN")]
    Misplaced,
    /// The cookie came from a page of another program on this machine, which may not use it.
    #[error("A page of another origin cannot use your sign-in")]
    Foreign,
    /// Too many wrong tokens came from this address.
    #[error("Too many invalid tokens from your address; try again later")]
    TooMany(Duration),
}

/// A caller who was authenticated.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Principal of the caller.
    pub principal: Principal,
    /// True if the sign-in was prolonged, so the browser's cookie has to be set again.
    pub prolonged: bool,
}

/// The credentials, sign-ins and tickets of a server. Clones are handles to the same accounts.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service: Service,
    instance: String,
    hub: WebSocketManager,
    directory: Mutex<Directory>,
    tickets: Tickets,
    attempts: Attempts,
    shared: Option<(Token, Principal)>,
    sign_in: SignIn,
    metrics: AccessMetrics,
}

impl Accounts {
    /// Reads the accounts from the store. `service` must be the server's own, acting for nobody
    /// else.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn open(
        service: Service,
        hub: WebSocketManager,
        config: &Config,
        metrics: AccessMetrics,
    ) -> Result<Self> {
        let (credentials, mut sessions, people) = service.credentials_and_sessions().await?;
        let mut directory = Directory::default();
        let living = |row: &CredentialRow| row.revoked_at.is_none();
        credentials
            .into_iter()
            .filter(living)
            .for_each(|row| directory.add(row));
        for row in people.iter().filter(|row| row.disabled_at.is_some()) {
            directory.disable(&row.person);
        }
        let now = service.moment();
        sessions.sort_by_key(|session| session.expires_at);
        for session in &sessions {
            directory.put_session(session, now);
        }
        let shared = config.token.clone().map(|token| {
            let principal = Principal::shared(Access::new(SHARED));
            (token, principal)
        });
        let instance = service.instance().await?;
        Ok(Self(Arc::new(Inner {
            service,
            instance,
            hub,
            directory: Mutex::new(directory),
            tickets: Tickets::default(),
            attempts: Attempts::default(),
            shared,
            sign_in: config.sign_in(),
            metrics,
        })))
    }

    /// Returns the short, unique name of the database that these accounts belong to.
    pub fn instance(&self) -> &str {
        &self.0.instance
    }

    /// Returns the sign-in policy of the server.
    pub fn sign_in(&self) -> SignIn {
        self.0.sign_in
    }

    /// Authenticates the caller who presents a credential from an address.
    ///
    /// # Errors
    /// The reason for the refusal.
    pub fn authenticate(
        &self,
        presented: Presented<'_>,
        from: Option<IpAddr>,
    ) -> std::result::Result<Entered, Refusal> {
        let now = self.0.service.moment();
        let known = match presented {
            Presented::Nothing if self.0.sign_in == SignIn::Off => Known::new(Principal::local()),
            Presented::Nothing => return Err(Refusal::Missing),
            Presented::Token(secret) => self.by_token(secret, from, now.millis)?,
            Presented::Session(value) => {
                let known = self.directory().by_session(&digest(value), now);
                known.ok_or_else(|| self.refused(Refusal::Ended))?
            }
            Presented::Ticket(value) => {
                let found = self.0.tickets.redeem(value, now);
                Known::new(found.ok_or_else(|| self.refused(Refusal::Ended))?)
            }
        };
        let prolonged = known.prolonged.is_some();
        let principal = known.principal.clone();
        self.write_down(known, now.millis);
        Ok(Entered {
            principal,
            prolonged,
        })
    }

    fn by_token(
        &self,
        secret: &str,
        from: Option<IpAddr>,
        now: i64,
    ) -> std::result::Result<Known, Refusal> {
        let digest = digest(secret);
        if let Some(known) = self.directory().by_secret(&digest, now) {
            return Ok(known);
        }
        let attempts = &self.0.attempts;
        if let Some((token, principal)) = &self.0.shared
            && attempts.may_compare(from, &digest)
            && token.matches(secret)
        {
            return Ok(Known::new(principal.clone()));
        }
        if let Err(wait) = attempts.wrong(from, &digest) {
            return Err(self.refused(Refusal::TooMany(wait)));
        }
        tracing::warn!(?from, "invalid token");
        Err(self.refused(Refusal::Wrong))
    }

    /// Counts a refusal, and returns it.
    pub(crate) fn refused(&self, refusal: Refusal) -> Refusal {
        self.0.metrics.refused(match refusal {
            Refusal::Missing => "missing",
            Refusal::Wrong => "wrong",
            Refusal::Ended => "ended",
            Refusal::TooMany(_) => "slowed",
            Refusal::Misplaced => "misplaced",
            Refusal::Foreign => "foreign",
        });
        refusal
    }

    /// Issues a ticket for one WebSocket.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn ticket(&self, principal: &Principal) -> Result<Secret> {
        self.0.tickets.issue(principal, self.0.service.moment())
    }

    fn directory(&self) -> MutexGuard<'_, Directory> {
        self.0
            .directory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn new(principal: Principal) -> Self {
        Self {
            principal,
            used: None,
            prolonged: None,
        }
    }
}

impl std::fmt::Debug for Presented<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Token(_) => "Token(..)",
            Self::Session(_) => "Session(..)",
            Self::Ticket(_) => "Ticket(..)",
        })
    }
}
