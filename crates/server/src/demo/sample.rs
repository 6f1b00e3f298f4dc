//! The sample project of the demo: its agents, and its tasks with their dependencies.

/// A simulated agent.
#[derive(Debug)]
pub(super) struct Agent {
    /// Name under which it registers.
    pub(super) name: &'static str,
    /// Description of its job.
    pub(super) description: &'static str,
}

/// Agents of the demo, which work at the same time.
pub(super) const AGENTS: &[Agent] = &[
    Agent {
        name: "demo-ada",
        description: "Simulated: takes the most urgent task",
    },
    Agent {
        name: "demo-bert",
        description: "Simulated: works on the back end",
    },
    Agent {
        name: "demo-cleo",
        description: "Simulated: works on the front end",
    },
    Agent {
        name: "demo-dan",
        description: "Simulated: writes tests and documentation",
    },
];

/// A task: title, priority, the file that it is mostly about, and the positions (from 1) of the
/// tasks that it depends on.
pub(super) type Sample = (&'static str, u32, &'static str, &'static [u64]);

pub(super) const TASKS: &[Sample] = &[
    (
        "Set up the workspace and continuous integration",
        1,
        "ci/pipeline.yml",
        &[],
    ),
    ("Model products, prices and stock", 1, "shop/model.rs", &[1]),
    ("Store the model, with migrations", 2, "shop/store.rs", &[2]),
    ("Import the supplier's catalog", 3, "shop/import.rs", &[3]),
    ("Serve the catalog as JSON", 2, "api/catalogue.rs", &[3]),
    ("Search that tolerates typos", 3, "api/search.rs", &[5]),
    ("Page layout, light and dark", 2, "web/layout.rs", &[1]),
    ("Product list with images", 2, "web/products.rs", &[5, 7]),
    ("Product page", 2, "web/product.rs", &[8]),
    ("Cart that survives a reload", 1, "web/basket.rs", &[8]),
    ("Sign in with an email link", 2, "api/sign_in.rs", &[3]),
    (
        "Address forms for each country",
        3,
        "web/address.rs",
        &[10, 11],
    ),
    (
        "Shipping costs by weight and country",
        3,
        "shop/shipping.rs",
        &[2],
    ),
    ("Pay by card", 1, "api/payment.rs", &[10, 11]),
    ("Send order confirmations", 2, "api/mail.rs", &[14]),
    ("Invoice as PDF", 3, "api/invoice.rs", &[14]),
    ("Cancel and refund", 3, "api/refund.rs", &[14]),
    ("Order history", 4, "web/orders.rs", &[12, 14]),
    (
        "Reduce stock when an order is paid",
        1,
        "shop/stock.rs",
        &[14],
    ),
    (
        "Back office: orders to pack",
        2,
        "web/packing.rs",
        &[18, 19],
    ),
    (
        "Keyboard and screen reader support on every page",
        2,
        "web/layout.rs",
        &[9, 12],
    ),
    ("Load test: 500 orders a minute", 2, "tests/load.rs", &[19]),
    ("Chinese translation", 4, "web/i18n.rs", &[9, 12]),
    ("Handbook for the packing team", 4, "docs/packing.md", &[20]),
];

/// Questions that the agents ask now and then, with proposed answers.
pub(super) const QUESTIONS: &[(&str, &[&str])] = &[
    (
        "Prices are stored as decimals. Keep that, or use cents?",
        &["Keep decimals", "Use cents"],
    ),
    (
        "The layout breaks below 320 px. Support narrower screens?",
        &["No, 320 px is enough", "Yes"],
    ),
    (
        "Two libraries could do this. Prefer the smaller one?",
        &["Yes, the smaller one", "The better known one"],
    ),
];

/// Commands for which the agents ask for permission now and then.
pub(super) const COMMANDS: &[&str] = &[
    "Run `npm install` in web/?",
    "Run \u{201c}cargo update -p serde\u{201d}?",
    "Delete the folder target/demo?",
];

/// Reasons for which the agents fail now and then.
pub(super) const FAILURES: &[&str] = &[
    "The test database does not start: port 5432 is in use",
    "The supplier's catalog answers 503",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_waits_only_for_earlier_ones() {
        for (index, (title, _, _, waits_for)) in (0u64..).zip(TASKS) {
            assert!(
                waits_for.iter().all(|number| (1..=index).contains(number)),
                "{title}"
            );
        }
    }
}
