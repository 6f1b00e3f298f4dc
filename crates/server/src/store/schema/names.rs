//! The step by which a file says whose it is, and under which name it was served.

/// Marks a file as one of this program (`PRAGMA application_id`): "TTRe".
pub(in crate::store) const APPLICATION_ID: i64 = 0x5454_5265;

/// The name is kept beside the commits, so that it is in the file itself and not only in its
/// write-ahead log.
pub(super) const NAMES: &str = "
    ALTER TABLE store ADD COLUMN served_as BLOB;
    PRAGMA application_id = 0x54545265;
";
