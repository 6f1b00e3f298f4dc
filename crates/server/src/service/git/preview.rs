//! A preview of a merge, before somebody asks for it.

use tasktree_protocol::Timestamp;
use tasktree_protocol::http::{CommitLine, FileLine, MergePreview, MergeRefusal};

use super::changes::{Changes, FileChange};
use super::merge::Merge;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Maximum length of a commit's subject and author's name that is sent, in characters.
const TEXT_CHARS: usize = 200;

fn file_line(change: FileChange) -> FileLine {
    FileLine {
        path: change.path,
        kind: change.kind,
        additions: change.lines.map(|lines| lines.0),
        deletions: change.lines.map(|lines| lines.1),
    }
}

impl Merge {
    /// Returns the contents of the merge, and the obstacles to it.
    pub(super) async fn preview(&self, limits: &Limits) -> Result<MergePreview> {
        let (without, tip) = (format!("^{}", self.main_tip), self.tip.as_str());
        let git = &self.repository.git;
        let count = git.run(&["rev-list", "--count", &without, tip]).await?;
        let base = git.maybe(&["merge-base", &self.main_tip, tip]).await?;
        let changes = match base {
            Some(base) => Changes::between(git, &base, tip).await?,
            None => Changes::default(),
        };
        let lines = changes.all.iter().filter_map(|change| change.lines);
        let (additions, deletions) =
            lines.fold((0, 0), |sum, lines| (sum.0 + lines.0, sum.1 + lines.1));
        let refusal = match self.check(limits).await {
            Ok(_) => None,
            Err(Error::Repository(refusal)) => Some(MergeRefusal::from(*refusal)),
            Err(error) => return Err(error),
        };
        Ok(MergePreview {
            branch: self.branch.clone(),
            main_branch: self.main.clone(),
            branch_commit: self.tip.clone(),
            main_commit: self.main_tip.clone(),
            commits: self.commits(&without, limits).await?,
            commits_total: count.parse().unwrap_or_default(),
            files_total: changes.all.len() as u64,
            files: changes
                .all
                .into_iter()
                .take(limits.merge_files)
                .map(file_line)
                .collect(),
            additions,
            deletions,
            refusal,
        })
    }

    async fn commits(&self, without: &str, limits: &Limits) -> Result<Vec<CommitLine>> {
        let most = format!("--max-count={}", limits.merge_commits);
        // %x1f is a character that no subject needs.
        let format = "--format=%H%x1f%at%x1f%an%x1f%s";
        let ask = [
            "rev-list",
            &most,
            "--no-commit-header",
            format,
            without,
            &self.tip,
        ];
        let listed = self.repository.git.whole(&ask).await?;
        let listed = String::from_utf8_lossy(&listed);
        Ok(listed.lines().filter_map(commit_line).collect())
    }
}

fn commit_line(line: &str) -> Option<CommitLine> {
    let mut fields = line.splitn(4, '\u{1f}');
    let (sha, seconds) = (fields.next()?, fields.next()?.parse::<i64>().ok()?);
    let mut text = || Some(fields.next()?.chars().take(TEXT_CHARS).collect::<String>());
    Some(CommitLine {
        sha: sha.to_owned(),
        author: text()?,
        subject: text()?,
        time: Timestamp::from_unix_millis(seconds.saturating_mul(1000)),
    })
}
