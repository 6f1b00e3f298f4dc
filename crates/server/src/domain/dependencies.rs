//! Which tasks wait for which.
