use super::*;

fn viewer_of(project: &str) -> Principal {
    let access = Access::new("c1");
    let scope = Scope::Project(project.into());
    Principal::holder("ann", Role::Viewer, scope, None, access)
}

#[test]
fn a_project_out_of_reach_is_one_that_does_not_exist_also_for_what_the_role_forbids_anyway() {
    let viewer = viewer_of("alpha");
    for permission in Permission::ALL {
        assert!(matches!(
            viewer.check(permission, Target::Project(&"beta".into())),
            Err(Error::NotFound(_))
        ));
    }
    assert!(
        viewer
            .check(Permission::Read, Target::Project(&"alpha".into()))
            .is_ok()
    );
    assert!(matches!(
        viewer.check(Permission::Change, Target::Project(&"alpha".into())),
        Err(Error::Forbidden(_))
    ));
    assert!(matches!(
        viewer.check(Permission::Read, Target::Everything),
        Err(Error::Forbidden(_))
    ));
}

#[test]
fn who_has_a_credential_signs_with_its_name_and_nobody_elses() {
    let claimed = || Actor::agent(&"ada".into());
    assert_eq!(viewer_of("alpha").sign(claimed()).as_str(), "human:ann");
    assert_eq!(Principal::local().sign(claimed()), claimed());
}

#[test]
fn changes_are_by_the_person_whichever_of_their_tokens_they_are_made_with() {
    let of = |token: &str| {
        let person = Person {
            id: "p1".to_owned(),
            name: "ann".to_owned(),
        };
        let scope = Scope::Everything;
        Principal::holder(token, Role::Editor, scope, Some(person), Access::new(token))
    };
    for token in ["ann", "laptop"] {
        assert_eq!(of(token).actor().as_str(), "human:ann");
        assert_eq!(of(token).speaks_as(), &SpeaksAs::Person("ann".to_owned()));
        assert_eq!(of(token).name(), token);
    }
}

#[test]
fn a_caller_that_names_an_agent_may_do_what_agents_may_and_never_more() {
    let ada = AgentId::from("ada");
    let local = Principal::local().as_agent(&ada);
    assert_eq!(
        (local.role(), local.actor().as_str()),
        (Role::Agent, "agent:ada")
    );
    assert!(local.person().is_none());
    assert_eq!(viewer_of("alpha").as_agent(&ada).role(), Role::Viewer);
    let access = Access::new("c2");
    let token = Principal::holder("bob", Role::Agent, Scope::Everything, None, access);
    let claims_another = token.as_agent(&ada);
    assert_eq!(claims_another.actor().as_str(), "agent:bob");
    let SpeaksAs::Agent {
        name, speaks_for, ..
    } = claims_another.speaks_as()
    else {
        panic!("an agent's token speaks as an agent")
    };
    assert_eq!((name.as_str(), speaks_for), ("bob", &Some(ada)));
}

#[test]
fn what_has_ended_allows_nothing() {
    let viewer = viewer_of("alpha");
    if let Some(access) = viewer.access() {
        access.end();
    }
    assert!(matches!(
        viewer.check(Permission::Read, Target::Visible),
        Err(Error::Unauthorized(_))
    ));
}

#[test]
fn only_the_own_project_the_system_and_the_own_messages_may_be_followed() {
    let viewer = viewer_of("alpha");
    for (stream, expected) in [
        ("alpha", true),
        ("*", true),
        ("u:ann", true),
        ("u:bob", false),
        ("beta", false),
        ("alphabet", false),
    ] {
        assert_eq!(viewer.may_follow(&stream.into()), expected, "{stream}");
    }
}
