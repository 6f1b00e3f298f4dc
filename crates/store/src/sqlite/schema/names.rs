//! Migration that marks the file as this program's and stores the name under which it was served.

/// SQLite `application_id` that marks a file as one of this program: "TTRe".
pub(in crate::sqlite) const APPLICATION_ID: i64 = 0x5454_5265;

/// Name under which the file was last served.
///
/// It is stored next to the commit count, so that it is in the file itself and not only in its
/// write-ahead log.
pub(super) const NAMES: &str = "
    ALTER TABLE store ADD COLUMN served_as BLOB;
    PRAGMA application_id = 0x54545265;
";
