//! Texts about merges.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts about merges of finished tasks.
    Merge {
        title: With = |task| format!("Merge {task}"), |task| format!("合并 {task}");
        open: Text = "Merge branch…", "合并分支…";
        loading: Text = "Reading the changes to merge", "正在读取合并内容";
        into: Pair = |branch, main| format!("“{branch}” is merged into “{main}”."), |branch, main| format!("将“{branch}”合并到“{main}”。");
        commits: Count = |n, digits| if n == 1 { "1 commit".to_owned() } else { format!("{digits} commits") }, |_, digits| format!("{digits} 个提交");
        files: Count = |n, digits| if n == 1 { "1 changed file".to_owned() } else { format!("{digits} changed files") }, |_, digits| format!("{digits} 个文件有改动");
        more: Count = |_, digits| format!("and {digits} more"), |_, digits| format!("另有 {digits} 项");
        submit: Text = "Merge branch", "合并分支";
        by_hand: Text = "Mark as merged by hand", "手动标记为已合并";
        contained: With = |commit| format!("Mark as merged (contained in {commit})"), |commit| format!("标记为已合并（包含于 {commit}）");
        done: With = |task| format!("{task} was merged."), |task| format!("{task} 已合并。");
        marked: With = |task| format!("{task}: marked as merged by hand, nothing was merged by git"), |task| format!("{task}：已手动标记为已合并，未执行 git 合并");
        nothing_to_merge: Text = "The branch has no commits of its own: there is nothing to merge.", "该分支没有自己的提交，无可合并。";
        already_merged: Text = "The main branch contains this branch already.", "主分支已包含此分支。";
        branch_missing: Text = "The repository does not have the task's branch.", "仓库中没有此任务的分支。";
        main_missing: Text = "The repository does not have the main branch. Name it in the project's settings.", "仓库中没有主分支，请在项目设置中指定。";
        merge_conflicts: Text = "Both branches changed the same lines of these files. Resolve it on the branch, and try again.", "两个分支修改了以下文件的相同位置。请在分支上解决冲突后重试。";
        dirty: Text = "The main branch is checked out with changes that are not committed. Commit or stash them, and try again.", "主分支所在的工作目录有未提交的更改。请提交或暂存后重试。";
        repository_busy: Text = "Somebody else is at work in the repository. Finish that first.", "仓库中有其他操作正在进行，请先完成。";
        unrelated_histories: Text = "The branches have no commit in common.", "两个分支没有共同的提交。";
        runs_programs: Text = "Git would run a program of its configuration for these files. Merge on the command line, then mark the task as merged.", "git 需要为以下文件运行其配置中的程序。请在命令行中合并，然后标记为已合并。";
        not_a_repository: Text = "The project's folder is no git repository on the server's machine.", "项目目录在服务器上不是 git 仓库。";
        dubious_ownership: Text = "The repository belongs to another user of the server's machine, so git refuses to use it.", "仓库属于服务器上的其他用户，git 拒绝使用。";
        main_branch: Text = "Main branch", "主分支";
        main_branch_hint: Text = "Finished work is merged into it. Empty: the repository's default branch.", "完成的工作会合并到此分支。留空则使用仓库的默认分支。";
        commit: Text = "Commit", "提交";
    }
}

impl Merge {
    /// Returns the reason why a merge is refused, for the codes that have a text of their own.
    pub fn refusal(&self, code: &str) -> Option<Text> {
        Some(match code {
            "nothing_to_merge" => self.nothing_to_merge,
            "already_merged" => self.already_merged,
            "branch_missing" => self.branch_missing,
            "main_missing" => self.main_missing,
            "merge_conflicts" => self.merge_conflicts,
            "dirty" => self.dirty,
            "repository_busy" => self.repository_busy,
            "unrelated_histories" => self.unrelated_histories,
            "runs_programs" => self.runs_programs,
            "not_a_repository" => self.not_a_repository,
            "dubious_ownership" => self.dubious_ownership,
            _ => return None,
        })
    }
}
