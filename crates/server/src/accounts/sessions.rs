//! Sign-ins of browsers: they begin with a token, are prolonged by use, and end.

use std::net::IpAddr;
use std::time::Duration;

use super::directory::{Begun, Known, SESSION_MS};
use super::{Accounts, Presented, Refusal};
use crate::auth::Principal;
use crate::auth::secret::{Secret, digest};
use crate::error::Result;
use crate::service::{every, unstoppable};
use crate::store::SHARED;

/// Lifetime of a sign-in after its last use, in seconds.
pub const SESSION_SECONDS: i64 = SESSION_MS / 1000;

/// Interval at which expired sign-ins are ended.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

impl Accounts {
    /// Signs a browser in with a token; returns the value of its cookie.
    ///
    /// # Errors
    /// If the store fails. The inner error is the reason for which the token is refused.
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
            let now = accounts.0.service.moment();
            let begun = accounts
                .directory()
                .sign_in(secret.digest(), &principal, now);
            // Revoked since it was authenticated.
            let Some(Begun { row, ended }) = begun else {
                return Ok(Err(Refusal::Ended));
            };
            if !ended.is_empty() {
                accounts.0.hub.close_ended();
            }
            for digest in ended {
                accounts.0.service.delete_session(digest).await?;
            }
            // A sign-in by the shared secret ends with the server: the next one may have another
            // secret.
            if row.credential != SHARED {
                accounts.0.service.put_session(row).await?;
            }
            tracing::info!(name = principal.name(), "signed in");
            Ok(Ok((secret, principal)))
        })
        .await
    }

    /// Signs a browser out, and ends its connections. A caller without a sign-in is left alone.
    ///
    /// # Errors
    /// If the store fails: then the sign-in has ended only until the next start.
    pub async fn end_session(&self, principal: &Principal) -> Result<()> {
        let ended = self.directory().end_session(principal);
        let Some(digest) = ended else { return Ok(()) };
        self.0.hub.close_ended();
        tracing::info!(name = principal.name(), "signed out");
        let accounts = self.clone();
        unstoppable(async move { accounts.0.service.delete_session(digest).await }).await
    }

    /// Ends the sign-in of a cookie, if it is one, so that a new sign-in over it leaves nothing
    /// behind.
    ///
    /// # Errors
    /// If the store fails: then the sign-in has ended only until the next start.
    pub async fn end_session_of(&self, cookie: &str) -> Result<()> {
        let digest = digest(cookie);
        if !self.directory().end_session_by(&digest) {
            return Ok(());
        }
        self.0.hub.close_ended();
        let accounts = self.clone();
        unstoppable(async move { accounts.0.service.delete_session(digest).await }).await
    }

    /// Stores the time of a credential's use and the prolonging of a sign-in, unless it has ended
    /// by then.
    ///
    /// Nobody waits for it, and a loss does no harm.
    pub(super) fn write_down(&self, known: Known, now: i64) {
        if known.used.is_none() && known.prolonged.is_none() {
            return;
        }
        let service = self.0.service.clone();
        tokio::spawn(async move {
            if let Some(id) = known.used
                && let Err(error) = service.note_use(id, now).await
            {
                tracing::warn!(%error, "cannot record the use of a token");
            }
            if let Some(session) = known.prolonged
                && let Err(error) = service.prolong_session(session, known.principal).await
            {
                tracing::warn!(%error, "cannot extend a sign-in");
            }
        });
    }

    /// Ends expired sign-ins, now and every minute, forever: the caller spawns it, and drops it to
    /// stop.
    pub async fn run_sweeper(self) {
        let failed = "cannot remove expired sign-ins";
        every(SWEEP_EVERY, failed, || self.sweep()).await;
    }

    /// Ends expired sign-ins, once.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn sweep(&self) -> Result<()> {
        let ended = self.directory().end_expired(self.0.service.moment());
        if !ended.is_empty() {
            self.0.hub.close_ended();
        }
        for digest in ended {
            self.0.service.delete_session(digest).await?;
        }
        Ok(())
    }
}
