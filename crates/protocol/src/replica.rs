//! Applying events to tasks.
