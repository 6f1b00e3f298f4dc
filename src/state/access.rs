//! The signed-in session, its permissions, and whether the person has to sign in.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::NO_CREDENTIAL;
use tasktree_protocol::frame::close;
use tasktree_protocol::unsent::Caller;

use crate::api::{self, ApiError, Session};
use crate::browser::listen_on_window;
use crate::net::{ConnectionState, StopReason, WebSocketHandle, use_websocket};
use crate::ui::boxed_effect;

/// Access state of the page: the current session and its permissions. It can be copied into
/// callbacks.
#[derive(Clone, Copy, Debug)]
pub struct AccessState {
    session: RwSignal<Option<Session>>,
    signed_out: RwSignal<bool>,
}

/// Provides the access state to everything below the current owner. It is fetched again when the
/// server ends the connection because of the token.
pub fn provide_access() -> AccessState {
    let access = AccessState {
        session: RwSignal::new(None),
        signed_out: RwSignal::new(false),
    };
    provide_context(access);
    follow(access);
    access
}

/// Fetches the session now, and again when it may have changed.
fn follow(access: AccessState) {
    let socket = use_websocket();
    access.ask(socket);
    boxed_effect(move || {
        let is_refused = socket.state.with(|state| {
            matches!(state, ConnectionState::Stopped(StopReason::Refused { code, .. }) if *code == close::INVALID_TOKEN)
        });
        if is_refused {
            access.ask(socket);
        }
    });
    // Somebody may sign in in another tab.
    listen_on_window(ev::focus, move |_| {
        if access.signed_out.get_untracked() {
            access.ask(socket);
        }
    });
}

/// Returns the provided access state; without one, a state that allows everything.
#[must_use]
pub fn use_access() -> AccessState {
    use_context().unwrap_or_else(|| AccessState {
        session: RwSignal::new(None),
        signed_out: RwSignal::new(false),
    })
}

impl AccessState {
    /// Returns the session once it is known, and the last known one after signing out. Tracked.
    pub fn session(&self) -> Option<Session> {
        self.session.get()
    }

    /// Returns true if the person has to sign in before anything else. Tracked.
    pub fn is_signed_out(&self) -> bool {
        self.signed_out.get()
    }

    /// Returns true if the role has the permission, or if that is not known yet: the server decides
    /// anyway. Tracked.
    pub fn may(&self, permission: &str) -> bool {
        let allows = |session: &Session| session.may.iter().any(|one| one == permission);
        // A handler may still call this when its page is gone.
        self.session
            .try_with(|session| session.as_ref().is_none_or(allows))
            .unwrap_or(true)
    }

    /// Returns true if the session has the permission outside of projects. A session bound to one
    /// project has it only there. Tracked.
    pub fn may_everywhere(&self, permission: &str) -> bool {
        let is_bound = self
            .session()
            .is_some_and(|session| session.project.is_some());
        !is_bound && self.may(permission)
    }

    /// Returns true if the session may answer agents: it may change tasks and is not an agent.
    /// Tracked.
    pub fn may_answer(&self) -> bool {
        let is_agent = |session: &Session| session.role == "agent";
        let is_person = self
            .session
            .try_with(|session| !session.as_ref().is_some_and(is_agent));
        self.may("change") && is_person.unwrap_or(true)
    }

    /// Returns true if the actor is the session itself. Tracked.
    pub fn is_actor(&self, actor: &str) -> bool {
        self.session.with(|session| {
            session.as_ref().is_some_and(|session| {
                let kind = if session.role == "agent" {
                    "agent"
                } else {
                    "human"
                };
                // Without sign-in, the one person keeps the name that actors always had.
                let person = session.person.as_ref().filter(|one| one.id != "local");
                let name = person.map_or(&session.name, |person| &person.name);
                actor.split_once(':') == Some((kind, name.as_str()))
            })
        })
    }

    /// Returns the signed-in caller, by which changes of different people are distinguished. `None`
    /// if it is unknown. Tracked.
    pub(super) fn caller(&self) -> Option<Caller> {
        if self.signed_out.try_get() != Some(false) {
            return None;
        }
        self.session.try_with(|session| {
            let session = session.as_ref()?;
            let credential = match &session.credential {
                Some(credential) => credential.clone(),
                None if session.sign_in == "off" => NO_CREDENTIAL.to_owned(),
                // An older server does not send it.
                None => return None,
            };
            let person = session.person.as_ref().map(|person| person.id.clone());
            Some(Caller { credential, person })
        })?
    }

    pub(super) fn ask(self, socket: WebSocketHandle) {
        spawn_local(async move {
            match api::session().await {
                Ok(session) => {
                    let was_out = self.signed_out.try_get_untracked() == Some(true);
                    self.session.try_set(Some(session));
                    if was_out {
                        self.signed_out.try_set(false);
                        socket.retry_now();
                    }
                }
                Err(ApiError::Rejected { status: 401, .. }) => {
                    self.signed_out.try_set(true);
                }
                // An older server has no sessions, or there is no answer, which the connection
                // reports.
                Err(_) => {}
            }
        });
    }

    /// Signs this browser out.
    ///
    /// # Errors
    /// The reason why the server did not.
    pub async fn sign_out(&self) -> Result<(), ApiError> {
        api::sign_out().await?;
        self.signed_out.try_set(true);
        Ok(())
    }
}
