//! Attention items, the marks on them, and the agents that time makes due.

use std::sync::Arc;

use tasktree_protocol::agent::{WaitKind, WaitingFor};
use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::{AgentId, AgentStatus, Maybe, ProjectId, Timestamp};
use tasktree_server::domain::AgentPatch;
use tasktree_server::store::{AttentionMarks, AttentionRow, Store};

use crate::agents::agent;
use crate::core_support::{Core, human};
use crate::jobs::queue;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}

fn item(kind: AttentionKind, since: i64) -> AttentionItem {
    AttentionItem {
        id: 0,
        project: "alpha".into(),
        kind,
        agent: Some("ada".into()),
        other: Some("bob".into()),
        task: Some("1-alpha".into()),
        text: "'; -- 任务".to_owned(),
        since: at(since),
        question: Some(7),
        wait: Some(WaitKind::Permission),
        options: vec!["Allow".to_owned()],
        machine: Some("m".to_owned()),
        folder: Some("/w".to_owned()),
        answerable: true,
        answered: true,
        seen: false,
        done: false,
        snoozed_until: None,
    }
}

pub(crate) async fn an_item_is_read_as_it_was_stored_until_it_is_removed(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta): (ProjectId, ProjectId) = ("alpha".into(), "beta".into());
        let mut stored = Vec::new();
        for (subject, kind, since) in [
            ("agent:ada", AttentionKind::Silent, 1),
            ("lease:ada\nbob", AttentionKind::LeaseConflict, 2),
            ("agent:bob", AttentionKind::Waiting, 9),
            ("agent:cleo", AttentionKind::Waiting, 5),
        ] {
            let mut item = item(kind, since);
            item.id = rows.add_attention(&alpha, subject, &item)?;
            let subject = subject.to_owned();
            stored.push(AttentionRow { subject, item });
        }
        rows.add_attention(&beta, "agent:ada", &item(AttentionKind::Failed, 1))?;
        let [silent, lease, late, early] = &stored[..] else {
            panic!()
        };
        let ordered = [early, late, silent, lease].map(Clone::clone);
        assert_eq!(rows.attention(&alpha, 9)?, ordered);
        assert_eq!(rows.attention(&alpha, 2)?, ordered[..2]);
        let counts = [
            (AttentionKind::Waiting, 2),
            (AttentionKind::Silent, 1),
            (AttentionKind::LeaseConflict, 1),
        ];
        assert_eq!(rows.attention_counts(&alpha)?, counts);
        assert_eq!(
            rows.attention_of(&alpha, "agent:ada")?,
            std::slice::from_ref(silent)
        );
        assert_eq!(
            rows.attention_under(&alpha, "lease:")?,
            std::slice::from_ref(lease)
        );
        assert_eq!(rows.attention_under(&alpha, "agent:")?.len(), 3);
        let again = rows.add_attention(&alpha, "agent:ada", &silent.item);
        assert!(again.is_err(), "a subject has one item of a kind");

        let changed = AttentionItem {
            text: "other".to_owned(),
            ..silent.item.clone()
        };
        rows.put_attention(&changed)?;
        let read = rows.attention_of(&alpha, "agent:ada")?;
        assert_eq!(read[0].item, changed);

        let marks = AttentionMarks {
            seen: true,
            done: false,
            snoozed_until: Some(at(77)),
        };
        let id = changed.id;
        rows.put_attention_marks("ann", id, &marks)?;
        assert_eq!(rows.attention_marks("ann", id)?, Some(marks));
        assert_eq!(rows.attention_marks("bob", id)?, None);
        assert_eq!(rows.all_attention_marks("ann")?, [(id, marks)]);
        assert!(rows.has_attention(&alpha, id)? && !rows.has_attention(&beta, id)?);
        rows.delete_attention(id)?;
        assert!(!rows.has_attention(&alpha, id)?);
        assert_eq!(rows.all_attention_marks("ann")?, []);
        let next = rows.add_attention(&alpha, "agent:ada", &changed)?;
        assert!(next > id, "numbers are never given again");
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn agents_that_are_due_are_found_once(store: Arc<dyn Store>) {
    let _core = Core::over(store.clone()).await;
    let outcome = queue(&store, |rows| {
        let alpha: ProjectId = "alpha".into();
        for id in ["holds", "free", "silent", "told", "waits", "limited"] {
            let mut stored = agent(id);
            stored.agent.status = AgentStatus::Working;
            stored.agent.waiting_for = None;
            stored.agent.progressed_at = Some(at(3000));
            stored.silent = id == "silent";
            if id == "free" {
                stored.agent.generation = None;
            }
            if id == "waits" || id == "limited" {
                stored.agent.status = AgentStatus::Waiting;
                stored.agent.waiting_for = Some(WaitingFor {
                    kind: WaitKind::RateLimit,
                    text: String::new(),
                    since: at(1),
                    until: (id == "limited").then(|| at(9000)),
                    options: Vec::new(),
                    request: None,
                    in_terminal: false,
                });
            }
            rows.put_agent(&alpha, &stored)?;
        }
        rows.add_attention(&alpha, "agent:told", &item(AttentionKind::NoProgress, 1))?;
        let one = |id: &str| vec![(ProjectId::from("alpha"), AgentId::from(id))];
        assert_eq!(rows.agents_without_progress(2999)?, []);
        assert_eq!(rows.agents_without_progress(3000)?, one("holds"));
        assert_eq!(rows.agents_with_overdue_waits(8999)?, []);
        assert_eq!(rows.agents_with_overdue_waits(9000)?, one("limited"));
        assert!(rows.has_free_agent(&alpha)?);
        assert_eq!(
            rows.projects_with_free_agents()?,
            std::slice::from_ref(&alpha)
        );
        rows.delete_agent(&alpha, &"free".into())?;
        assert!(!rows.has_free_agent(&alpha)?);
        let mut failed = agent("gone");
        failed.agent.status = AgentStatus::Failed;
        failed.agent.task_id = "5-alpha".to_owned();
        rows.put_agent(&alpha, &failed)?;
        assert_eq!(rows.failed_agents(&alpha, Some(5))?, ["gone".into()]);
        assert_eq!(rows.failed_agents(&alpha, Some(6))?, []);
        assert_eq!(rows.failed_agents(&alpha, None)?, ["gone".into()]);
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn items_of_an_older_database_are_derived_after_the_start(store: Arc<dyn Store>) {
    let core = Core::over(store.clone()).await;
    let ada: AgentId = "ada".into();
    core.register("ada", None).await.unwrap();
    let fails = AgentPatch {
        status: Maybe::Value(AgentStatus::Failed),
        ..AgentPatch::default()
    };
    let (service, project) = (&core.service, &core.project);
    service
        .update_agent(human(), project, &ada, fails)
        .await
        .unwrap();
    let before = service.attention(None).await.unwrap().items;
    let id = before[0].id;
    let outcome = queue(&store, move |rows| {
        // An older version derived none, and did not say so.
        rows.delete_attention(id)?;
        rows.put_setting("attention_rules", "0")
    });
    outcome.await.await.unwrap().unwrap();
    service.sweep().await.unwrap();
    let after = service.attention(None).await.unwrap().items;
    assert_eq!((after.len(), after[0].kind), (1, AttentionKind::Failed));
    assert!(after[0].id > id);
    core.told.take();
    service.sweep().await.unwrap();
    assert!(core.told.take().is_empty(), "once");
}
