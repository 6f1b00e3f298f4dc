//! Sign-in on the page: signed in, out and in again; tokens; and the trash.

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::access::account_menu::AccountMenu;
use tasktree_board::components::access::sign_in_notice::SignInNotice;
use tasktree_board::components::project::switcher::ProjectSwitcher;
use tasktree_board::components::shell::help_dialog::HelpDialog;
use tasktree_board::i18n::Locale;
use tasktree_board::pages::projects::ProjectsPage;
use tasktree_board::pages::settings::SettingsPage;
use tasktree_board::state::provide_access;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, HtmlElement, HtmlInputElement};

/// Opens a live page with that session.
async fn page_of(who: Value, part: impl FnOnce() -> AnyView + 'static) -> (Page<Ended>, Peer) {
    begin();
    serve_board(10, &[]);
    serve("GET", "session", &who);
    serve(
        "GET",
        "projects",
        &json!([{ "id": "p1", "name": "First", "path": "", "created_at": NOW, "updated_at": NOW }]),
    );
    serve("GET", "projects/p1/stats", &json!({}));
    let page = open(Locale::En, move || {
        provide_access();
        view! { <SignInNotice/><AccountMenu/>{part()} }.into_any()
    });
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    until("it is known who one is", || {
        find(&page, ".icon-button").is_some()
    })
    .await;
    (page, peer)
}

fn nothing() -> AnyView {
    ().into_any()
}

fn notice(page: &Page<Ended>) -> bool {
    find(page, ".sign-in-notice").is_some()
}

#[wasm_bindgen_test]
async fn a_page_whose_token_was_revoked_says_so_and_goes_on_when_somebody_signs_in() {
    let (page, peer) = page_of(session("viewer"), nothing).await;
    assert!(!notice(&page));
    refuse(
        "GET",
        "session",
        401,
        &json!({ "detail": "The sign-in is no longer valid" }),
    );
    socket_finish(peer.index, 4500);
    until("the page says that one is signed out", || notice(&page)).await;
    let way = one(&page, ".sign-in-notice a")
        .get_attribute("href")
        .unwrap();
    assert!(way.contains("/sign-in?next="), "{way}");
    let sockets = socket_count();
    // Signs in in another tab, and returns.
    serve("GET", "session", &session("viewer"));
    let focus = Event::new("focus").unwrap();
    web_sys::window().unwrap().dispatch_event(&focus).unwrap();
    until("the notice is gone", || !notice(&page)).await;
    until("it connects again", || socket_count() > sockets).await;
}

#[wasm_bindgen_test]
async fn to_sign_out_ends_the_session() {
    let (page, _peer) = page_of(session("admin"), nothing).await;
    serve("DELETE", "session", &json!({ "message": "Signed out" }));
    one(&page, ".icon-button").click();
    until("the menu is open", || all(&page, ".menu-item").len() == 3).await;
    let who = text(&all(&page, ".menu-item")[0]);
    assert!(
        who.contains("ann") && who.contains("Administrator"),
        "{who}"
    );
    all(&page, ".menu-item")[2].click();
    until("the page says so", || notice(&page)).await;
    assert_eq!(requests("DELETE session").len(), 1);
}

#[wasm_bindgen_test]
async fn a_viewer_is_offered_nothing_that_a_viewer_may_not_do() {
    let (page, _peer) = page_of(session("viewer"), || view! { <ProjectsPage/> }.into_any()).await;
    until("the project is listed", || {
        find(&page, ".project-row .icon-button").is_some()
    })
    .await;
    assert!(one(&page, ".sheet-head .button").has_attribute("disabled"));
    assert!(find(&page, ".kept").is_none());
    one(&page, ".project-row .icon-button").click();
    until("the menu is open", || all(&page, ".menu-item").len() == 2).await;
    for item in all(&page, ".menu-item") {
        assert_eq!(
            item.get_attribute("aria-disabled").as_deref(),
            Some("true"),
            "{}",
            text(&item)
        );
    }
}

/// Returns the texts of all matching elements, in order.
fn words(page: &Page<Ended>, selector: &str) -> Vec<String> {
    all(page, selector).iter().map(|it| text(it)).collect()
}

#[wasm_bindgen_test]
async fn the_switcher_offers_to_change_projects_to_those_who_may() {
    let mut bound = session("editor");
    bound["project"] = json!(PROJECT);
    let all_of_it = vec!["New project", "Project settings", "Delete project"];
    let at = go("/p/p1");
    for (who, offered) in [
        (session("viewer"), vec![]),
        (session("agent"), vec![]),
        (bound, all_of_it[1..].to_vec()),
        (session("editor"), all_of_it),
    ] {
        let (page, _peer) = page_of(who, || view! { <ProjectSwitcher/> }.into_any()).await;
        one(&page, ".switcher").click();
        let expected = [vec!["First", "All projects"], offered].concat();
        until("it offers what the role allows, and no more", || {
            words(&page, ".switcher-panel .menu-item") == expected
        })
        .await;
    }
    go(&at);
}

#[wasm_bindgen_test]
async fn the_list_of_keys_has_those_that_the_role_allows() {
    for (role, moves) in [("viewer", false), ("editor", true)] {
        let (page, _peer) = page_of(session(role), || {
            view! { <HelpDialog open=RwSignal::new(true)/> }.into_any()
        })
        .await;
        let has = |what: &str| words(&page, ".keys dt").iter().any(|it| it == what);
        until("the list is there", || has("Open") && has("Search")).await;
        assert_eq!(has("Move to\u{2026}"), moves, "{role}");
        assert_eq!(has("Add a task"), moves, "{role}");
    }
}

#[wasm_bindgen_test]
async fn an_administrator_makes_a_token_sees_its_secret_once_and_revokes_it() {
    let (page, _peer) = page_of(session("admin"), || {
        serve("GET", "tokens", &json!([]));
        serve("GET", "people", &json!([{ "id": "p1", "name": "bob" }]));
        view! { <SettingsPage/> }.into_any()
    })
    .await;
    until("the form is there", || find(&page, "form .input").is_some()).await;
    until("people are offered", || {
        !all(&page, "#people option").is_empty()
    })
    .await;
    let token = json!({ "id": "t1", "name": "bob-laptop", "role": "editor", "person": "bob", "made_at": NOW, "made_by": "human:ann" });
    let mut made = token.clone();
    made["secret"] = json!("tt_secret");
    serve("POST", "tokens", &made);
    serve("GET", "tokens", &json!([token]));
    fill(&one(&page, "form .input"), "bob-laptop");
    fill(&one(&page, "form [name=person]"), "bob");
    settle().await;
    let names = all(&page, "#people option");
    assert_eq!(names[0].get_attribute("value").unwrap(), "bob", "offered");
    one(&page, "form [type=submit]").click();
    until("the secret is shown", || {
        find(&page, "form code").is_some_and(|code| text(&code) == "tt_secret")
    })
    .await;
    until("the token is listed", || {
        all(&page, ".token-row").len() == 1
    })
    .await;
    let sent: Value = serde_json::from_str(&requests("POST tokens")[0].body).unwrap();
    assert_eq!(
        sent,
        json!({ "name": "bob-laptop", "role": "editor", "project": null, "person": "bob" })
    );
    assert!(text(&one(&page, ".token-row")).contains("Person: bob"));
    serve(
        "DELETE",
        "tokens/t1",
        &json!({ "message": "Token revoked" }),
    );
    serve("GET", "tokens", &json!([]));
    one(&page, ".token-row .button").click();
    until("it is asked first", || {
        find(&page, "dialog[open] [data-look=danger]").is_some()
    })
    .await;
    assert!(requests("DELETE").is_empty());
    one(&page, "dialog[open] [data-look=danger]").click();
    until("the token is gone", || all(&page, ".token-row").is_empty()).await;
    assert_eq!(requests("DELETE tokens/t1").len(), 1);
}

#[wasm_bindgen_test]
async fn what_was_typed_for_a_token_is_there_when_the_page_is_opened_again() {
    let shown = RwSignal::new(true);
    let (page, _peer) = page_of(session("admin"), move || {
        serve("GET", "tokens", &json!([]));
        serve("GET", "people", &json!([]));
        view! { {move || shown.get().then(|| view! { <SettingsPage/> })} }.into_any()
    })
    .await;
    let name = || find(&page, "form .input");
    until("the form is there", || name().is_some()).await;
    fill(&name().unwrap(), "bob-laptop");
    fill(&one(&page, "form [name=person]"), "bob");
    settle().await;
    shown.set(false);
    until("the page was left", || name().is_none()).await;
    shown.set(true);
    until("the form is there again", || name().is_some()).await;
    let value = |field: HtmlElement| field.unchecked_into::<HtmlInputElement>().value();
    assert_eq!(value(name().unwrap()), "bob-laptop");
    assert_eq!(value(one(&page, "form [name=person]")), "bob");
}

#[wasm_bindgen_test]
async fn a_token_without_a_name_or_of_an_agent_without_a_project_is_not_asked_for() {
    let (page, _peer) = page_of(session("admin"), || {
        serve("GET", "tokens", &json!([]));
        view! { <SettingsPage/> }.into_any()
    })
    .await;
    until("the form is there", || find(&page, "form .input").is_some()).await;
    let submit = || one(&page, "form [type=submit]").click();
    submit();
    until("it asks for a name", || {
        text(&one(&page, "form")).contains("Enter a name for the token.")
    })
    .await;
    fill(&one(&page, "form .input"), "builder");
    let role = one(&page, "form select").unchecked_into::<web_sys::HtmlSelectElement>();
    role.set_value("agent");
    role.dispatch_event(&Event::new("change").unwrap()).unwrap();
    settle().await;
    submit();
    until("it asks for a project", || {
        text(&one(&page, "form")).contains("Choose the agent's project")
    })
    .await;
    assert!(!text(&one(&page, "form")).contains("All projects"));
    assert!(
        find(&page, "form [name=person]").is_none(),
        "no person has it"
    );
    assert!(requests("POST tokens").is_empty());
}

#[wasm_bindgen_test]
async fn a_deleted_project_is_brought_back_from_the_page_of_projects() {
    let (page, _peer) = page_of(session("editor"), || view! { <ProjectsPage/> }.into_any()).await;
    until("the list is offered", || {
        find(&page, ".kept summary").is_some()
    })
    .await;
    let kept = json!({ "key": "~k1", "id": "p9", "name": "Ninth", "why": "deleted", "at": NOW, "by": "human:bob", "until": NOW });
    serve("GET", "projects", &json!([kept]));
    one(&page, ".kept summary").click();
    until("it is listed", || {
        find(&page, ".token-row").is_some_and(|row| text(&row).contains("Ninth"))
    })
    .await;
    serve(
        "POST",
        "projects/p9/restore",
        &json!({ "id": "p9", "name": "Ninth", "path": "", "created_at": NOW, "updated_at": NOW }),
    );
    one(&page, ".token-row .button").click();
    until("it is asked for", || {
        !requests("POST projects/p9/restore").is_empty()
    })
    .await;
    assert_eq!(requests("POST projects/p9/restore")[0].query, "?key=%7Ek1");
}
