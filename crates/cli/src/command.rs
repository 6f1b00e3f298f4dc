//! The verbs on the command line.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::connect::Connect;
use crate::context::Context;
use crate::doctor::Doctor;
use crate::failure::{Failure, Result};
use crate::hook::Hook;
use crate::mcp::Mcp;
use crate::options::Target;
use crate::output::{Form, Report};
use crate::run::Run;
use crate::surroundings::Surroundings;
use crate::verbs::{
    Add, Ask, Beat, Block, Done, Inbox, List, Log, Next, Prime, Release, Reserve, Send, Show,
    Trust, Unblock, Unreserve, Update, Verb, Watch, WhoAmI,
};

/// Options that every verb has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
struct Common {
    #[command(flatten)]
    target: Target,
    /// Print JSON. [default: if TASKTREE_JSON is 1]
    #[arg(long)]
    json: bool,
}

/// A verb with the options that every verb has.
#[derive(Debug, Args)]
pub struct Call<V: Args> {
    #[command(flatten)]
    verb: V,
    #[command(flatten)]
    common: Common,
}

/// Verbs of agents and of people who work with them.
#[derive(Debug, Subcommand)]
#[expect(
    private_interfaces,
    reason = "the options of a verb are read in this crate only"
)]
pub enum Command {
    /// Claim the best ready task, and print it.
    Next(Call<Next>),
    /// List tasks.
    List(Call<List>),
    /// Print a task, with its newest comments.
    Show(Call<Show>),
    /// Add a task.
    Add(Call<Add>),
    /// Change a task, comment on it, or report progress.
    Update(Call<Update>),
    /// Complete a task.
    Done(Call<Done>),
    /// Say that you cannot go on, and why.
    Block(Call<Block>),
    /// Say that you go on.
    Unblock(Call<Unblock>),
    /// Give a task back.
    Release(Call<Release>),
    /// Ask people a question, and wait for the answer.
    Ask(Call<Ask>),
    /// Say that you are alive, and see what waits for you.
    Beat(Call<Beat>),
    /// Add lines to your log.
    Log(Call<Log>),
    /// Tell others which files you change.
    Reserve(Call<Reserve>),
    /// Give files back.
    Unreserve(Call<Unreserve>),
    /// Send a message to an agent.
    Send(Call<Send>),
    /// Read messages and answers.
    Inbox(Call<Inbox>),
    /// Print events as they happen, one JSON object in a line.
    Watch(Call<Watch>),
    /// Print who you are, on which project of which server.
    #[command(name = "whoami")]
    WhoAmI(Call<WhoAmI>),
    /// Print what an agent needs to know, in at most 1 KB.
    Prime(Call<Prime>),
    /// Connect a coding agent: write its configuration, and make the project of this folder.
    Connect(Call<Connect>),
    /// Run a coding agent in this terminal: show its output and questions on the board, type the
    /// answers.
    Run(Call<Run>),
    /// Show what is connected, and why something is not.
    Doctor(Call<Doctor>),
    /// Allow `.tasktree.toml` files to name a server.
    Trust(Call<Trust>),
    /// Forward an event of a coding agent to the server. Its configuration runs this.
    Hook(Hook),
    /// Speak the Model Context Protocol on standard input and output. Clients start this.
    Mcp(Call<Mcp>),
}

impl Command {
    /// Runs the verb, prints its outcome, and returns the exit code of the process.
    pub fn run(self) -> ExitCode {
        match self {
            Self::Next(call) => run(call),
            Self::List(call) => run(call),
            Self::Show(call) => run(call),
            Self::Add(call) => run(call),
            Self::Update(call) => run(call),
            Self::Done(call) => run(call),
            Self::Block(call) => run(call),
            Self::Unblock(call) => run(call),
            Self::Release(call) => run(call),
            Self::Ask(call) => run(call),
            Self::Beat(call) => run(call),
            Self::Log(call) => run(call),
            Self::Reserve(call) => run(call),
            Self::Unreserve(call) => run(call),
            Self::Send(call) => run(call),
            Self::Inbox(call) => run(call),
            Self::Watch(call) => run(call),
            Self::WhoAmI(call) => run(call),
            Self::Prime(call) => run(call),
            Self::Connect(call) => call.with_context(|verb, context| verb.run(context)),
            Self::Run(Call { verb, common }) => {
                let around = Surroundings::of_process();
                let form = common.form(&around);
                let context = common.context(around.clone());
                match verb.run(&around, context) {
                    Ok(code) => ExitCode::from(code),
                    Err(failure) => form.print(Err(failure)),
                }
            }
            Self::Doctor(call) => call.with_context(|_, context| Doctor::run(&context)),
            Self::Trust(Call { verb, common }) => {
                let around = Surroundings::of_process();
                let form = common.form(&around);
                form.print(verb.run(&around).map(Some))
            }
            Self::Mcp(Call { common, .. }) => {
                let around = Surroundings::of_process();
                let form = common.form(&around);
                match common.context(around) {
                    Ok(context) => {
                        Mcp::run(context);
                        ExitCode::SUCCESS
                    }
                    Err(failure) => form.print(Err(failure)),
                }
            }
            Self::Hook(hook) => {
                hook.run();
                ExitCode::SUCCESS
            }
        }
    }
}

impl Common {
    fn form(&self, around: &Surroundings) -> Form {
        let wants_json = self.json || around.variable("TASKTREE_JSON") == Some("1");
        if wants_json { Form::Json } else { Form::Text }
    }

    fn context(&self, around: Surroundings) -> Result<Context> {
        let target = &self.target;
        Context::new(around, &target.given(), target.agent.as_deref())
    }
}

impl<V: Args> Call<V> {
    fn with_context(self, run: impl FnOnce(V, Context) -> Result<Report>) -> ExitCode {
        let around = Surroundings::of_process();
        let form = self.common.form(&around);
        let context = self.common.context(around);
        form.print(
            context
                .and_then(|context| run(self.verb, context))
                .map(Some),
        )
    }
}

/// Runs a verb, prints its outcome, and returns the exit code.
fn run<V: Args + Verb>(call: Call<V>) -> ExitCode {
    let around = Surroundings::of_process();
    let form = call.common.form(&around);
    let context = call.common.context(around);
    form.print(context.and_then(|context| call.verb.run(&context, form)))
}

/// Prints an error of the command line as a program expects it, if the caller is one. Returns none
/// if it is for a person.
pub fn usage_as_json(error: &clap::Error, arguments: &[String]) -> Option<ExitCode> {
    let around = Surroundings::of_process();
    let asks = arguments.iter().take_while(|word| *word != "--");
    let wants_json = asks.into_iter().any(|word| word == "--json")
        || around.variable("TASKTREE_JSON") == Some("1");
    if !wants_json || !error.use_stderr() {
        return None;
    }
    let text = error.render().to_string();
    let text = text.trim().trim_start_matches("error: ");
    Some(Form::Json.print(Err(Failure::usage(text))))
}
