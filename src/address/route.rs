//! The pages with their addresses, in both directions.

use leptos::prelude::*;
use tasktree_protocol::{ProjectId, TaskId};

use super::current::use_address;
use super::mount::mount;
use super::percent::{percent_decode, percent_encode};

/// Page that a person is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`: all projects.
    Projects,
    /// A view of one project.
    Project(ProjectId, View),
    /// `/inbox`: what needs attention, in all projects.
    Inbox,
    /// `/settings`: the tokens.
    Settings,
    /// Any address without a page.
    Nowhere,
}

/// A view of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// `/p/{project}`: the board; `/p/{project}/t/{number}`: with a task open over it.
    Board {
        /// Number of the open task.
        task: Option<u64>,
    },
    /// `/p/{project}/agents`
    Agents,
    /// `/p/{project}/activity`
    Activity,
}

impl View {
    /// Board without an open task.
    pub const BOARD: Self = Self::Board { task: None };
}

impl Route {
    /// Parses a path with percent-encoded segments.
    pub fn of_path(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let view = match parts.get(2..).unwrap_or_default() {
            [] => View::BOARD,
            ["agents"] => View::Agents,
            ["activity"] => View::Activity,
            ["t", number] => match number.parse() {
                Ok(number) => View::Board { task: Some(number) },
                Err(_) => return Self::Nowhere,
            },
            _ => return Self::Nowhere,
        };
        match parts.as_slice() {
            [] => Self::Projects,
            ["inbox"] => Self::Inbox,
            ["settings"] => Self::Settings,
            ["p", project, ..] => percent_decode(project).map_or(Self::Nowhere, |project| {
                Self::Project(project.as_str().into(), view)
            }),
            _ => Self::Nowhere,
        }
    }

    /// Returns the path relative to the mount point. Links use [`address_of`].
    fn path(&self) -> String {
        let (project, view) = match self {
            Self::Project(project, view) => (project, view),
            Self::Inbox => return "/inbox".into(),
            Self::Settings => return "/settings".into(),
            Self::Projects | Self::Nowhere => return "/".into(),
        };
        let project = percent_encode(project.as_str());
        match view {
            View::Board { task: None } => format!("/p/{project}"),
            View::Board { task: Some(number) } => format!("/p/{project}/t/{number}"),
            View::Agents => format!("/p/{project}/agents"),
            View::Activity => format!("/p/{project}/activity"),
        }
    }

    /// Returns the project of the route, if it has one.
    pub fn project(&self) -> Option<&ProjectId> {
        match self {
            Self::Project(project, _) => Some(project),
            Self::Projects | Self::Inbox | Self::Settings | Self::Nowhere => None,
        }
    }
}

/// Returns the address of a route, for links.
pub fn address_of(route: &Route) -> String {
    mount(|mount| mount.to_owned() + &route.path())
}

/// Returns the address of a view of a project.
pub fn path_to(project: &ProjectId, view: View) -> String {
    address_of(&Route::Project(project.clone(), view))
}

/// Returns the number in a task's id, `{number}-{project}`.
pub fn task_number(task: &TaskId) -> Option<u64> {
    task.as_str().split_once('-')?.0.parse().ok()
}

/// Returns the current route.
pub fn use_route() -> Memo<Route> {
    let path = use_address().path;
    Memo::new(move |_| {
        path.with(|path| mount(|mount| Route::of_path(path.strip_prefix(mount).unwrap_or(path))))
    })
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    // A new page does not compile without its name here. Add it to the lists of the next test too.
    const _: fn(Route) = |route| match route {
        Route::Project(_, View::Board { .. } | View::Agents | View::Activity)
        | Route::Projects
        | Route::Inbox
        | Route::Settings
        | Route::Nowhere => {}
    };

    #[wasm_bindgen_test]
    fn every_place_has_an_address_that_leads_back_to_it() {
        let views = [
            View::BOARD,
            View::Board { task: Some(12) },
            View::Agents,
            View::Activity,
        ];
        for project in ["demo", "a.b_c-d", "看板", "a b%2F/é"] {
            for view in views {
                let route = Route::Project(project.into(), view);
                assert_eq!(Route::of_path(&route.path()), route);
            }
        }
        for route in [Route::Projects, Route::Inbox, Route::Settings] {
            assert_eq!(Route::of_path(&route.path()), route);
        }
    }

    #[wasm_bindgen_test]
    fn an_address_of_no_page_leads_nowhere() {
        for path in [
            "/x",
            "/p",
            "/p/a/b",
            "/p/a/t",
            "/p/a/t/x",
            "/p/a/t/1/2",
            "/p/%zz",
            "/p/%ff",
        ] {
            assert_eq!(Route::of_path(path), Route::Nowhere, "{path}");
        }
    }

    #[wasm_bindgen_test]
    fn a_slash_at_the_end_changes_nothing() {
        assert_eq!(
            Route::of_path("/p/a/"),
            Route::Project("a".into(), View::BOARD)
        );
    }
}
