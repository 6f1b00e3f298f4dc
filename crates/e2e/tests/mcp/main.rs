//! The Model Context Protocol beside the other doors, and as the official tools and clients of
//! other languages see it.

mod doors;
mod official;
