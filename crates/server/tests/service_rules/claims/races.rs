//! Many agents at once.

use tasktree_protocol::project::NewProject;
use tasktree_protocol::{AgentId, AgentStatus, NewTask, ProjectId, Status};
use tasktree_server::domain::{Plan, RegisterAgent};
use tasktree_server::service::Service;

use super::{report, status, task};
use crate::core_support::{Core, human};

#[tokio::test]
async fn fifty_claimers_of_one_task_leave_one_holder() {
    let core = Core::in_memory().await;
    let names: Vec<String> = (0..50).map(|index| format!("agent-{index}")).collect();
    for name in &names {
        core.register(name, None).await.unwrap();
    }
    for round in 1..=200_u64 {
        let made = core.task("Wanted").await;
        let claims = names.iter().map(|name| {
            let (service, project) = (core.service.clone(), core.project.clone());
            let (name, wanted) = (AgentId::from(name.as_str()), made.id.clone());
            tokio::spawn(async move {
                let claimed = service.claim_next(human(), &project, &name, Some(wanted));
                claimed.await.is_ok_and(|receipt| receipt.value.claimed)
            })
        });
        let mut winners = 0;
        for claim in claims.collect::<Vec<_>>() {
            winners += u64::from(claim.await.unwrap());
        }
        assert_eq!(winners, 1, "round {round}");
        let holder = task(&core, made.id.as_str()).await.holder.unwrap();
        report(&core, holder.as_str(), status(AgentStatus::Done))
            .await
            .unwrap();
    }
}

/// Tasks that agents share in one round.
const TASKS: usize = 200;

/// Creates that many tasks in one transaction.
async fn make_tasks(core: &Core, project: &ProjectId, count: usize) {
    let new = NewTask {
        title: "Work".to_owned(),
        ..NewTask::default()
    };
    let plan = Plan {
        plan: "Plan".to_owned(),
        tasks: vec![new; count],
    };
    let made = core.service.store_plan(human(), project, plan).await;
    assert_eq!(made.unwrap().value.tasks_created, count as u64);
}

/// Claims and completes tasks as one agent until none is left; returns their numbers.
async fn work(service: Service, project: ProjectId, name: AgentId) -> Vec<u64> {
    let mut done = Vec::new();
    loop {
        let next = service.claim_next(human(), &project, &name, None).await;
        let Some(task) = next.unwrap().value.task else {
            return done;
        };
        assert_eq!(task.holder.as_ref(), Some(&name));
        let attempts = service.attempts(&project, &task.id, 2).await.unwrap();
        assert_eq!(attempts.value.len(), 1, "nobody claimed it before");
        done.push(task.number);
        let patch = status(AgentStatus::Done);
        let reported = service.update_agent(human(), &project, &name, patch).await;
        reported.unwrap();
    }
}

/// Shares new tasks among agents, in a project of their own.
///
/// Returns the claimed numbers with their agents.
async fn share(core: &Core, project: &ProjectId, names: &[AgentId]) -> Vec<(u64, AgentId)> {
    let new = NewProject::new(project.as_str(), "Round");
    core.service.create_project(human(), new).await.unwrap();
    make_tasks(core, project, TASKS).await;
    for name in names {
        let new = RegisterAgent {
            id: name.clone(),
            task_id: None,
            branch: None,
            description: None,
            run: None,
        };
        let registered = core.service.register_agent(human(), project, new).await;
        registered.unwrap();
    }
    let workers = names.iter().map(|name| {
        let worker = work(core.service.clone(), project.clone(), name.clone());
        (name, tokio::spawn(worker))
    });
    let mut claimed = Vec::with_capacity(TASKS);
    for (name, worker) in workers.collect::<Vec<_>>() {
        let numbers = worker.await.unwrap().into_iter();
        claimed.extend(numbers.map(|number| (number, name.clone())));
    }
    claimed
}

/// Plays a quarter of 200 rounds: the quarters are tests of their own, so that they run in
/// parallel.
///
/// Each round has a project of its own, so that it costs the same however many there were.
async fn play_fifty_rounds() {
    let core = Core::in_memory().await;
    let names: Vec<AgentId> = (0..50)
        .map(|index| format!("agent-{index}").into())
        .collect();
    for round in 0..50 {
        let project = ProjectId::from(format!("round-{round}"));
        let mut claimed = share(&core, &project, &names).await;
        claimed.sort_unstable();
        let numbers: Vec<u64> = claimed.iter().map(|(number, _)| *number).collect();
        let expected: Vec<u64> = (1..=TASKS as u64).collect();
        assert_eq!(numbers, expected, "round {round}");
        let cards = core.service.list_cards(&project).await.unwrap().value;
        assert_eq!(cards.len(), TASKS);
        for (card, (_, name)) in cards.iter().zip(&claimed) {
            assert_eq!(card.status, Status::Completed, "{card:?}");
            assert_eq!(card.session.as_deref(), Some(name.as_str()), "{card:?}");
        }
    }
}

mod fifty_agents_share_two_hundred_tasks_without_a_double_or_a_rest {
    use super::play_fifty_rounds;

    #[tokio::test]
    async fn in_the_first_fifty_rounds() {
        play_fifty_rounds().await;
    }

    #[tokio::test]
    async fn in_the_second_fifty_rounds() {
        play_fifty_rounds().await;
    }

    #[tokio::test]
    async fn in_the_third_fifty_rounds() {
        play_fifty_rounds().await;
    }

    #[tokio::test]
    async fn in_the_fourth_fifty_rounds() {
        play_fifty_rounds().await;
    }
}
