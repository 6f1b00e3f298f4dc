//! Who may come in: credentials (named tokens), sign-ins of browsers (sessions), and tickets.
//!
//! An end is told in this order: the store, the directory in memory, the hub. What is ended in the directory is refused from that moment
//! on, also to who is connected: [`Principal::check`] asks, and the hub closes the connections.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tasktree_protocol::ProjectId;

use super::attempts::Attempts;
use super::directory::{Directory, Known, SESSION_MS};
use super::permission::{Permission, Role};
use super::principal::{Access, Principal, SHARED, Target};
use super::secret::{Secret, digest};
use super::tickets::{TICKET_MS, Tickets};
use crate::config::{Config, SignIn, Token};
use crate::error::{Error, Result};
use crate::hub::WebSocketManager;
use crate::metrics::AccessMetrics;
use crate::service::{Service, WriteContext};
use crate::store::CredentialRow;

/// How long a sign-in lasts after its last use, in seconds.
pub const SESSION_SECONDS: i64 = SESSION_MS / 1000;

/// How long a ticket can be used, in seconds.
pub const TICKET_SECONDS: i64 = TICKET_MS / 1000;

/// How often sign-ins that ran out are ended.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

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

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Whose it is.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The project that it is bound to.
    pub project: Option<ProjectId>,
}

/// See the module. Cloning gives another handle on the same.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service: Service,
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
        let (credentials, sessions) = service.credentials_and_sessions().await?;
        let mut directory = Directory::default();
        let living = |row: &CredentialRow| row.revoked_at.is_none();
        credentials
            .into_iter()
            .filter(living)
            .for_each(|row| directory.add(row));
        for session in sessions {
            directory.put_session(&session);
        }
        let shared = config.token.clone().map(|token| {
            let principal = Principal::shared(Access::new(SHARED));
            (token, principal)
        });
        Ok(Self(Arc::new(Inner {
            service,
            hub,
            directory: Mutex::new(directory),
            tickets: Tickets::default(),
            attempts: Attempts::new(),
            shared,
            sign_in: config.sign_in(),
            metrics,
        })))
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
        let now = self.now();
        let known = match presented {
            Presented::Nothing if self.0.sign_in == SignIn::Off => Known::new(Principal::local()),
            Presented::Nothing => return Err(Refusal::Missing),
            Presented::Token(secret) => self.by_token(secret, from, now)?,
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
        self.write_down(known, now);
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
        if let Some(known) = self.directory().by_secret(&digest(secret), now) {
            return Ok(known);
        }
        if let Some(wait) = self.0.attempts.wait(from) {
            return Err(self.refused(Refusal::TooMany(wait)));
        }
        match &self.0.shared {
            Some((token, principal)) if token.matches(secret) => Ok(Known::new(principal.clone())),
            _ => {
                self.0.attempts.wrong(from);
                tracing::warn!(?from, "a wrong token was presented");
                Err(self.refused(Refusal::Wrong))
            }
        }
    }

    fn refused(&self, refusal: Refusal) -> Refusal {
        self.0.metrics.refused(match refusal {
            Refusal::Missing => "missing",
            Refusal::Wrong => "wrong",
            Refusal::Ended => "ended",
            Refusal::TooMany(_) => "slowed",
        });
        refusal
    }

    /// Stores when a credential was used, and that a sign-in was prolonged. Nobody waits for it, and a loss does no harm.
    fn write_down(&self, known: Known, now: i64) {
        if known.used.is_none() && known.prolonged.is_none() {
            return;
        }
        let service = self.0.service.clone();
        tokio::spawn(async move {
            if let Some(id) = known.used
                && let Err(error) = service.note_use(id, now).await
            {
                tracing::warn!(%error, "the use of a token could not be noted");
            }
            if let Some(session) = known.prolonged
                && let Err(error) = service.put_session(session).await
            {
                tracing::warn!(%error, "a sign-in could not be prolonged");
            }
        });
    }

    /// Signs a browser in with a token; gives the value of its cookie.
    ///
    /// # Errors
    /// Why the token is refused, or what the store says.
    pub async fn begin_session(
        &self,
        token: &str,
        from: Option<IpAddr>,
    ) -> Result<std::result::Result<(Secret, Principal), Refusal>> {
        let principal = match self.authenticate(Presented::Token(token), from) {
            Ok(entered) => entered.principal,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let secret = Secret::plain()?;
        let accounts = self.clone();
        unstoppable(async move {
            let now = accounts.now();
            let row = accounts
                .directory()
                .sign_in(secret.digest(), &principal, now);
            // Revoked since it was looked at.
            let Some(row) = row else {
                return Ok(Err(Refusal::Ended));
            };
            // A sign-in by the shared secret ends with the server: the next one may have another secret.
            if row.credential != SHARED {
                accounts.0.service.put_session(row).await?;
            }
            tracing::info!(name = principal.name(), "signed in");
            Ok(Ok((secret, principal)))
        })
        .await
    }

    /// Signs a browser out, and ends its connections. Who came by something else than a sign-in stays.
    ///
    /// # Errors
    /// Where the store fails: then the sign-in has ended until the next start.
    pub async fn end_session(&self, principal: &Principal) -> Result<()> {
        let ended = self.directory().end_session(principal);
        let Some(digest) = ended else { return Ok(()) };
        self.0.hub.close_ended();
        tracing::info!(name = principal.name(), "signed out");
        let accounts = self.clone();
        unstoppable(async move { accounts.0.service.delete_session(digest).await }).await
    }

    /// A ticket for one WebSocket.
    ///
    /// # Errors
    /// Where too many are open.
    pub fn ticket(&self, principal: &Principal) -> Result<Secret> {
        self.0.tickets.issue(principal, self.now())
    }

    /// The tokens that hold, the oldest first.
    ///
    /// # Errors
    /// Where `by` may not see them.
    pub fn tokens(&self, by: &Principal) -> Result<Vec<CredentialRow>> {
        by.check(Permission::Administer, Target::Everything)?;
        Ok(self.directory().rows())
    }

    /// Makes a token. Its secret is given here, and never again.
    ///
    /// # Errors
    /// Where `by` may not, the name is taken or something else is wrong with the token.
    pub async fn make_token(
        &self,
        by: &Principal,
        new: NewToken,
    ) -> Result<(CredentialRow, Secret)> {
        let secret = Secret::token()?;
        let context = WriteContext::new(by.actor().clone());
        let (accounts, service) = (self.clone(), self.0.service.acting_for(by.clone()));
        unstoppable(async move {
            let row = service
                .add_credential(context, new, secret.digest())
                .await?;
            tracing::info!(name = row.name, role = %row.role, by = row.made_by, "made a token");
            accounts.directory().add(row.clone());
            Ok((row, secret))
        })
        .await
    }

    /// Revokes a token: its sign-ins and its connections end at once.
    ///
    /// # Errors
    /// Where `by` may not, or there is no such token.
    pub async fn revoke_token(&self, by: &Principal, id: &str) -> Result<()> {
        let context = WriteContext::new(by.actor().clone());
        let (accounts, service) = (self.clone(), self.0.service.acting_for(by.clone()));
        let (id, by) = (id.to_owned(), by.actor().clone());
        unstoppable(async move {
            let row = service.revoke_credential(context, id.clone()).await?;
            accounts.directory().end_credential(&id);
            accounts.0.hub.close_ended();
            tracing::info!(name = row.name, %by, "revoked a token");
            Ok(())
        })
        .await
    }

    /// Makes the first token of an administrator, where there is none and one is needed to come in at all.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn first_admin(&self) -> Result<Option<Secret>> {
        let rows = self.directory().rows();
        let has_admin = rows.iter().any(|row| row.role == Role::Admin);
        if self.0.sign_in == SignIn::Off || self.0.shared.is_some() || has_admin {
            return Ok(None);
        }
        let is_taken = |name: &str| rows.iter().any(|row| row.name == name);
        let mut names = std::iter::once("admin".to_owned())
            .chain((2..).map(|number| format!("admin-{number}")));
        let name = names.find(|name| !is_taken(name)).unwrap_or_default();
        let new = NewToken {
            name,
            role: Role::Admin,
            project: None,
        };
        let (_, secret) = self.make_token(&Principal::server(), new).await?;
        Ok(Some(secret))
    }

    /// Ends sign-ins that have run out, now and every minute, for ever: the caller spawns it, and drops it to stop.
    pub async fn run_sweeper(self) {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "sign-ins that ran out could not be removed");
            }
        }
    }

    /// Ends sign-ins that have run out, once.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now();
        let any = self.directory().end_expired(now);
        if any {
            self.0.hub.close_ended();
            self.0.service.delete_sessions_until(now).await?;
        }
        Ok(())
    }

    fn now(&self) -> i64 {
        self.0.service.now().unix_millis(0)
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

/// Runs to its end even where the request that asked for it is given up: the store, the directory and the hub must agree.
async fn unstoppable<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.unwrap_or_else(|_| {
        Err(Error::Internal(
            "The server failed at this request.".to_owned(),
        ))
    })
}
