//! `tasktree connect` and `doctor`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Call, Desk, envelope, failure};
use crate::server::{Server, out};

const HARNESSES: [(&str, &str); 7] = [
    ("claude", ".claude/settings.local.json"),
    ("codex", ".codex/hooks.json"),
    ("opencode", ".opencode/plugin/tasktree.js"),
    ("gemini", ".gemini/settings.json"),
    ("cursor", ".cursor/hooks.json"),
    ("copilot", ".github/hooks/tasktree.json"),
    ("vscode", ".github/hooks/tasktree.json"),
];

/// Makes the working folder a repository.
fn repository(desk: &Desk) {
    let git = desk.work().join(".git");
    fs::create_dir_all(&git).unwrap();
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
}

/// Returns a call in which nothing names the project, and `tasktree` is on the PATH.
fn call<'a>(desk: &'a Desk, arguments: &[&'a str]) -> Call<'a> {
    let programs = desk.home.path().join("bin");
    fs::create_dir_all(&programs).unwrap();
    fs::write(programs.join("tasktree"), "").unwrap();
    let call = desk.call(arguments).variable("TASKTREE_PROJECT", "");
    call.variable("PATH", programs.to_str().unwrap())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn a_harness_is_connected_once_and_removed_without_a_trace() {
    let desk = Desk::open().await;
    repository(&desk);
    let inner = desk.work().join("src");
    fs::create_dir_all(&inner).unwrap();
    for (harness, file) in HARNESSES {
        let path = desk.work().join(file);
        let preview = call(&desk, &["connect", harness, "--dry-run"]).folder(&inner);
        let preview = out(&preview.run().await);
        assert!(
            preview.contains("+++") && preview.contains("tasktree"),
            "{preview}"
        );
        assert!(!path.exists());
        let connected = call(&desk, &["connect", harness]).folder(&inner);
        let data = envelope(&connected.json().await)["data"].clone();
        assert_eq!(data["project"], "work");
        assert_eq!(data["project_created"], harness == "claude");
        assert_eq!(data["files"][0]["change"], "created");
        assert_eq!(data["files"][0]["path"], path.to_str().unwrap());
        let text = read(&path);
        let again = envelope(&call(&desk, &["connect", harness]).json().await)["data"].clone();
        assert_eq!(again["files"][0]["change"], "unchanged");
        assert_eq!(read(&path), text);
        let said = out(&call(&desk, &["connect", harness]).run().await);
        assert!(said.contains("Next: "), "{said}");
        assert_eq!(
            said.contains("run /hooks and trust"),
            harness == "codex",
            "{said}"
        );
        out(&call(&desk, &["connect", harness, "--remove"]).run().await);
        assert!(!path.exists(), "{harness}");
    }
    let project = desk.server.get("/api/projects/work").await;
    assert_eq!(
        project["path"],
        desk.work().canonicalize().unwrap().to_str().unwrap()
    );
    let file = read(&desk.work().join(".tasktree.toml"));
    assert!(file.contains("project = \"work\""), "{file}");
    // From now on the folder names the project.
    let who = envelope(&call(&desk, &["whoami"]).folder(&inner).json().await);
    assert_eq!(who["data"]["project"], "work");
}

#[tokio::test]
async fn what_is_in_a_file_stays_and_comes_back_byte_by_byte() {
    let desk = Desk::open().await;
    let text = "{\n\t\"permissions\": {\"allow\": [\"Bash(*)\"]},\n\t\"hooks\": {\"Stop\": [\n\
                {\"hooks\": [{\"type\": \"command\", \"command\": \"say\"}]}]}}\n";
    for (harness, file) in HARNESSES.iter().filter(|(name, _)| *name != "opencode") {
        let path = desk.work().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        out(&call(&desk, &["connect", harness]).run().await);
        let value: Value = serde_json::from_str(&read(&path)).unwrap();
        assert_eq!(value["permissions"]["allow"], json!(["Bash(*)"]));
        assert_eq!(value["hooks"]["Stop"][0]["hooks"][0]["command"], "say");
        out(&call(&desk, &["connect", harness, "--remove"]).run().await);
        assert_eq!(read(&path), text, "{harness}");
    }
}

#[tokio::test]
async fn the_person_chooses_answers_the_place_and_notify() {
    let desk = Desk::open().await;
    let answers = ["connect", "claude", "--answers", "--user"];
    out(&call(&desk, &answers).run().await);
    let settings = read(&desk.home.path().join(".claude/settings.json"));
    assert!(
        settings.contains("tasktree hook claude-code --answers"),
        "{settings}"
    );
    let refused = call(&desk, &["connect", "gemini", "--answers"])
        .json()
        .await;
    assert_eq!(failure(&refused, 2)["code"], "usage");

    out(&call(&desk, &["connect", "codex", "--answers"]).run().await);
    let config = desk.home.path().join(".config/tasktree");
    let hooks = read(&desk.work().join(".codex/hooks.json"));
    assert!(!hooks.contains("--answers"), "{hooks}");
    let own = read(&config.join("config.toml"));
    assert!(
        own.contains("answers = true") && own.contains("context = true"),
        "{own}"
    );
    out(&call(&desk, &["connect", "codex", "--notify"]).run().await);
    let codex = desk.home.path().join(".codex/config.toml");
    assert!(read(&codex).contains("codex-notify"));
    out(&call(&desk, &["connect", "codex", "--remove"]).run().await);
    assert!(!codex.exists() && !read(&config.join("config.toml")).contains("answers"));
}

#[tokio::test]
async fn a_token_is_stored_for_its_owner_once_the_server_has_accepted_it() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::in_memory(home.path(), &["--token", "admin-secret"], "info").await;
    let desk = Desk { server, home };
    fs::create_dir_all(desk.work()).unwrap();
    let credentials = desk.home.path().join(".config/tasktree/credentials.toml");
    let connect = || call(&desk, &["connect", "claude", "--token", "-"]);
    let refused = failure(&connect().input("wrong-secret\n").json().await, 4);
    assert_eq!(refused["code"], "unauthorized");
    assert!(!credentials.exists());
    out(&connect().input("admin-secret\n").run().await);
    assert!(read(&credentials).contains("token = \"admin-secret\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&credentials).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let who = envelope(&call(&desk, &["whoami"]).json().await)["data"].clone();
    assert_eq!(
        (&who["role"], &who["project"]),
        (&json!("admin"), &json!("work"))
    );
}

#[tokio::test]
async fn with_the_server_down_nothing_is_written() {
    let desk = Desk::open().await;
    let down = ["connect", "claude", "--server", "http://127.0.0.1:1"];
    let refused = failure(&call(&desk, &down).json().await, 7);
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("tasktree serve")
    );
    assert_eq!(fs::read_dir(desk.work()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_doctor_says_what_is_missing() {
    let desk = Desk::open().await;
    out(&call(&desk, &["connect", "codex"]).run().await);
    for name in ["codex", "claude"] {
        fs::write(desk.home.path().join("bin").join(name), "").unwrap();
    }
    let doctor = call(&desk, &["doctor"]);
    let data = envelope(&doctor.json().await)["data"].clone();
    assert_eq!(data["server"]["reachable"], true);
    assert_eq!(data["server"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(data["program_on_path"], true);
    let hint = |harness: &str| {
        let all = data["harnesses"].as_array().unwrap().iter();
        let mut found = all.filter(|found| found["harness"] == harness);
        found.next().unwrap()["hint"].clone()
    };
    assert!(hint("codex").as_str().unwrap().contains("/hooks"));
    assert_eq!(hint("claude"), "run `tasktree connect claude`");
    assert_eq!(hint("gemini"), json!(null));
    let text = out(&call(&desk, &["doctor"]).run().await);
    assert!(
        text.contains("Codex CLI    installed    connected"),
        "{text}"
    );
    let down = call(&desk, &["doctor", "--server", "http://127.0.0.1:1"])
        .run()
        .await;
    assert_eq!(down.status.code(), Some(7));
    assert!(String::from_utf8_lossy(&down.stdout).contains("no response"));
}

/// Returns a call of the program that npx has put on that path.
fn npx<'a>(desk: &'a Desk, path: &str, arguments: &[&'a str]) -> Call<'a> {
    let call = desk.call(arguments).variable("TASKTREE_PROJECT", "");
    call.variable("PATH", path)
}

#[tokio::test]
async fn with_npx_alone_the_hooks_run_a_program_that_stays() {
    let desk = Desk::open().await;
    // npx has the program in a cache, and on the PATH of this run only.
    let of_npx = desk.home.path().join("_npx/1/node_modules/.bin");
    fs::create_dir_all(&of_npx).unwrap();
    fs::write(of_npx.join("tasktree"), "").unwrap();
    let path = format!("{}:/usr/bin:/bin", of_npx.display());
    let path = path.as_str();
    let program = desk.home.path().join("tasktree/bin/tasktree");
    let preview = ["connect", "claude", "--dry-run"];
    let preview = out(&npx(&desk, path, &preview).run().await);
    assert!(
        preview.contains("bin/tasktree hook claude-code"),
        "{preview}"
    );
    assert!(!program.exists());
    let said = out(&npx(&desk, path, &["connect", "claude"]).run().await);
    assert!(said.contains("not on your PATH"), "{said}");
    for (harness, file) in HARNESSES {
        out(&npx(&desk, path, &["connect", harness]).run().await);
        let text = read(&desk.work().join(file));
        assert!(text.contains(program.to_str().unwrap()), "{text}");
    }

    let file = desk.work().join(".claude/settings.local.json");
    let settings: Value = serde_json::from_str(&read(&file)).unwrap();
    let line = &settings["hooks"]["Stop"][0]["hooks"][0]["command"];
    let event = r#"{"session_id": "7c1c8b1e-53f0", "hook_event_name": "Stop"}"#;
    let mut shell = std::process::Command::new("sh");
    shell.args([
        "-c",
        &format!("echo '{event}' | {}", line.as_str().unwrap()),
    ]);
    shell.env("TASKTREE_SERVER", &desk.server.base);
    shell.env("TASKTREE_PROJECT", "alpha");
    // On a busy machine a hook gives up before it is heard; the harness runs it at the next event.
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let hook = shell.output().unwrap();
        assert!(hook.status.success() && hook.stderr.is_empty(), "{hook:?}");
        let heard = desk.server.get("/api/hooks").await;
        if heard[0]["last_event"] == "Stop" {
            break;
        }
        assert!(Instant::now() < deadline, "{heard}");
    }

    fs::remove_file(&program).unwrap();
    let doctor = out(&npx(&desk, path, &["doctor"]).run().await);
    let missing = format!("its hooks run {}, which is not there", program.display());
    assert_eq!(
        doctor.matches(&missing).count(),
        HARNESSES.len(),
        "{doctor}"
    );
    out(&npx(&desk, path, &["connect", "claude"]).run().await);
    assert!(program.is_file());
    // A program on the PATH takes its place, and leaves no trace when it is removed.
    for (harness, file) in HARNESSES {
        out(&call(&desk, &["connect", harness]).run().await);
        let text = read(&desk.work().join(file));
        assert!(!text.contains(program.to_str().unwrap()), "{text}");
        out(&npx(&desk, path, &["connect", harness, "--remove"])
            .run()
            .await);
        assert!(!desk.work().join(file).exists(), "{harness}");
    }
}
