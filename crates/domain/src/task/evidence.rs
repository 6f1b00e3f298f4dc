//! Evidence of a completion: the agent's statement, compared with the server's observations.

use serde::{Deserialize, Serialize};
use tasktree_protocol::task::{Evidence, Verdict};

use crate::error::Result;
use crate::limits::Limits;
use crate::store::Signs;
use crate::validate::Checks;

/// Statement of an agent when it completes a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Statement {
    /// Commit that has the work: 7 to 64 hexadecimal digits.
    pub commit: Option<String>,
    /// Branch that has the work.
    pub branch: Option<String>,
    /// Tests that were run, and their results.
    pub tests: Option<String>,
    /// Summary of the work (Markdown).
    pub summary: Option<String>,
}

/// Facts about the project's repository, each unknown if the server cannot determine it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Generation of the claim that the server examined; 0 if it did not.
    pub generation: u64,
    /// True if the task had no earlier claim.
    pub is_first_claim: bool,
    /// True if the stated commit is the id of an existing commit.
    pub commit_exists: Option<bool>,
    /// True if the stated branch, or else the task's, exists.
    pub branch_exists: Option<bool>,
    /// True if the stated commit is on that branch.
    pub commit_on_branch: Option<bool>,
    /// Number of commits that are on the branch but not on the main branch.
    ///
    /// Unknown if the main branch has merged it.
    pub commits_ahead: Option<u64>,
    /// True if the stated commit is on the task's branch.
    pub commit_on_task_branch: Option<bool>,
    /// True if the main branch has the stated commit.
    pub commit_in_main: Option<bool>,
    /// True if the main branch had the stated commit when the claim began.
    pub commit_was_in_main: Option<bool>,
    /// True if the stated commit was made since the claim began.
    pub commit_is_new: Option<bool>,
}

impl Observed {
    /// Returns true if the main branch got the stated commit during the claim.
    fn came_to_main(&self) -> bool {
        self.commit_in_main == Some(true) && self.commit_was_in_main == Some(false)
    }

    /// Returns true if the stated commit is work of the claim.
    ///
    /// That is a commit on the task's branch and ahead of the main branch, or in the main branch
    /// since the claim began. If others had the task before, it must be newer than the claim.
    fn is_work(&self) -> bool {
        let is_ahead =
            self.commit_on_task_branch == Some(true) && self.commit_in_main == Some(false);
        self.commit_exists == Some(true)
            && (is_ahead || self.came_to_main())
            && (self.is_first_claim || self.commit_is_new == Some(true))
    }
}

impl Statement {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Checks lengths and shapes.
    pub(crate) fn check(&self, limits: &Limits) -> Result<()> {
        let mut checks = Checks::default();
        if let Some(commit) = &self.commit {
            let hex = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !hex || !(7..=64).contains(&commit.len()) {
                let message = "must be a commit id of 7 to 64 hexadecimal digits";
                checks.fail("evidence.commit", "commit", message, commit.as_str());
            }
        }
        if let Some(branch) = &self.branch {
            checks.line("evidence.branch", branch, limits.branch_chars);
        }
        let most = limits.message_bytes;
        checks.bytes("evidence.tests", self.tests.as_deref(), most);
        checks.bytes("evidence.summary", self.summary.as_deref(), most);
        checks.finish()
    }
}

/// Returns the evidence with its verdict; none if nothing was stated.
///
/// The verdict is contradicted if a fact contradicts the statement. It is proven if the commit is
/// work of the claim, and other signs of work were seen during the claim too. Otherwise it is
/// stated.
pub(crate) fn judge(
    stated: Statement,
    seen: Signs,
    observed: Observed,
    generation: u64,
) -> Option<(Evidence, Verdict)> {
    if stated.is_empty() {
        return None;
    }
    // Facts observed under another claim prove nothing about this one.
    let observed = match observed.generation == generation {
        true => observed,
        false => Observed::default(),
    };
    let mut against = Vec::new();
    let mut found = Vec::new();
    if let Some(commit) = &stated.commit {
        match observed.commit_exists {
            Some(true) => found.push(format!("Commit {commit} exists.")),
            Some(false) => against.push(format!("Commit {commit} does not exist.")),
            None => {}
        }
        if observed.commit_exists == Some(true) {
            if observed.commit_on_branch == Some(false) && !observed.came_to_main() {
                against.push(format!("Commit {commit} is not on the branch."));
            }
            if observed.commit_was_in_main == Some(true) {
                let text = format!("The main branch already had commit {commit} before the claim.");
                found.push(text);
            } else if observed.commit_is_new == Some(false) && !observed.is_first_claim {
                found.push(format!("Commit {commit} is older than the claim."));
            }
        }
    }
    if stated.branch.is_some() {
        match observed.branch_exists {
            // It may be removed once it is merged.
            Some(false) if observed.came_to_main() => {}
            Some(false) => against.push("The branch does not exist.".to_owned()),
            Some(true) if observed.commits_ahead == Some(0) => {
                against.push("The branch has no commits of its own.".to_owned());
            }
            Some(true) | None => {}
        }
    }
    if let Some(ahead) = observed.commits_ahead.filter(|ahead| *ahead > 0) {
        found.push(format!("The branch has {ahead} commits of its own."));
    }
    if seen.is_empty() {
        found.push("No work was seen in this claim.".to_owned());
    }
    let has_work = stated.commit.is_some() && observed.is_work();
    let verdict = if !against.is_empty() {
        Verdict::Contradicted
    } else if has_work && !seen.is_empty() {
        Verdict::Proven
    } else {
        Verdict::Stated
    };
    against.append(&mut found);
    let evidence = Evidence {
        commit: stated.commit,
        branch: stated.branch,
        tests: stated.tests,
        summary: stated.summary,
        findings: against,
    };
    Some((evidence, verdict))
}

#[cfg(test)]
mod tests;
