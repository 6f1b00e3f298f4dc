//! Migration that counts stored responses.

/// Owner of each stored response, and totals of bytes maintained by triggers.
pub(super) const ANSWERS: &str = "
    ALTER TABLE answers ADD COLUMN owner TEXT NOT NULL DEFAULT '';
    ALTER TABLE answers ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    UPDATE answers SET bytes = length(CAST(answer AS BLOB));
    CREATE INDEX answers_owner ON answers (owner);

    CREATE TABLE answer_totals (
        owner TEXT PRIMARY KEY, count INTEGER NOT NULL, bytes INTEGER NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO answer_totals SELECT owner, COUNT(*), SUM(bytes) FROM answers GROUP BY owner;
    INSERT INTO answer_totals SELECT '*', COUNT(*), COALESCE(SUM(bytes), 0) FROM answers;
    CREATE TRIGGER answers_added AFTER INSERT ON answers BEGIN
        INSERT INTO answer_totals VALUES (new.owner, 1, new.bytes), ('*', 1, new.bytes)
        ON CONFLICT (owner) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
    END;
    CREATE TRIGGER answers_changed AFTER UPDATE OF bytes ON answers BEGIN
        UPDATE answer_totals SET bytes = bytes + new.bytes - old.bytes
        WHERE owner IN (new.owner, '*');
    END;
    CREATE TRIGGER answers_removed AFTER DELETE ON answers BEGIN
        UPDATE answer_totals SET count = count - 1, bytes = bytes - old.bytes
        WHERE owner IN (old.owner, '*');
        DELETE FROM answer_totals WHERE owner = old.owner AND count = 0;
    END;
";
