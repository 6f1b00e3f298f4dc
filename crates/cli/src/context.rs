//! Context of a verb: the server, the project, and the agent that speaks.

mod who;

use std::cell::OnceCell;
use std::fmt::Display;

use tasktree_protocol::http::{FolderProject, Session, paths};
use tasktree_protocol::{AgentId, ProjectId, TaskId};
use ureq::http::Method;

pub(crate) use who::{NameFrom, SessionOf, Who};

use crate::client::{Answer, Call, Client, Timeouts};
use crate::failure::{Exit, Result};
use crate::repository::Repository;
use crate::settings::{Given, Settings};
use crate::surroundings::Surroundings;

/// Everything that a verb needs to know before its work. The server is asked only for what no
/// option, variable or file says, and only once.
#[derive(Debug)]
pub(crate) struct Context {
    /// Environment and folder of the process.
    pub(crate) around: Surroundings,
    /// Server, project and token.
    pub(crate) settings: Settings,
    /// Client that speaks as whoever owns the token.
    pub(crate) client: Client,
    /// Agent that an option names.
    named: Option<String>,
    project: OnceCell<ProjectId>,
    who: OnceCell<Option<Who>>,
}

impl Context {
    /// Creates the context of a verb with the given options.
    ///
    /// # Errors
    /// As [`Settings::find`].
    pub(crate) fn new(
        around: Surroundings,
        given: &Given<'_>,
        agent: Option<&str>,
    ) -> Result<Self> {
        let settings = Settings::find(&around, given, &around.folder)?;
        let client = Client::new(&settings, Timeouts::default())?;
        let named = agent.or_else(|| around.variable("TASKTREE_AGENT"));
        Ok(Self {
            named: named.map(str::to_owned),
            around,
            settings,
            client,
            project: OnceCell::new(),
            who: OnceCell::new(),
        })
    }

    /// Returns the context with another token.
    ///
    /// # Errors
    /// Returns a failure if the token cannot be sent.
    pub(crate) fn with_token(mut self, token: &str) -> Result<Self> {
        self.settings.token = Some(token.to_owned());
        self.client = Client::new(&self.settings, Timeouts::default())?;
        Ok(self)
    }

    /// Returns the name of the agent in an option or a variable.
    pub(crate) fn named(&self) -> Option<&str> {
        self.named.as_deref()
    }

    /// Returns the project: the named one, or else the one of the folder.
    ///
    /// # Errors
    /// Returns a failure if no project belongs to the folder.
    pub(crate) fn project(&self) -> Result<&ProjectId> {
        if let Some(project) = &self.settings.project {
            return Ok(project);
        }
        if let Some(project) = self.project.get() {
            return Ok(project);
        }
        let found = self.project_of_folder()?;
        Ok(self.project.get_or_init(|| found))
    }

    fn project_of_folder(&self) -> Result<ProjectId> {
        let folder = &self.around.folder;
        let git_dir = Repository::of(folder).map(|found| found.git_dir);
        let call = Call::new(Method::GET, paths::FOLDER)
            .query("path", folder.display())
            .query_if("git_dir", git_dir.as_ref().map(|path| path.display()));
        let found = self.client.send(call).map_err(|mut failure| {
            if failure.exit == Exit::NotFound {
                let remedy = ". Name one with --project or TASKTREE_PROJECT, or make one for this \
                              folder with `tasktree connect`";
                failure.message = failure.message.trim_end_matches('.').to_owned() + remedy;
            }
            failure
        })?;
        Ok(found.read::<FolderProject>()?.project)
    }

    /// Returns the path of something in the project.
    ///
    /// # Errors
    /// As [`Context::project`].
    pub(crate) fn path(&self, path: impl FnOnce(&ProjectId) -> String) -> Result<String> {
        Ok(path(self.project()?))
    }

    /// Returns the id of a task by its number.
    ///
    /// # Errors
    /// As [`Context::project`].
    pub(crate) fn task(&self, number: u64) -> Result<TaskId> {
        Ok(TaskId::new(number, self.project()?))
    }

    /// Returns the number of a task by its id.
    ///
    /// # Errors
    /// As [`Context::project`].
    pub(crate) fn number(&self, task: &TaskId) -> Result<Option<u64>> {
        Ok(task.number_in(self.project()?))
    }

    /// Returns the caller as the server knows it.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub(crate) fn caller(&self) -> Result<Session> {
        self.client.get(paths::SESSION)?.read()
    }

    /// Returns the agent that speaks; none if nothing names one.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub(crate) fn who(&self) -> Result<Option<&Who>> {
        if self.who.get().is_none() {
            let found = who::find(self)?;
            let _ = self.who.set(found);
        }
        Ok(self.who.get().and_then(Option::as_ref))
    }

    /// Returns the agent that speaks.
    ///
    /// # Errors
    /// Returns a failure that says how to name oneself.
    pub(crate) fn agent(&self) -> Result<&AgentId> {
        match self.who()? {
            Some(who) => Ok(&who.agent),
            None => Err(who::nameless()),
        }
    }

    /// Returns a client that speaks as the agent, or as the owner of the token if nothing names an
    /// agent.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub(crate) fn speaker(&self) -> Result<Client> {
        match self.who()? {
            Some(who) => self.client.speaking_as(&who.agent),
            None => Ok(self.client.clone()),
        }
    }

    /// Sends a request as the agent. If the server does not know the agent yet, it is registered
    /// first.
    ///
    /// # Errors
    /// As [`Client::send`], and as [`Context::agent`].
    pub(crate) fn as_agent(&self, call: impl Fn() -> Call) -> Result<Answer> {
        let agent = self.agent()?;
        let client = self.client.speaking_as(agent)?;
        let refused = match client.send(call()) {
            Err(refused) if refused.exit == Exit::NotFound => refused,
            answer => return answer,
        };
        // Something is missing. If it is not the agent, the refusal is about something else.
        let project = self.project()?;
        match client.get(&paths::agent(project, agent)) {
            Err(missing) if missing.exit == Exit::NotFound => {}
            Err(failure) => return Err(failure),
            Ok(_) => return Err(refused),
        }
        who::register(self, &client)?;
        client.send(call())
    }
}

/// Returns a task's number as people write it.
pub(crate) fn hash(number: impl Display) -> String {
    format!("#{number}")
}
