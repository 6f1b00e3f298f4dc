//! What many who watch, ask or do not read cost the server, and whether it says that it cannot do its work.

mod support;
mod ws_client;

#[path = "load/health.rs"]
mod health;
#[path = "load/monitors.rs"]
mod monitors;
