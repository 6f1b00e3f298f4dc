//! Callers and tokens.

use utoipa::ToSchema;

/// Role of a token.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Role {
    Admin,
    Editor,
    Viewer,
    Agent,
}

/// Permission of a caller.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Permission {
    Read,
    Change,
    Speak,
    Manage,
    Destroy,
    Administer,
}

mirrors! {
    /// Person.
    PersonName {
        id: String,
        name: String,
    }
    /// Person as administrators see them.
    Person {
        id: String,
        name: String,
        /// Time of creation; left out for callers who are not administrators.
        made_at: Option<String>,
        /// Time at which the person was disabled. Only for administrators, and left out if the
        /// person is enabled.
        disabled_at: Option<String>,
        /// Names of the person's tokens; left out for callers who are not administrators.
        tokens: Option<Vec<String>>,
    }
    /// Change of a person: absent fields stay.
    PersonPatch {
        /// Letters, digits and `. _ - @`; never used by another person, now or before.
        name: Option<String>,
        disabled: Option<bool>,
    }
    /// Mark of a person in a project.
    Mark {
        key: String,
        /// Any JSON; null removes the mark.
        value: serde_json::Value,
    }
    /// Caller of the request.
    Session {
        name: String,
        role: Role,
        /// Project that the caller is bound to.
        project: Option<String>,
        /// Person that the caller is; null for an agent.
        person: Option<PersonName>,
        /// Sign-in mode: `required` if everybody has to sign in, otherwise `off`.
        sign_in: String,
        /// The credential that they came in with, as `If-Caller` names it; null where nobody is
        /// asked.
        credential: Option<String>,
        may: Vec<Permission>,
    }
    /// Token to sign a browser in with.
    SignIn {
        token: String,
    }
    /// Ticket that authenticates one WebSocket, once.
    Ticket {
        ticket: String,
        /// Lifetime in seconds.
        expires_in: u64,
    }
    /// Token, without its secret.
    AccessToken {
        id: String,
        name: String,
        role: Role,
        project: Option<String>,
        /// Name of the person who owns the token; null for an agent's.
        person: Option<String>,
        made_at: String,
        /// An actor: `human:..`, `agent:..`, `system:..`.
        made_by: String,
        /// Last use, to the minute.
        last_used_at: Option<String>,
    }
    /// Token that was just created.
    MadeToken {
        id: String,
        name: String,
        role: Role,
        project: Option<String>,
        /// Name of the person who owns the token; null for an agent's.
        person: Option<String>,
        made_at: String,
        made_by: String,
        last_used_at: Option<String>,
        /// Secret of the token, shown only this once.
        secret: String,
    }
    /// Token to be created.
    NewToken {
        /// Letters, digits and `. _ - @`; unique among the valid tokens.
        name: String,
        role: Role,
        /// Project that the token is bound to; an agent's token needs one, an administrator's has
        /// none.
        project: Option<String>,
        /// Name of the person who owns the token, new or known; by default the token's name.
        person: Option<String>,
    }
}
