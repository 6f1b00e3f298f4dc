use std::fs;

use tasktree_protocol::agent::Source;

use super::*;
use crate::harness::{Harness, Scope};

/// Folder of a test, with a harness that is connected and removed in it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn around(&self) -> Surroundings {
        let home = self.folder.path().to_str().unwrap();
        Surroundings::new(self.folder.path(), &[("HOME", home)])
    }

    fn change(&self, harness: Harness, answers: bool, remove: bool) -> Result<Change> {
        let path = self.path(harness);
        match harness.contents() {
            Contents::File(text) => Change::of_file(path, text, remove),
            Contents::Hooks(text) => {
                let quiet: Map<String, Value> = serde_json::from_str(text).unwrap();
                let waiting = super::super::wanted::waiting(quiet.clone(), 620);
                let variants = match answers {
                    true => [waiting, quiet],
                    false => [quiet, waiting],
                };
                Change::of_hooks(&self.around(), path, &variants, remove)
            }
        }
    }

    fn path(&self, harness: Harness) -> PathBuf {
        let root = self.folder.path();
        harness.file(Scope::Project, &self.around(), root).unwrap()
    }

    fn run(&self, harness: Harness, answers: bool, remove: bool) -> Outcome {
        let change = self.change(harness, answers, remove).unwrap();
        change.apply(&self.around()).unwrap();
        change.outcome()
    }
}

#[test]
fn a_harness_without_a_file_gets_one_which_goes_again_with_its_folders() {
    for harness in Harness::ALL {
        let place = Place::new();
        let path = place.path(harness);
        assert_eq!(place.run(harness, false, false), Outcome::Created);
        let text = fs::read_to_string(&path).unwrap();
        assert!(is_connected(&path, harness.contents()), "{harness:?}");
        assert_eq!(place.run(harness, false, false), Outcome::Unchanged);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(place.run(harness, false, true), Outcome::Removed);
        assert!(!path.exists());
        let own_folder = path.strip_prefix(place.folder.path()).unwrap();
        let own_folder = place.folder.path().join(own_folder.iter().next().unwrap());
        assert!(!own_folder.exists(), "{}", own_folder.display());
        assert_eq!(place.run(harness, false, true), Outcome::Unchanged);
    }
}

#[test]
fn the_file_has_the_same_bytes_after_connecting_and_removing() {
    let texts = [
        "{}",
        "{ }\n",
        "{\n}\n",
        "",
        "\n",
        "{\"version\":1,\"hooks\":{}}",
        "{\r\n\t\"a\": [1,\r\n 2]\r\n}",
        "{\n   \"hooks\" : {\"Stop\":[ ]  },\"z\":{\"y\":[]}}",
    ];
    for harness in Harness::ALL {
        if matches!(harness.contents(), Contents::File(_)) {
            continue;
        }
        for (number, text) in texts.iter().enumerate() {
            let place = Place::new();
            let path = place.path(harness);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            place.run(harness, number % 2 == 0, false);
            assert!(is_connected(&path, harness.contents()));
            place.run(harness, true, false);
            place.run(harness, false, false);
            place.run(harness, false, true);
            let after = fs::read_to_string(&path).unwrap();
            assert_eq!(after, *text, "{harness:?} {text:?}");
        }
    }
}

#[test]
fn what_a_person_changed_meanwhile_stays_after_removing() {
    let place = Place::new();
    let path = place.path(Harness(Source::ClaudeCode));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "{\n  \"model\": \"opus\"\n}\n").unwrap();
    place.run(Harness(Source::ClaudeCode), false, false);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("opus", "haiku")).unwrap();
    assert_eq!(
        place.run(Harness(Source::ClaudeCode), false, true),
        Outcome::Changed
    );
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(after, "{\n  \"model\": \"haiku\"\n}\n");
}

#[test]
fn a_file_with_comments_is_left_alone_and_the_person_is_told_what_to_add() {
    let place = Place::new();
    let path = place.path(Harness(Source::Gemini));
    let text = "{\n  // mine\n  \"a\": 1\n}\n";
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    let refused = place
        .change(Harness(Source::Gemini), false, false)
        .unwrap_err();
    assert!(refused.message.contains("comments"), "{}", refused.message);
    assert!(refused.message.contains("tasktree hook gemini --context"));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_plugin_that_is_somebody_elses_is_not_replaced() {
    let place = Place::new();
    let path = place.path(Harness(Source::OpenCode));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "export const Mine = 1;\n").unwrap();
    for remove in [false, true] {
        let refused = place
            .change(Harness(Source::OpenCode), false, remove)
            .unwrap_err();
        assert_eq!(refused.exit, Exit::Conflict);
    }
}

#[test]
fn a_preview_shows_the_difference_and_changes_nothing() {
    let place = Place::new();
    let change = place.change(Harness(Source::Cursor), false, false).unwrap();
    let diff = change.diff();
    assert!(diff.contains("+    \"sessionStart\": ["), "{diff}");
    assert!(!place.path(Harness(Source::Cursor)).exists());
}
