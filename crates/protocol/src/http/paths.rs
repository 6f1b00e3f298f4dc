//! Paths of the HTTP API, each as a template with `{name}` for its parts.
//!
//! The server's routes and its description have the templates. Clients call the functions, which
//! fill in the parts, escaped as in JavaScript's `encodeURIComponent`.

use std::fmt::Display;

use crate::{AgentId, ProjectId, TaskId};

macro_rules! paths {
    ($(
        #[doc = $doc:literal]
        $name:ident = $template:literal $(, $fill:ident($($part:ident: $type:ty),+))?;
    )*) => {
        $(
            #[doc = $doc]
            pub const $name: &str = $template;

            $(
                #[doc = concat!("Returns the path of ", stringify!($name), ":", $doc)]
                pub fn $fill($($part: $type),+) -> String {
                    fill($name, &[$(&$part),+])
                }
            )?
        )*

        /// All paths.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

paths! {
    /// Projects.
    PROJECTS = "/api/projects";
    /// One project.
    PROJECT = "/api/projects/{project}", project(project: &ProjectId);
    /// Removal of everything in a project.
    RESET = "/api/projects/{project}/reset", reset(project: &ProjectId);
    /// Restoration of a removed or reset project.
    RESTORE = "/api/projects/{project}/restore", restore(project: &ProjectId);
    /// Counts of a project.
    STATS = "/api/projects/{project}/stats", stats(project: &ProjectId);
    /// Changes of a project.
    CHANGES = "/api/projects/{project}/changes", changes(project: &ProjectId);
    /// Changes outside projects.
    SERVER_CHANGES = "/api/changes";
    /// Repository of a project.
    GIT_STATUS = "/api/projects/{project}/git-status", git_status(project: &ProjectId);
    /// Creation of a project's repository.
    INIT_GIT = "/api/projects/{project}/init-git", init_git(project: &ProjectId);

    /// Tasks of a project.
    TASKS = "/api/projects/{project}/tasks", tasks(project: &ProjectId);
    /// One task.
    TASK = "/api/projects/{project}/tasks/{task}", task(project: &ProjectId, task: &TaskId);
    /// Restoration of a deleted task.
    RESTORE_TASK = "/api/projects/{project}/tasks/{task}/restore",
        restore_task(project: &ProjectId, task: &TaskId);
    /// Merge of a task, and its preview.
    MERGE = "/api/projects/{project}/tasks/{task}/merge",
        merge(project: &ProjectId, task: &TaskId);
    /// History of a task.
    HISTORY = "/api/projects/{project}/tasks/{task}/history",
        history(project: &ProjectId, task: &TaskId);
    /// Claims of a task.
    ATTEMPTS = "/api/projects/{project}/tasks/{task}/attempts",
        attempts(project: &ProjectId, task: &TaskId);
    /// Comments on a task.
    COMMENTS = "/api/projects/{project}/tasks/{task}/comments",
        comments(project: &ProjectId, task: &TaskId);
    /// One comment.
    COMMENT = "/api/projects/{project}/comments/{comment}",
        comment(project: &ProjectId, comment: u64);
    /// Reset of all tasks.
    RESET_TASKS = "/api/projects/{project}/reset-agent-tasks", reset_tasks(project: &ProjectId);
    /// Operations of a project that can be undone.
    UNDOS = "/api/projects/{project}/undo", undos(project: &ProjectId);
    /// One operation that can be undone.
    UNDO = "/api/projects/{project}/undo/{undo}", undo(project: &ProjectId, undo: &str);
    /// Import of tasks.
    IMPORT = "/api/projects/{project}/import", import(project: &ProjectId);
    /// Import of a file into a project.
    PROJECT_IMPORTS = "/api/projects/{project}/imports", project_imports(project: &ProjectId);
    /// Import of a file into the projects of its lists.
    IMPORTS = "/api/imports";

    /// Agents of a project.
    AGENTS = "/api/projects/{project}/agents", agents(project: &ProjectId);
    /// One agent.
    AGENT = "/api/projects/{project}/agents/{agent}",
        agent(project: &ProjectId, agent: &AgentId);
    /// Next task of an agent.
    NEXT = "/api/projects/{project}/agents/{agent}/next",
        next(project: &ProjectId, agent: &AgentId);
    /// Runs of an agent.
    RUNS = "/api/projects/{project}/agents/{agent}/runs",
        runs(project: &ProjectId, agent: &AgentId);
    /// One run of an agent.
    RUN = "/api/projects/{project}/agents/{agent}/runs/{run}",
        run(project: &ProjectId, agent: &AgentId, run: u64);
    /// Heartbeat of an agent.
    HEARTBEAT = "/api/projects/{project}/agents/{agent}/heartbeat",
        heartbeat(project: &ProjectId, agent: &AgentId);
    /// Owner of an agent.
    OWNER = "/api/projects/{project}/agents/{agent}/owner",
        owner(project: &ProjectId, agent: &AgentId);
    /// Messages to an agent.
    MESSAGES = "/api/projects/{project}/agents/{agent}/messages",
        messages(project: &ProjectId, agent: &AgentId);
    /// Confirmation that an agent has read messages.
    MESSAGES_READ = "/api/projects/{project}/agents/{agent}/messages/read",
        messages_read(project: &ProjectId, agent: &AgentId);
    /// Confirmation that an agent has read answers.
    ANSWERS_READ = "/api/projects/{project}/agents/{agent}/answers/read",
        answers_read(project: &ProjectId, agent: &AgentId);
    /// Log lines of an agent.
    AGENT_LOGS = "/api/projects/{project}/agents/{agent}/logs",
        agent_logs(project: &ProjectId, agent: &AgentId);
    /// Questions of agents.
    QUESTIONS = "/api/projects/{project}/questions", questions(project: &ProjectId);
    /// Answers to a question.
    ANSWERS = "/api/projects/{project}/questions/{question}/answers",
        answers(project: &ProjectId, question: u64);
    /// Repetition of a late answer as a message.
    RESEND = "/api/projects/{project}/questions/{question}/answers/{answer}/resend",
        resend(project: &ProjectId, question: u64, answer: u64);
    /// Leases of agents.
    LEASES = "/api/projects/{project}/leases", leases(project: &ProjectId);
    /// One lease.
    LEASE = "/api/projects/{project}/leases/{lease}", lease(project: &ProjectId, lease: u64);
    /// Extension of a lease.
    RENEW = "/api/projects/{project}/leases/{lease}/renew",
        renew(project: &ProjectId, lease: u64);

    /// Attention items of all projects.
    ATTENTION = "/api/attention";
    /// Marks of the caller on an attention item.
    ATTENTION_MARKS = "/api/attention/{project}/{item}",
        attention_marks(project: &ProjectId, item: u64);
    /// Simulation that the server runs.
    DEMO = "/api/demo";

    /// Runs of a project's agents by session.
    PROJECT_RUNS = "/api/projects/{project}/runs", project_runs(project: &ProjectId);
    /// Harnesses that were heard.
    HOOKS = "/api/hooks";
    /// Events of a harness.
    HOOK = "/api/hooks/{source}", hook(source: &str);
    /// Events of a harness that are answered with context for the agent.
    HOOK_CONTEXT = "/api/hooks/{source}/context", hook_context(source: &str);
    /// Requests of a harness for permission, answered with the decision of a person.
    HOOK_DECISION = "/api/hooks/{source}/decision", hook_decision(source: &str);
    /// Project of a folder.
    FOLDER = "/api/folder";

    /// Log lines of a project.
    LOGS = "/api/projects/{project}/logs", logs(project: &ProjectId);
    /// Events of a project.
    EVENTS = "/api/projects/{project}/events", events(project: &ProjectId);
    /// Events about projects.
    SYSTEM_EVENTS = "/api/events";
    /// Commands of the socket.
    COMMANDS = "/api/projects/{project}/commands", commands(project: &ProjectId);
    /// Notifications on the boards of a project.
    PROJECT_NOTIFICATIONS = "/api/projects/{project}/notifications",
        project_notifications(project: &ProjectId);
    /// Notifications on all boards.
    NOTIFICATIONS = "/api/notifications";
    /// Plan of a project.
    PLAN = "/api/projects/{project}/plan", plan(project: &ProjectId);

    /// Sign-in of a browser.
    SESSION = "/api/session";
    /// Tickets for sockets.
    TICKETS = "/api/tickets";
    /// Tokens.
    TOKENS = "/api/tokens";
    /// One token.
    TOKEN = "/api/tokens/{token}", token(token: &str);
    /// People.
    PEOPLE = "/api/people";
    /// One person.
    PERSON = "/api/people/{person}", person(person: &str);
    /// Marks of the caller.
    MARKS = "/api/people/me/marks";
    /// Open sockets.
    CONNECTIONS = "/api/admin/connections";
    /// Health of the server.
    HEALTH = "/health";
    /// Metrics of the server.
    METRICS = "/metrics";
}

/// Fills in the parts of a template.
fn fill(template: &str, parts: &[&dyn Display]) -> String {
    let mut pieces = template.split(['{', '}']);
    let mut path = pieces.next().unwrap_or_default().to_owned();
    for part in parts {
        escape(&part.to_string(), &mut path);
        // The name of the part, and the text after it.
        path.push_str(pieces.nth(1).unwrap_or_default());
    }
    path
}

/// Appends a part of a path.
fn escape(part: &str, path: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            path.push(byte.into());
        } else {
            path.push('%');
            for digit in [byte >> 4, byte & 15] {
                path.push(HEX[usize::from(digit)].into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_filled_in_and_escaped() {
        let project = ProjectId::from("a b/修");
        assert_eq!(
            task(&project, &TaskId::from("1-a")),
            "/api/projects/a%20b%2F%E4%BF%AE/tasks/1-a"
        );
        assert_eq!(
            resend(&project, 3, 4),
            "/api/projects/a%20b%2F%E4%BF%AE/questions/3/answers/4/resend"
        );
        assert_eq!(token("-_.!~*'()"), "/api/tokens/-_.!~*'()");
    }

    #[test]
    fn no_path_is_listed_twice() {
        let all: std::collections::BTreeSet<_> = ALL.iter().collect();
        assert_eq!(all.len(), ALL.len());
    }
}
