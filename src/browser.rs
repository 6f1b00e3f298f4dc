//! Parts of the browser that everything else builds on. Nothing here knows the board.

mod idle;

pub(crate) use idle::when_idle;
