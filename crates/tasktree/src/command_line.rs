//! The command line: the verbs of agents and the commands of the server in one list.

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;

/// The live task board for people who run many AI coding agents on one project.
#[derive(Debug, Parser)]
#[command(name = "tasktree", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// Command of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Verb of an agent.
    #[command(flatten)]
    Agent(tasktree_cli::Command),
    /// Command of the server.
    #[command(flatten)]
    Server(tasktree_server::cli::Command),
    /// Print the completions of a shell. Source them, or write them to its folder of completions.
    Completions {
        /// Shell that reads them.
        shell: Shell,
    },
}

/// Verbs that connect agents, in the order of the help text.
const CONNECTING: [&str; 5] = ["connect", "run", "doctor", "trust", "hook"];

/// Parses the arguments of the process.
///
/// # Errors
/// Returns the error or the help text that is to be printed.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, clap::Error> {
    let mut command = command();
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    let parsed = CommandLine::from_arg_matches_mut(&mut matches);
    let parsed = parsed.map_err(|error| error.format(&mut command))?;
    Ok(parsed.command)
}

/// Returns the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "tasktree", &mut script);
    script
}

/// Returns the description of the command line, whose help lists the commands in groups.
fn command() -> clap::Command {
    let command = CommandLine::command();
    let is_connecting = |name: &str| CONNECTING.contains(&name);
    let is_of_agents = |name: &str| tasktree_cli::Command::has_subcommand(name);
    let groups = [
        listed(&command, "Connect agents", is_connecting),
        listed(&command, "Work on tasks", |name| {
            is_of_agents(name) && !is_connecting(name)
        }),
        listed(&command, "Run the server", |name| !is_of_agents(name)),
    ];
    let groups = groups.join("\n");
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\nOptions:\n{{options}}\n"
    );
    command.help_template(template)
}

/// Returns a group of commands as the help text shows it.
fn listed(command: &clap::Command, heading: &str, belongs: impl Fn(&str) -> bool) -> String {
    let commands: Vec<_> = command.get_subcommands().collect();
    let width = commands
        .iter()
        .map(|command| command.get_name().len())
        .max();
    let width = width.unwrap_or_default();
    let mut text = format!("{heading}:\n");
    for command in commands
        .into_iter()
        .filter(|command| belongs(command.get_name()))
    {
        let about = command.get_about().map(ToString::to_string);
        let about = about.unwrap_or_default();
        // The sentence: more is in the help text of the command.
        let sentence = about.split(". ").next().unwrap_or_default();
        let sentence = sentence.trim_end_matches('.');
        text.push_str(&format!("  {:width$}  {sentence}\n", command.get_name()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_shell_completes_the_commands() {
        for shell in [
            Shell::Bash,
            Shell::Elvish,
            Shell::Fish,
            Shell::PowerShell,
            Shell::Zsh,
        ] {
            let script = String::from_utf8(completions(shell)).unwrap();
            for name in ["serve", "connect", "next"] {
                assert!(script.contains(name), "{shell}: {name}");
            }
        }
    }

    #[test]
    fn a_token_is_shown_in_no_help_text() {
        let help = command().render_long_help().to_string();
        assert!(!help.contains("[env: TASKTREE_TOKEN="), "{help}");
    }

    #[test]
    fn the_help_lists_every_command_once_in_its_group() {
        let command = command();
        let help = command.clone().render_help().to_string();
        for name in command.get_subcommands().map(clap::Command::get_name) {
            let lines = help
                .lines()
                .filter(|line| line.split_whitespace().next() == Some(name));
            assert_eq!(lines.count(), 1, "{name}: {help}");
        }
        let place = |text: &str| help.find(text);
        assert!(place("\n  connect") < place("Work on tasks:"), "{help}");
        assert!(place("\n  next") < place("Run the server:"), "{help}");
        assert!(place("\n  serve") > place("Run the server:"), "{help}");
    }
}
