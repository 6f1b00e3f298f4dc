//! The tables, and how an older file becomes a newer one.
