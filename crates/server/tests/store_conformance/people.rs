//! People and their marks.

use std::sync::Arc;

use tasktree_protocol::Timestamp;
use tasktree_protocol::project::NewProject;
use tasktree_server::auth::Person;
use tasktree_server::store::{PersonRow, Store};

use crate::core_support::{Core, human};
use crate::jobs::queue;

fn person(id: &str, name: &str) -> PersonRow {
    PersonRow {
        person: Person {
            id: id.to_owned(),
            name: name.to_owned(),
        },
        made_at: Timestamp::from_unix_millis(1000),
        disabled_at: None,
    }
}

pub(crate) async fn a_person_is_found_by_name_and_has_it_alone(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        // One exists from the start, for servers on which nobody signs in.
        let before = rows.people()?;
        let (zoe, ann) = (person("p2", "zoë"), person("p1", "ann"));
        rows.add_person(&zoe)?;
        rows.add_person(&ann)?;
        let mut expected = before;
        expected.extend([ann.clone(), zoe.clone()]);
        expected.sort_by(|one, other| one.person.name.cmp(&other.person.name));
        assert_eq!(rows.people()?, expected);
        assert_eq!(rows.person_named("zoë")?, Some(zoe));
        assert_eq!(rows.person_named("Ann")?, None);
        assert!(rows.add_person(&person("p3", "ann")).is_err());
        let annie = PersonRow {
            disabled_at: Some(Timestamp::from_unix_millis(5)),
            ..person("p1", "annie")
        };
        rows.put_person(&annie)?;
        assert_eq!(rows.person("p1")?, Some(annie));
        assert_eq!(rows.person_named("ann")?, None);
        for name in ["ann", "annie"] {
            assert_eq!(rows.person_ever_named(name)?.as_deref(), Some("p1"));
        }
        assert_eq!(rows.person_ever_named("bob")?, None);
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn a_mark_is_of_one_person_and_project_until_it_is_removed(store: Arc<dyn Store>) {
    // Only marks in existing projects count.
    let core = Core::over(store.clone()).await;
    let beta = NewProject::new("beta", "Beta");
    core.service.create_project(human(), beta).await.unwrap();
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        rows.put_mark("p1", &alpha, "view", Some("[1]"), 1000)?;
        rows.put_mark("p1", &alpha, "read", Some("\"'; --\""), 1000)?;
        rows.put_mark("p1", &beta, "view", Some("{}"), 1000)?;
        rows.put_mark("p2", &alpha, "view", Some("2"), 1000)?;
        let of = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = [of("read", "\"'; --\""), of("view", "[1]")];
        assert_eq!(rows.marks("p1", &alpha)?, expected);
        assert_eq!(rows.count_marks("p1")?, 3);
        rows.put_mark("p1", &alpha, "view", Some("[2]"), 2000)?;
        rows.put_mark("p1", &alpha, "read", None, 2000)?;
        rows.put_mark("p1", &alpha, "none", None, 2000)?;
        assert_eq!(rows.marks("p1", &alpha)?, [of("view", "[2]")]);
        assert_eq!(rows.marks("p1", &beta)?, [of("view", "{}")]);
        assert_eq!(rows.marks("p2", &alpha)?, [of("view", "2")]);
        assert_eq!((rows.count_marks("p1")?, rows.count_marks("p3")?), (2, 0));
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}
