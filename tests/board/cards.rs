//! The board shows the server's data, and a message changes only its own subject.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::GetUntracked;
use serde_json::json;
use tasktree_board::i18n::Locale;
use tasktree_protocol::task_card_fields;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn columns_show_their_tasks_in_order_with_names_and_counts() {
    let tasks = [
        ranked(3, 0, "unclaimed"),
        ranked(7, 1, "unclaimed"),
        ranked(5, 2, "in_progress"),
    ];
    let (page, _peer) = live(Locale::En, &tasks).await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#7", "#3"]);
    assert_eq!(cards_in(&page, "in_progress"), ["#5"]);
    let heads = ["unclaimed", "up_next", "in_progress", "completed", "merged"]
        .map(|status| text(&element(&column(&page, status), ".column-head")));
    assert_eq!(heads, ["TODO2", "UP NEXT0", "WORKING1", "DONE0", "MERGED0"]);
    assert_eq!(
        text(&element(&column(&page, "merged"), ".column-empty")),
        "No tasks"
    );
}

#[wasm_bindgen_test]
async fn a_chinese_board_has_no_english_in_it() {
    let tasks = [ranked(1, 1, "unclaimed"), ranked(2, 4, "up_next")];
    let (page, _peer) = live(Locale::ZhCn, &tasks).await;
    let heads = ["unclaimed", "up_next", "in_progress", "completed", "merged"]
        .map(|status| text(&element(&column(&page, status), ".column-name")));
    assert_eq!(heads, ["待办", "待执行", "进行中", "已完成", "已合并"]);
    let label = column(&page, "unclaimed")
        .get_attribute("aria-label")
        .unwrap();
    assert_eq!(label, "待办，1 个任务");
    let mark = element(&card_of(&page, 1), ".priority-mark")
        .get_attribute("aria-label")
        .unwrap();
    assert_eq!(mark, "紧急");
    let menu = element(&card_of(&page, 1), ".task-card-menu")
        .get_attribute("aria-label")
        .unwrap();
    assert_eq!(menu, "将 #1 移动到…");
}

#[wasm_bindgen_test]
async fn a_changed_card_is_lit_for_a_moment_in_the_colour_of_who_changed_it() {
    let (page, peer) = live(
        Locale::En,
        &[ranked(1, 0, "up_next"), ranked(2, 0, "up_next")],
    )
    .await;
    let actor =
        |number| element(&card_of(&page, number), ".task-card-flash").get_attribute("data-actor");
    assert_eq!([actor(1), actor(2)], [None, None]);
    peer.event("task_updated", &card(1, "Changed", "up_next", 2));
    until("the card is lit", || actor(1).is_some()).await;
    assert_eq!(
        [actor(1).as_deref(), actor(2).as_deref()],
        [Some("agent"), None]
    );
    until("the light is out", || actor(1).is_none()).await;
}

#[wasm_bindgen_test]
async fn a_card_says_what_it_waits_for_until_that_is_done() {
    let mut waiting = ranked(2, 0, "unclaimed");
    waiting["dependencies"] = json!([task(1), task(3)]);
    let tasks = [ranked(1, 0, "in_progress"), waiting, ranked(3, 0, "merged")];
    let (page, peer) = live(Locale::En, &tasks).await;
    assert_eq!(
        text(&element(&card_of(&page, 2), ".task-card-blocked")),
        "blocked by #1"
    );
    peer.event("task_updated", &card(1, "Task 1", "completed", 2));
    frame().await;
    assert_eq!(count(&card_of(&page, 2), ".task-card-blocked"), 0);
}

#[wasm_bindgen_test]
async fn an_agent_is_shown_live_on_its_card() {
    begin();
    let mut row = ranked(1, 0, "in_progress");
    row["session"] = json!("builder");
    serve_board(10, &[row]);
    let now = String::from(js_sys::Date::new_0().to_iso_string());
    let agent = |activity: &str, alive: bool| {
        json!({ "id": "builder", "task_id": task(1), "started_at": NOW, "last_activity": activity, "last_heartbeat": now,
            "is_alive": alive })
    };
    serve_at(
        "GET",
        "projects/p1/agents",
        10,
        &json!([agent("reads main.rs", true)]),
    );
    let page = open(Locale::En);
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    let line = || text(&element(&card_of(&page, 1), ".task-card-bottom"));
    until("the agent is shown", || line().contains("builder")).await;
    assert!(line().contains("reads main.rs"), "{}", line());
    peer.event("agent_status_update", &agent("runs the tests", true));
    frame().await;
    assert!(line().contains("runs the tests"), "{}", line());
    peer.event("agent_status_update", &agent("runs the tests", false));
    frame().await;
    assert!(line().contains("Silent"), "{}", line());
}

#[wasm_bindgen_test]
async fn an_agent_is_silent_when_the_server_says_so_and_a_sign_of_life_makes_none_that_is_gone() {
    begin();
    let mut row = ranked(1, 0, "in_progress");
    row["session"] = json!("builder");
    serve_board(10, &[row]);
    let long_ago = "2026-01-01T00:00:00.000Z";
    let agent = json!({ "id": "builder", "task_id": task(1), "started_at": long_ago, "last_activity": "thinks", "last_heartbeat": long_ago,
        "is_alive": true });
    serve_at("GET", "projects/p1/agents", 10, &json!([agent]));
    let page = open(Locale::En);
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    let line = || text(&element(&card_of(&page, 1), ".task-card-bottom"));
    until("the agent is shown", || line().contains("thinks")).await;
    assert!(!line().contains("now"), "{}", line());
    let sign_of_life = |id: &str| {
        let now = String::from(js_sys::Date::new_0().to_iso_string());
        let mut agent = agent.clone();
        agent["id"] = json!(id);
        let message = json!({ "type": "agent_status_update", "project_id": PROJECT, "data": agent, "timestamp": now });
        socket_receive(0, &message.to_string());
    };
    sign_of_life("builder");
    sign_of_life("gone");
    until("it was heard now", || line().contains("now")).await;
    let names = page.value.agents().get_untracked();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[wasm_bindgen_test]
async fn messages_of_another_project_change_nothing_and_ask_for_nothing() {
    let (page, peer) = live(Locale::En, &[ranked(1, 0, "unclaimed")]).await;
    let before = requests("").len();
    watch_changes(&page);
    for kind in [
        "task_created",
        "task_updated",
        "task_deleted",
        "agent_status_update",
        "tasks_reset",
    ] {
        let mut message = peer.next(kind, &card(1, "Foreign", "merged", 9));
        message["project_id"] = json!("other");
        socket_receive(0, &message.to_string());
    }
    frame().await;
    assert_eq!(changed_cards(), Vec::<String>::new());
    assert_eq!(requests("").len(), before);
    assert!(text(&card_of(&page, 1)).contains("Task 1"));
}

#[wasm_bindgen_test]
async fn an_update_in_place_touches_one_card_and_no_list() {
    let tasks: Vec<_> = (1..=30)
        .map(|number| ranked(number, 0, "unclaimed"))
        .collect();
    let (page, peer) = live(Locale::En, &tasks).await;
    let same = card_of(&page, 3);
    watch_changes(&page);
    let before = requests("").len();
    peer.event("task_updated", &card(3, "Another title", "unclaimed", 2));
    frame().await;
    assert_eq!(changed_cards(), [task(3).as_str()]);
    assert_eq!(card_of(&page, 3), same, "the card is the same element");
    assert!(text(&same).contains("Another title"));
    assert_eq!(requests("").len(), before, "nothing is fetched");
}

#[wasm_bindgen_test]
async fn a_task_that_comes_or_goes_leaves_the_other_cards_alone() {
    let tasks = [ranked(1, 0, "unclaimed"), ranked(3, 0, "unclaimed")];
    let (page, peer) = live(Locale::En, &tasks).await;
    let others = [card_of(&page, 1), card_of(&page, 3)];
    peer.event("task_created", &card(2, "Between", "unclaimed", 1));
    frame().await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#1", "#2", "#3"]);
    peer.event("task_deleted", &json!({ "task_id": task(2) }));
    frame().await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#1", "#3"]);
    assert_eq!([card_of(&page, 1), card_of(&page, 3)], others);
}

#[wasm_bindgen_test]
async fn with_an_older_backend_a_burst_of_messages_is_one_fetch_or_two() {
    begin();
    serve(
        "GET",
        "projects/p1/tasks",
        &json!([card(1, "Old", "unclaimed", 0)]),
    );
    serve("GET", "projects/p1/agents", &json!([]));
    refuse("GET", "projects/p1/leases", 404, &json!(null));
    let page = open(Locale::En);
    until("a socket is opened", || socket_count() > 0).await;
    socket_open(0, "");
    ready(&page).await;
    let list = "GET projects/p1/tasks";
    settle().await;
    let before = requests(list).len();
    serve(
        "GET",
        "projects/p1/tasks",
        &json!([card(1, "New", "merged", 0)]),
    );
    for _ in 0..50 {
        socket_receive(
            0,
            &legacy(
                "task_status_changed",
                PROJECT,
                &json!({ "task_id": task(1) }),
            ),
        );
    }
    until("the board is up to date", || {
        find_card(&page, 1).is_some_and(|card| text(&card).contains("New"))
    })
    .await;
    assert_eq!(cards_in(&page, "merged"), ["#1"]);
    pass(600).await;
    let fetches = requests(list).len() - before;
    assert!((1..=2).contains(&fetches), "{fetches} fetches");
}

#[wasm_bindgen_test]
async fn a_live_board_that_could_not_be_read_again_says_that_it_may_lack_something() {
    begin();
    serve_board(10, &[card(1, "Old", "unclaimed", 1)]);
    let page = open(Locale::En);
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    ready(&page).await;
    let reason = json!({ "detail": "The disk is full." });
    // A refusal that is not retried automatically.
    refuse("GET", "projects/p1/tasks", 403, &reason);
    peer.event("task_of_a_future_kind", &json!({}));
    until("it says so", || {
        let notice = page.root.query_selector(".board-notice").unwrap();
        notice.is_some_and(|notice| text(&notice).contains("The disk is full."))
    })
    .await;
    assert_eq!(
        cards_in(&page, "unclaimed"),
        ["#1"],
        "and shows what it has"
    );
    serve_board(11, &[card(1, "New", "merged", 2)]);
    element(&page.root, ".board-notice .button").click();
    until("it is up to date, and silent", || {
        count(&page.root, ".board-notice") == 0 && text(&page.root).contains("New")
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_empty_board_that_could_not_be_read_again_does_not_only_say_that_it_is_empty() {
    let (page, peer) = live(Locale::En, &[]).await;
    let reason = json!({ "detail": "The disk is full." });
    refuse("GET", "projects/p1/tasks", 403, &reason);
    peer.event("task_of_a_future_kind", &json!({}));
    until("it says so", || {
        count(&page.root, ".board-notice") == 1 && count(&page.root, ".board-empty") == 1
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_board_that_cannot_be_loaded_says_so_and_tries_again_when_asked() {
    begin();
    refuse(
        "GET",
        "projects/p1/tasks",
        403,
        &json!({ "detail": "This project is not yours." }),
    );
    serve("GET", "projects/p1/agents", &json!([]));
    refuse("GET", "projects/p1/leases", 404, &json!(null));
    let page = open(Locale::En);
    let _peer = Peer::accept(0, 10).await;
    until("the failure is shown", || {
        count(&page.root, ".board-message") == 1
    })
    .await;
    assert!(text(&page.root).contains("This project is not yours."));
    serve_board(10, &[ranked(1, 0, "unclaimed")]);
    element(&page.root, ".board-message button").click();
    ready(&page).await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#1"]);
}

#[wasm_bindgen_test]
async fn ten_thousand_tasks_mount_a_screenful_and_say_how_many_there_are() {
    let tasks: Vec<_> = (1..=10_000)
        .map(|number| ranked(number, 0, "unclaimed"))
        .collect();
    let (page, _peer) = live(Locale::En, &tasks).await;
    let todo = column(&page, "unclaimed");
    let mounted = count(&todo, ".task-card");
    assert!((4..40).contains(&mounted), "{mounted} cards");
    assert!(count(&page.root, "*") < 2_000);
    let row = element(&todo, "[role=listitem]");
    assert_eq!(row.get_attribute("aria-setsize").as_deref(), Some("10000"));
    assert_eq!(row.get_attribute("aria-posinset").as_deref(), Some("1"));

    let list = element(&todo, ".virtual-list");
    list.set_scroll_top(list.scroll_height() / 2);
    frame().await;
    let place: u32 = element(&todo, "[role=listitem]")
        .get_attribute("aria-posinset")
        .unwrap()
        .parse()
        .unwrap();
    assert!((4_980..=5_001).contains(&place), "{place}");
    assert!(count(&todo, ".task-card") < 40);
}

#[wasm_bindgen_test]
async fn the_focused_card_stays_mounted_while_the_list_scrolls() {
    let tasks: Vec<_> = (1..=1_000)
        .map(|number| ranked(number, 0, "unclaimed"))
        .collect();
    let (page, _peer) = live(Locale::En, &tasks).await;
    let first = card_of(&page, 1);
    first.focus().unwrap();
    frame().await;
    let list = element(&column(&page, "unclaimed"), ".virtual-list");
    list.set_scroll_top(50_000);
    frame().await;
    assert!(
        find_card(&page, 3).is_none(),
        "its neighbours are not mounted"
    );
    assert_eq!(card_of(&page, 1), first);
    assert_eq!(focused().as_deref(), Some(task(1).as_str()));
}

#[wasm_bindgen_test]
async fn what_is_read_stays_where_it_is_when_tasks_come_and_go_above_it() {
    let tasks: Vec<_> = (100..=400)
        .map(|number| ranked(number, 0, "unclaimed"))
        .collect();
    let (page, peer) = live(Locale::En, &tasks).await;
    let list = element(&column(&page, "unclaimed"), ".virtual-list");
    list.set_scroll_top(5_000);
    frame().await;
    let seen = list.get_bounding_client_rect();
    let reading = (100..=400)
        .find(|number| {
            find_card(&page, *number)
                .is_some_and(|card| card.get_bounding_client_rect().top() > seen.top())
        })
        .unwrap();
    let before = card_of(&page, reading);
    let top = before.get_bounding_client_rect().top();
    for number in 1..=7 {
        peer.event("task_created", &card(number, "Above", "unclaimed", 1));
    }
    peer.event("task_deleted", &json!({ "task_id": task(100) }));
    frame().await;
    let after = card_of(&page, reading);
    assert_eq!(after, before, "the card is the same element");
    assert!((after.get_bounding_client_rect().top() - top).abs() < 1.5);
    assert_eq!(
        element(&list, "[role=listitem]")
            .get_attribute("aria-setsize")
            .as_deref(),
        Some("307")
    );
}

#[wasm_bindgen_test]
async fn a_card_shows_three_labels_and_the_number_of_the_others() {
    let long = "a label that is so long that nobody can read it";
    let mut tasks = [ranked(1, 0, "unclaimed"), ranked(2, 0, "unclaimed")];
    tasks[0]["labels"] = json!(["后端", long, "ui", "docs", "later"]);
    let (page, peer) = live(Locale::En, &tasks).await;
    let labels = element(&card_of(&page, 1), ".task-card-labels");
    assert_eq!(count(&labels, ".task-card-label"), 3);
    assert_eq!(text(&element(&labels, ".task-card-more")), "+2");
    let all = format!("后端, {long}, ui, docs, later");
    assert_eq!(labels.get_attribute("aria-label"), Some(all));
    assert_eq!(count(&card_of(&page, 2), ".task-card-labels"), 0);
    let height = |number| card_of(&page, number).get_bounding_client_rect().height();
    assert!((height(1) - height(2)).abs() < 0.5, "as high as any other");
    let mut changed = card(1, "Task 1", "unclaimed", 2);
    changed["labels"] = json!(["ui"]);
    peer.event("task_updated", &changed);
    until("the card has one label", || {
        text(&card_of(&page, 1)).contains("ui") && count(&page.root, ".task-card-more") == 0
    })
    .await;
}

/// Checks, while it compiles, that no field of a card was forgotten.
#[wasm_bindgen_test]
fn each_field_of_a_card_is_shown_or_has_a_reason_not_to_be() {
    macro_rules! one {
        // Shown; tests above and those of agents look for them.
        (number) => {};
        (title) => {};
        (status) => {};
        (branch) => {};
        (session) => {};
        (dependencies) => {};
        (priority) => {};
        (holder) => {};
        (on_hold) => {};
        (verdict) => {};
        (labels) => {};
        // For the order of cards, moves, searches and the card of the agent.
        (id) => {};
        (updated_at) => {};
        (rev) => {};
        (status_changed_at) => {};
        (generation) => {};
        (parent) => {};
        (merge_commit) => {};
        (assignee) => {};
        ($other:ident) => {
            compile_error!(concat!(
                "show `",
                stringify!($other),
                "` in src/components/board/card/marks.rs, test that above, and add it to this list"
            ));
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty, [$($option:tt)*];)*) => { $(one!($name);)* };
    }
    task_card_fields!(all);
}
