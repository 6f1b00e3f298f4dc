//! Tests of conditions in the field, one at a time. They are storms of clients, dead and flapping
//! links, a server that is upgraded or killed, a disk that fails, and tens of thousands of visitors.
//! Clients run the board's own session over real sockets, and fail by themselves if an event is
//! missing, duplicated or out of order.

mod crash;
mod crowd;
#[cfg(target_os = "linux")]
mod disk;
mod drain;
mod links;
#[cfg(target_os = "linux")]
mod visitors;
mod world;
