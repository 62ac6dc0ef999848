//! The words of every closed list.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;

use iku::core::achievement::Polarity;
use iku::core::case::{CaseStatus, EventKind};
use iku::core::formula::survey_index::SurveyStatus;
use iku::core::grade::Grade;
use iku::core::obligation::{ReportGroup, ReportStatus};
use iku::core::place::VillageKind;

fn has_the_words_of_the_api<T: Copy + Serialize + Display + FromStr + PartialEq, const N: usize>(all: [T; N]) {
    for value in all {
        let word = value.to_string();
        assert_eq!(serde_json::to_value(value).unwrap(), word);
        assert!(word.parse().is_ok_and(|parsed: T| parsed == value), "{word}");
    }
}

#[test]
fn closed_list_words_match_the_api_and_parse_back() {
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
    assert_eq!(error.to_string(), "\"kota\" is not a VillageKind");
}
