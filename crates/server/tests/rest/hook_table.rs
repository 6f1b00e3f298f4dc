//! State of an agent after each body that the harnesses send.
//!
//! Each body comes to a session of its harness that is at work, in a project of its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::hook_support::{apply_by, state};
use crate::support::TestServer;

/// Bodies of the harnesses, with the event before each.
const HARNESSES: [(&str, &str, &str); 7] = [
    (
        "claude-code",
        include_str!("../../../domain/fixtures/hooks/claude-code.json"),
        "UserPromptSubmit",
    ),
    (
        "codex",
        include_str!("../../../domain/fixtures/hooks/codex.json"),
        "UserPromptSubmit",
    ),
    (
        "gemini",
        include_str!("../../../domain/fixtures/hooks/gemini.json"),
        "BeforeAgent",
    ),
    (
        "cursor",
        include_str!("../../../domain/fixtures/hooks/cursor.json"),
        "beforeSubmitPrompt",
    ),
    (
        "copilot",
        include_str!("../../../domain/fixtures/hooks/copilot.json"),
        "PostToolUse.pascal",
    ),
    (
        "opencode",
        include_str!("../../../domain/fixtures/hooks/opencode.json"),
        "session.status",
    ),
    (
        "vscode",
        include_str!("../../../domain/fixtures/hooks/vscode.json"),
        "PostToolUse",
    ),
];

/// State after each body: status, turn, wait, subagents, leases and activity.
const EXPECTED: &[(&str, &str)] = &[
    (
        "claude-code CwdChanged",
        "running, turn open; Prompt: Make the total right.",
    ),
    (
        "claude-code Notification.idle",
        "idle; Prompt: Make the total right.",
    ),
    (
        "claude-code Notification.permission",
        "waiting, turn open; permission: Claude needs your permission to use Bash []; Prompt: Make the total right.",
    ),
    (
        "claude-code PermissionDenied",
        "running, turn open; Bash: git push --force",
    ),
    (
        "claude-code PermissionRequest",
        "waiting, turn open; permission: Bash: git push origin cart-total [Allow, Deny]; Prompt: Make the total right.",
    ),
    (
        "claude-code PostToolBatch",
        "running, turn open; Grep: cents",
    ),
    (
        "claude-code PostToolUse.Bash",
        "running, turn open; Bash: cargo test --lib",
    ),
    (
        "claude-code PostToolUse.Edit",
        "running, turn open; leases src/cart.rs; Edit src/cart.rs",
    ),
    (
        "claude-code PostToolUse.in-subagent",
        "running, turn open; 1 subagents; Read src/price.rs",
    ),
    (
        "claude-code PostToolUseFailure",
        "running, turn open; Bash: cargo clippy",
    ),
    (
        "claude-code PreCompact",
        "running, turn open; Prompt: Make the total right.",
    ),
    (
        "claude-code PreToolUse.Edit",
        "running, turn open; leases src/cart.rs; Edit src/cart.rs",
    ),
    (
        "claude-code PreToolUse.mcp",
        "running, turn open; tasktree: board_update",
    ),
    (
        "claude-code SessionEnd",
        "idle, ended, silent; Prompt: Make the total right.",
    ),
    (
        "claude-code SessionStart",
        "idle; Prompt: Make the total right.",
    ),
    (
        "claude-code Stop",
        "running, turn open; The total is right; 12 tests pass.",
    ),
    (
        "claude-code StopFailure",
        "waiting; rate_limit: rate_limit: retry after 1200 s until []; Prompt: Make the total right.",
    ),
    (
        "claude-code SubagentStart",
        "running, turn open; 1 subagents; Prompt: Make the total right.",
    ),
    (
        "claude-code SubagentStop",
        "running, turn open; Prompt: Make the total right.",
    ),
    (
        "claude-code TaskCompleted",
        "running, turn open; note Done: Add a changelog line; Prompt: Make the total right.",
    ),
    (
        "claude-code TaskCreated",
        "running, turn open; note Todo: Add a changelog line; Prompt: Make the total right.",
    ),
    (
        "claude-code TeammateIdle",
        "running, turn open; Prompt: Make the total right.",
    ),
    (
        "claude-code UserPromptSubmit",
        "running, turn open; Prompt: Make the total right.",
    ),
    (
        "claude-code unknown-event",
        "running, turn open; Prompt: Make the total right.",
    ),
    ("codex Interrupt", "idle; Prompt: Make the total right."),
    (
        "codex PermissionRequest",
        "waiting, turn open; permission: Bash: git push [Allow, Deny]; Prompt: Make the total right.",
    ),
    (
        "codex PostToolUse.Bash",
        "running, turn open; Bash: cargo test",
    ),
    (
        "codex PreToolUse.apply_patch",
        "running, turn open; leases src/cart.rs, tests/cart.rs; apply_patch src/cart.rs and 1 more",
    ),
    (
        "codex SessionEnd",
        "idle, ended, silent; Prompt: Make the total right.",
    ),
    ("codex SessionStart", "idle; Prompt: Make the total right."),
    ("codex Stop", "idle; The total is right."),
    (
        "codex SubagentStart",
        "running, turn open; 1 subagents; Prompt: Make the total right.",
    ),
    (
        "codex SubagentStop",
        "running, turn open; Prompt: Make the total right.",
    ),
    (
        "codex UserPromptSubmit",
        "running, turn open; Prompt: Make the total right.",
    ),
    (
        "codex notify.agent-turn-complete",
        "idle; The total is right.",
    ),
    ("gemini AfterAgent", "idle; It was never summed."),
    (
        "gemini AfterTool",
        "running, turn open; run_shell_command: cargo test",
    ),
    (
        "gemini AfterTool.mcp",
        "running, turn open; mcp_tasktree_board_next",
    ),
    (
        "gemini BeforeAgent",
        "running, turn open; Prompt: Why is the total wrong?",
    ),
    (
        "gemini BeforeTool",
        "running, turn open; leases src/cart.rs; replace src/cart.rs",
    ),
    (
        "gemini Notification",
        "waiting, turn open; permission: Tool requires confirmation: git push []; Prompt: Why is the total wrong?",
    ),
    (
        "gemini PreCompress",
        "running, turn open; Prompt: Why is the total wrong?",
    ),
    (
        "gemini SessionEnd",
        "idle, ended, silent; Prompt: Why is the total wrong?",
    ),
    (
        "gemini SessionStart",
        "idle; Prompt: Why is the total wrong?",
    ),
    (
        "cursor afterFileEdit",
        "running, turn open; leases src/cart.rs; Edit src/cart.rs",
    ),
    (
        "cursor beforeSubmitPrompt",
        "running, turn open; Prompt: Fix the total",
    ),
    (
        "cursor postToolUse",
        "running, turn open; Shell: cargo test",
    ),
    (
        "cursor postToolUseFailure",
        "running, turn open; Shell: cargo clippy",
    ),
    (
        "cursor preToolUse",
        "running, turn open; leases src/cart.rs; Write src/cart.rs",
    ),
    (
        "cursor sessionEnd",
        "idle, ended, silent; Prompt: Fix the total",
    ),
    ("cursor sessionStart", "idle; Prompt: Fix the total"),
    ("cursor stop", "idle; Prompt: Fix the total"),
    (
        "cursor subagentStop",
        "running, turn open; Prompt: Fix the total",
    ),
    (
        "copilot PostToolUse.pascal",
        "running, turn open; bash: cargo test",
    ),
    (
        "copilot SessionStart.pascal",
        "running, turn open; bash: cargo test",
    ),
    ("copilot Stop.pascal", "idle; bash: cargo test"),
    (
        "copilot cloud.sessionStart.no-session-id",
        "running, turn open",
    ),
    (
        "copilot errorOccurred.camel",
        "waiting; rate_limit: RateLimit: 429 []; bash: cargo test",
    ),
    (
        "copilot notification",
        "waiting, turn open; permission: Copilot needs permission to run git push []; bash: cargo test",
    ),
    (
        "copilot postToolUse.camel",
        "running, turn open; leases src/cart.rs; edit src/cart.rs",
    ),
    (
        "copilot sessionEnd.camel",
        "idle, ended, silent; bash: cargo test",
    ),
    (
        "copilot sessionStart.camel",
        "running, turn open; bash: cargo test",
    ),
    (
        "copilot subagentStart.camel",
        "running, turn open; 1 subagents; bash: cargo test",
    ),
    (
        "opencode permission.updated",
        "waiting, turn open; permission: bash: git push [Allow, Deny]",
    ),
    ("opencode session.created", "idle"),
    ("opencode session.idle", "idle"),
    ("opencode session.status", "running, turn open"),
    (
        "opencode todo.updated",
        "running, turn open; note Todo: Test (1 of 2 done)",
    ),
    (
        "opencode tool.execute.after",
        "running, turn open; leases src/cart.rs; edit src/cart.rs",
    ),
    (
        "vscode PostToolUse",
        "running, turn open; leases src/cart.rs; editFiles src/cart.rs",
    ),
    (
        "vscode SessionStart",
        "idle; leases src/cart.rs; editFiles src/cart.rs",
    ),
    (
        "vscode Stop",
        "idle; leases src/cart.rs; editFiles src/cart.rs",
    ),
];

#[tokio::test]
async fn each_body_of_each_harness_leads_to_the_state_in_the_table() {
    let server = TestServer::start().await;
    let mut found = BTreeMap::new();
    for (source, text, before) in HARNESSES {
        let bodies: Map<String, Value> = serde_json::from_str(text).unwrap();
        for (name, body) in &bodies {
            let project = format!("{source}-{}", name.replace('.', "-")).to_lowercase();
            let new = json!({"id": project, "name": name, "path": "/work/shop"});
            server.post("/api/projects", new).await.ok();
            let query = format!("?project={project}");
            if !name.starts_with("cloud") {
                apply_by(&server, source, &query, &bodies[before]).await;
            }
            let answer = apply_by(&server, source, &query, body).await;
            let agents = server
                .get(&format!("/api/projects/{project}/agents"))
                .await
                .ok();
            assert_eq!(
                agents.as_array().unwrap().len(),
                1,
                "{source} {name}: {agents}"
            );
            assert_eq!(answer["agent"], agents[0]["id"], "{source} {name}");
            assert_eq!(agents[0]["run"]["machine"], "m1");
            assert_eq!(agents[0]["run"]["folder"], "/work/shop");
            let agent = agents[0]["id"].as_str().unwrap();
            let state = state(&server, &project, agent).await;
            found.insert(format!("{source} {name}"), state);
        }
    }
    let expected: BTreeMap<String, String> = EXPECTED
        .iter()
        .map(|(name, state)| ((*name).to_owned(), (*state).to_owned()))
        .collect();
    assert_eq!(expected.len(), 72);
    for (name, state) in &found {
        assert_eq!(Some(state), expected.get(name), "{name}");
    }
    assert_eq!(found.len(), 72);
}

#[tokio::test]
async fn the_first_event_of_an_unknown_session_registers_its_agent_unless_it_ends() {
    let server = TestServer::start().await;
    for (source, text, _) in HARNESSES {
        let bodies: Map<String, Value> = serde_json::from_str(text).unwrap();
        for (name, body) in &bodies {
            let project = format!("{source}-{}", name.replace('.', "-")).to_lowercase();
            server.make_project(&project).await;
            let query = format!("?project={project}");
            let answer = apply_by(&server, source, &query, body).await;
            let ends = name.to_lowercase();
            let ends = ends.starts_with("sessionend") || ends.starts_with("subagentstop");
            assert_eq!(answer["agent"].is_null(), ends, "{source} {name}: {answer}");
        }
    }
}
