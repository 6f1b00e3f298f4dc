//! Who asks, and tokens.

use utoipa::ToSchema;

/// What a token is for.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Role {
    Admin,
    Editor,
    Viewer,
    Agent,
}

/// What somebody may do.
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
    /// A person.
    PersonName {
        id: String,
        name: String,
    }
    /// A person with what administrators see of them.
    Person {
        id: String,
        name: String,
        /// Left out for others than administrators.
        made_at: Option<String>,
        /// Since when none of their tokens lets anybody in; for administrators, and left out where
        /// they do.
        disabled_at: Option<String>,
        /// The names of the person's tokens; left out for others than administrators.
        tokens: Option<Vec<String>>,
    }
    /// A change of a person: what is absent stays.
    PersonPatch {
        /// Letters, digits and `. _ - @`; nobody else's, now or before.
        name: Option<String>,
        disabled: Option<bool>,
    }
    /// One mark of a person in a project.
    Mark {
        key: String,
        /// Any JSON; null removes the mark.
        value: serde_json::Value,
    }
    /// Who asks.
    Session {
        name: String,
        role: Role,
        /// The project that they are bound to.
        project: Option<String>,
        /// The person that they are; null for an agent.
        person: Option<PersonName>,
        /// `required` or `off`: whether everybody has to sign in.
        sign_in: String,
        may: Vec<Permission>,
    }
    /// A token to sign a browser in with.
    SignIn {
        token: String,
    }
    /// What lets one WebSocket in, once.
    Ticket {
        ticket: String,
        /// In seconds.
        expires_in: u64,
    }
    /// A token, without its secret.
    AccessToken {
        id: String,
        name: String,
        role: Role,
        project: Option<String>,
        /// The name of the person whose token it is; null for an agent's.
        person: Option<String>,
        made_at: String,
        /// An actor: `human:..`, `agent:..`, `system:..`.
        made_by: String,
        /// To a minute.
        last_used_at: Option<String>,
    }
    /// A token that was just made.
    MadeToken {
        id: String,
        name: String,
        role: Role,
        project: Option<String>,
        /// The name of the person whose token it is; null for an agent's.
        person: Option<String>,
        made_at: String,
        made_by: String,
        last_used_at: Option<String>,
        /// Shown this once.
        secret: String,
    }
    /// A token to be made.
    NewToken {
        /// Letters, digits and `. _ - @`; unique among those that hold.
        name: String,
        role: Role,
        /// The project that it is bound to; an agent's token needs one, an administrator's has none.
        project: Option<String>,
        /// The name of the person whose token it is, new or known; by default that of the token.
        person: Option<String>,
    }
}
