//! Migration that distinguishes soft leases from others.

/// Leases that hooks take while an agent edits, each of one run.
pub(super) const LEASES: &str = "
    ALTER TABLE leases ADD COLUMN soft INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE leases ADD COLUMN run INTEGER;
";
