//! Rows are read as they were written.

use std::sync::Arc;
use std::time::Duration;

use tasktree_protocol::event::Level;
use tasktree_protocol::{Maybe, NewTask, Status, TaskPatch, Timestamp};
use tasktree_server::auth::Role;
use tasktree_server::domain::{LeaseRequest, NewLogLines, NewMessage, RegisterAgent};
use tasktree_server::limits::Limits;
use tasktree_server::store::{CredentialRow, Store};

use crate::core_support::{Core, human};
use crate::jobs::queue;

pub(crate) async fn a_task_is_read_as_it_was_written(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    core.task("First").await;
    let text = "line\r\n- status: merged\n## Task: X\n\t\u{202e}'\"; DROP TABLE tasks;--\0 é✓ 任务 \u{1f600}";
    let list = vec!["a, b".to_owned(), String::new(), "[\"x\"]".to_owned()];
    let new = NewTask {
        title: "  é✓ '; -- 任务  ".to_owned(),
        description: Some(text.to_owned()),
        prompt: Some(String::new()),
        status: Status::Merged,
        branch: Some("feature/ä".to_owned()),
        dependencies: vec!["1".into()],
        priority: 9999,
        owned_files: list.clone(),
        shared_files: list.clone(),
        creates_files: list.clone(),
        merge_order: i64::MIN,
        exclusive_files: list.clone(),
        initialization_deps: list.clone(),
        parent: Some("1".into()),
        on_hold: Some("waits for 任务".to_owned()),
        labels: vec![
            " backend ".to_owned(),
            "Käse".to_owned(),
            "BACKEND".to_owned(),
        ],
    };
    let made = core
        .service
        .create_task(human(), &core.project, new)
        .await
        .unwrap()
        .value;
    assert_eq!(made.title, "é✓ '; -- 任务");
    assert_eq!(made.description.as_deref(), Some(text));
    assert_eq!(made.prompt.as_deref(), Some(""));
    assert_eq!(
        (made.merge_order, made.priority, made.rev),
        (i64::MIN, 9999, 1)
    );
    assert_eq!(made.dependencies, ["1-alpha".into()]);
    assert_eq!(made.owned_files, list);
    assert_eq!(made.labels, ["backend", "Käse"]);
    assert_eq!(made.parent, Some("1-alpha".into()));
    let hold = made.on_hold.as_ref().unwrap();
    assert_eq!(hold.reason, "waits for 任务");
    assert!(made.completed_at.is_some() && made.merged_at.is_some());
    let read = core
        .service
        .task(&core.project, &made.id)
        .await
        .unwrap()
        .value;
    assert_eq!(read, made);
    let listed = core.service.list_tasks(&core.project).await.unwrap().value;
    assert_eq!(listed.iter().find(|task| task.id == made.id), Some(&made));
}

async fn register(core: &Core, id: &str) {
    let new = RegisterAgent {
        id: id.into(),
        task_id: None,
        branch: None,
        description: None,
        run: None,
    };
    core.service
        .register_agent(human(), &core.project, new)
        .await
        .unwrap();
}

pub(crate) async fn numbers_of_leases_are_never_given_again(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    register(&core, "a").await;
    let request = LeaseRequest {
        agent: "a".into(),
        paths: vec!["src".to_owned()],
        exclusive: true,
        ttl_seconds: 60,
        reason: None,
        soft: false,
        run: None,
    };
    let grant = async || {
        let receipt = core
            .service
            .grant_leases(human(), &core.project, request.clone())
            .await
            .unwrap();
        receipt.value[0].id
    };
    let first = grant().await;
    assert_eq!(grant().await, first, "the same lease is renewed");
    core.service
        .release_lease(human(), &core.project, first)
        .await
        .unwrap();
    assert!(
        grant().await > first,
        "a late renewal of the first must not meet the second"
    );
}

pub(crate) async fn log_lines_and_messages_are_kept_in_a_bounded_number(store: Arc<dyn Store>) {
    let limits = Limits {
        log_lines_per_agent: 5,
        messages_per_agent: 3,
        ..Limits::default()
    };
    let core = Core::with(store, limits).await;
    for agent in ["a", "b"] {
        register(&core, agent).await;
        for round in 0..4 {
            let lines = NewLogLines {
                agent: Some(agent.into()),
                level: Level::Warning,
                lines: vec![format!("{agent}{round}\nand more"), "end".to_owned()],
                ..NewLogLines::default()
            };
            let stored = core
                .service
                .add_log_lines(human(), &core.project, lines)
                .await
                .unwrap();
            assert_eq!(stored.value.stored, 3);
        }
    }
    let read = async |agent: Option<&str>| {
        let agent = agent.map(Into::into);
        let lines = core
            .service
            .log_lines(&core.project, agent.as_ref(), 100)
            .await
            .unwrap();
        lines
            .value
            .into_iter()
            .map(|entry| entry.line)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        read(Some("a")).await,
        ["and more", "end", "a3", "and more", "end"]
    );
    assert_eq!(read(None).await.len(), 10, "each agent has its own bound");
    core.service
        .remove_agent(human(), &core.project, &"b".into())
        .await
        .unwrap();
    assert_eq!(read(None).await.len(), 5, "who is gone leaves none");

    for index in 0..5 {
        let message = NewMessage {
            from: "b".to_owned(),
            body: index.to_string(),
        };
        core.service
            .send_message(human(), &core.project, &"a".into(), message)
            .await
            .unwrap();
    }
    let unread = async || {
        let read = core
            .service
            .messages(&core.project, &"a".into(), true)
            .await
            .unwrap();
        read.value
            .into_iter()
            .map(|message| (message.id, message.body))
            .collect::<Vec<_>>()
    };
    let kept = unread().await;
    let bodies: Vec<_> = kept.iter().map(|(_, body)| body.as_str()).collect();
    assert_eq!(bodies, ["2", "3", "4"]);
    let left = core
        .service
        .mark_read(human(), &core.project, &"a".into(), kept[1].0)
        .await
        .unwrap();
    assert_eq!(left.value, 1);
    assert_eq!(unread().await, kept[2..]);
}

pub(crate) async fn a_revoked_credential_is_kept_for_as_long_as_what_was_removed(
    store: Arc<dyn Store>,
) {
    let outcome = queue(&store, |rows| {
        let credential = |name: &str, revoked_at: Option<i64>| CredentialRow {
            id: name.to_owned(),
            name: name.to_owned(),
            role: Role::Viewer,
            project: None,
            person: None,
            digest: [u8::try_from(name.len()).unwrap(); 32],
            made_at: Timestamp::from_unix_millis(1),
            made_by: "human:local".to_owned(),
            last_used_at: None,
            revoked_at: revoked_at.map(Timestamp::from_unix_millis),
        };
        rows.put_credential(&credential("holds", None))?;
        rows.put_credential(&credential("revoked", Some(1000)))?;
        assert!(!rows.has_trash_until(999)?);
        rows.purge_trash_until(999)?;
        assert_eq!(rows.credentials()?.len(), 2);
        assert!(rows.has_trash_until(1000)?);
        rows.purge_trash_until(1000)?;
        let names: Vec<_> = rows
            .credentials()?
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(names, ["holds"]);
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

/// Checks that a snapshot's rows are those of its position, whatever is written meanwhile.
pub(crate) async fn a_reading_sees_one_state(store: Arc<dyn Store>) {
    let core = Core::over(store).await;
    let task = core.task("Counted").await;
    let (service, project) = (core.service.clone(), core.project.clone());
    let writer = tokio::spawn(async move {
        for priority in 1..200 {
            let patch = TaskPatch {
                priority: Maybe::Value(priority),
                ..TaskPatch::default()
            };
            service
                .update_task(human(), &project, &task.id, patch, None)
                .await
                .unwrap();
        }
    });
    let mut readings = 0;
    while !writer.is_finished() {
        let snapshot = core.service.list_cards(&core.project).await.unwrap();
        // The task was created at 1, and each event since raised the priority by one.
        assert_eq!(
            u64::from(snapshot.value[0].priority) + 1,
            snapshot.cursor.seq
        );
        assert_eq!(snapshot.value[0].rev, snapshot.cursor.seq);
        readings += 1;
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
    writer.await.unwrap();
    assert!(readings > 0);
}
