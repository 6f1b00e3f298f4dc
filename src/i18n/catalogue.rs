//! The structure of a group of texts: a struct with one constant per language.

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

/// Samples of the first and the second argument in [`super::Strings::samples`].
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
