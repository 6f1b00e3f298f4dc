//! Location of another program's file, and the names of projects derived from it.

use super::formats::Format;

/// Maximum length of a name made of a folder and a list, in characters.
const NAME_CHARS: usize = 100;

/// Location of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// Name of the folder that contains the program's own folders; otherwise of the file or its
    /// folder.
    pub(super) name: String,
    /// Name of the folder above that one.
    pub(super) above: Option<String>,
    /// Path of that folder, if the file is in the program's own folders.
    pub(super) folder: String,
}

impl Home {
    /// Returns the location of a file, whose path may be of another machine and operating system.
    pub(super) fn of(format: &dyn Format, file: &str) -> Self {
        let is_separator = |letter: char| match letter {
            '/' => true,
            // A backslash is part of a name if slashes separate the names.
            '\\' => !file.contains('/'),
            _ => false,
        };
        let names: Vec<&str> = file.split(is_separator).collect();
        let folders = &names[..names.len() - 1];
        let mut home = folders;
        for own in format.folders() {
            if let [rest @ .., last] = home
                && last == own
            {
                home = rest;
            }
        }
        if home.len() < folders.len()
            && let [.., name] = home
            && !name.is_empty()
        {
            let length = home.iter().map(|name| name.len() + 1).sum::<usize>() - 1;
            return Self {
                name: (*name).to_owned(),
                above: above(home),
                folder: file[..length].to_owned(),
            };
        }
        let last = names.last().copied().unwrap_or_default();
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        // Many files have the program's default name: their folder tells them apart.
        let folder = folders.last().filter(|name| !name.is_empty());
        let (name, above) = match folder {
            Some(folder) if format.folders().contains(&stem) => (*folder, above(folders)),
            folder => (stem, folder.map(|name| (*name).to_owned())),
        };
        Self {
            name: name.to_owned(),
            above,
            folder: String::new(),
        }
    }

    /// Returns the candidate names for the project of a list, the usual one first.
    ///
    /// The first is made from the folder, the second also from the folder above it, and the others
    /// add a number.
    pub(super) fn names(
        &self,
        list: Option<&str>,
    ) -> impl Iterator<Item = (String, String)> + use<> {
        let with_list = |name: &str| match list {
            Some(list) => (format!("{name}-{list}"), format!("{name}: {list}")),
            None => (name.to_owned(), name.to_owned()),
        };
        let usual = with_list(&self.name);
        let above = self.above.iter().filter(|above| !above.is_empty());
        let longer = above.map(|above| with_list(&format!("{above}-{}", self.name)));
        let mut names = vec![usual];
        names.extend(longer);
        let last = names[names.len() - 1].clone();
        let numbered = (2..).map(move |count: u64| {
            let (id, name) = &last;
            let id: String = id.chars().take(NAME_CHARS - 20).collect();
            (format!("{id}-{count}"), format!("{name} ({count})"))
        });
        names
            .into_iter()
            .chain(numbered)
            .map(|(id, name)| (project_id(&id), project_name(&name)))
    }
}

fn above(folders: &[&str]) -> Option<String> {
    let above = folders.len().checked_sub(2)?;
    Some(folders[above].to_owned())
}

/// Returns a project identifier made from a name.
fn project_id(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        '-' | '_' | '.' => letter,
        letter if letter.is_alphanumeric() => letter,
        _ => '-',
    });
    let id: String = letters.take(NAME_CHARS).collect();
    match id.trim_start_matches('.') {
        "" => "imported".to_owned(),
        id => id.to_owned(),
    }
}

fn project_name(name: &str) -> String {
    let line = super::formats::line(name).unwrap_or_else(|| "imported".to_owned());
    line.chars().take(2 * NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(file: &str) -> (String, String) {
        let format = super::super::formats::named("task-master").unwrap();
        let home = Home::of(format, file);
        (home.name, home.folder)
    }

    #[test]
    fn a_project_is_named_after_the_repository() {
        let own = |name: &str, folder: &str| (name.to_owned(), folder.to_owned());
        for (file, expected) in [
            (
                "/src/shop/.taskmaster/tasks/tasks.json",
                own("shop", "/src/shop"),
            ),
            ("/src/shop/tasks/tasks.json", own("shop", "/src/shop")),
            (
                "C:\\src\\shop\\.taskmaster\\tasks\\tasks.json",
                own("shop", "C:\\src\\shop"),
            ),
            ("/tmp/export.json", own("export", "")),
            ("/tmp/old/tasks.json", own("old", "")),
            ("/tasks/tasks.json", own("tasks", "")),
            ("tasks.json", own("tasks", "")),
            ("", own("", "")),
        ] {
            assert_eq!(home(file), expected, "{file}");
        }
    }

    #[test]
    fn the_folder_above_and_then_a_number_tell_projects_of_one_name_apart() {
        let format = super::super::formats::named("task-master").unwrap();
        let home = Home::of(format, "/src/south/api/.taskmaster/tasks/tasks.json");
        let ids = |list| {
            home.names(list)
                .map(|(id, _)| id)
                .take(4)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            ids(None),
            ["api", "south-api", "south-api-2", "south-api-3"]
        );
        assert_eq!(ids(Some("v 2"))[..2], ["api-v-2", "south-api-v-2"]);
    }

    #[test]
    fn any_name_becomes_an_identifier_that_the_server_takes() {
        assert_eq!(project_id("My shop: v2/β"), "My-shop--v2-β");
        assert_eq!(project_id("..hidden"), "hidden");
        assert_eq!(project_id(""), "imported");
        assert_eq!(project_id(&"x".repeat(300)).len(), 100);
        assert_eq!(project_name("\u{200b}"), "imported");
    }
}
