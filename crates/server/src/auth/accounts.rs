//! Who may come in: credentials (named tokens), sign-ins of browsers (sessions), and tickets.
//!
//! An end is told in this order: the store, the directory in memory, the hub. What is ended in the directory is refused from that moment
//! on, also to who is connected: [`Principal::check`] asks, and the hub closes the connections.

mod people;
mod sessions;
mod tokens;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::attempts::Attempts;
use super::directory::{Directory, Known};
use super::principal::{Access, Principal, SHARED};
use super::secret::{Secret, digest};
use super::tickets::{TICKET_MS, Tickets};
use crate::config::{Config, SignIn, Token};
use crate::error::Result;
use crate::hub::WebSocketManager;
use crate::metrics::AccessMetrics;
use crate::service::Service;
use crate::store::CredentialRow;
pub use sessions::SESSION_SECONDS;
pub use tokens::NewToken;

/// How long a ticket can be used, in seconds.
pub const TICKET_SECONDS: i64 = TICKET_MS / 1000;

/// What a request shows to be let in.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// Nothing.
    Nothing,
    /// A token, as a bearer.
    Token(&'a str),
    /// A browser's cookie.
    Session(&'a str),
    /// A ticket, in a WebSocket's subprotocols.
    Ticket(&'a str),
}

/// Why somebody is not let in. The texts are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was presented, and something is needed.
    #[error(
        "This server asks who you are: sign in, or send a token as Authorization: Bearer TOKEN"
    )]
    Missing,
    /// There is no such token, or not any more.
    #[error("The token is wrong, or was revoked")]
    Wrong,
    /// The sign-in or the ticket has ended.
    #[error("The sign-in has ended; sign in again")]
    Ended,
    /// A ticket came with something that opens no WebSocket.
    #[error(
        "A ticket opens one WebSocket and nothing else: send the token as Authorization: Bearer TOKEN"
    )]
    Misplaced,
    /// The cookie came from a page of another program of this machine, which may not use it.
    #[error("A page of another address may not use your sign-in")]
    Foreign,
    /// Too many wrong tokens came from there.
    #[error("Too many wrong tokens came from your address; wait a little")]
    TooMany(Duration),
}

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Who.
    pub principal: Principal,
    /// Whether the browser's cookie is to be set anew, since the sign-in was prolonged.
    pub prolonged: bool,
}

/// See the module. Cloning gives another handle on the same.
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
    /// Reads what the store has. `service` must be the server's own, not acting for anybody.
    ///
    /// # Errors
    /// Where the store fails.
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

    /// The name of the database that these accounts are of, short and unlike others'.
    pub fn instance(&self) -> &str {
        &self.0.instance
    }

    /// Whether everybody has to sign in.
    pub fn sign_in(&self) -> SignIn {
        self.0.sign_in
    }

    /// Recognises whoever presents that, from that address.
    ///
    /// # Errors
    /// Why they are not let in.
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
        tracing::warn!(?from, "a wrong token was presented");
        Err(self.refused(Refusal::Wrong))
    }

    /// Counts a refusal, and gives it back.
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

    /// A ticket for one WebSocket.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
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
