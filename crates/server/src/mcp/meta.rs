//! Sessions that a request names in its `_meta`: hints of harnesses about who calls.

use rmcp::model::RequestMetaObject;
use tasktree_protocol::agent::Source;

/// Member with the id of a tool call in Claude Code. The hook before the call has the same.
const CLAUDE_CALL: &str = "claudecode/toolUseId";

/// Member with the turn of Codex that makes the call.
const CODEX_TURN: &str = "x-codex-turn-metadata";

/// Members that hold the id of a session, each with its harness.
const SESSIONS: [(&str, Source); 3] = [
    ("threadId", Source::Codex),
    ("vscode.conversationId", Source::VsCode),
    ("ai.opencode/sessionID", Source::OpenCode),
];

/// Longest id that is looked at, in characters.
const ID_CHARS: usize = 200;

/// Session of a harness that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Tool call of Claude Code, whose session a hook has told.
    Call(String),
    /// Session of another harness.
    Session(Source, String),
}

/// Returns the session in the metadata of a request.
pub(super) fn session(meta: &RequestMetaObject) -> Option<Named> {
    let text = |value: Option<&serde_json::Value>| {
        let text = value?.as_str()?.trim();
        let fits = (1..=ID_CHARS).contains(&text.chars().count());
        (fits && !text.contains(char::is_control)).then(|| text.to_owned())
    };
    if let Some(call) = text(meta.get(CLAUDE_CALL)) {
        return Some(Named::Call(call));
    }
    let turn = meta.get(CODEX_TURN);
    if let Some(session) = text(turn.and_then(|turn| turn.get("session_id"))) {
        return Some(Named::Session(Source::Codex, session));
    }
    SESSIONS.into_iter().find_map(|(name, source)| {
        let session = text(meta.get(name))?;
        Some(Named::Session(source, session))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(meta: Value) -> Option<Named> {
        session(&serde_json::from_value(meta).unwrap())
    }

    #[test]
    fn the_session_of_each_harness_is_found() {
        let session = |source, id: &str| Some(Named::Session(source, id.to_owned()));
        assert_eq!(
            of(json!({"claudecode/toolUseId": "toolu_1", "progressToken": 2})),
            Some(Named::Call("toolu_1".to_owned()))
        );
        let turn = json!({"threadId": "t", "x-codex-turn-metadata": {"session_id": "s"}});
        assert_eq!(of(turn), session(Source::Codex, "s"));
        assert_eq!(of(json!({"threadId": "t"})), session(Source::Codex, "t"));
        assert_eq!(
            of(json!({"vscode.conversationId": "c"})),
            session(Source::VsCode, "c")
        );
        assert_eq!(
            of(json!({"ai.opencode/sessionID": "o"})),
            session(Source::OpenCode, "o")
        );
    }

    #[test]
    fn what_is_no_session_is_none() {
        for meta in [
            json!({}),
            json!({"threadId": 7}),
            json!({"threadId": " "}),
            json!({"threadId": "a\nb"}),
            json!({"x-codex-turn-metadata": "text"}),
            json!({"threadId": "x".repeat(201)}),
        ] {
            assert_eq!(of(meta.clone()), None, "{meta}");
        }
    }
}
