//! The respondents of a survey by what they said about themselves.

use crate::pages::words::words;
use crate::plan::code_lists::dto::{NamedCode, QuestionnaireProfile};
use crate::platform::text::Lang;
use crate::results::survey_index::dto::{ProfileCell, SurveyProfile};

words! {
    struct Words {
        gender: "Jenis kelamin" / "Gender",
        age: "Umur" / "Age",
        education: "Pendidikan" / "Education",
        occupation: "Pekerjaan" / "Occupation",
        unknown: "tidak diisi" / "not stated",
        under: "di bawah 20" / "under 20",
        over: "60 ke atas" / "60 and over",
    }
}

/// A list of the profile.
pub struct List {
    pub name: &'static str,
    /// The kinds whose counts are shown.
    pub shown: Vec<(String, u64)>,
    /// Whether the counts of other kinds are not shown.
    pub hides_some: bool,
}

/// Returns the lists of a profile with the names of the questionnaire.
pub fn lists(profile: &SurveyProfile, names: &QuestionnaireProfile, lang: Lang) -> [List; 4] {
    let t = Words::of(lang);
    [
        list(t.gender, &profile.gender, &names.gender, t),
        list(t.age, &profile.age_group, &[], t),
        list(t.education, &profile.education, &names.education, t),
        list(t.occupation, &profile.occupation, &names.occupation, t),
    ]
}

fn list(name: &'static str, cells: &[ProfileCell], names: &[NamedCode], t: &Words) -> List {
    let shown = cells
        .iter()
        .filter_map(|cell| Some((named(&cell.code, names, t), cell.count?)));
    List {
        name,
        shown: shown.collect(),
        hides_some: cells.iter().any(|cell| cell.count.is_none()),
    }
}

fn named(code: &str, names: &[NamedCode], t: &Words) -> String {
    match (code, names.iter().find(|named| named.code == code)) {
        (_, Some(named)) => named.name.clone(),
        ("unknown", None) => t.unknown.to_owned(),
        ("under_20", None) => t.under.to_owned(),
        ("60_plus", None) => t.over.to_owned(),
        // An age group such as `20_29`, or a code that is no longer in the questionnaire.
        (other, None) => other.replace('_', "–"),
    }
}
