//! Views of projects: their list, their forms, the first steps with one.

pub mod dialog;
pub mod first_run;
pub mod kept_projects;
pub mod list;
pub mod reset_undo;
pub mod switcher;
