//! Formats figures as a table: name, value and goal.

use serde_json::Value;

/// Returns the table as text, and the number of figures that miss their goals.
pub(super) fn table(measured: &Value) -> (String, usize) {
    let mut text = String::new();
    let machine = &measured["machine"];
    for (name, value) in machine.as_object().into_iter().flatten() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        text.push_str(&format!("{name}: {value}\n"));
    }
    let figures: Vec<_> = measured["figures"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let name = |figure: &Value| figure["name"].as_str().unwrap_or_default().to_owned();
    let width = figures
        .iter()
        .map(|figure| name(figure).chars().count())
        .max()
        .unwrap_or(0);
    let mut missed = 0;
    for figure in figures {
        let value = figure["value"].as_f64().unwrap_or(f64::NAN);
        let unit = figure["unit"].as_str().unwrap_or_default();
        let (goal, met) = goal(figure, value);
        missed += usize::from(!met);
        let mark = if met { "" } else { "  MISSED" };
        let line = format!(
            "{:width$}  {:>12} {unit:<13}{goal}{mark}",
            name(figure),
            number(value)
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    (text, missed)
}

/// Returns a figure's goal as text, and true if the value meets it.
fn goal(figure: &Value, value: f64) -> (String, bool) {
    match (figure["at_most"].as_f64(), figure["at_least"].as_f64()) {
        (Some(most), _) => (format!("at most {}", number(most)), value <= most),
        (None, Some(least)) => (format!("at least {}", number(least)), value >= least),
        (None, None) => (String::new(), true),
    }
}

/// Formats a number with its significant digits.
fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_figure_is_held_to_its_goal_in_its_direction() {
        let measured = json!({"machine": {"cores": 2}, "figures": [
            {"name": "fan-out", "value": 150_000.4, "unit": "deliveries/s", "at_least": 100_000.0},
            {"name": "latency", "value": 61.5, "unit": "ms", "at_most": 50.0},
            {"name": "just so", "value": 1.0, "unit": "ms"},
        ]});
        let (table, missed) = table(&measured);
        assert_eq!(missed, 1);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "cores: 2");
        assert_eq!(
            lines[1],
            "fan-out        150000 deliveries/s at least 100000"
        );
        assert_eq!(
            lines[2],
            "latency         61.50 ms           at most 50.00  MISSED"
        );
        assert_eq!(lines[3], "just so          1.00 ms");
    }

    #[test]
    fn a_figure_that_is_no_number_misses_its_goal() {
        let measured =
            json!({"figures": [{"name": "x", "value": null, "unit": "", "at_least": 1.0}]});
        assert_eq!(table(&measured).1, 1);
    }
}
