//! Closed lists: enums whose variants have one word each, the same in files, in the database and in the API.

/// A word that a closed list does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub list: &'static str,
    pub word: String,
}

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" is not a {}", self.word, self.list)
    }
}

impl std::error::Error for UnknownWord {}

/// Gives an enum its words, and the conversions in both directions.
macro_rules! closed_list {
    ($name:ident { $($variant:ident $word:literal),+ $(,)? }) => {
        impl $name {
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::core::closed_list::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.into_iter().find(|value| value.as_str() == word);
                found.ok_or_else(|| Self::Err {
                    list: stringify!($name),
                    word: word.to_owned(),
                })
            }
        }
    };
}
pub(crate) use closed_list;
