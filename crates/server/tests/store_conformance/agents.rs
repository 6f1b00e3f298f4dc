//! Agents with their runs, and the claims of tasks.

use std::sync::Arc;

use tasktree_protocol::agent::{Run, WaitKind, WaitingFor};
use tasktree_protocol::project::NewProject;
use tasktree_protocol::task::{Attempt, AttemptOutcome, Evidence, Verdict};
use tasktree_protocol::{Agent, AgentStatus, Timestamp};
use tasktree_server::store::{Signs, SilentSince, Store, StoredAgent};

use crate::core_support::{Core, human};
use crate::jobs::queue;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}

pub(crate) fn agent(id: &str) -> StoredAgent {
    StoredAgent {
        agent: Agent {
            id: id.into(),
            session_name: id.to_owned(),
            task_id: "7-alpha".to_owned(),
            task_title: String::new(),
            branch: "feature/ä".to_owned(),
            status: AgentStatus::Waiting,
            progress: 40,
            started_at: at(1000),
            logs: Vec::new(),
            last_activity: Some("'; --".to_owned()),
            output_preview: Some("任务".to_owned()),
            description: Some(String::new()),
            last_heartbeat: Some(at(5000)),
            is_alive: false,
            generation: Some(3),
            waiting_for: Some(WaitingFor {
                kind: WaitKind::RateLimit,
                text: "5 hours".to_owned(),
                since: at(4000),
                until: Some(at(9000)),
                options: vec!["a".to_owned()],
                request: Some("1".to_owned()),
                in_terminal: true,
            }),
            progressed_at: Some(at(3000)),
            reason: Some("no compiler".to_owned()),
            run: None,
            children: 0,
        },
        silent: false,
        registered_by: Some("human:ann".to_owned()),
        signs: Signs::LOG.with(Signs::LEASE),
        lost_task: Some(5),
    }
}

fn run(session: &str, parent: Option<u64>) -> Run {
    Run {
        id: 0,
        source: "claude-code".to_owned(),
        session: session.to_owned(),
        machine: "m'".to_owned(),
        folder: Some("/w/任务".to_owned()),
        parent,
        started_at: at(1000),
        seen_at: at(2000),
        ended_at: None,
        turn_open: true,
        answers: true,
    }
}

pub(crate) async fn an_agent_is_read_as_it_was_stored(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        let (ada, mut bob) = (agent("ada"), agent("bob"));
        rows.put_agent(&alpha, &bob)?;
        rows.put_agent(&alpha, &ada)?;
        assert_eq!(rows.agents(&alpha)?, [ada.clone(), bob.clone()]);
        assert_eq!(rows.agent(&alpha, &"ada".into())?, Some(ada.clone()));
        assert_eq!(rows.agent(&beta, &"ada".into())?, None);
        assert_eq!(rows.active_agents(&alpha)?, 2);
        bob.agent.status = AgentStatus::Idle;
        bob.agent.task_id = String::new();
        (bob.agent.generation, bob.lost_task) = (None, None);
        (bob.agent.waiting_for, bob.agent.reason) = (None, None);
        bob.registered_by = None;
        rows.put_agent(&alpha, &bob)?;
        assert_eq!(rows.agent(&alpha, &"bob".into())?, Some(bob.clone()));
        assert_eq!(rows.active_agents(&alpha)?, 1, "an idle one does not work");
        assert_eq!(rows.agent_to_replace(&alpha)?, None);
        let silent = StoredAgent {
            silent: true,
            ..ada
        };
        rows.put_agent(&alpha, &silent)?;
        assert_eq!(rows.agent_to_replace(&alpha)?, Some("ada".into()));
        let mut done = agent("cem");
        done.agent.status = AgentStatus::Done;
        rows.put_agent(&alpha, &done)?;
        assert_eq!(rows.agent_to_replace(&alpha)?, Some("cem".into()));
        assert_eq!(rows.count_agents(&alpha)?, 3);
        let ids = ["ada", "bob", "cem"].map(tasktree_protocol::AgentId::from);
        assert_eq!(rows.agent_ids(&alpha)?, ids);
        rows.delete_agent(&alpha, &"cem".into())?;
        assert_eq!(rows.active_agents(&alpha)?, 0);
        rows.delete_agent(&beta, &"bob".into())?;
        rows.delete_agent(&alpha, &"ada".into())?;
        assert_eq!(rows.agents(&alpha)?, [bob]);
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn a_run_is_read_as_it_was_stored_and_ends_with_those_below(
    store: Arc<dyn Store>,
) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        let (ada, bob) = ("ada".into(), "bob".into());
        let add = |rows: &mut dyn tasktree_server::store::Transaction, mut new: Run| {
            let id = rows.add_run(&alpha, &ada, &new, 10)?;
            new.id = id;
            Ok::<_, tasktree_server::error::Error>(new)
        };
        let mut top = add(rows, run("s1", None))?;
        let child = add(rows, run("s2", Some(top.id)))?;
        let grandchild = add(rows, run("s3", Some(child.id)))?;
        let other = add(rows, run("s4", None))?;
        let all = [
            other.clone(),
            grandchild.clone(),
            child.clone(),
            top.clone(),
        ];
        assert_eq!(rows.runs(&alpha, &ada, 10)?, all);
        assert_eq!(rows.runs(&alpha, &ada, 1)?, std::slice::from_ref(&other));
        assert!(rows.runs(&alpha, &bob, 10)?.is_empty());
        assert!(rows.runs(&beta, &ada, 10)?.is_empty());
        let named = |rows: &mut dyn tasktree_server::store::Transaction, machine: &str| {
            rows.run_named(&alpha, &ada, "claude-code", "s1", machine)
        };
        assert_eq!(named(rows, "m'")?, Some(top.clone()));
        assert_eq!(named(rows, "other")?, None);
        assert_eq!(rows.run(&alpha, &ada, child.id)?, Some(child.clone()));
        assert_eq!(rows.run(&alpha, &bob, child.id)?, None);
        assert_eq!(rows.running_session(&alpha, &ada)?, Some(other.clone()));
        let mut stored = agent("ada");
        stored.agent.run = Some(top.clone());
        rows.put_agent(&alpha, &stored)?;
        let read = rows.agent(&alpha, &ada)?.unwrap().agent;
        assert_eq!((read.run, read.children), (Some(top.clone()), 2));
        top.folder = None;
        top.seen_at = at(3000);
        rows.put_run(&top)?;
        assert_eq!(named(rows, "m'")?, Some(top.clone()));
        rows.end_run(top.id, 4000)?;
        let ended = |run: &Run| Run {
            ended_at: Some(at(4000)),
            turn_open: false,
            ..run.clone()
        };
        let expected = [other, ended(&grandchild), ended(&child), ended(&top)];
        assert_eq!(rows.runs(&alpha, &ada, 10)?, expected);
        assert_eq!(rows.agent(&alpha, &ada)?.unwrap().agent.children, 0);
        rows.delete_agent(&alpha, &ada)?;
        assert!(
            rows.runs(&alpha, &ada, 10)?.is_empty(),
            "they go with their agent"
        );
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn runs_are_bounded_and_subagents_end_by_the_clock(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        let (alpha, ada) = ("alpha".into(), "ada".into());
        let top = rows.add_run(&alpha, &ada, &run("top", None), 3)?;
        let child = rows.add_run(&alpha, &ada, &run("child", Some(top)), 3)?;
        assert!(!rows.has_child_runs_until(1999)?);
        rows.end_child_runs_until(1999)?;
        assert!(rows.has_child_runs_until(2000)?);
        rows.end_child_runs_until(2000)?;
        assert!(
            !rows.has_child_runs_until(2000)?,
            "a run of its own is no child"
        );
        let runs = rows.runs(&alpha, &ada, 10)?;
        let ends: Vec<_> = runs.iter().map(|run| (run.id, run.ended_at)).collect();
        assert_eq!(ends, [(child, Some(at(2000))), (top, None)]);
        for session in ["a", "b", "c"] {
            let ended = Run {
                ended_at: Some(at(2500)),
                ..run(session, None)
            };
            rows.add_run(&alpha, &ada, &ended, 3)?;
        }
        let runs = rows.runs(&alpha, &ada, 10)?;
        let sessions: Vec<_> = runs.iter().map(|run| run.session.as_str()).collect();
        assert_eq!(sessions, ["c", "b", "a", "top"], "an open one stays");
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn an_agent_with_an_open_turn_may_be_silent_for_longer(store: Arc<dyn Store>) {
    let core = Core::over(store.clone()).await;
    let beta = NewProject::new("beta", "Beta");
    core.service.create_project(human(), beta).await.unwrap();
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        for id in ["ada", "bob", "cid", "done", "gone", "rests"] {
            let mut stored = agent(id);
            stored.agent.status = match id {
                "done" => AgentStatus::Done,
                "rests" => AgentStatus::Waiting,
                _ => AgentStatus::Working,
            };
            stored.silent = id == "gone";
            rows.put_agent(&alpha, &stored)?;
        }
        rows.put_agent(&beta, &agent("ada"))?;
        // Of two sessions one is busy. A session that has ended is not, and neither is another
        // agent's.
        rows.add_run(&alpha, &"ada".into(), &run("s1", None), 9)?;
        let idle = Run {
            turn_open: false,
            ..run("s2", None)
        };
        rows.add_run(&alpha, &"ada".into(), &idle, 9)?;
        let ended = Run {
            ended_at: Some(at(2500)),
            ..run("s1", None)
        };
        rows.add_run(&alpha, &"bob".into(), &ended, 9)?;
        rows.add_run(&alpha, &"rests".into(), &run("s1", None), 9)?;
        let of_script = Run {
            source: "api".to_owned(),
            turn_open: false,
            ..run("s1", None)
        };
        rows.add_run(&beta, &"ada".into(), &of_script, 9)?;
        let silent_since = |usual, busy, resting, now| {
            let since = SilentSince {
                usual,
                busy,
                resting,
            };
            let found = rows.agents_not_heard(&since, now)?;
            let names = found.iter().map(|(project, id)| format!("{project}/{id}"));
            Ok::<_, tasktree_server::error::Error>(names.collect::<Vec<_>>())
        };
        let silent = |usual, busy, now| silent_since(usual, busy, 4999, now);
        assert!(silent(4999, 4999, 5000)?.is_empty());
        assert_eq!(
            silent(5000, 4999, 5000)?,
            ["alpha/bob", "alpha/cid", "beta/ada"]
        );
        let all = ["alpha/ada", "alpha/bob", "alpha/cid", "beta/ada"];
        assert_eq!(silent(5000, 5000, 5000)?, all);
        let with_resting = [
            "alpha/ada",
            "alpha/bob",
            "alpha/cid",
            "alpha/rests",
            "beta/ada",
        ];
        assert_eq!(silent_since(5000, 5000, 5000, 5000)?, with_resting);
        assert_eq!(
            silent(0, 0, 4999)?,
            with_resting,
            "they were heard at a time to come"
        );
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn attempts_are_read_as_they_were_stored_and_the_newest_kept(
    store: Arc<dyn Store>,
) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        let open = |generation| Attempt {
            generation,
            agent: "ada".into(),
            started_at: at(1000),
            ended_at: None,
            outcome: None,
            reason: None,
            evidence: None,
            verdict: None,
        };
        for generation in 1..=3 {
            rows.put_attempt(&alpha, 7, &open(generation))?;
        }
        rows.put_attempt(&alpha, 8, &open(1))?;
        let ended = Attempt {
            agent: "bob".into(),
            ended_at: Some(at(2000)),
            outcome: Some(AttemptOutcome::Completed),
            reason: Some("'; -- 任务".to_owned()),
            evidence: Some(Evidence {
                commit: Some("0123abc".to_owned()),
                findings: vec!["No work was seen.".to_owned()],
                ..Evidence::default()
            }),
            verdict: Some(Verdict::Contradicted),
            ..open(2)
        };
        rows.put_attempt(&alpha, 7, &ended)?;
        assert_eq!(
            rows.attempts(&alpha, 7, 10)?,
            [open(3), ended.clone(), open(1)]
        );
        assert_eq!(rows.attempts(&alpha, 7, 1)?, [open(3)]);
        assert!(rows.attempts(&beta, 7, 10)?.is_empty());
        rows.trim_attempts(&beta, 7, 0)?;
        rows.trim_attempts(&alpha, 7, 3)?;
        assert_eq!(rows.attempts(&alpha, 7, 10)?.len(), 3);
        rows.trim_attempts(&alpha, 7, 2)?;
        assert_eq!(rows.attempts(&alpha, 7, 10)?, [open(3), ended]);
        assert_eq!(rows.attempts(&alpha, 8, 10)?, [open(1)]);
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}
