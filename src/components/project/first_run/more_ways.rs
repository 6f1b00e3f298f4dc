//! The other ways to fill a board, with commands for this very server.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::address::percent_encode;
use crate::browser::base_url;
use crate::components::common::command_line::CommandLine;
use crate::i18n::{Strings, use_i18n};
use crate::state::use_access;

/// Name of the project in the commands if none is open.
const EXAMPLE: &str = "my-project";

/// Accessor of a heading or a hint in the catalogue.
type Pick = fn(&Strings) -> &'static str;

/// Every way that needs a command.
#[component]
pub fn MoreWays(
    /// Project of the commands; without one, they create an example first.
    project: Option<ProjectId>,
) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let base = base_url();
    let docs = format!("{base}api/docs");
    let is_new = project.is_none();
    let signs_in = Memo::new(move |_| {
        access
            .session()
            .is_some_and(|session| session.sign_in == "required")
    });
    let ways = move || {
        let server = Server {
            base: base.trim_end_matches('/'),
            signs_in: signs_in.get(),
        };
        let ways = server.ways(project.as_ref());
        ways.into_iter()
            .map(|way| view! { <StartOption title=way.0 hint=way.1 command=way.2/> })
            .collect_view()
    };
    view! {
        <p class="muted">
            {move || i18n.t(|s| s.first_run.intro)}
            {move || signs_in.get().then(|| i18n.t(|s| s.first_run.token))}
        </p>
        {is_new.then(|| view! {
            <section class="way">
                <h3>{move || i18n.t(|s| s.first_run.by_hand)}</h3>
                <p class="muted">{move || i18n.t(|s| s.first_run.by_hand_hint)}</p>
            </section>
        })}
        {ways}
        <p><a href=docs rel="external" target="_blank">{move || i18n.t(|s| s.first_run.reference)}</a></p>
    }
}

/// Server that the commands are for.
struct Server<'a> {
    /// Base URL, without a slash at the end.
    base: &'a str,
    /// Set if it requires a token.
    signs_in: bool,
}

impl Server<'_> {
    /// Returns title, hint and command of every way.
    fn ways(&self, project: Option<&ProjectId>) -> [(Pick, Pick, String); 5] {
        let id = project.map_or(EXAMPLE, ProjectId::as_str);
        let projects = format!("{}/api/projects", self.base);
        let path = format!("{projects}/{}", percent_encode(id));
        let mut script = self.curl(
            "POST",
            &format!("{path}/tasks"),
            r#"{"title": "My first task", "priority": 2}"#,
        );
        if project.is_none() {
            let body = format!(r#"{{"id": "{id}", "name": "My project"}}"#);
            script = format!("{}\n{script}", self.curl("POST", &projects, &body));
        }
        let agents = format!("{path}/agents");
        let agent = [
            self.curl(
                "POST",
                &agents,
                &format!(r#"{{"id": "agent-1", "task_id": "1-{id}"}}"#),
            ),
            self.curl(
                "PUT",
                &format!("{agents}/agent-1"),
                r#"{"status": "running", "progress": 40, "last_activity": "Testing"}"#,
            ),
        ];
        // The command-line program connects within its own network only, without TLS: behind a
        // proxy with TLS, it must run on the server's machine.
        let (import_hint, demo_hint, server): (Pick, Pick, String) =
            if self.base.starts_with("https:") {
                (
                    |s| s.first_run.import_there,
                    |s| s.first_run.demo_there,
                    String::new(),
                )
            } else {
                (
                    |s| s.first_run.import_hint,
                    |s| s.first_run.demo_hint,
                    format!(" --server {}", self.base),
                )
            };
        let import = format!(
            "tasktree import taskmaster .taskmaster/tasks/tasks.json \\\n  --project {id}{server}"
        );
        let socket = self.base.replacen("http", "ws", 1);
        let header = if self.signs_in {
            format!("{BEARER} \\\n  ")
        } else {
            String::new()
        };
        [
            (
                |s| s.first_run.by_script,
                |s| s.first_run.by_script_hint,
                script,
            ),
            (|s| s.first_run.import, import_hint, import),
            (
                |s| s.first_run.agent,
                |s| s.first_run.agent_hint,
                agent.join("\n"),
            ),
            (
                |s| s.first_run.watch,
                |s| s.first_run.watch_hint,
                format!("websocat {header}{socket}/ws/updates"),
            ),
            (
                |s| s.first_run.demo,
                demo_hint,
                format!("tasktree demo{server}"),
            ),
        ]
    }

    /// Returns a `curl` command with a JSON body.
    fn curl(&self, method: &str, url: &str, body: &str) -> String {
        let mut words = vec![format!("curl -X {method} {url}")];
        words.push("-H 'Content-Type: application/json'".into());
        if self.signs_in {
            words.push(BEARER.into());
        }
        words.push(format!("-d '{body}'"));
        words.join(" \\\n  ")
    }
}

/// Authorization header with the token from the variable that `tasktree` reads too.
const BEARER: &str = "-H \"Authorization: Bearer $TASKTREE_TOKEN\"";

/// One way to begin, with a command to copy.
#[component]
fn StartOption(title: Pick, hint: Pick, command: String) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="way">
            <h3>{move || i18n.t(title)}</h3>
            <p class="muted">{move || i18n.t(hint)}</p>
            <CommandLine text=command/>
        </section>
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn commands(base: &str, signs_in: bool, project: Option<&str>) -> [String; 5] {
        let project = project.map(ProjectId::from);
        Server { base, signs_in }
            .ways(project.as_ref())
            .map(|way| way.2)
    }

    #[wasm_bindgen_test]
    fn commands_name_this_server_and_the_open_project() {
        let base = "http://board.example:8000/part";
        let commands = commands(base, false, Some("alpha"));
        let [script, import, agent, watch, demo] = &commands;
        assert!(script.starts_with(&format!("curl -X POST {base}/api/projects/alpha/tasks ")));
        assert!(import.ends_with(&format!("--project alpha --server {base}")));
        assert!(agent.contains(&format!(
            "curl -X PUT {base}/api/projects/alpha/agents/agent-1 "
        )));
        assert_eq!(watch, "websocat ws://board.example:8000/part/ws/updates");
        assert_eq!(demo, &format!("tasktree demo --server {base}"));
        assert!(commands.iter().all(|command| !command.contains(EXAMPLE)));
        assert!(
            commands
                .iter()
                .all(|command| !command.contains("TASKTREE_TOKEN"))
        );
    }

    #[wasm_bindgen_test]
    fn without_a_project_the_script_makes_one_first() {
        let script = &commands("http://127.0.0.1:8000", false, None)[0];
        assert!(script.starts_with("curl -X POST http://127.0.0.1:8000/api/projects \\\n"));
        assert!(script.contains("\"id\": \"my-project\""));
    }

    #[wasm_bindgen_test]
    fn a_server_that_wants_a_token_is_sent_one_and_one_with_tls_gets_no_command_that_cannot_reach_it()
     {
        let commands = commands("https://board.example", true, Some("alpha"));
        let [script, import, agent, watch, demo] = &commands;
        for (command, times) in [(script, 1), (agent, 2), (watch, 1)] {
            assert_eq!(command.matches(BEARER).count(), times, "{command}");
        }
        assert!(watch.ends_with("wss://board.example/ws/updates"), "{watch}");
        for command in [import, demo] {
            assert!(!command.contains("https:"), "{command}");
        }
    }
}
