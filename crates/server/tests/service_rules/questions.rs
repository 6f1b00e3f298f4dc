//! Questions and answers under random histories.
//!
//! An answer is applied at most once, and only while its question is open.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use tasktree_protocol::agent::{SILENT_AFTER_MS, WaitKind};
use tasktree_protocol::question::{Answer, Question, QuestionOutcome};
use tasktree_protocol::{AgentId, AgentStatus, Maybe, Status, TaskPatch};
use tasktree_server::auth::Principal;
use tasktree_server::domain::{AgentPatch, RegisterAgent, Wait};
use tasktree_server::error::Error;
use tasktree_server::store::QuestionFilter;

use crate::core_support::{Core, edit, human};

/// Step of a history.
///
/// Agents and tasks are numbers; answers and questions are counted back from the newest.
#[derive(Clone, Debug)]
enum Step {
    Register(u8),
    Ask(u8, WaitKind, u8),
    Report(u8, AgentStatus),
    Next(u8),
    Claim(u8, u8),
    Release(u8),
    Read(u8, u8),
    Take(u8, u8),
    Answer(u8),
    AnswerAsAgent(u8),
    SendAgain(u8),
    Remove(u8),
    ResetTasks,
    Undo,
    ResetProject,
    TrashAndBringBack,
    Silence,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let agent = || 0..2_u8;
    let kind = select(vec![
        WaitKind::Question,
        WaitKind::Permission,
        WaitKind::Other,
        WaitKind::RateLimit,
    ]);
    let state = select(AgentStatus::ALL.to_vec());
    let step = prop_oneof![
        3 => agent().prop_map(Step::Register),
        8 => (agent(), kind, 0..2_u8).prop_map(|(agent, kind, text)| Step::Ask(agent, kind, text)),
        5 => (agent(), state).prop_map(|(agent, state)| Step::Report(agent, state)),
        3 => agent().prop_map(Step::Next),
        3 => (agent(), 1..3_u8).prop_map(|(agent, task)| Step::Claim(agent, task)),
        1 => agent().prop_map(Step::Release),
        4 => (agent(), 0..3_u8).prop_map(|(agent, back)| Step::Read(agent, back)),
        1 => (agent(), 1..3_u8).prop_map(|(agent, task)| Step::Take(agent, task)),
        8 => (0..3_u8).prop_map(Step::Answer),
        1 => (0..3_u8).prop_map(Step::AnswerAsAgent),
        4 => (0..4_u8).prop_map(Step::SendAgain),
        1 => agent().prop_map(Step::Remove),
        1 => Just(Step::ResetTasks),
        1 => Just(Step::Undo),
        1 => Just(Step::ResetProject),
        1 => Just(Step::TrashAndBringBack),
        1 => Just(Step::Silence),
    ];
    prop::collection::vec(step, 1..80)
}

fn id(agent: u8) -> AgentId {
    format!("agent-{agent}").into()
}

fn patch(status: AgentStatus) -> AgentPatch {
    AgentPatch {
        status: Maybe::Value(status),
        ..AgentPatch::default()
    }
}

/// Result of a step that succeeded.
enum Done {
    Nothing,
    /// Answers that an agent was given.
    Given(AgentId, Vec<Answer>),
    /// Answer that a person gave.
    Answered(Answer),
    SentAgain(Answer),
}

/// Returns the entry that many places behind the first.
fn nth<T>(all: &[T], back: u8) -> Option<&T> {
    all.get(usize::from(back) % all.len().max(1))
}

/// Returns all answers, newest first.
fn answers(questions: &[Question]) -> Vec<Answer> {
    let all = questions.iter().flat_map(|question| &question.answers);
    let mut all: Vec<Answer> = all.cloned().collect();
    all.sort_by_key(|answer| std::cmp::Reverse(answer.id));
    all
}

async fn report(core: &Core, agent: u8, patch: AgentPatch) -> Result<Done, Error> {
    let agent = id(agent);
    let reported = core.service.report(human(), &core.project, &agent, patch);
    Ok(Done::Given(agent.clone(), reported.await?.value.answers))
}

async fn perform(core: &Core, step: &Step, before: &[Question]) -> Result<Done, Error> {
    let (service, project) = (&core.service, &core.project);
    let text = "Do it.".to_owned();
    match step {
        Step::Register(agent) => {
            let new = RegisterAgent {
                id: id(*agent),
                task_id: None,
                branch: None,
                description: None,
                run: None,
            };
            service.register_agent(human(), project, new).await?;
        }
        Step::Ask(agent, kind, text) => {
            let wait = Wait {
                kind: *kind,
                text: format!("Question {text}?"),
                until: None,
                options: Vec::new(),
                request: None,
                in_terminal: false,
            };
            let patch = AgentPatch {
                waiting_for: Maybe::Value(wait),
                ..AgentPatch::default()
            };
            return report(core, *agent, patch).await;
        }
        Step::Report(agent, state) => return report(core, *agent, patch(*state)).await,
        Step::Next(agent) => {
            let agent = id(*agent);
            let next = service.report_next(human(), project, &agent, None).await?;
            return Ok(Done::Given(agent, next.value.answers));
        }
        Step::Claim(agent, task) => {
            let patch = AgentPatch {
                task_id: Maybe::Value(task.to_string().into()),
                ..AgentPatch::default()
            };
            return report(core, *agent, patch).await;
        }
        Step::Release(agent) => {
            let patch = AgentPatch {
                task_id: Maybe::Null,
                ..AgentPatch::default()
            };
            return report(core, *agent, patch).await;
        }
        Step::Read(agent, back) => {
            let up_to = nth(&answers(before), *back).map_or(0, |answer| answer.id);
            let agent = id(*agent);
            let read = service.mark_answers_read(human(), project, &agent, up_to);
            read.await?;
        }
        Step::Take(from, task) => {
            let patch = TaskPatch {
                status: Maybe::Value(Status::UpNext),
                ..TaskPatch::default()
            };
            let (task, from) = (task.to_string().into(), Some(id(*from)));
            let taken = service.edit_task(human(), project, &task, edit(patch, None, from));
            taken.await?;
        }
        Step::Answer(back) => {
            if let Some(question) = nth(before, *back) {
                let given = service.answer_question(human(), project, question.id, text);
                return Ok(Done::Answered(given.await?.value));
            }
        }
        Step::AnswerAsAgent(back) => {
            if let Some(question) = nth(before, *back) {
                let agents = Principal::local().as_agent(&question.agent);
                let service = service.acting_for(agents);
                let given = service.answer_question(human(), project, question.id, text);
                assert!(matches!(given.await, Err(Error::Forbidden(_))));
            }
        }
        Step::SendAgain(back) => {
            if let Some(answer) = nth(&answers(before), *back) {
                let (question, answer) = (answer.question, answer.id);
                let sent = service.resend_answer(human(), project, question, answer);
                return Ok(Done::SentAgain(sent.await?.value));
            }
        }
        Step::Remove(agent) => {
            let removed = service.remove_agent(human(), project, &id(*agent)).await;
            removed?;
        }
        Step::ResetTasks => {
            service.reset_agent_tasks(human(), project).await?;
        }
        Step::Undo => {
            let undos = service.list_undos(project).await?.value;
            if let Some(undo) = undos.first() {
                service.undo(human(), project, &undo.id).await?;
            }
        }
        Step::ResetProject => {
            service.reset_project(human(), project).await?;
        }
        Step::TrashAndBringBack => {
            service.delete_project(human(), project).await?;
            if let Some(question) = before.first() {
                let given = service.answer_question(human(), project, question.id, text);
                assert!(matches!(given.await, Err(Error::NotFound(_))));
            }
            service.restore_project(human(), project, None).await?;
        }
        Step::Silence => {
            core.clock.advance(SILENT_AFTER_MS);
            service.sweep().await?;
        }
    }
    Ok(Done::Nothing)
}

async fn questions(core: &Core) -> Vec<Question> {
    let all = QuestionFilter::default();
    let read = core.service.questions(&core.project, all, 100).await;
    read.unwrap().value
}

fn is_open(question: &Question) -> bool {
    question.closed_at.is_none()
}

/// Checks that permanent facts about an answer stay, and that the rest follows the step.
fn check_answer(was: &Answer, is: &Answer, question: &Question, step: &Step) {
    let for_good = |answer: &Answer| {
        let answer = answer.clone();
        (answer.question, answer.by, answer.text, answer.at)
    };
    assert_eq!(for_good(was), for_good(is));
    assert!(is.late || !was.late, "late stays late: {is:?}");
    assert!(
        !is.late || was.late || was.delivered_at.is_none(),
        "{is:?} was given"
    );
    assert!(
        was.late || !is.late || !is_open(question),
        "{is:?} is late with its question"
    );
    for (before, after) in [
        (was.delivered_at, is.delivered_at),
        (was.read_at, is.read_at),
        (was.sent_again_at, is.sent_again_at),
    ] {
        assert!(before.is_none() || before == after, "{was:?}, {is:?}");
    }
    let agent = match step {
        Step::Read(agent, _) => Some(id(*agent)),
        _ => None,
    };
    let becomes_read = was.read_at.is_none() && is.read_at.is_some();
    assert!(
        !becomes_read || agent.as_ref() == Some(&question.agent),
        "{is:?}"
    );
    let becomes_sent = was.sent_again_at.is_none() && is.sent_again_at.is_some();
    assert!(
        !becomes_sent || matches!(step, Step::SendAgain(_)),
        "{is:?}"
    );
}

/// Checks that a question closes once, for a reason that the step gives.
fn check_closed(was: &Question, is: &Question, step: &Step) {
    let was_given = is
        .answers
        .iter()
        .any(|answer| answer.delivered_at.is_some());
    let outcome = is.outcome.expect("it is closed");
    let went_on = match step {
        Step::Report(_, AgentStatus::Done | AgentStatus::Failed) => QuestionOutcome::Finished,
        Step::Report(_, AgentStatus::Working | AgentStatus::Idle) => QuestionOutcome::Resumed,
        Step::Ask(..) | Step::Report(_, AgentStatus::Waiting) => QuestionOutcome::Replaced,
        Step::Remove(_) => QuestionOutcome::Removed,
        Step::ResetTasks => QuestionOutcome::Reset,
        // A claim begins or ends, and with it the wait.
        Step::Claim(..) | Step::Release(_) | Step::Next(_) | Step::Take(..) => {
            match was.generation {
                Some(_) => QuestionOutcome::ClaimEnded,
                None => QuestionOutcome::Resumed,
            }
        }
        _ => panic!("{step:?} closed {was:?}"),
    };
    let may_be_answered = matches!(
        went_on,
        QuestionOutcome::Finished | QuestionOutcome::Resumed | QuestionOutcome::Replaced
    );
    let expected = match was_given && may_be_answered {
        true => QuestionOutcome::Answered,
        false => went_on,
    };
    assert_eq!(outcome, expected, "{step:?}: {is:?}");
}

fn check(step: &Step, done: &Done, before: &[Question], after: &[Question]) {
    let is: BTreeMap<u64, &Question> = after.iter().map(|one| (one.id, one)).collect();
    for was in before {
        let is = is[&was.id];
        if !is_open(was) {
            assert_eq!((was.closed_at, was.outcome), (is.closed_at, is.outcome));
        } else if !is_open(is) {
            check_closed(was, is, step);
        }
        for answer in &was.answers {
            let same = is.answers.iter().find(|one| one.id == answer.id);
            check_answer(answer, same.expect("answers stay"), is, step);
        }
    }
    for question in after {
        let applied = question.answers.iter().filter(|answer| !answer.late);
        assert!(applied.count() <= 1, "{question:?}");
    }
    let open = after.iter().filter(|question| is_open(question));
    let mut asking: Vec<_> = open.map(|question| &question.agent).collect();
    asking.sort();
    let count = asking.len();
    asking.dedup();
    assert_eq!(asking.len(), count, "an agent asks one thing at a time");
    match done {
        Done::Nothing => {}
        Done::Given(agent, given) => {
            // A claim may close the question: the answers come before it.
            let asked = if matches!(step, Step::Next(_)) {
                before
            } else {
                after
            };
            let open = |one: &&Question| is_open(one) && one.agent == *agent;
            let expected = asked.iter().find(open).map(|question| {
                let answers = is[&question.id].answers.iter();
                let unread = answers.filter(|answer| !answer.late && answer.read_at.is_none());
                unread.cloned().collect::<Vec<_>>()
            });
            assert_eq!(*given, expected.unwrap_or_default());
            assert!(given.iter().all(|answer| answer.delivered_at.is_some()));
        }
        Done::Answered(answer) => {
            let question = before.iter().find(|one| one.id == answer.question).unwrap();
            let has_one = question.answers.iter().any(|one| !one.late);
            assert_eq!(answer.late, has_one || !is_open(question), "{question:?}");
        }
        Done::SentAgain(answer) => {
            let was = answers(before).into_iter().find(|one| one.id == answer.id);
            let was = was.unwrap();
            assert!(was.late && was.sent_again_at.is_none() && answer.sent_again_at.is_some());
        }
    }
}

async fn live_through(history: Vec<Step>) {
    let core = Core::in_memory().await;
    for _ in 0..2 {
        core.task("Task").await;
    }
    let mut before = questions(&core).await;
    for step in history {
        core.clock.advance(1);
        let messages = messages_to_agents(&core).await;
        let done = perform(&core, &step, &before).await;
        let after = questions(&core).await;
        match &done {
            Err(error) => {
                let is_planned = !matches!(error, Error::Internal(_) | Error::Storage { .. });
                assert!(is_planned, "{step:?}: {error}");
                assert_eq!(before, after, "{step:?} was refused: {error}");
            }
            Ok(_) if matches!(step, Step::ResetProject) => assert!(after.is_empty()),
            Ok(done) => check(&step, done, &before, &after),
        }
        if let Ok(Done::SentAgain(_)) = &done {
            assert_eq!(messages_to_agents(&core).await, messages + 1);
        }
        before = after;
    }
}

async fn messages_to_agents(core: &Core) -> usize {
    let mut count = 0;
    for agent in core.service.list_agents(&core.project).await.unwrap().value {
        let read = core.service.messages(&core.project, &agent.id, false).await;
        count += read.unwrap().value.len();
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 4,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_an_answer_is_applied_once_while_its_question_stands(history in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live_through(history));
    }
}
