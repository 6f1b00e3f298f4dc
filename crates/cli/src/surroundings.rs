//! Surroundings of the process: its environment variables, its folder and the machine's name.

use std::env;
use std::path::{Path, PathBuf};

/// Environment variables and folder of the process. Tests make their own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    variables: Vec<(String, String)>,
    /// Folder of the process.
    pub(crate) folder: PathBuf,
    /// File of this program.
    pub(crate) program: PathBuf,
}

impl Surroundings {
    /// Returns those of this process.
    pub(crate) fn of_process() -> Self {
        let variables = env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            variables: variables.collect(),
            folder: env::current_dir().unwrap_or_default(),
            program: env::current_exe().unwrap_or_default(),
        }
    }

    /// Returns the value of a variable; none if it is unset or empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(own, _)| own == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Returns the folder of the person.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.variable(name).map(PathBuf::from)
    }

    /// Returns the folder of TaskTree's configuration.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        self.own_folder("XDG_CONFIG_HOME", "APPDATA", ".config")
    }

    /// Returns the folder of what TaskTree remembers between two commands.
    pub(crate) fn state_folder(&self) -> Option<PathBuf> {
        self.own_folder("XDG_STATE_HOME", "LOCALAPPDATA", ".local/state")
    }

    /// Returns the folder of the programs and data that TaskTree keeps for the person.
    pub(crate) fn data_folder(&self) -> Option<PathBuf> {
        self.own_folder("XDG_DATA_HOME", "LOCALAPPDATA", ".local/share")
    }

    fn own_folder(&self, xdg: &str, windows: &str, in_home: &str) -> Option<PathBuf> {
        // The XDG specification: a relative path is invalid and ignored.
        let given = self.variable(xdg).map(PathBuf::from);
        let given = given.filter(|path| path.is_absolute());
        let of_system = || {
            let variable = cfg!(windows).then(|| self.variable(windows)).flatten();
            variable.map(PathBuf::from)
        };
        let parent = given
            .or_else(of_system)
            .or_else(|| Some(self.home()?.join(in_home)))?;
        Some(parent.join("tasktree"))
    }

    /// Returns a path as an absolute one without `.` and `..`.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        let mut absolute = PathBuf::new();
        for part in self.folder.join(path).components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir => {
                    absolute.pop();
                }
                part => absolute.push(part),
            }
        }
        absolute
    }

    /// Returns true if a program with that name is in one of the folders of `PATH`.
    pub(crate) fn has_program(&self, name: &str) -> bool {
        self.finds(name, |_| true)
    }

    /// Returns true if a program with that name is in one of the folders of `PATH` that npm has not
    /// added for the time that it runs something.
    pub(crate) fn has_lasting_program(&self, name: &str) -> bool {
        self.finds(name, |folder| !folder.ends_with("node_modules/.bin"))
    }

    fn finds(&self, name: &str, is_searched: impl Fn(&Path) -> bool) -> bool {
        let Some(path) = self.variable("PATH") else {
            return false;
        };
        let names = match cfg!(windows) {
            true => vec![format!("{name}.exe"), format!("{name}.cmd")],
            false => vec![name.to_owned()],
        };
        env::split_paths(path)
            .filter(|folder| is_searched(folder))
            .any(|folder| names.iter().any(|name| folder.join(name).is_file()))
    }

    /// Returns the name of the machine.
    pub(crate) fn machine(&self) -> Option<String> {
        system_name().or_else(|| {
            let name = self.variable("COMPUTERNAME").or(self.variable("HOSTNAME"));
            name.map(str::to_owned)
        })
    }
}

#[cfg(unix)]
fn system_name() -> Option<String> {
    let system = rustix::system::uname();
    let name = system.nodename().to_str().ok()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(not(unix))]
fn system_name() -> Option<String> {
    None
}

#[cfg(test)]
impl Surroundings {
    /// Creates surroundings with a folder and variables.
    pub(crate) fn new(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter();
        Self {
            variables: variables
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            folder: folder.to_owned(),
            program: PathBuf::new(),
        }
    }
}
