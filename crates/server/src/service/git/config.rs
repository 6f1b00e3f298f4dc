//! Settings under which git runs no program but itself, whatever the configuration of a repository
//! says.
//!
//! A repository may come from anybody, and agents write to the ones that they work in.

use crate::error::{Error, Result};
use tasktree_protocol::error::code;

/// Settings that every command gets. They override those of the repository, the user and the
/// machine.
pub(super) const SETTINGS: &[(&str, &str)] = &[
    // Programs that run while files are compared, committed, checked out or merged.
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.editor", ":"),
    ("core.pager", "cat"),
    ("core.askPass", "false"),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
    ("core.alternateRefsCommand", "false"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("gc.recentObjectsHook", ""),
    ("gpg.program", "false"),
    ("gpg.openpgp.program", "false"),
    ("gpg.x509.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.ssh.defaultKeyCommand", "false"),
    ("commit.gpgSign", "false"),
    ("log.showSignature", "false"),
    ("merge.verifySignatures", "false"),
    ("protocol.allow", "never"),
    ("protocol.ext.allow", "never"),
    ("protocol.file.allow", "never"),
    // Housekeeping would go on in the background.
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    // A submodule is another repository: its settings would not be these.
    ("submodule.recurse", "false"),
    ("diff.ignoreSubmodules", "all"),
    // Output that is parsed has one form.
    ("color.ui", "false"),
    ("core.quotePath", "false"),
    ("i18n.commitEncoding", "UTF-8"),
    ("i18n.logOutputEncoding", "UTF-8"),
    // The repository does not decide how a merge is done.
    ("merge.autoStash", "false"),
    ("merge.ff", "true"),
];

/// A merge driver that reports a conflict.
///
/// It replaces a driver of the repository's own, whose result nobody else knows: a file that needs
/// one is never merged in another way.
const NO_DRIVER: &str = "false";

/// Settings that turn off programs under names of the repository's choice.
#[derive(Clone, Debug, Default)]
pub(super) struct Overrides {
    settings: Vec<(String, String)>,
    filters: Vec<String>,
    drivers: Vec<String>,
    /// Driver of files that name none, if it is one of the repository's own.
    default_driver: Option<String>,
}

impl Overrides {
    /// Returns the settings that turn off the programs among configured names, given with a NUL
    /// after each.
    pub(super) fn of(listed: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        for name in listed.split(|byte| *byte == 0) {
            match std::str::from_utf8(name) {
                Ok(name) => found.turn_off(name),
                Err(_) if is_program(&String::from_utf8_lossy(name)) => {
                    let message = format!(
                        "The repository's configuration sets a program with {}, which cannot be \
                         disabled because the name is not UTF-8. Remove that setting first.",
                        String::from_utf8_lossy(name)
                    );
                    return Err(Error::repository(code::RUNS_PROGRAMS, message));
                }
                Err(_) => {}
            }
        }
        Ok(found)
    }

    fn turn_off(&mut self, name: &str) {
        let Some((section, rest)) = name.split_once('.') else {
            return;
        };
        let Some((subsection, variable)) = rest.rsplit_once('.') else {
            return;
        };
        match (section, variable) {
            ("filter", "clean" | "smudge" | "process") => {
                self.add(name, "");
                self.add(&format!("filter.{subsection}.required"), "false");
                if !self.filters.iter().any(|filter| filter == subsection) {
                    self.filters.push(subsection.to_owned());
                }
            }
            ("merge", "driver") => {
                self.add(name, NO_DRIVER);
                self.drivers.push(subsection.to_owned());
            }
            ("merge", "recursive") => self.add(name, "text"),
            ("hook", "command" | "event") => {
                self.add(&format!("hook.{subsection}.enabled"), "false");
            }
            ("diff", "command" | "textconv") => self.add(name, "false"),
            ("branch", "mergeoptions") | ("credential", "helper") => self.add(name, ""),
            _ => {}
        }
    }

    /// Adds a setting.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Returns the settings.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.settings.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns true if the configuration has merge drivers.
    pub(super) fn has_drivers(&self) -> bool {
        !self.drivers.is_empty()
    }

    /// Sets the driver that files without a `merge` attribute get (`merge.default`).
    pub(super) fn set_default_driver(&mut self, name: Option<String>) {
        self.default_driver = name.filter(|name| self.drivers.contains(name));
    }

    /// Returns true if files with that `merge` attribute would be merged by a program.
    pub(super) fn has_driver(&self, name: &str) -> bool {
        match name {
            "unspecified" => self.default_driver.is_some(),
            name => self.drivers.iter().any(|driver| driver == name),
        }
    }

    /// Returns true if any file may pass through a program.
    pub(super) fn has_filters(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Returns true if rules of a `.gitattributes` file name one of the filters.
    pub(super) fn are_named_in(&self, rules: &str) -> bool {
        let mut words = rules
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("filter="));
        words.any(|name| self.has_filter(name))
    }

    /// Returns true if files with that `filter` attribute would pass through a program.
    pub(super) fn has_filter(&self, name: &str) -> bool {
        self.filters.iter().any(|filter| filter == name)
    }
}

/// Returns true if a name may be one of those that [`Overrides::turn_off`] knows.
fn is_program(name: &str) -> bool {
    ["filter.", "merge.", "hook.", "diff."]
        .iter()
        .any(|section| name.starts_with(section))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_a_driver_have_the_default_one() {
        let mut found = Overrides::of(b"merge.ours.driver\0merge.default\0").unwrap();
        for (default, is_program) in [(None, false), (Some("union"), false), (Some("ours"), true)] {
            found.set_default_driver(default.map(str::to_owned));
            assert_eq!(found.has_driver("unspecified"), is_program, "{default:?}");
        }
    }

    #[test]
    fn programs_of_any_name_are_turned_off_and_others_left_alone() {
        let names = "user.name\0filter.my.evil.smudge\0merge.x=y.driver\0core.bare\0\
                     branch.feat/1.mergeoptions\0hook.h.command\0filter.z.required\0";
        let found = Overrides::of(names.as_bytes()).unwrap();
        let settings: Vec<_> = found.settings().collect();
        assert_eq!(
            settings,
            [
                ("filter.my.evil.smudge", ""),
                ("filter.my.evil.required", "false"),
                ("merge.x=y.driver", NO_DRIVER),
                ("branch.feat/1.mergeoptions", ""),
                ("hook.h.enabled", "false"),
            ]
        );
        assert!(found.has_filter("my.evil") && !found.has_filter("z"));
        assert!(found.has_driver("x=y") && !found.has_driver("text"));
        assert!(Overrides::of(b"filter.\xff.clean\0").is_err());
    }
}
