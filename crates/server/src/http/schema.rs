//! Types of the API as OpenAPI describes them.
//!
//! The wire types belong to the protocol crate, which does not depend on OpenAPI, so the
//! documentation has its own mirrors. They are rarely constructed; a test compares their fields
//! with the output of the real types.
#![allow(dead_code, reason = "only their derived schemas are used")]

macro_rules! mirrors {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {
        $(#[derive(Debug, ToSchema)] $(#[$doc])* pub(crate) struct $name { $($(#[$field_doc])* pub(crate) $field: $kind,)* })*
    };
}

mod access;
mod activity;
mod board;
mod talk;

pub(crate) use access::*;
pub(crate) use activity::*;
pub(crate) use board::*;
pub(crate) use talk::*;
