//! What runs out by the service's clock: tickets and sign-ins.

use std::sync::Arc;

use tasktree_server::auth::{
    Accounts, NewToken, Presented, Principal, Role, SESSION_SECONDS, TICKET_SECONDS,
};
use tasktree_server::config::{Config, Database, SignIn};
use tasktree_server::hub::WebSocketManager;
use tasktree_server::limits::Limits;
use tasktree_server::metrics::AccessMetrics;
use tasktree_server::service::{ManualClock, Service};
use tasktree_server::store::SqliteStore;

struct House {
    accounts: Accounts,
    clock: Arc<ManualClock>,
    token: String,
}

async fn house() -> House {
    let clock = Arc::new(ManualClock::at(1_700_000_000_000));
    let hub = WebSocketManager::new();
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let service = Service::with(
        store,
        Arc::new(hub.clone()),
        clock.clone(),
        Limits::default(),
    );
    let mut config = Config::new(([127, 0, 0, 1], 0).into(), Database::Memory);
    config.sign_in = Some(SignIn::Required);
    let accounts = Accounts::open(service, hub, &config, AccessMetrics::default())
        .await
        .unwrap();
    let new = NewToken {
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
async fn a_sign_in_lasts_while_it_is_used_and_ends_thirty_days_after() {
    let House {
        accounts,
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
    clock.advance(SESSION_SECONDS * 1000);
    assert!(come().is_err());
    accounts.sweep().await.unwrap();
    assert!(ann.is_ended(), "who is connected by it is out, too");
}
