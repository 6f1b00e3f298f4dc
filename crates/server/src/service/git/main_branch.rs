//! The main branch of a repository: the one into which finished work is merged.

use tasktree_protocol::error::code;

use super::repository::{HEADS, Repository};
use crate::error::{Error, Result};

/// Prefix of the branches of `origin`, the remote whose default branch is the repository's.
const ORIGIN: &str = "refs/remotes/origin/";

impl Repository {
    /// Returns the main branch: the one that the project's settings name, or else the first of
    ///
    /// 1. the default branch of `origin`, which must exist here too,
    /// 2. the branch that HEAD names in a bare repository,
    /// 3. the branch that `init.defaultBranch` names, `main`, `master`, if it exists,
    /// 4. the only branch besides `task`, the branch of the task.
    ///
    /// The branch that is checked out says nothing: somebody works on it at the moment.
    ///
    /// # Errors
    /// `Repository` if there is none, or more than one candidate.
    pub(super) async fn main_branch(&self, wanted: Option<&str>, task: &str) -> Result<String> {
        if let Some(wanted) = wanted {
            if self.tip(wanted).await?.is_some() {
                return Ok(wanted.to_owned());
            }
            return Err(missing(format!(
                "The repository has no branch '{wanted}', which the project's settings name as the \
                 main branch. Create it, or choose another one in the settings (main_branch)."
            )));
        }
        if let Some(remote) = self.default_of_origin().await? {
            if self.tip(&remote).await?.is_some() {
                return Ok(remote);
            }
            return Err(missing(format!(
                "The default branch of 'origin' is '{remote}', but the repository has no local \
                 branch of that name. Create it (git branch {remote} origin/{remote}), or set the \
                 main branch in the project's settings (main_branch)."
            )));
        }
        let configured = ["config", "--get", "init.defaultBranch"];
        let candidates = [
            self.head_of_bare().await?,
            self.git.maybe(&configured).await?,
            Some("main".to_owned()),
            Some("master".to_owned()),
        ];
        for candidate in candidates.into_iter().flatten() {
            if self.tip(&candidate).await?.is_some() {
                return Ok(candidate);
            }
        }
        self.only_branch_besides(task).await
    }

    /// Returns the commit of the main branch; `None` if there is no main branch, or it is
    /// ambiguous.
    pub(super) async fn main_tip(
        &self,
        wanted: Option<&str>,
        task: &str,
    ) -> Result<Option<String>> {
        match self.main_branch(wanted, task).await {
            Ok(main) => self.tip(&main).await,
            Err(Error::Repository(refusal)) if refusal.code == code::MAIN_MISSING => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the default branch of `origin`, if this repository has fetched it.
    async fn default_of_origin(&self) -> Result<Option<String>> {
        let head = format!("{ORIGIN}HEAD");
        let Some(target) = self.git.maybe(&["symbolic-ref", "-q", &head]).await? else {
            return Ok(None);
        };
        // A branch that `origin` has renamed leaves a name that leads nowhere.
        let known = ["rev-parse", "--verify", "--quiet", &target];
        if self.git.maybe(&known).await?.is_none() {
            return Ok(None);
        }
        Ok(target.strip_prefix(ORIGIN).map(str::to_owned))
    }

    /// Returns the branch that HEAD names in a bare repository, also from one of its work trees.
    async fn head_of_bare(&self) -> Result<Option<String>> {
        let bare = ["config", "--type=bool", "--get", "core.bare"];
        if self.git.maybe(&bare).await?.as_deref() != Some("true") {
            return Ok(None);
        }
        let head = ["symbolic-ref", "-q", "main-worktree/HEAD"];
        let head = self.git.maybe(&head).await?;
        Ok(head.and_then(|name| Some(name.strip_prefix(HEADS)?.to_owned())))
    }

    async fn only_branch_besides(&self, task: &str) -> Result<String> {
        let ask = ["for-each-ref", "--count=3", "--format=%(refname)", HEADS];
        let listed = self.git.run(&ask).await?;
        let names = listed.lines().filter_map(|name| name.strip_prefix(HEADS));
        let mut others = names.filter(|name| *name != task);
        match (others.next(), others.next()) {
            (Some(only), None) => Ok(only.to_owned()),
            (None, _) => Err(missing(
                "The repository has no main branch yet. Make a first commit, or set the main \
                 branch in the project's settings (main_branch)."
                    .to_owned(),
            )),
            _ => Err(missing(
                "The main branch of the repository is unknown: it has no 'main' or 'master', and \
                 no default branch of 'origin'. Set the main branch in the project's settings \
                 (main_branch)."
                    .to_owned(),
            )),
        }
    }
}

fn missing(message: String) -> Error {
    Error::repository(code::MAIN_MISSING, message)
}
