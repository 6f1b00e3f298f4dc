//! Evidence of a completion: what the agent stated, against what the server saw.

use serde::{Deserialize, Serialize};
use tasktree_protocol::task::{Evidence, Verdict};

use crate::domain::validate::Checks;
use crate::error::Result;
use crate::limits::Limits;
use crate::store::Signs;

/// Evidence as an agent states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statement {
    /// The commit that has the work.
    pub commit: Option<String>,
    /// The branch that has the work.
    pub branch: Option<String>,
    /// Tests that were run, and how they went.
    pub tests: Option<String>,
    /// Summary of the work (Markdown).
    pub summary: Option<String>,
}

/// Facts about the project's repository, each unknown where the server cannot look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The stated commit exists.
    pub commit_exists: Option<bool>,
    /// The stated branch, or else the task's, exists.
    pub branch_exists: Option<bool>,
    /// The stated commit is on that branch.
    pub commit_on_branch: Option<bool>,
    /// Number of commits that the branch has and the main branch has not.
    pub commits_ahead: Option<u64>,
}

impl Statement {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Checks lengths and shapes.
    pub(in crate::domain) fn check(&self, limits: &Limits) -> Result<()> {
        let mut checks = Checks::default();
        if let Some(commit) = &self.commit {
            let hex = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !hex || !(7..=64).contains(&commit.len()) {
                let message = "must be the id of a commit: 7 to 64 hexadecimal digits";
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

/// Returns the evidence with its verdict; none where nothing was stated.
///
/// A fact against the statement makes it contradicted. It is proven by a commit that is there, on
/// the branch where one is known, in a claim in which work was seen. Everything else is stated.
pub(in crate::domain) fn judge(
    stated: Statement,
    seen: Signs,
    observed: Observed,
) -> Option<(Evidence, Verdict)> {
    if stated.is_empty() {
        return None;
    }
    let mut against = Vec::new();
    let mut found = Vec::new();
    if let Some(commit) = &stated.commit {
        match observed.commit_exists {
            Some(true) => found.push(format!("Commit {commit} exists.")),
            Some(false) => against.push(format!("Commit {commit} does not exist.")),
            None => {}
        }
        if observed.commit_exists == Some(true) && observed.commit_on_branch == Some(false) {
            against.push(format!("Commit {commit} is not on the branch."));
        }
    }
    if stated.branch.is_some() {
        match observed.branch_exists {
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
    let has_commit = stated.commit.is_some()
        && observed.commit_exists == Some(true)
        && observed.commit_on_branch != Some(false);
    let verdict = if !against.is_empty() {
        Verdict::Contradicted
    } else if has_commit && !seen.is_empty() {
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
mod tests {
    use super::*;

    fn commit() -> Statement {
        Statement {
            commit: Some("0123abc".to_owned()),
            ..Statement::default()
        }
    }

    fn verdict(stated: Statement, seen: Signs, observed: Observed) -> Option<Verdict> {
        judge(stated, seen, observed).map(|(_, verdict)| verdict)
    }

    #[test]
    fn a_claim_without_any_sign_of_work_cannot_be_proven() {
        let exists = Observed {
            commit_exists: Some(true),
            commit_on_branch: Some(true),
            ..Observed::default()
        };
        assert_eq!(
            verdict(commit(), Signs::default(), exists),
            Some(Verdict::Stated)
        );
        assert_eq!(verdict(commit(), Signs::LOG, exists), Some(Verdict::Proven));
    }

    #[test]
    fn a_fact_against_the_statement_contradicts_it() {
        let facts = [
            Observed {
                commit_exists: Some(false),
                ..Observed::default()
            },
            Observed {
                commit_exists: Some(true),
                commit_on_branch: Some(false),
                ..Observed::default()
            },
        ];
        for observed in facts {
            assert_eq!(
                verdict(commit(), Signs::LOG, observed),
                Some(Verdict::Contradicted),
                "{observed:?}"
            );
        }
        let branch = Statement {
            branch: Some("task-1".to_owned()),
            ..Statement::default()
        };
        let empty = Observed {
            branch_exists: Some(true),
            commits_ahead: Some(0),
            ..Observed::default()
        };
        assert_eq!(
            verdict(branch, Signs::LOG, empty),
            Some(Verdict::Contradicted)
        );
    }

    #[test]
    fn nothing_stated_has_no_verdict_and_nothing_checked_is_stated() {
        let nothing = Statement::default();
        assert_eq!(verdict(nothing, Signs::LOG, Observed::default()), None);
        assert_eq!(
            verdict(commit(), Signs::LOG, Observed::default()),
            Some(Verdict::Stated)
        );
    }
}
