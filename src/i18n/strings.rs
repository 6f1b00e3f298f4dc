//! All groups of texts, as one struct.

use super::{
    Locale, access::Access, agent::Agent, attention::Attention, board::Board, card::Card,
    comments::Comments, common::Common, connection::Connection, errors::Errors,
    first_run::FirstRun, keyboard::Keyboard, merge::Merge, project::Project, questions::Questions,
    search::Search, shell::Shell, task::Task, unsent::Unsent,
};

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

            /// Returns every text with its name (`Board.add_task`). Its arguments are
            /// [`super::SAMPLE_ARGUMENTS`]. Tests check with it that nothing is empty or left
            /// untranslated.
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
    attention: Attention,
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
