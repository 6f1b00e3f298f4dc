//! Migrations for people and for what they write to each other and to agents.

/// Comments on tasks. A deleted comment keeps its row, without its text.
pub(super) const COMMENTS: &str = "
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, task INTEGER NOT NULL,
        author TEXT NOT NULL, made_at INTEGER NOT NULL, edited_at INTEGER, deleted_at INTEGER,
        body TEXT NOT NULL
    );
    CREATE INDEX comments_task ON comments (project, task, id);
";

/// People with their tokens and their marks in projects.
///
/// Until now every token was a person of its own name; an agent's token is no person.
pub(super) const PEOPLE: &str = "
    CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, made_at INTEGER NOT NULL);
    ALTER TABLE credentials ADD COLUMN person TEXT;
    INSERT INTO people
    SELECT lower(hex(randomblob(16))), name, MIN(made_at) FROM credentials
    WHERE role <> 'agent' GROUP BY name;
    UPDATE credentials SET person = (SELECT people.id FROM people WHERE people.name = credentials.name)
    WHERE role <> 'agent';

    CREATE TABLE person_marks (
        person TEXT NOT NULL, project TEXT NOT NULL, key TEXT NOT NULL,
        changed_at INTEGER NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (person, project, key)
    ) WITHOUT ROWID;
    CREATE INDEX person_marks_project ON person_marks (project);
";

/// Marks of messages and questions that belong to a former agent whose name was reused.
pub(super) const FORMER: &str = "
    ALTER TABLE messages ADD COLUMN closed_at INTEGER;
    ALTER TABLE questions ADD COLUMN former INTEGER NOT NULL DEFAULT 0;
";

/// Questions of agents, at most one open per agent, and the answers to them.
pub(super) const QUESTIONS: &str = "
    CREATE TABLE questions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, agent TEXT NOT NULL,
        task INTEGER, generation INTEGER, kind TEXT NOT NULL, options TEXT NOT NULL, request TEXT,
        asked_at INTEGER NOT NULL, closed_at INTEGER, outcome TEXT, text TEXT NOT NULL
    );
    CREATE INDEX questions_project ON questions (project, id);
    CREATE UNIQUE INDEX questions_open ON questions (project, agent) WHERE closed_at IS NULL;

    CREATE TABLE question_answers (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, question INTEGER NOT NULL,
        author TEXT NOT NULL, at INTEGER NOT NULL, late INTEGER NOT NULL, sent_again_at INTEGER,
        delivered_at INTEGER, read_at INTEGER, text TEXT NOT NULL
    );
    CREATE INDEX question_answers_question ON question_answers (project, question, id);
";

/// Renamed and disabled people, and assignees of tasks.
///
/// A former name stays reserved for its person, because their past actions are recorded under it.
pub(super) const ASSIGNMENT: &str = "
    ALTER TABLE people ADD COLUMN disabled_at INTEGER;
    CREATE TABLE former_names (name TEXT PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;
    ALTER TABLE tasks ADD COLUMN assignee TEXT;
";
