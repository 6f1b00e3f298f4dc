//! Light or dark: as the system says, or as the person chose.

use leptos::prelude::*;

use super::storage;

/// Where the choice is kept. The script in index.html reads the same key before the first paint.
const KEY: &str = "tasktree.theme";

/// What a person can choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn kept() -> Self {
        let kept = storage::load(KEY);
        Self::ALL
            .into_iter()
            .find(|theme| kept.as_deref() == Some(theme.as_str()))
            .unwrap_or_default()
    }
}

/// Gives everything below the theme, and writes it to `data-theme` of the document's element.
pub fn provide_theme() {
    let theme = RwSignal::new(Theme::kept());
    provide_context(theme);
    Effect::new(move |_| {
        let theme = theme.get();
        let Some(root) = document().document_element() else {
            return;
        };
        // Without the attribute the style sheet follows the system.
        let written = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.as_str()),
        };
        debug_assert!(written.is_ok(), "data-theme is a valid attribute name");
        storage::save(KEY, (theme != Theme::System).then_some(theme.as_str()));
    });
}

/// The theme of the page; setting it changes and keeps it.
pub fn use_theme() -> RwSignal<Theme> {
    use_context().unwrap_or_else(|| RwSignal::new(Theme::System))
}
