//! Requests for permission that wait for the decision of a person.

use std::time::Duration;

use tasktree_protocol::http::HookDecision;
use tokio::time::{Instant, sleep_until};

use super::line::{Item, Wanted};
use super::{HookRequest, Hooks, Outcome};
use crate::auth::Principal;
use crate::domain::hook::{Deed, Hook};
use crate::error::Result;
use crate::service::Asking;

/// Longest wait for a decision, in seconds.
pub(crate) const LONGEST_SECONDS: u64 = 600;

/// Number of requests that wait for a decision at the same time. A further one is answered at
/// once, without a decision.
pub(super) const WAITING: usize = 200;

impl Hooks {
    /// Applies a request for permission, and waits until a person has decided.
    ///
    /// The decision is empty if nobody decides in time, or the question no longer stands: the
    /// harness then asks in its terminal.
    ///
    /// # Errors
    /// If the event is refused or the store fails.
    pub async fn decide(
        &self,
        principal: &Principal,
        request: HookRequest,
        wait: Duration,
    ) -> Result<HookDecision> {
        let Ok(_waiting) = self.shared.deciding.clone().try_acquire_owned() else {
            let at_once = HookRequest {
                decides: false,
                ..request
            };
            self.take(principal, at_once);
            return Ok(HookDecision::default());
        };
        let deadline = Instant::now() + wait.min(Duration::from_secs(LONGEST_SECONDS));
        let mut changes = self.shared.questions.changes();
        let mut stopping = self.shared.stopping.subscribe();
        let outcome = self.apply_now(principal, request.clone(), false).await?;
        let Outcome {
            project: Some(project),
            applied,
            ..
        } = outcome
        else {
            return Ok(HookDecision::default());
        };
        let (Some(agent), Some(question)) = (applied.agent, applied.question) else {
            return Ok(HookDecision::default());
        };
        let acting = self.shared.service.acting_for(principal.clone());
        let mut asking = Undecided {
            hooks: self,
            principal,
            request: Some(request),
        };
        loop {
            changes.mark_unchanged();
            match acting.decision(&project, &agent, question).await? {
                Asking::Closed => {
                    asking.request = None;
                    return Ok(HookDecision::default());
                }
                Asking::Answered(decision) => {
                    if let Some(request) = asking.request.take() {
                        self.tell(principal, request, Deed::Decided);
                    }
                    return Ok(decision);
                }
                Asking::Open => {}
            }
            tokio::select! {
                changed = changes.changed() => {
                    if changed.is_err() {
                        return Ok(HookDecision::default());
                    }
                }
                _ = stopping.wait_for(|stops| *stops) => return Ok(HookDecision::default()),
                () = sleep_until(deadline) => return Ok(HookDecision::default()),
            }
        }
    }

    /// Shows the outcome with the agent: its harness reports nothing before the call has ended.
    fn tell(&self, principal: &Principal, request: HookRequest, deed: Deed) {
        if let Some(item) = self.read(principal, request, Wanted::Nothing) {
            let hook = Hook { deed, ..item.hook };
            self.put(Item { hook, ..item });
        }
    }
}

/// Request for permission that nobody has decided yet. Dropped as such, also when the harness hangs
/// up, it shows that the agent asks in its terminal.
struct Undecided<'a> {
    hooks: &'a Hooks,
    principal: &'a Principal,
    request: Option<HookRequest>,
}

impl Drop for Undecided<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            self.hooks.tell(self.principal, request, Deed::Undecided);
        }
    }
}
