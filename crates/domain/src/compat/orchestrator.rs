//! Settings of the older dashboard's orchestrator.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Change;
use crate::error::Result;
use crate::store::Read;

/// Settings that the older dashboard edits. Nothing in this server depends on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "names of the older API")]
pub struct OrchestratorConfig {
    #[schema(required)]
    pub max_concurrent_agents: u32,
    #[schema(required)]
    pub auto_merge: bool,
    #[schema(required)]
    pub merge_strategy: String,
    #[schema(required)]
    pub auto_spawn_interval: u32,
    #[schema(required)]
    pub enabled: bool,
    /// Never stored and never returned: this server calls no model. Always null.
    #[serde(deserialize_with = "ignored")]
    pub anthropic_api_key: Option<String>,
    #[schema(required)]
    pub anthropic_model: String,
}

/// Reads nothing, whatever is stored.
fn ignored<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<String>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| None)
}

impl Default for OrchestratorConfig {
    fn default() -> Self {
        Self {
            max_concurrent_agents: 5,
            auto_merge: false,
            merge_strategy: "merge".to_owned(),
            auto_spawn_interval: 60,
            enabled: false,
            anthropic_api_key: None,
            anthropic_model: "claude-sonnet-4-20250514".to_owned(),
        }
    }
}

const NAME: &str = "orchestrator";

/// Returns the stored settings, or the defaults.
pub fn load(rows: &(impl Read + ?Sized)) -> Result<OrchestratorConfig> {
    Ok(match rows.setting(NAME)? {
        Some(stored) => serde_json::from_str(&stored)?,
        None => OrchestratorConfig::default(),
    })
}

/// Stores the settings.
pub fn store(change: &mut Change<'_>, config: OrchestratorConfig) -> Result<OrchestratorConfig> {
    change
        .tx
        .put_setting(NAME, &serde_json::to_string(&config)?)?;
    Ok(config)
}
