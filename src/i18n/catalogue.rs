//! The shape of the catalogue: groups of texts, each a struct with one constant a language.

use super::{
    access::Access, agent::Agent, board::Board, comments::Comments, common::Common,
    connection::Connection, errors::Errors, first::First, first_run::FirstRun, keyboard::Keyboard,
    merge::Merge, project::Project, questions::Questions, shell::Shell, task::Task, unsent::Unsent,
};

/// A text without arguments.
pub type Text = &'static str;
/// A text that depends on a number: the number, and the number as it is written in the language.
pub type Count = fn(u64, &str) -> String;
/// A text with one argument.
pub type With = fn(&str) -> String;
/// A text with two arguments.
pub type Pair = fn(&str, &str) -> String;

/// Declares a group: `name: kind = english, chinese;` makes a field of the struct and its value in both languages.
macro_rules! texts {
    ($(#[$doc:meta])* $group:ident { $($name:ident: $kind:ty = $en:expr, $zh:expr;)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the English text says what each is")]
        pub struct $group {
            $(pub $name: $kind,)*
        }

        impl $group {
            /// In English.
            pub const EN: Self = Self { $($name: $en,)* };
            /// In Chinese.
            pub const ZH_CN: Self = Self { $($name: $zh,)* };

            /// Every text with its name; those with arguments with samples in their place.
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

/// A text with something in the place of its arguments.
pub(super) trait Sample {
    fn sample(&self) -> String;
}

impl Sample for Text {
    fn sample(&self) -> String {
        (*self).to_owned()
    }
}

/// What stands for the first and the second argument in [`Strings::samples`].
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
        /// Every text of the board in one language.
        #[derive(Debug)]
        #[expect(missing_docs, reason = "each is documented where it is declared")]
        pub struct Strings {
            pub first: &'static First,
            $(pub $field: $group,)*
        }

        pub(super) static EN: Strings = Strings { first: &FIRST_EN, $($field: $group::EN,)* };
        pub(super) static ZH_CN: Strings = Strings { first: &FIRST_ZH_CN, $($field: $group::ZH_CN,)* };

        impl Strings {
            /// Every text with its name (`Board.add_task`), with [`SAMPLE_ARGUMENTS`] in the place of arguments: for
            /// tests, which see by it that nothing is empty or left untranslated.
            pub fn samples(&self) -> Vec<(&'static str, String)> {
                let mut samples = self.first.samples();
                $(samples.extend(self.$field.samples());)*
                samples
            }
        }
    };
}

/// By themselves: what leads to these does not lead to all the others.
pub(super) static FIRST_EN: First = First::EN;
pub(super) static FIRST_ZH_CN: First = First::ZH_CN;

groups! {
    access: Access,
    agent: Agent,
    board: Board,
    comments: Comments,
    common: Common,
    connection: Connection,
    errors: Errors,
    first_run: FirstRun,
    keyboard: Keyboard,
    merge: Merge,
    project: Project,
    questions: Questions,
    shell: Shell,
    task: Task,
    unsent: Unsent,
}
