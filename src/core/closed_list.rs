//! Closed lists: enums whose variants have one word each, the same in files, in the database and in the API.

/// A word that a closed list does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub list: &'static str,
    pub word: String,
}

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" is no {}", self.word, self.list)
    }
}

impl std::error::Error for UnknownWord {}

/// Gives an enum its words, and the way there and back.
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

#[cfg(test)]
mod tests {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::Serialize;

    use crate::core::achievement::Polarity;
    use crate::core::case::{CaseStatus, EventKind};
    use crate::core::formula::survey_index::SurveyStatus;
    use crate::core::grade::Grade;
    use crate::core::obligation::{ReportGroup, ReportStatus};
    use crate::core::place::VillageKind;

    fn has_the_words_of_the_api<T: Copy + Serialize + Display + FromStr + PartialEq, const N: usize>(all: [T; N]) {
        for value in all {
            let word = value.to_string();
            assert_eq!(serde_json::to_value(value).unwrap(), word);
            assert!(word.parse().is_ok_and(|parsed: T| parsed == value), "{word}");
        }
    }

    #[test]
    fn words_are_those_of_the_api_and_lead_back() {
        has_the_words_of_the_api(VillageKind::ALL);
        has_the_words_of_the_api(ReportGroup::ALL);
        has_the_words_of_the_api(ReportStatus::ALL);
        has_the_words_of_the_api(CaseStatus::ALL);
        has_the_words_of_the_api(EventKind::ALL);
        has_the_words_of_the_api(SurveyStatus::ALL);
        has_the_words_of_the_api(Polarity::ALL);
        has_the_words_of_the_api(Grade::ALL);
    }

    #[test]
    fn an_unknown_word_names_the_list() {
        let error = "kota".parse::<VillageKind>().unwrap_err();
        assert_eq!(error.to_string(), "\"kota\" is no VillageKind");
    }
}
