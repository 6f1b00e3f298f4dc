//! `tasktree done`: completes a task, with evidence.

use clap::Args;
use serde_json::json;

use super::Verb;
use crate::claim;
use crate::context::{Context, hash};
use crate::failure::{Failure, Result};
use crate::output::{Form, Report};
use crate::report::{self, number_and_text, text_or_input, typed};
use crate::repository;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Done {
    /// Number of the task (the one that you hold if left out), and a summary (Markdown). `-` reads
    /// the summary from standard input.
    #[arg(value_names = ["N", "SUMMARY"], num_args = 0..=2)]
    arguments: Vec<String>,
    /// Id of the commit that has the work, or HEAD for the one that is checked out here.
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// Branch that has the work.
    #[arg(long)]
    branch: Option<String>,
    /// Tests that were run, and their results; `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    tests: Option<String>,
}

impl Verb for Done {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let (number, summary) = number_and_text(&self.arguments)?;
        let claim = claim::find(context, number)?;
        let mut evidence = json!({});
        let commit = self
            .commit
            .map(|commit| id_of(context, commit))
            .transpose()?;
        let parts = [
            ("summary", summary),
            ("commit", commit.as_deref()),
            ("branch", self.branch.as_deref()),
            ("tests", self.tests.as_deref()),
        ];
        for (name, text) in parts {
            if let Some(text) = text {
                evidence[name] = json!(text_or_input(text)?);
            }
        }
        let completion = json!({"status": "completed", "evidence": evidence});
        report::send(context, &claim, completion)?;
        claim::forget(context);
        let row = report::task(context, claim.task)?;
        let task = typed(&row)?;
        let verdict = task.verdict.map(|verdict| json!(verdict));
        let verdict = verdict.as_ref().and_then(|verdict| verdict.as_str());
        let verdict = verdict.map(|verdict| format!(" (evidence {verdict})"));
        let text = format!(
            "Done: {} {}{}",
            hash(task.number),
            task.title,
            verdict.unwrap_or_default()
        );
        Ok(Some(Report::new(json!({"task": row}), text)))
    }
}

/// Returns the id of a commit. The server accepts only ids, since names lead elsewhere tomorrow.
fn id_of(context: &Context, commit: String) -> Result<String> {
    if commit != "HEAD" {
        return Ok(commit);
    }
    repository::head_commit(&context.around.folder).ok_or_else(|| {
        Failure::usage("there is no commit at HEAD of this folder: give the id of the commit")
    })
}
