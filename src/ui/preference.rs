//! What a person chose about the page itself. This browser keeps it, and the style sheet reads it off the document's element.

use leptos::prelude::*;

use super::{effect, storage};

/// A choice among a few, the first of which needs not be kept.
pub trait Preference: Copy + Default + Eq + Send + Sync + 'static {
    /// What it is called: in the attribute `data-{name}`, and under `tasktree.{name}` in the storage of the browser. The script in
    /// index.html reads the same keys before the first paint.
    const NAME: &'static str;
    /// All of them, in the order in which they are offered.
    const ALL: &'static [Self];

    /// Its name, in the attribute and in the storage.
    fn as_str(self) -> &'static str;
}

/// Light or dark.
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

/// How much room a card takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Two lines of title, and room around them.
    #[default]
    Comfortable,
    /// One line of title, and more cards in sight.
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

/// Whether a single letter is a command. Who speaks to the computer, or slips on its keys, needs them off:
/// <https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LetterKeys {
    /// It is.
    #[default]
    On,
    /// It is not; arrows, Space, Enter and keys with a modifier still are.
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

/// Gives everything below the choice that was made here before.
pub fn provide_preference<P: Preference>() {
    let kept = storage::load(&key_of::<P>());
    let kept = P::ALL
        .iter()
        .find(|choice| kept.as_deref() == Some(choice.as_str()));
    let choice = RwSignal::new(kept.copied().unwrap_or_default());
    provide_context(choice);
}

/// Where a choice is kept. The script in index.html reads the same keys.
fn key_of<P: Preference>() -> String {
    format!("tasktree.{}", P::NAME)
}

/// Keeps the document's attribute and the storage as the choice is.
pub fn keep_preference<P: Preference>() {
    let choice = use_preference::<P>();
    let key = key_of::<P>();
    effect(move || {
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

/// The choice; setting it changes the page and keeps it.
pub fn use_preference<P: Preference>() -> RwSignal<P> {
    use_context().unwrap_or_else(|| RwSignal::new(P::default()))
}
