//! `tasktree token`: creates, lists and revokes named tokens.
//!
//! A running server does it, so that it takes effect at once: see [`super::server_access`].

use anyhow::{Context as _, Result};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};
use tasktree_protocol::Timestamp;

use super::server_access::{Wanted, open_or_spawn_server};
use super::{Client, say};
use crate::auth::Role;
use crate::config::{Database, Token};

/// Options of the command.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Action,
    /// Address of the running server. [default: http://127.0.0.1:8000 if a server responds there,
    /// otherwise the database is used]
    #[arg(long, env = "TASKTREE_SERVER", value_name = "URL", global = true)]
    server: Option<String>,
    /// Token of an administrator, if the server requires one.
    #[arg(long, env = "TASKTREE_TOKEN", hide_env_values = true, global = true)]
    token: Option<Token>,
    /// Use this database instead of a running server. [default: TASKTREE_DB, or in the user's data
    /// folder]
    #[arg(long, value_name = "PATH", conflicts_with = "server", global = true)]
    db: Option<Database>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a token. Its secret is shown only once, as the only line on standard output.
    #[command(visible_alias = "create")]
    Add {
        /// Name of the token: letters, digits and . _ - @
        name: String,
        /// Role of the token.
        #[arg(long, value_parser = role_parser())]
        role: Role,
        /// Project that the token is bound to. Required for an agent's token.
        #[arg(long, value_name = "ID")]
        project: Option<String>,
        /// Person who owns the token, new or existing. [default: the token's name]
        #[arg(long, value_name = "NAME")]
        person: Option<String>,
    },
    /// List the valid tokens.
    List,
    /// Revoke a token. Its sign-ins and connections end immediately.
    Revoke {
        /// Name of the token.
        name: String,
    },
}

/// Returns the parser of a role; `--help` lists the roles with their meanings.
fn role_parser() -> impl TypedValueParser<Value = Role> {
    let values = Role::ALL.map(|role| {
        let help = match role {
            Role::Admin => "Full access, including tokens and people",
            Role::Editor => "Can change projects and tasks",
            Role::Viewer => "Read-only access",
            Role::Agent => "Program that works on the tasks of one project",
        };
        PossibleValue::new(role.as_str()).help(help)
    });
    PossibleValuesParser::new(values).try_map(|name| Role::named(&name).ok_or("unknown role"))
}

/// A token as the server lists it.
#[derive(Debug, Deserialize)]
struct Listed {
    id: String,
    name: String,
    role: Role,
    project: Option<String>,
    #[serde(default)]
    person: Option<String>,
    made_at: Timestamp,
    made_by: String,
    last_used_at: Option<Timestamp>,
}

/// Runs the command.
pub(super) async fn run(options: Options) -> Result<()> {
    let access = open_or_spawn_server(Wanted {
        server: options.server.as_deref(),
        token: options.token.as_ref(),
        db: options.db.as_ref(),
        make_file: matches!(options.action, Action::Add { .. }),
    })
    .await?;
    let outcome = act(&access.client, options.action).await;
    access.close().await?;
    outcome
}

async fn act(client: &Client, action: Action) -> Result<()> {
    match action {
        Action::Add {
            name,
            role,
            project,
            person,
        } => {
            let mut body = json!({"name": name, "role": role, "project": project});
            if let Some(person) = person {
                body["person"] = json!(person);
            }
            let made: Value = client.post(&["api", "tokens"], &[], &body).await?;
            let secret = made["secret"]
                .as_str()
                .context("the server's response has no secret")?;
            say(secret);
            super::note(
                "Save the token now: the server stores only its digest, and cannot show it \
                         again",
            );
        }
        Action::List => list(&tokens(client).await?),
        Action::Revoke { name } => {
            let all = tokens(client).await?;
            let found = all
                .iter()
                .find(|token| token.name == name)
                .with_context(|| format!("token {name:?} not found"))?;
            client.delete(&["api", "tokens", &found.id]).await?;
            super::note(format_args!("Revoked {name}"));
        }
    }
    Ok(())
}

async fn tokens(client: &Client) -> Result<Vec<Listed>> {
    client.get(&["api", "tokens"]).await
}

fn list(tokens: &[Listed]) {
    if tokens.is_empty() {
        return super::note("No tokens");
    }
    let widest = |text: fn(&Listed) -> usize| tokens.iter().map(text).max().unwrap_or_default();
    let names = widest(|token| token.name.chars().count());
    let projects = widest(|token| project(token).chars().count());
    for token in tokens {
        let used = token
            .last_used_at
            .map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
        let person = token.person.as_ref().filter(|name| **name != token.name);
        let of = person.map_or_else(String::new, |name| format!(", owner {name}"));
        say(format_args!(
            "{:names$}  {:6}  {:projects$}  created {} by {}, {used}{of}",
            token.name,
            token.role,
            project(token),
            token.made_at,
            token.made_by,
        ));
    }
}

fn project(token: &Listed) -> &str {
    token.project.as_deref().unwrap_or("all projects")
}
