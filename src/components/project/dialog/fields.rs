//! The fields of a project's form, and their validation.

use leptos::prelude::*;
use tasktree_protocol::Project;
use tasktree_protocol::project::DEFAULT_MAX_AGENTS;

use crate::i18n::I18n;

/// Longest id, in characters: the server's limit.
const ID_LIMIT: usize = 100;

/// Fields of the form.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) name: RwSignal<String>,
    pub(super) id: RwSignal<String>,
    pub(super) path: RwSignal<String>,
    pub(super) description: RwSignal<String>,
    pub(super) overview: RwSignal<String>,
    pub(super) initial_prompt: RwSignal<String>,
    pub(super) max_agents: RwSignal<String>,
    pub(super) active: RwSignal<bool>,
    pub(super) main_branch: RwSignal<String>,
}

/// Mistake in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    NameMissing,
    IdInvalid,
    IdTaken,
    MaxAgentsInvalid,
}

impl Problem {
    pub(super) fn text(self, i18n: I18n) -> &'static str {
        i18n.t(|s| match self {
            Self::NameMissing => s.project.name_missing,
            Self::IdInvalid => s.project.id_invalid,
            Self::IdTaken => s.project.id_taken,
            Self::MaxAgentsInvalid => s.project.max_agents_invalid,
        })
    }
}

impl Fields {
    /// Creates the fields with a project's values.
    pub(super) fn of(project: Option<&Project>) -> Self {
        let text =
            |pick: fn(&Project) -> String| RwSignal::new(project.map(pick).unwrap_or_default());
        Self {
            name: text(|project| project.name.clone()),
            id: text(|project| project.id.to_string()),
            path: text(|project| project.path.clone()),
            description: text(|project| project.description.clone().unwrap_or_default()),
            overview: text(|project| project.project_overview.clone().unwrap_or_default()),
            initial_prompt: text(|project| project.initial_prompt.clone().unwrap_or_default()),
            max_agents: RwSignal::new(
                project
                    .map_or(DEFAULT_MAX_AGENTS, |project| project.max_agents)
                    .to_string(),
            ),
            main_branch: text(|project| project.main_branch.clone().unwrap_or_default()),
            active: RwSignal::new(project.is_none_or(|project| project.active)),
        }
    }

    /// Updates the fields that nobody has changed in the form to a newer version of the project.
    pub(super) fn follow(self, base: &Project, newest: &Project) {
        let take = |field: RwSignal<String>, pick: fn(&Project) -> String| {
            if field.try_with_untracked(|text| *text == pick(base)) == Some(true) {
                field.set(pick(newest));
            }
        };
        take(self.name, |project| project.name.clone());
        take(self.path, |project| project.path.clone());
        take(self.description, |it| {
            it.description.clone().unwrap_or_default()
        });
        take(self.overview, |it| {
            it.project_overview.clone().unwrap_or_default()
        });
        take(self.initial_prompt, |it| {
            it.initial_prompt.clone().unwrap_or_default()
        });
        take(self.max_agents, |project| project.max_agents.to_string());
        take(self.main_branch, |it| {
            it.main_branch.clone().unwrap_or_default()
        });
        if self.active.try_get_untracked() == Some(base.active) {
            self.active.set(newest.active);
        }
    }

    /// Proposes an id while the name is typed, until somebody types one.
    pub(super) fn derive_id_from_name(self) {
        Effect::new(move |proposed: Option<String>| {
            let proposal = slug(&self.name.read());
            let is_untouched = self
                .id
                .with_untracked(|id| *id == proposed.unwrap_or_default());
            if is_untouched {
                self.id.set(proposal.clone());
            }
            proposal
        });
    }

    /// Returns the first mistake. `is_taken` knows the ids of other projects; an existing project
    /// keeps its own.
    pub(super) fn problem(self, is_new: bool, is_taken: impl Fn(&str) -> bool) -> Option<Problem> {
        if self.name.with_untracked(|name| name.trim().is_empty()) {
            Some(Problem::NameMissing)
        } else if is_new && !self.id.with_untracked(|id| is_valid_id(id.trim())) {
            Some(Problem::IdInvalid)
        } else if is_new && self.id.with_untracked(|id| is_taken(id.trim())) {
            Some(Problem::IdTaken)
        } else if self
            .max_agents
            .with_untracked(|n| n.trim().parse::<u32>().map_or(0, |n| n))
            == 0
        {
            Some(Problem::MaxAgentsInvalid)
        } else {
            None
        }
    }
}

/// Returns the labels of fields that have those names in the API.
pub(super) fn names(i18n: I18n, names: &[String]) -> String {
    let label = |name: &String| {
        i18n.t(|s| match name.as_str() {
            "name" => s.project.name,
            "path" => s.project.path,
            "description" => s.project.description,
            "project_overview" => s.project.overview,
            "initial_prompt" => s.project.initial_prompt,
            "max_agents" => s.project.max_agents,
            "main_branch" => s.merge.main_branch,
            _ => s.project.active,
        })
    };
    let labels: Vec<&str> = names.iter().map(label).collect();
    labels.join(i18n.t(|s| s.common.list_comma))
}

/// Returns true if the server accepts an id.
fn is_valid_id(id: &str) -> bool {
    let is_allowed = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    !id.is_empty()
        && id.chars().count() <= ID_LIMIT
        && !id.starts_with('.')
        && id.chars().all(is_allowed)
}

/// Derives an id from a name: lower case, with dashes between the words.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() || "._".contains(letter) {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_start_matches('.')
        .trim_end_matches('-')
        .chars()
        .take(ID_LIMIT)
        .collect()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_name_becomes_a_readable_identifier() {
        assert_eq!(slug("My Project (2nd try)"), "my-project-2nd-try");
        assert_eq!(slug("  看板 v2 "), "看板-v2");
        assert_eq!(slug("..hidden"), "hidden");
        assert_eq!(slug("🚀"), "");
    }

    #[wasm_bindgen_test]
    fn a_proposed_identifier_is_empty_or_one_that_the_server_takes() {
        let long = "x y".repeat(100);
        let names = [
            "",
            " ",
            "-",
            "--a--",
            "...",
            ".-.",
            "a/b\\c",
            "u:me",
            "İstanbul",
            "ﬀ",
            "\u{202e}rtl",
            "\0",
            "名 称",
            &long,
        ];
        for name in names {
            let id = slug(name);
            assert!(id.is_empty() || is_valid_id(&id), "{name:?} gave {id:?}");
        }
    }

    #[wasm_bindgen_test]
    fn identifiers_that_the_server_refuses_are_refused() {
        for id in ["", ".git", "a b", "a/b", "u:me", &"x".repeat(101)] {
            assert!(!is_valid_id(id), "{id:?}");
        }
    }
}
