//! What a measurement gives.

use serde::Serialize;

/// One figure, with the goal that it is held to.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much it is.
    pub value: f64,
    /// In what.
    pub unit: &'static str,
    /// What it must be at most, where it is held to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// What it must be at least, where it is held to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
}

impl Figure {
    /// A figure that is held to nothing.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            value,
            unit,
            at_most: None,
            at_least: None,
        }
    }

    /// Holds it to a goal that it must not be above.
    #[must_use]
    pub const fn at_most(mut self, goal: f64) -> Self {
        self.at_most = Some(goal);
        self
    }

    /// Holds it to a goal that it must not be below.
    #[must_use]
    pub const fn at_least(mut self, goal: f64) -> Self {
        self.at_least = Some(goal);
        self
    }
}
