//! How to begin: every way to fill a board, with the commands for this very server.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use super::command_line::CommandLine;
use crate::i18n::{Strings, use_i18n};
use crate::routes::percent_encode;

/// The project in the commands, where none is open.
const EXAMPLE: &str = "my-project";

/// A heading or a hint of the catalogue.
type Pick = fn(&'static Strings) -> &'static str;

/// The ways to begin.
#[component]
pub fn FirstRun(
    /// The project that the commands are for; without one, they make an example first.
    #[prop(optional)]
    project: Option<ProjectId>,
) -> impl IntoView {
    let i18n = use_i18n();
    let origin = window().location().origin().unwrap_or_default();
    let api = format!("{origin}/api");
    let docs = format!("{api}/docs");
    view! {
        <div class="first-run">
            <p class="muted">{move || i18n.t(|s| s.first_run.intro)}</p>
            <section class="way">
                <h3>{move || i18n.t(|s| s.first_run.by_hand)}</h3>
                <p class="muted">{move || i18n.t(|s| s.first_run.by_hand_hint)}</p>
            </section>
            {ways(&origin, project.as_ref())
                .into_iter()
                .map(|way| view! { <Way title=way.0 hint=way.1 command=way.2/> })
                .collect_view()}
            <p><a href=docs rel="external" target="_blank">{move || i18n.t(|s| s.first_run.reference)}</a></p>
        </div>
    }
}

/// Title, hint and command of every way.
fn ways(origin: &str, project: Option<&ProjectId>) -> Vec<(Pick, Pick, String)> {
    let json = "-H 'Content-Type: application/json'";
    let projects = format!("{origin}/api/projects");
    let id = project.map_or(EXAMPLE, ProjectId::as_str);
    let path = format!("{projects}/{}", percent_encode(id));
    let tasks = format!(
        "curl {path}/tasks {json} \\\n  -d '{{\"title\": \"My first task\", \"priority\": 2}}'"
    );
    let script = if project.is_some() {
        tasks
    } else {
        format!(
            "curl {projects} {json} \\\n  -d '{{\"id\": \"{id}\", \"name\": \"My project\"}}'\n{tasks}"
        )
    };
    let agents = format!("{path}/agents");
    let agent = format!(
        "curl {agents} {json} \\\n  -d '{{\"id\": \"agent-1\", \"task_id\": \"1-{id}\"}}'\n\
         curl -X PUT {agents}/agent-1 {json} \\\n  \
         -d '{{\"status\": \"running\", \"progress\": 40, \"last_activity\": \"Running the tests\"}}'"
    );
    let socket = origin.replacen("http", "ws", 1);
    vec![
        (
            |s| s.first_run.by_script,
            |s| s.first_run.by_script_hint,
            script,
        ),
        (
            |s| s.first_run.import,
            |s| s.first_run.import_hint,
            format!(
                "tasktree import taskmaster .taskmaster/tasks/tasks.json \\\n  --project {id} --server {origin}"
            ),
        ),
        (|s| s.first_run.agent, |s| s.first_run.agent_hint, agent),
        (
            |s| s.first_run.watch,
            |s| s.first_run.watch_hint,
            format!("websocat {socket}/ws/updates"),
        ),
        (
            |s| s.first_run.demo,
            |s| s.first_run.demo_hint,
            format!("tasktree demo --server {origin}"),
        ),
    ]
}

/// One way, with a command that can be copied.
#[component]
fn Way(title: Pick, hint: Pick, command: String) -> impl IntoView {
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

    #[wasm_bindgen_test]
    fn commands_name_this_server_and_the_open_project() {
        let commands: Vec<String> = ways("https://board.example:8443", Some(&"alpha".into()))
            .into_iter()
            .map(|way| way.2)
            .collect();
        assert!(commands[0].contains("https://board.example:8443/api/projects/alpha/tasks"));
        assert!(
            commands
                .iter()
                .any(|command| command.contains("wss://board.example:8443/ws/updates"))
        );
        assert!(commands.iter().all(|command| !command.contains(EXAMPLE)));
    }

    #[wasm_bindgen_test]
    fn without_a_project_the_script_makes_one_first() {
        let script = ways("http://127.0.0.1:8000", None).swap_remove(0).2;
        assert!(script.starts_with("curl http://127.0.0.1:8000/api/projects -H"));
        assert!(script.contains("\"id\": \"my-project\""));
    }
}
