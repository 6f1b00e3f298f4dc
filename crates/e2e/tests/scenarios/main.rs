//! What happens to a server and its clients in the field, each by itself: storms of clients, dead and flapping links, a server that
//! is renewed, a disk that fails, tens of thousands of visitors. Clients run the board's own session over real sockets and
//! fail by themselves where an event is missing, comes twice or in another order.

mod crowd;
#[cfg(target_os = "linux")]
mod disk;
mod drain;
mod links;
#[cfg(target_os = "linux")]
mod visitors;
mod world;
