//! `tasktree run` in a pseudo-terminal: the terminal of the person is the test.

mod terminal;

use std::path::Path;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::Desk;
use crate::server::PATIENCE;
use terminal::Terminal;

/// Program that shows its size, colors, what is typed and a change of its size.
const SHOWS: &str = r#"
trap 'printf "now "; stty size' WINCH
printf '\033[31mred\033[0m '; stty size
printf 'name? '
while ! read -r name; do :; done
printf 'hello <%s>\n' "$name"
exit 7
"#;

/// Report of a wait for a permission, with the message `Delete?`.
const BLOCKED: &str = r"printf '\033]7501;state=blocked:kind=permission:msg=RGVsZXRlPw==\033\\'";

/// Program that asks for a permission, and asks for more when it gets a signal.
const ASKS: &str = r#"
trap 'printf "\r\nDelete everything? [y/N] "' USR1
printf 'pid=%s.\n' $$
printf 'Delete it? [y/N] '
while ! read -r answer; do :; done
printf 'got <%s>\n' "$answer"
printf '\033]7501;state=working\033\\'
read -r end
"#;

fn asking() -> String {
    format!("{BLOCKED}{ASKS}")
}

/// Starts a shell script in a terminal, with `tasktree run` or without it.
fn start(folder: &Path, server: &str, script: &str, is_run: bool) -> Terminal {
    let run = ["run", "--agent", "ada", "--"];
    let words = [env!("CARGO_BIN_EXE_tasktree")].into_iter().chain(run);
    let words = words.take(if is_run { 5 } else { 0 });
    terminal(folder, server, words.chain(["sh", "-c", script]))
}

/// Starts a program in a terminal, with a server and a project.
fn terminal<'a>(folder: &Path, server: &str, words: impl IntoIterator<Item = &'a str>) -> Terminal {
    let mut tasktree = std::process::Command::new(env!("CARGO_BIN_EXE_tasktree"));
    tasktree
        .current_dir(folder)
        .env("HOME", folder)
        .env("TASKTREE_SERVER", server)
        .env("TASKTREE_PROJECT", "alpha")
        .env_remove("TASKTREE_AGENT");
    Terminal::start(tasktree, words)
}

/// Address at which no server is.
const NOWHERE: &str = "http://127.0.0.1:9";

/// Returns the output of the script and its exit code.
fn shown(folder: &Path, script: &str, is_run: bool, use_it: impl Fn(&Terminal)) -> (String, i32) {
    let terminal = start(folder, NOWHERE, script, is_run);
    use_it(&terminal);
    let (output, code) = terminal.end();
    // The warning that there is no server comes before the program starts.
    let output = match output.split_once("once it responds\r\n") {
        Some((_, rest)) => rest.to_owned(),
        None => output,
    };
    (output, code)
}

#[test]
fn the_terminal_is_the_same_as_without_it_while_no_server_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let typed = |terminal: &Terminal| {
        terminal.wait_for("name? ");
        terminal.resize(31, 91);
        terminal.wait_for("now 31 91");
        terminal.type_in("Ada\r");
    };
    let without = shown(folder.path(), SHOWS, false, typed);
    assert!(
        without.0.contains("\x1b[31mred\x1b[0m 30 90"),
        "{without:?}"
    );
    assert!(without.0.contains("hello <Ada>"), "{without:?}");
    assert_eq!(without.1, 7);
    assert_eq!(shown(folder.path(), SHOWS, true, typed), without);
}

#[test]
fn keys_that_send_signals_and_exit_codes_are_those_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'echo interrupted; exit 3' INT; echo ready; while :; do read -r x; done";
    for is_run in [false, true] {
        let (output, code) = shown(folder.path(), script, is_run, |terminal| {
            terminal.wait_for("ready");
            terminal.type_in("\x03");
        });
        assert!(output.contains("interrupted"), "{output:?}");
        assert_eq!(code, 3);
        let nothing = |_: &Terminal| {};
        assert_eq!(
            shown(folder.path(), "kill -TERM $$", is_run, nothing).1,
            143
        );
        assert_eq!(
            shown(folder.path(), "kill -KILL $$", is_run, nothing).1,
            137
        );
    }
    let terminal = terminal(
        folder.path(),
        NOWHERE,
        [
            env!("CARGO_BIN_EXE_tasktree"),
            "run",
            "--",
            "no-such-program",
        ],
    );
    let (output, code) = terminal.end();
    assert!(output.contains("cannot run no-such-program"), "{output:?}");
    assert_eq!(code, 127);
}

#[test]
fn a_program_that_stops_itself_stops_the_job_and_goes_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo before; kill -STOP $$; echo after; stty size";
    let terminal = start(folder.path(), NOWHERE, script, true);
    terminal.wait_for("before");
    terminal.wait_until_stopped();
    terminal.go_on();
    let (output, code) = terminal.end();
    assert!(output.contains("after\r\n30 90"), "{output:?}");
    assert_eq!(code, 0);
}

#[test]
fn the_question_for_status_reports_is_answered_once_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let reply =
        "\x1b]7501;?:states=idle,working,done,blocked,error:kinds=permission,question,auth\x1b\\";
    let script = format!(
        "stty raw -echo; printf 'ask\\033]7501;?\\033\\\\ed'; head -c {} | tr '\\033' E; \
         stty -raw echo; printf ' cooked'; read -r line; echo \"<$line>\"",
        reply.len()
    );
    let (output, _) = shown(folder.path(), &script, true, |terminal| {
        // A carriage return that is typed earlier stays one.
        terminal.wait_for("cooked");
        terminal.type_in("end\r");
    });
    let expected = format!("asked{}", reply.replace('\x1b', "E"));
    assert!(output.contains(&expected), "{output:?}");
    assert!(output.contains("<end>"), "{output:?}");
}

#[test]
fn without_a_terminal_the_program_runs_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tasktree"))
        .args(["run", "--", "sh", "-c", "echo out; echo err >&2; exit 5"])
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("TASKTREE_SERVER", NOWHERE)
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"out\n");
    assert!(output.stderr.ends_with(b"err\n"), "{output:?}");
    assert_eq!(output.status.code(), Some(5));
}

/// Returns true for a question whose prompt ends like that.
fn asks(question: &Value, end: &str) -> bool {
    question["text"]
        .as_str()
        .is_some_and(|text| text.ends_with(end))
}

impl Desk {
    fn run(&self, script: &str) -> Terminal {
        start(&self.work(), &self.server.base, script, true)
    }

    /// Waits until the open question of the agent is like that.
    async fn question(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        let path = "/api/projects/alpha/questions?open=true";
        self.wait(path, |found| found.get(0).is_some_and(&is_it))
            .await[0]
            .clone()
    }

    /// Waits until something on the server is like that.
    async fn wait(&self, path: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.server.http.get(self.server.url(path)).send().await;
            let found: Value = found.unwrap().json().await.unwrap();
            if is_it(&found) {
                return found;
            }
            assert!(Instant::now() < end, "{path}: {found}");
            sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    async fn answer(&self, question: &Value, text: &str) -> Value {
        let path = format!("/api/projects/alpha/questions/{}/answers", question["id"]);
        self.post(&path, &json!({"text": text})).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_on_the_board_is_typed_into_the_prompt() {
    let desk = Desk::open().await;
    let terminal = desk.run(&asking());
    let question = desk.question(|found| asks(found, "Delete it? [y/N]")).await;
    assert_eq!(question["kind"], "permission");
    assert_eq!(question["options"], json!(["Yes", "No"]));
    let text = question["text"].as_str().unwrap();
    assert!(
        text.starts_with("Delete?\n\n") && text.ends_with("Delete it? [y/N]"),
        "{text}"
    );
    let item = |items: &Value| items["items"][0]["answerable"] == true;
    let items = desk.wait("/api/attention", item).await;
    assert_eq!(items["items"][0]["agent"], "ada");
    let answer = desk.answer(&question, "Allow").await;
    assert_eq!(answer["late"], false);
    terminal.wait_for("got <y>");
    let path = "/api/projects/alpha/questions?agent=ada";
    let is_closed = |found: &Value| found[0]["outcome"] == "answered";
    let closed = desk.wait(path, is_closed).await;
    let answer = &closed[0]["answers"][0];
    assert_eq!(answer["late"], false);
    assert!(answer["delivered_at"].is_string(), "{answer}");
    terminal.type_in("\r");
    assert_eq!(terminal.end().1, 0);
    let agents = "/api/projects/alpha/agents";
    let has_ended = |agents: &Value| !agents[0]["run"]["ended_at"].is_null();
    let agents = desk.wait(agents, has_ended).await;
    assert_eq!(
        (&agents[0]["run"]["source"], &agents[0]["status"]),
        (&json!("sh"), &json!("idle"))
    );
    let logs = "/api/projects/alpha/agents/ada/logs";
    let logs = desk
        .wait(logs, |logs| logs.to_string().contains("got <y>"))
        .await;
    assert!(logs.to_string().contains("Delete it? [y/N] y"), "{logs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_a_prompt_that_has_changed_is_late_and_not_typed() {
    let desk = Desk::open().await;
    let terminal = desk.run(&asking());
    let question = desk.question(|found| asks(found, "Delete it? [y/N]")).await;
    let output = terminal.wait_for("[y/N] ");
    let (_, rest) = output.split_once("pid=").unwrap();
    let pid = rest.split('.').next().unwrap();
    let mut kill = std::process::Command::new("kill");
    assert!(kill.args(["-USR1", pid]).status().unwrap().success());
    terminal.wait_for("Delete everything? [y/N] ");
    desk.answer(&question, "Yes").await;
    let is_other = |found: &Value| asks(found, "Delete everything? [y/N]");
    let other = desk.question(is_other).await;
    let path = "/api/projects/alpha/questions?agent=ada&open=false";
    let closed = desk
        .wait(path, |found| found[0]["answers"][0]["late"] == true)
        .await;
    assert_eq!(closed[0]["answers"][0]["delivered_at"], Value::Null);
    assert!(
        !terminal.output().contains("got <"),
        "{:?}",
        terminal.output()
    );
    // The person at the terminal comes first: what they type is not mixed with an answer.
    terminal.type_in("n");
    desk.answer(&other, "Yes").await;
    let is_third = |found: &Value| found["id"] != other["id"];
    desk.question(is_third).await;
    terminal.type_in("o\r");
    terminal.wait_for("got <no>");
    terminal.type_in("\r");
    assert_eq!(terminal.end().1, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_claims_its_task_and_keeps_it_after_a_crash() {
    let desk = Desk::open().await;
    desk.add("First").await;
    let program = env!("CARGO_BIN_EXE_tasktree");
    let words = [program, "run", "--agent", "ada", "--task", "1", "--"];
    let script = "echo $TASKTREE_AGENT $TASKTREE_PROJECT $TASKTREE_TASK; kill -SEGV $$";
    let words = words.into_iter().chain(["sh", "-c", script]);
    let (output, code) = terminal(&desk.work(), &desk.server.base, words).end();
    assert!(output.contains("ada alpha 1"), "{output:?}");
    assert_eq!(code, 139);
    let task = desk.task(1).await;
    assert_eq!(
        (&task["status"], &task["holder"]),
        (&json!("in_progress"), &json!("ada"))
    );
    let agent = desk.server.get("/api/projects/alpha/agents/ada").await;
    assert_eq!(agent["last_activity"], "sh exited with code 139");
    assert!(!agent["run"]["ended_at"].is_null(), "{agent}");
    let words = [
        program, "run", "--agent", "bob", "--task", "1", "--", "echo", "started",
    ];
    let (output, code) = terminal(&desk.work(), &desk.server.base, words).end();
    assert!(!output.contains("started"), "{output:?}");
    assert_eq!(code, 5, "{output:?}");
}
