//! Expiry by the service's clock: tickets and sign-ins.

use std::sync::Arc;

use tasktree_protocol::project::NewProject;
use tasktree_server::accounts::{
    AccessMetrics, Accounts, Presented, SESSION_SECONDS, TICKET_SECONDS,
};
use tasktree_server::actor::Actor;
use tasktree_server::auth::{Principal, Role};
use tasktree_server::config::{Config, Database, SignIn};
use tasktree_server::domain::NewToken;
use tasktree_server::hub::WebSocketManager;
use tasktree_server::limits::Limits;
use tasktree_server::service::{ManualClock, Service, WriteContext};
use tasktree_server::store::SqliteStore;

struct House {
    accounts: Accounts,
    service: Service,
    clock: Arc<ManualClock>,
    token: String,
}

/// Opens the accounts of a server that has just been started over the stored data.
async fn open(service: &Service) -> Accounts {
    let mut config = Config::new(([127, 0, 0, 1], 0).into(), Database::Memory);
    config.sign_in = Some(SignIn::Required);
    let (hub, metrics) = (WebSocketManager::new(), AccessMetrics::default());
    let accounts = Accounts::open(service.clone(), hub, &config, metrics);
    accounts.await.unwrap()
}

/// Waits until background writes are done: two writes, each begun when the one before it is done.
async fn until_written(service: &Service) {
    for number in 0..5 {
        let project = NewProject::new(&format!("p{number}"), "Any");
        let context = WriteContext::new(Actor::local());
        service.create_project(context, project).await.unwrap();
        tokio::task::yield_now().await;
    }
}

async fn house() -> House {
    let clock = Arc::new(ManualClock::at(1_700_000_000_000));
    let hub = WebSocketManager::new();
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let service = Service::with(store, Arc::new(hub), clock.clone(), Limits::default());
    let accounts = open(&service).await;
    let new = NewToken {
        person: None,
        name: "ann".into(),
        role: Role::Viewer,
        project: None,
    };
    let (_, secret) = accounts
        .make_token(&Principal::server(), new)
        .await
        .unwrap();
    let token = secret.reveal().to_owned();
    House {
        accounts,
        service,
        clock,
        token,
    }
}

#[tokio::test]
async fn a_ticket_runs_out_after_half_a_minute() {
    let House {
        accounts,
        clock,
        token,
        ..
    } = house().await;
    let ann = accounts
        .authenticate(Presented::Token(&token), None)
        .unwrap()
        .principal;
    let (early, late) = (
        accounts.ticket(&ann).unwrap(),
        accounts.ticket(&ann).unwrap(),
    );
    clock.advance(TICKET_SECONDS * 1000 - 1);
    assert!(
        accounts
            .authenticate(Presented::Ticket(early.reveal()), None)
            .is_ok()
    );
    clock.advance(1);
    assert!(
        accounts
            .authenticate(Presented::Ticket(late.reveal()), None)
            .is_err()
    );
}

#[tokio::test]
async fn a_clock_that_is_set_back_extends_neither_tickets_nor_sign_ins() {
    let House {
        accounts,
        service,
        clock,
        token,
    } = house().await;
    let ann = accounts.authenticate(Presented::Token(&token), None);
    let ticket = accounts.ticket(&ann.unwrap().principal).unwrap();
    clock.advance(TICKET_SECONDS * 1000 / 2);
    clock.advance(-3_600_000);
    clock.advance(TICKET_SECONDS * 1000 / 2);
    let late = accounts.authenticate(Presented::Ticket(ticket.reveal()), None);
    assert!(late.is_err());

    let (cookie, _) = accounts.begin_session(&token, None).await.unwrap().unwrap();
    let present = Presented::Session(cookie.reveal());
    clock.advance(-20 * 24 * 3_600_000);
    // A restart with the clock set back.
    let again = open(&service).await;
    clock.advance(SESSION_SECONDS * 1000);
    assert!(accounts.authenticate(present, None).is_err());
    assert!(again.authenticate(present, None).is_err());
    accounts.sweep().await.unwrap();
    clock.advance(-SESSION_SECONDS * 1000);
    let revived = open(&service).await;
    assert!(
        revived.authenticate(present, None).is_err(),
        "it is removed"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_clock_that_is_set_forward_ends_neither_tickets_nor_sign_ins() {
    let House {
        accounts,
        clock,
        token,
        ..
    } = house().await;
    let ann = accounts.authenticate(Presented::Token(&token), None);
    let ticket = accounts.ticket(&ann.unwrap().principal).unwrap();
    let (cookie, _) = accounts.begin_session(&token, None).await.unwrap().unwrap();
    clock.set(2 * SESSION_SECONDS * 1000);
    accounts.sweep().await.unwrap();
    clock.advance(TICKET_SECONDS * 1000 - 1);
    let early = accounts.authenticate(Presented::Ticket(ticket.reveal()), None);
    assert!(early.is_ok(), "it has a millisecond more");
    clock.advance(SESSION_SECONDS * 1000 - TICKET_SECONDS * 1000);
    let present = Presented::Session(cookie.reveal());
    assert!(accounts.authenticate(present, None).is_ok());
    clock.advance(SESSION_SECONDS * 1000);
    assert!(accounts.authenticate(present, None).is_err());
}

#[tokio::test]
async fn a_sign_in_lasts_while_it_is_used_and_ends_thirty_days_after() {
    let House {
        accounts,
        service,
        clock,
        token,
    } = house().await;
    let (cookie, _) = accounts.begin_session(&token, None).await.unwrap().unwrap();
    let come = || accounts.authenticate(Presented::Session(cookie.reveal()), None);
    for _ in 0..3 {
        clock.advance(SESSION_SECONDS * 1000 - 1);
        assert!(
            come().unwrap().prolonged,
            "the browser gets its cookie for another while"
        );
        assert!(!come().unwrap().prolonged, "not every time");
    }
    let ann = come().unwrap().principal;
    // A sign-out with the request that prolongs the sign-in ends it, also after the next start.
    let (other, _) = accounts.begin_session(&token, None).await.unwrap().unwrap();
    clock.advance(SESSION_SECONDS * 1000 - 1);
    let present = Presented::Session(other.reveal());
    let leaving = accounts.authenticate(present, None).unwrap();
    assert!(leaving.prolonged);
    accounts.end_session(&leaving.principal).await.unwrap();
    until_written(&service).await;
    let again = open(&service).await;
    assert!(again.authenticate(present, None).is_err());
    assert!(
        again
            .authenticate(Presented::Session(cookie.reveal()), None)
            .is_ok()
    );

    clock.advance(SESSION_SECONDS * 1000);
    assert!(come().is_err());
    accounts.sweep().await.unwrap();
    assert!(ann.is_ended(), "who is connected by it is out, too");
}
