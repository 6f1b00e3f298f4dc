use std::fs;

use super::*;

/// Home and project folder of a test, with the files that it needs.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("project/src")).unwrap();
        Self { folder }
    }

    fn around(&self, variables: &[(&str, &str)]) -> Surroundings {
        let config = self.folder.path().join("config");
        let own = ("XDG_CONFIG_HOME", config.to_str().unwrap());
        let work = self.folder.path().join("project/src");
        Surroundings::new(&work, &[variables, &[own]].concat())
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        files::write(&path, text, files::Readers::Owner).unwrap();
    }

    fn find(&self, variables: &[(&str, &str)], given: &Given<'_>) -> Result<Settings> {
        let around = self.around(variables);
        Settings::find(&around, given, &around.folder)
    }
}

#[test]
fn the_first_place_that_names_the_server_counts() {
    let place = Place::new();
    let nothing = Given::default();
    let found = place.find(&[], &nothing).unwrap();
    assert_eq!(found.server.as_str(), DEFAULT_SERVER);
    assert_eq!(found.server_from, ServerFrom::Default);
    place.write("config/tasktree/config.toml", "server = \"http://user\"");
    assert_eq!(
        place.find(&[], &nothing).unwrap().server.as_str(),
        "http://user"
    );
    let file = "server = \"http://localhost:1\"\nproject = \"alpha\"";
    place.write("project/.tasktree.toml", file);
    let found = place.find(&[], &nothing).unwrap();
    assert_eq!(found.server.as_str(), "http://localhost:1");
    assert_eq!(found.project, Some("alpha".into()));
    let variables = [
        ("TASKTREE_SERVER", "http://env"),
        ("TASKTREE_PROJECT", "beta"),
    ];
    let found = place.find(&variables, &nothing).unwrap();
    assert_eq!(found.server.as_str(), "http://env");
    assert_eq!(found.project, Some("beta".into()));
    let given = Given {
        server: Some("http://option"),
        project: Some("gamma"),
    };
    let found = place.find(&variables, &given).unwrap();
    assert_eq!(found.server.as_str(), "http://option");
    assert_eq!(found.project, Some("gamma".into()));
}

#[test]
fn a_server_that_only_the_repository_names_is_refused_until_the_person_trusts_it() {
    let place = Place::new();
    let given = Given::default();
    place.write(
        "project/.tasktree.toml",
        "server = \"https://elsewhere.example\"",
    );
    let secret = [("TASKTREE_TOKEN", "secret-token")];
    let refused = place.find(&secret, &given).unwrap_err();
    assert_eq!(refused.exit, Exit::NotAllowed);
    assert!(
        refused
            .message
            .contains("tasktree trust https://elsewhere.example")
    );
    let server = Address::parse("https://elsewhere.example/").unwrap();
    user::trust(&place.around(&[]), &server).unwrap();
    user::trust(&place.around(&[]), &server).unwrap();
    let found = place.find(&secret, &given).unwrap();
    assert_eq!(found.token.as_deref(), Some("secret-token"));
    assert_eq!(found.user.trusted, [server]);
}

#[test]
fn a_stored_token_is_that_of_the_server_and_the_project() {
    let place = Place::new();
    let around = place.around(&[]);
    let server = |text| Address::parse(text).unwrap();
    let (one, two) = (server("http://one"), server("http://two"));
    let token = |server: &Address, project| {
        let stored = credentials::read(&around).unwrap();
        credentials::find(&stored, server, project)
    };
    assert_eq!(token(&one, None), None);
    credentials::store(&around, &one, Some("alpha"), "t-alpha").unwrap();
    assert_eq!(token(&one, None).as_deref(), Some("t-alpha"));
    assert_eq!(token(&one, Some("beta")), None);
    credentials::store(&around, &one, Some("beta"), "t-beta").unwrap();
    assert_eq!(token(&one, None), None);
    credentials::store(&around, &one, None, "t-all").unwrap();
    credentials::store(&around, &one, Some("alpha"), "t-new").unwrap();
    assert_eq!(token(&one, Some("alpha")).as_deref(), Some("t-new"));
    assert_eq!(token(&one, Some("gamma")).as_deref(), Some("t-all"));
    assert_eq!(token(&two, Some("alpha")), None);
}

#[test]
fn the_environment_wins_and_an_empty_token_file_is_refused() {
    let place = Place::new();
    let given = Given::default();
    place.write("token", "from-file\n");
    let path = place.folder.path().join("token");
    let file = ("TASKTREE_TOKEN_FILE", path.to_str().unwrap());
    let found = place.find(&[file], &given).unwrap();
    assert_eq!(found.token.as_deref(), Some("from-file"));
    let both = [file, ("TASKTREE_TOKEN", "from-variable")];
    let found = place.find(&both, &given).unwrap();
    assert_eq!(found.token.as_deref(), Some("from-variable"));
    place.write("token", "\n");
    assert!(place.find(&[file], &given).is_err());
}

#[cfg(unix)]
#[test]
fn credentials_that_others_can_read_are_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    let around = place.around(&[]);
    let server = Address::parse("http://one").unwrap();
    credentials::store(&around, &server, None, "token").unwrap();
    let path = place.folder.path().join("config/tasktree/credentials.toml");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = credentials::read(&around).unwrap_err();
    assert_eq!(refused.exit, Exit::NotAllowed);
    assert!(refused.message.contains("chmod 600"), "{}", refused.message);
}

#[test]
fn an_invalid_file_is_named_in_the_failure() {
    let place = Place::new();
    for text in ["server = ", "server = 1"] {
        place.write("project/.tasktree.toml", text);
        let refused = place.find(&[], &Given::default()).unwrap_err();
        assert!(
            refused.message.contains(".tasktree.toml"),
            "{}",
            refused.message
        );
    }
}
