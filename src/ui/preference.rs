//! A person's preferences about the page itself. This browser stores them, and the style sheet
//! reads them from attributes of the document's element.

use leptos::prelude::*;

use super::boxed_effect;
use crate::browser::storage;

/// Choice among a few; the first is the default and needs no storage.
pub trait Preference: Copy + Default + Eq + Send + Sync + 'static {
    /// Name in the attribute `data-{name}`, and under `tasktree.{name}` in the storage of the
    /// browser. The script in index.html reads the same keys before the first paint.
    const NAME: &'static str;
    /// All choices, in the order in which they are offered.
    const ALL: &'static [Self];

    /// Returns the name of the choice in the attribute and in the storage.
    fn as_str(self) -> &'static str;
}

/// Light or dark theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The system's theme.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Preference for Theme {
    const NAME: &'static str = "theme";
    const ALL: &'static [Self] = &[Self::System, Self::Light, Self::Dark];

    fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Density of the cards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Two lines of title, and space around them.
    #[default]
    Comfortable,
    /// One line of title, and more cards on the screen.
    Compact,
}

impl Preference for Density {
    const NAME: &'static str = "density";
    const ALL: &'static [Self] = &[Self::Comfortable, Self::Compact];

    fn as_str(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => "compact",
        }
    }
}

/// Use of single letters as commands. People who use speech input, or who slip on keys, need them
/// off: <https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LetterKeys {
    /// Letters are commands.
    #[default]
    On,
    /// Letters are not commands; arrows, Space, Enter and keys with a modifier still are.
    Off,
}

impl Preference for LetterKeys {
    const NAME: &'static str = "letter-keys";
    const ALL: &'static [Self] = &[Self::On, Self::Off];

    fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// Provides the stored choice to everything below.
pub fn provide_preference<P: Preference>() {
    let kept = storage::load(&key_of::<P>());
    let kept = P::ALL
        .iter()
        .find(|choice| kept.as_deref() == Some(choice.as_str()));
    let choice = RwSignal::new(kept.copied().unwrap_or_default());
    provide_context(choice);
}

/// Returns the storage key of a choice. The script in index.html reads the same keys.
fn key_of<P: Preference>() -> String {
    format!("tasktree.{}", P::NAME)
}

/// Keeps the document's attribute and the storage in line with the choice.
pub fn keep_preference<P: Preference>() {
    let choice = use_preference::<P>();
    let key = key_of::<P>();
    boxed_effect(move || {
        let choice = choice.get();
        let name = (choice != P::default()).then_some(choice.as_str());
        storage::save(&key, name);
        let Some(root) = document().document_element() else {
            return;
        };
        let attribute = format!("data-{}", P::NAME);
        let written = match name {
            Some(name) => root.set_attribute(&attribute, name),
            None => root.remove_attribute(&attribute),
        };
        debug_assert!(written.is_ok(), "{attribute} is a valid attribute name");
    });
}

/// Returns the choice; setting it changes the page and stores it.
pub fn use_preference<P: Preference>() -> RwSignal<P> {
    use_context().unwrap_or_else(|| RwSignal::new(P::default()))
}
