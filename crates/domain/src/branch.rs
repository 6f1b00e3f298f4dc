//! Names of git branches: one rule for every field that holds one.
//!
//! A name that git parses as an expression (`feat~0`, `@{-1}`) or as an option would mean something
//! other than the branch that people see, so only names that git accepts for a branch are stored.

/// Returns the reason why git rejects a branch name, or `None` if it accepts it.
///
/// The rules are those of `git check-ref-format --branch`
/// (<https://git-scm.com/docs/git-check-ref-format>). `@` alone is refused too: git reads it as
/// `HEAD`.
pub fn fault(name: &str) -> Option<&'static str> {
    let forbidden = |letter: char| letter.is_ascii_control() || " ~^:?*[\\".contains(letter);
    let bad_part = |part: &str| part.starts_with('.') || part.ends_with(".lock");
    if name.is_empty() {
        Some("must not be empty")
    } else if name.starts_with('-') {
        Some("must not begin with '-'")
    } else if name == "@" || name == "HEAD" {
        Some("must not be '@' or 'HEAD', which git reads as the current commit")
    } else if name.contains(forbidden) {
        Some("must not contain spaces, control characters or any of ~ ^ : ? * [ \\")
    } else if name.contains("..") || name.contains("@{") {
        Some("must not contain '..' or '@{'")
    } else if name.split('/').any(str::is_empty) {
        Some("must not begin or end with '/', or contain '//'")
    } else if name.split('/').any(bad_part) {
        Some("must not have a part that begins with '.' or ends with '.lock'")
    } else if name.ends_with('.') {
        Some("must not end with '.'")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_branches_pass_and_everything_else_is_refused() {
        for name in [
            "main",
            "feature/a-b",
            "task-1",
            "功能/一",
            "a@b",
            "a/@",
            "A.LOCK",
            "a{",
            "x.y",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
        let wrong = [
            "",
            "feat~0",
            "feat^",
            "feat^{commit}",
            "a..b",
            "a@{1}",
            "@{-1}",
            "@",
            "HEAD",
            "-d",
            "--x",
            "a b",
            "a\tb",
            "a\nb",
            "a\0b",
            "a\u{7f}",
            "a:b",
            "a?",
            "a*",
            "[a",
            "a\\b",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.",
            "a.lock",
            "a.lock/b",
            ":/text",
            "main:file",
        ];
        for name in wrong {
            assert!(fault(name).is_some(), "{name:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_rule_is_gits_own(name in "[-a./@{}~^:HEADlock *\\[\\\\\u{1}é]{1,8}") {
            // Git expands `@` on its own; see `fault`.
            prop_assume!(name != "@");
            let git = Command::new("git").args(["check-ref-format", "--branch", &name]).output();
            // Without git there is nothing to compare with.
            let Ok(git) = git else { return Ok(()) };
            prop_assert_eq!(fault(&name).is_none(), git.status.success(), "{:?}", name);
        }
    }
}
