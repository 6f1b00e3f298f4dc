use super::*;
use crate::SqliteStore;

/// Returns a folder with a backup of an empty database, and a database.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (board, kept) = (
        folder.path().join("board.db"),
        folder.path().join("kept.db"),
    );
    drop(SqliteStore::open(&board).unwrap());
    super::super::backup(&board, &kept).unwrap();
    folder
}

/// Returns the error for a modified backup, and asserts that the database is unchanged.
fn refusal(change: impl FnOnce(&Connection)) -> String {
    let folder = folder();
    let (board, kept) = (
        folder.path().join("board.db"),
        folder.path().join("kept.db"),
    );
    let before = fs::read(&board).unwrap();
    change(&Connection::open(&kept).unwrap());
    let refusal = restore(&kept, &board).unwrap_err().to_string();
    assert_eq!(fs::read(&board).unwrap(), before);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(
        left.len(),
        3,
        "the database, its state, the backup: {left:?}"
    );
    refusal
}

#[test]
fn a_file_that_cannot_be_served_is_refused_before_anything_is_replaced() {
    let newer = refusal(|kept| kept.pragma_update(None, "user_version", 4711).unwrap());
    assert!(
        newer.contains("newer version") && newer.contains("4711"),
        "{newer}"
    );
    let foreign = "not a TaskTree database";
    let empty = refusal(|kept| kept.pragma_update(None, "user_version", 0).unwrap());
    assert!(empty.contains(foreign), "{empty}");
    for (change, said) in [
        (
            "DELETE FROM streams WHERE id = '*'",
            "stream '*' is missing",
        ),
        (
            "CREATE TRIGGER t AFTER INSERT ON tasks BEGIN DELETE FROM tasks; END",
            "it has an additional trigger t",
        ),
        (
            "DROP VIEW shown_tasks; CREATE VIEW shown_tasks AS SELECT * FROM tasks",
            "its view shown_tasks is different",
        ),
        (
            "INSERT INTO credentials (id, name, role, digest, made_at, made_by) \
             VALUES ('x', 'x', 'god', x'00', 1, 'x')",
            "cannot be used",
        ),
    ] {
        let refused = refusal(|kept| kept.execute_batch(change).unwrap());
        assert!(refused.contains(said), "{refused}");
    }
    let other = refusal(|kept| kept.execute_batch("DROP TABLE store").unwrap());
    assert!(other.contains(foreign), "{other}");
    let lacking = refusal(|kept| kept.execute_batch("DROP TABLE leases").unwrap());
    assert!(
        lacking.contains(foreign) && lacking.contains("leases"),
        "{lacking}"
    );
    let column = "ALTER TABLE tasks DROP COLUMN branch";
    let lacking = refusal(|kept| kept.execute_batch(column).unwrap());
    assert!(
        lacking.contains("its table tasks is different"),
        "{lacking}"
    );
    let index = refusal(|kept| kept.execute_batch("DROP INDEX tasks_source").unwrap());
    assert!(index.contains("tasks_source"), "{index}");
}

#[test]
fn a_damaged_file_is_refused_with_what_is_wrong() {
    let damaged = refusal(|kept| {
        // An index that does not match its table.
        kept.execute_batch(
            "CREATE TABLE pairs (a); CREATE INDEX pairs_a ON pairs (a); INSERT INTO pairs VALUES (1), (2);
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'undos_made')
             WHERE name = 'pairs_a';",
        )
        .unwrap();
    });
    assert!(damaged.contains("damaged"), "{damaged}");
}

#[test]
fn what_was_revoked_long_ago_stays_revoked() {
    let folder = folder();
    let (board, kept) = (
        folder.path().join("board.db"),
        folder.path().join("kept.db"),
    );
    let token = "INSERT INTO credentials (id, name, role, digest, made_at, made_by) \
                 VALUES ('c', 'ann', 'viewer', zeroblob(32), 1, 'human:local')";
    Connection::open(&kept).unwrap().execute(token, []).unwrap();
    let forgotten = "INSERT INTO revocations VALUES (zeroblob(32), 5)";
    Connection::open(&board)
        .unwrap()
        .execute(forgotten, [])
        .unwrap();
    assert_eq!(restore(&kept, &board).unwrap().revoked, 1);
    // The same holds for a restore of the restored database.
    assert_eq!(restore(&kept, &board).unwrap().revoked, 1);
    let now = Connection::open(&board).unwrap();
    let sql = "SELECT revoked_at FROM credentials";
    let at: i64 = now.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(at, 5);
}

#[test]
fn who_was_disabled_stays_disabled() {
    let folder = folder();
    let (board, kept) = (
        folder.path().join("board.db"),
        folder.path().join("kept.db"),
    );
    let made = "INSERT INTO people (id, name, made_at) VALUES ('p', 'ann', 1);
         INSERT INTO credentials (id, name, role, digest, made_at, made_by, person)
         VALUES ('c', 'ann', 'viewer', zeroblob(32), 1, 'human:local', 'p');
         INSERT INTO sessions (digest, credential, expires_at) VALUES (zeroblob(32), 'c', 9);";
    for file in [&board, &kept] {
        Connection::open(file).unwrap().execute_batch(made).unwrap();
    }
    let disabled = "UPDATE people SET disabled_at = 5";
    Connection::open(&board)
        .unwrap()
        .execute(disabled, [])
        .unwrap();
    restore(&kept, &board).unwrap();
    let now = Connection::open(&board).unwrap();
    let sql = "SELECT disabled_at, (SELECT COUNT(*) FROM sessions) FROM people";
    let found: (Option<i64>, i64) = now
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(found, (Some(5), 0));
}
