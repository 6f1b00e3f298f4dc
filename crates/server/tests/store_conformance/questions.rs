//! Questions of agents, and the answers to them.

use std::sync::Arc;

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::question::{Answer, Question, QuestionOutcome};
use tasktree_protocol::{ProjectId, Timestamp};
use tasktree_server::error::Result;
use tasktree_server::store::{QuestionFilter, Read, Store};

use crate::jobs::queue;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}

fn question(agent: &str) -> Question {
    Question {
        id: 0,
        agent: agent.into(),
        task_id: Some("7-alpha".into()),
        generation: Some(3),
        kind: WaitKind::Permission,
        text: "line\n'; DROP TABLE questions; -- 任务".to_owned(),
        options: vec!["yes, no".to_owned(), String::new()],
        request: Some("toolu_1".to_owned()),
        asked_at: at(1000),
        closed_at: None,
        outcome: None,
        answers: Vec::new(),
    }
}

fn answer(question: u64, text: &str) -> Answer {
    Answer {
        id: 0,
        question,
        by: "human:ann".to_owned(),
        text: Some(text.to_owned()),
        at: at(2000),
        late: false,
        sent_again_at: None,
        delivered_at: None,
        read_at: None,
    }
}

/// Reads the questions that a filter admits.
fn listed(
    rows: &(impl Read + ?Sized),
    project: &ProjectId,
    filter: &QuestionFilter,
    limit: usize,
) -> Result<Vec<Question>> {
    let ids = rows.question_ids(project, filter, limit)?.into_iter();
    let questions = ids.map(|id| rows.question(project, id));
    questions.filter_map(Result::transpose).collect()
}

fn every() -> QuestionFilter {
    QuestionFilter::default()
}

fn open(open: bool) -> QuestionFilter {
    QuestionFilter {
        open: Some(open),
        ..QuestionFilter::default()
    }
}

pub(crate) async fn a_question_is_read_as_it_was_asked_and_closed(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        let (ada, bob) = ("ada".into(), "bob".into());
        let mut first = question("ada");
        first.id = rows.add_question(&alpha, Some(7), &first)?;
        let mut second = Question {
            task_id: None,
            generation: None,
            request: None,
            options: Vec::new(),
            ..question("bob")
        };
        second.id = rows.add_question(&alpha, None, &second)?;
        assert!(second.id > first.id);
        assert_eq!(rows.question(&alpha, first.id)?, Some(first.clone()));
        assert_eq!(rows.question(&beta, first.id)?, None);
        assert_eq!(rows.open_question(&alpha, &ada)?, Some(first.clone()));
        assert_eq!(rows.open_question(&beta, &ada)?, None);
        let all = [second.clone(), first.clone()];
        assert_eq!(listed(rows, &alpha, &every(), 10)?, all);
        assert_eq!(listed(rows, &alpha, &every(), 1)?, [second.clone()]);
        assert!(listed(rows, &beta, &every(), 10)?.is_empty());
        first.closed_at = Some(at(3000));
        first.outcome = Some(QuestionOutcome::ClaimEnded);
        rows.close_question(&beta, &first)?;
        assert_eq!(rows.open_question(&alpha, &ada)?.unwrap().id, first.id);
        rows.close_question(&alpha, &first)?;
        assert_eq!(rows.open_question(&alpha, &ada)?, None);
        assert_eq!(rows.question(&alpha, first.id)?, Some(first.clone()));
        assert_eq!(listed(rows, &alpha, &open(true), 10)?, [second.clone()]);
        assert_eq!(listed(rows, &alpha, &open(false), 10)?, [first.clone()]);
        let of_ada = QuestionFilter {
            agent: Some(ada),
            ..QuestionFilter::default()
        };
        assert_eq!(
            listed(rows, &alpha, &of_ada, 10)?,
            std::slice::from_ref(&first)
        );
        let of_task = QuestionFilter {
            task: Some(7),
            ..QuestionFilter::default()
        };
        assert_eq!(listed(rows, &alpha, &of_task, 10)?, [first]);
        assert_eq!(rows.open_question(&alpha, &bob)?, Some(second));
        // The agent that closed one may ask another.
        rows.add_question(&alpha, Some(7), &question("ada"))?;
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn an_agent_has_one_open_question(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        let alpha = "alpha".into();
        rows.add_question(&alpha, None, &question("ada"))?;
        assert!(rows.add_question(&alpha, None, &question("ada")).is_err());
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn answers_are_read_as_they_were_given_and_become(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        let (ada, bob) = ("ada".into(), "bob".into());
        let asked = rows.add_question(&alpha, None, &question("ada"))?;
        let other = rows.add_question(&alpha, None, &question("bob"))?;
        let mut first = answer(asked, "yes\n'; --");
        first.id = rows.add_question_answer(&alpha, &first)?;
        let mut late = Answer {
            late: true,
            ..answer(asked, "no")
        };
        late.id = rows.add_question_answer(&alpha, &late)?;
        rows.add_question_answer(&alpha, &answer(other, "other"))?;
        let both = [first.clone(), late.clone()];
        assert_eq!(rows.question_answers(&alpha, asked)?, both);
        assert!(rows.question_answers(&beta, asked)?.is_empty());
        assert!(
            rows.unread_answers(&alpha, &ada)?.is_empty(),
            "none was given"
        );
        late.sent_again_at = Some(at(3000));
        rows.put_question_answer(&beta, &late)?;
        assert_eq!(
            rows.question_answers(&alpha, asked)?,
            both,
            "another project's"
        );
        rows.put_question_answer(&alpha, &late)?;
        first.delivered_at = Some(at(4000));
        rows.put_question_answer(&alpha, &first)?;
        assert_eq!(
            rows.question_answers(&alpha, asked)?,
            [first.clone(), late.clone()]
        );
        assert_eq!(rows.unread_answers(&alpha, &ada)?, [first.clone()]);
        assert!(rows.unread_answers(&alpha, &bob)?.is_empty());
        assert!(rows.unread_answers(&beta, &ada)?.is_empty());
        first.read_at = Some(at(5000));
        rows.put_question_answer(&alpha, &first)?;
        assert!(rows.unread_answers(&alpha, &ada)?.is_empty());
        late.delivered_at = Some(at(6000));
        rows.put_question_answer(&alpha, &late)?;
        assert!(
            rows.unread_answers(&alpha, &ada)?.is_empty(),
            "a late one is not given"
        );
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}

pub(crate) async fn the_newest_closed_questions_are_kept_with_their_answers(store: Arc<dyn Store>) {
    let outcome = queue(&store, |rows| {
        let (alpha, beta) = ("alpha".into(), "beta".into());
        let mut ids = Vec::new();
        for project in [&alpha, &beta] {
            for agent in ["ada", "bob", "cid"] {
                let mut asked = question(agent);
                asked.id = rows.add_question(project, None, &asked)?;
                rows.add_question_answer(project, &answer(asked.id, "yes"))?;
                // The first one of each project stays open for long.
                if agent != "ada" {
                    asked.closed_at = Some(at(3000));
                    asked.outcome = Some(QuestionOutcome::Answered);
                    rows.close_question(project, &asked)?;
                }
                ids.push(asked.id);
            }
        }
        rows.trim_questions(&alpha, 2)?;
        assert_eq!(listed(rows, &alpha, &every(), 10)?.len(), 3);
        rows.trim_questions(&alpha, 1)?;
        let left = listed(rows, &alpha, &every(), 10)?;
        let left: Vec<_> = left.iter().map(|question| question.id).collect();
        assert_eq!(left, [ids[2], ids[0]], "an open one stays");
        assert!(rows.question_answers(&alpha, ids[1])?.is_empty());
        assert_eq!(rows.question_answers(&alpha, ids[2])?.len(), 1);
        assert_eq!(listed(rows, &beta, &every(), 10)?.len(), 3);
        assert_eq!(rows.question_answers(&beta, ids[4])?.len(), 1);
        Ok(())
    });
    outcome.await.await.unwrap().unwrap();
}
