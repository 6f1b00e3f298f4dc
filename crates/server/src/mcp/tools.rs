//! The tools: each reads its arguments, calls operations of the service, and answers with an
//! object.

mod files;
mod list;
mod mail;
mod report;
mod rows;
mod task;
mod update;

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::Value;

use super::arguments::{Arguments, Outcome};
use super::budget::{ANSWER_BYTES, fit};
use super::caller::Caller;
use task::read_rows;

/// Calls a tool; none if there is no tool of that name.
pub(super) async fn call(
    caller: Outcome<Caller>,
    name: &str,
    arguments: Option<JsonObject>,
) -> Option<CallToolResult> {
    // The caller of a tool may ask for whole texts.
    let wants_all = arguments.as_ref().and_then(|all| all.get("full")) == Some(&Value::Bool(true));
    let arguments = Arguments::new(arguments);
    let outcome = match caller {
        Ok(caller) => run(&caller, name, arguments).await?,
        Err(refused) => Err(refused),
    };
    Some(match outcome {
        Ok(answer) if wants_all => CallToolResult::structured(answer),
        Ok(answer) => CallToolResult::structured(fit(answer, ANSWER_BYTES)),
        Err(refused) => refused.into_result(),
    })
}

async fn run(caller: &Caller, name: &str, arguments: Arguments) -> Option<Outcome<Value>> {
    Some(match name {
        "board_next" => task::next(caller, arguments).await,
        "board_list" => list::list(caller, arguments).await,
        "board_get" => task::get(caller, arguments).await,
        "board_create" => task::create(caller, arguments).await,
        "board_update" => update::update(caller, arguments).await,
        "board_done" => report::done(caller, arguments).await,
        "board_block" => report::block(caller, arguments).await,
        "board_heartbeat" => report::heartbeat(caller, arguments).await,
        "board_reserve" => files::reserve(caller, arguments).await,
        "board_release" => files::release(caller, arguments).await,
        "board_send" => mail::send(caller, arguments).await,
        "board_inbox" => mail::inbox(caller, arguments).await,
        _ => return None,
    })
}
