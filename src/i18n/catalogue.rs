//! The structure of the catalogue: groups of texts, each a struct with one constant per language.

use super::{
    Locale, access::Access, agent::Agent, board::Board, card::Card, comments::Comments,
    common::Common, connection::Connection, errors::Errors, first_run::FirstRun,
    keyboard::Keyboard, merge::Merge, project::Project, questions::Questions, search::Search,
    shell::Shell, task::Task, unsent::Unsent,
};

/// Text without arguments.
pub type Text = &'static str;
/// Text that depends on a number. Arguments: the number, and the number as the language writes it.
pub type Count = fn(u64, &str) -> String;
/// Text with one argument.
pub type With = fn(&str) -> String;
/// Text with two arguments.
pub type Pair = fn(&str, &str) -> String;

/// Declares a group: `name: kind = english, chinese;` creates a field of the struct and its value
/// in both languages.
macro_rules! texts {
    ($(#[$doc:meta])* $group:ident { $($name:ident: $kind:ty = $en:expr, $zh:expr;)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the English text says what each is")]
        pub struct $group {
            $(pub $name: $kind,)*
        }

        impl $group {
            /// Returns the texts in a language.
            #[inline]
            pub const fn of(locale: crate::i18n::Locale) -> &'static Self {
                static EN: $group = $group { $($name: $en,)* };
                static ZH_CN: $group = $group { $($name: $zh,)* };
                match locale {
                    crate::i18n::Locale::En => &EN,
                    crate::i18n::Locale::ZhCn => &ZH_CN,
                }
            }

            /// Returns every text with its name; arguments are replaced by samples.
            pub(super) fn samples(&self) -> Vec<(&'static str, String)> {
                vec![$((
                    concat!(stringify!($group), ".", stringify!($name)),
                    crate::i18n::catalogue::Sample::sample(&self.$name),
                ),)*]
            }
        }
    };
}
pub(super) use texts;

/// Text that can be rendered with sample arguments.
pub(super) trait Sample {
    fn sample(&self) -> String;
}

impl Sample for Text {
    fn sample(&self) -> String {
        (*self).to_owned()
    }
}

/// Samples of the first and the second argument in [`Strings::samples`].
pub const SAMPLE_ARGUMENTS: [&str; 2] = ["\u{2460}", "\u{2461}"];

impl Sample for Count {
    fn sample(&self) -> String {
        self(2, SAMPLE_ARGUMENTS[0])
    }
}

impl Sample for With {
    fn sample(&self) -> String {
        self(SAMPLE_ARGUMENTS[0])
    }
}

impl Sample for Pair {
    fn sample(&self) -> String {
        self(SAMPLE_ARGUMENTS[0], SAMPLE_ARGUMENTS[1])
    }
}

macro_rules! groups {
    ($($field:ident: $group:ident,)*) => {
        /// Every text of the board in one language. The groups are statics of their own, so that a
        /// program contains only those that it reads.
        #[derive(Clone, Copy, Debug)]
        #[expect(missing_docs, reason = "each is documented where it is declared")]
        pub struct Strings {
            $(pub $field: &'static $group,)*
        }

        impl Strings {
            /// Returns the texts in a language. Inlined, because the caller reads one group only.
            #[inline(always)]
            pub(super) const fn of(locale: Locale) -> Self {
                Self { $($field: $group::of(locale),)* }
            }

            /// Returns every text with its name (`Board.add_task`), with [`SAMPLE_ARGUMENTS`] as
            /// arguments. Tests check with it that nothing is empty or left untranslated.
            pub fn samples(&self) -> Vec<(&'static str, String)> {
                let mut samples = Vec::new();
                $(samples.extend(self.$field.samples());)*
                samples
            }
        }
    };
}

groups! {
    access: Access,
    agent: Agent,
    board: Board,
    card: Card,
    comments: Comments,
    common: Common,
    connection: Connection,
    errors: Errors,
    first_run: FirstRun,
    keyboard: Keyboard,
    merge: Merge,
    project: Project,
    questions: Questions,
    search: Search,
    shell: Shell,
    task: Task,
    unsent: Unsent,
}
