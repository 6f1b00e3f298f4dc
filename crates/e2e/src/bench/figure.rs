//! Figures, the results of measurements.

use serde::Serialize;

/// A figure with its goal.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Name of the quantity that was measured.
    pub name: String,
    /// Measured value.
    pub value: f64,
    /// Unit of the value.
    pub unit: &'static str,
    /// Maximum value, if that is its goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// Minimum value, if that is its goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
}

impl Figure {
    /// Creates a figure without a goal.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            value,
            unit,
            at_most: None,
            at_least: None,
        }
    }

    /// Sets a goal that the value must not exceed.
    #[must_use]
    pub const fn at_most(mut self, goal: f64) -> Self {
        self.at_most = Some(goal);
        self
    }

    /// Sets a goal that the value must not fall below.
    #[must_use]
    pub const fn at_least(mut self, goal: f64) -> Self {
        self.at_least = Some(goal);
        self
    }
}
