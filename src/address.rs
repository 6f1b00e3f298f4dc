//! The addresses of the board: parsed into a [`Route`] once, here, and made from one for links.
//!
//! State outside of the path (search, filter) is in the query.

mod current;
mod mount;
mod percent;
mod route;

pub use current::{Address, provide_address, use_address};
pub(crate) use percent::percent_encode;
pub use route::{Route, View, address_of, path_to, task_number, use_route};
