//! The official conformance suite, the inspector and the TypeScript client, against a real server.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tasktree_e2e::Server;
use tasktree_e2e::mcp_tools::McpTools;

/// Scenarios of the suite that a real server can pass, each with its revisions. The others want
/// tools and prompts of a sample server.
const SCENARIOS: [(&str, &[&str]); 11] = [
    ("server-initialize", &["2025-06-18", "2025-11-25"]),
    ("ping", &["2025-06-18", "2025-11-25"]),
    ("tools-list", &["2025-06-18", "2025-11-25", "2026-07-28"]),
    (
        "resources-list",
        &["2025-06-18", "2025-11-25", "2026-07-28"],
    ),
    ("dns-rebinding-protection", &["2025-11-25", "2026-07-28"]),
    ("server-sse-multiple-streams", &["2026-07-28"]),
    ("server-stateless", &["2026-07-28"]),
    ("http-header-validation", &["2026-07-28"]),
    ("caching", &["2026-07-28"]),
    ("sep-2164-resource-not-found", &["2026-07-28"]),
    ("input-required-result-unsupported-methods", &["2026-07-28"]),
];

/// Checks of these scenarios that fail because there is no sample tool or prompt.
const NEED_SAMPLES: [&str; 3] = [
    "is not testable against this server",
    "Not testable: server does not list the diagnostic tool",
    "PromptsListCachingHints",
];

#[tokio::test]
async fn the_conformance_suite_finds_no_fault() -> Result<()> {
    let tools = McpTools::find()?;
    let server = Server::start().await?;
    server.project_with_tasks("alpha", &["one", "two"]).await?;
    let folder = tempfile::tempdir()?;
    let url = server.url("/mcp");
    for (scenario, revisions) in SCENARIOS {
        for revision in revisions {
            let arguments = [
                "server",
                "--url",
                &url,
                "--scenario",
                scenario,
                "--spec-version",
                revision,
            ];
            let output = tools.run("conformance", &arguments, folder.path()).await?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            let faults = faults(&said);
            ensure!(
                faults.is_empty(),
                "{scenario} {revision}: {faults:#?}\n{said}"
            );
            ensure!(said.contains("Passed: "), "{scenario} {revision}:\n{said}");
        }
    }
    Ok(())
}

/// Returns the failed checks, without those that need samples.
fn faults(said: &str) -> Vec<String> {
    let Some((_, failed)) = said.split_once("=== Failed Checks ===") else {
        return Vec::new();
    };
    let failed = failed.split("\n  - ").skip(1);
    let failed = failed.filter(|check| !NEED_SAMPLES.iter().any(|why| check.contains(why)));
    failed
        .map(|check| check.lines().take(2).collect::<Vec<_>>().join(" "))
        .collect()
}

#[tokio::test]
async fn the_inspector_lists_and_calls_tools_in_each_era() -> Result<()> {
    let tools = McpTools::find()?;
    let server = Server::start().await?;
    server.project_with_tasks("alpha", &["a", "b", "c"]).await?;
    let folder = tempfile::tempdir()?;
    let url = server.url("/mcp");
    for era in ["legacy", "auto", "modern"] {
        let agent = format!("TaskTree-Agent: {era}");
        let ask = async |method: &[&str]| -> Result<(Value, Option<i32>)> {
            let given = ["--cli", &url, "--transport", "http", "--protocol-era", era];
            let header = ["--header", agent.as_str(), "--method"];
            let arguments = [&given[..], &header[..], method].concat();
            let output = tools
                .run("mcp-inspector", &arguments, folder.path())
                .await?;
            let said = String::from_utf8_lossy(&output.stdout);
            let answer = serde_json::from_str(&said).with_context(|| format!("{era}: {said}"))?;
            Ok((answer, output.status.code()))
        };
        let (list, code) = ask(&["tools/list"]).await?;
        assert_eq!(list["tools"].as_array().map(Vec::len), Some(12), "{era}");
        assert_eq!(code, Some(0));
        let (next, _) = ask(&["tools/call", "--tool-name", "board_next"]).await?;
        assert_eq!(next["structuredContent"]["claimed"], true, "{era}: {next}");
        let unknown = ["--tool-name", "board_get", "--tool-arg", "task=99"];
        let (missing, code) = ask(&[&["tools/call"], &unknown[..]].concat()).await?;
        assert_eq!(
            missing["structuredContent"]["code"], "not_found",
            "{missing}"
        );
        assert_eq!(
            code,
            Some(5),
            "the inspector's code for a refusal of a tool"
        );
        let (resources, _) = ask(&["resources/list"]).await?;
        assert_eq!(resources["resources"][0]["uri"], "tasktree://alpha/board");
    }
    Ok(())
}

#[tokio::test]
async fn the_typescript_client_works_in_each_revision_over_both_transports() -> Result<()> {
    let tools = McpTools::find()?;
    let server = Server::start().await?;
    let titles: Vec<String> = (0..8).map(|number| format!("task {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    server.project_with_tasks("alpha", &titles).await?;
    let folder = tempfile::tempdir()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/client.mjs");
    let modules = tools.modules();
    let modules = modules.to_str().context("a path")?;
    let (http, base) = (server.url("/mcp"), server.url(""));
    let program = server.binary().to_str().context("a path")?;
    for revision in ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] {
        for target in [vec!["http", http.as_str()], vec!["stdio", program, &base]] {
            let arguments = [&[script, modules, revision][..], &target].concat();
            let output = tools.run("node", &arguments, folder.path()).await?;
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            let seen: Value = serde_json::from_slice(&output.stdout).context(error)?;
            let uri = format!("tasktree://alpha/task/{}", seen["task"]);
            let told = if revision == "2026-07-28" {
                json!([uri])
            } else {
                json!([])
            };
            assert_eq!(seen["revision"], revision, "{seen}");
            assert_eq!(seen["agent"], format!("{}-{revision}", target[0]));
            assert_eq!(
                (&seen["tools"], &seen["status"]),
                (&json!(12), &json!("completed"))
            );
            assert_eq!(
                (&seen["read"], &seen["refused"]),
                (&json!(true), &json!(true))
            );
            assert_eq!(seen["told"], told, "{seen}");
        }
    }
    Ok(())
}
