//! The preview of a merge, and the reason if it is refused.

use leptos::prelude::*;

use super::short;
use crate::api::{CommitLine, FileLine, MergePreview, MergeRefusal};
use crate::i18n::use_i18n;

/// Commits and files that a branch brings.
#[component]
pub fn Changes(
    /// Preview of the merge.
    preview: MergePreview,
) -> impl IntoView {
    let i18n = use_i18n();
    let MergePreview {
        branch,
        main_branch,
        commits,
        commits_total,
        files,
        files_total,
        ..
    } = preview;
    let more = move |total: u64, shown: usize| {
        let left = total.saturating_sub(shown as u64);
        (left > 0).then(|| view! { <li>{i18n.count(|s| s.merge.more, left)}</li> })
    };
    let (commits_shown, files_shown) = (commits.len(), files.len());
    view! {
        <p class="dialog-text">{move || i18n.t(|s| (s.merge.into)(&branch, &main_branch))}</p>
        <h3 class="merge-heading">{move || i18n.count(|s| s.merge.commits, commits_total)}</h3>
        <ul class="merge-list">
            {commits.into_iter().map(|commit| view! { <Commit commit/> }).collect_view()}
            {move || more(commits_total, commits_shown)}
        </ul>
        <h3 class="merge-heading">{move || i18n.count(|s| s.merge.files, files_total)}</h3>
        <ul class="merge-list">
            {files.into_iter().map(|file| view! { <File file/> }).collect_view()}
            {move || more(files_total, files_shown)}
        </ul>
    }
}

#[component]
fn Commit(commit: CommitLine) -> impl IntoView {
    let i18n = use_i18n();
    let at = commit.time;
    view! {
        <li class="merge-commit">
            <code title=commit.sha.clone()>{short(&commit.sha).to_owned()}</code>
            <span class="merge-text" dir="auto">{commit.subject}</span>
            <span class="merge-note" dir="auto">{commit.author}</span>
            <time class="merge-note" datetime=at.to_string()>{move || i18n.date_time(at)}</time>
        </li>
    }
}

#[component]
fn File(file: FileLine) -> impl IntoView {
    let lines = file.additions.zip(file.deletions);
    view! {
        <li>
            <code class="merge-text" dir="ltr">{file.path}</code>
            {lines.map(|(added, removed)| view! {
                <span class="merge-note">{format!("+{added} \u{2212}{removed}")}</span>
            })}
        </li>
    }
}

/// Reason why the merge is not possible, with the files concerned.
#[component]
pub fn Refused(
    /// Refusal to show.
    refusal: MergeRefusal,
) -> impl IntoView {
    let i18n = use_i18n();
    let MergeRefusal {
        code,
        message,
        files,
        ..
    } = refusal;
    let words = move || {
        let own = i18n.t(|s| s.merge.refusal(&code).map(str::to_owned));
        own.unwrap_or_default()
    };
    view! {
        <div class="form-error" role="alert">
            <p>{words}</p>
            <p class="merge-words" dir="auto">{message}</p>
            {(!files.is_empty()).then(|| view! {
                <ul class="merge-list">
                    {files.into_iter().map(|file| view! { <li><code dir="ltr">{file}</code></li> }).collect_view()}
                </ul>
            })}
        </div>
    }
}
