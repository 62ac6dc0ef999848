//! The profile of a survey's respondents: how many made which statement about themselves.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use ::entity::response;

use crate::plan::code_lists::known::{is_shipped, shipped_values};
use crate::plan::code_lists::query::codes_of;
use crate::plan::code_lists::{CodeList, ProfileList};
use crate::platform::error::Error;

/// The code of a respondent without a statement: the last of each list.
pub const UNKNOWN: &str = "unknown";
pub const AGE_GROUPS: [&str; 6] = ["under_20", "20_29", "30_39", "40_49", "50_59", "60_plus"];

/// The first age after each age group except the last.
const AGE_LIMITS: [i16; 5] = [20, 30, 40, 50, 60];

/// The number of respondents by code, without those that are zero.
pub type Counts = BTreeMap<String, i64>;

/// The numbers of respondents by each statement; or a change of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    pub gender: Counts,
    pub age_group: Counts,
    pub education: Counts,
    pub occupation: Counts,
}

/// The codes of the lists that are data, in their order, with those that have ended. Codes are never removed.
#[derive(Clone, Debug, Default)]
pub struct ProfileCodes {
    pub gender: Vec<String>,
    pub education: Vec<String>,
    pub occupation: Vec<String>,
}

impl ProfileCodes {
    /// Returns all codes, also the shipped codes of a database in which the program has not started yet.
    pub async fn load(conn: &impl ConnectionTrait) -> Result<Self, Error> {
        let mut codes = Self::default();
        for row in codes_of(conn, &LISTS.map(CodeList::from)).await? {
            codes.of(row.list.parse()?).push(row.code);
        }
        for list in LISTS {
            let own = codes.of(list);
            for code in shipped_values(list) {
                if !own.iter().any(|known| known == code) {
                    own.push(code.to_owned());
                }
            }
        }
        Ok(codes)
    }

    fn of(&mut self, list: ProfileList) -> &mut Vec<String> {
        match list {
            ProfileList::Gender => &mut self.gender,
            ProfileList::Education => &mut self.education,
            ProfileList::Occupation => &mut self.occupation,
        }
    }
}

const LISTS: [ProfileList; 3] = ProfileList::ALL;

/// The codes of profiles that exist, each with its last year if it has ended.
pub type KnownCodes = BTreeMap<(ProfileList, String), Option<i32>>;

/// Returns which of these codes exist. The database is asked only about codes that did not come with the program.
pub async fn known(conn: &impl ConnectionTrait, codes: BTreeSet<(ProfileList, &str)>) -> Result<KnownCodes, Error> {
    let mut known = KnownCodes::new();
    let mut others = BTreeSet::new();
    for (list, code) in codes {
        if is_shipped(list, code) {
            known.insert((list, code.to_owned()), None);
        } else {
            others.insert((list, code));
        }
    }
    if !others.is_empty() {
        for row in codes_of(conn, &LISTS.map(CodeList::from)).await? {
            let list: ProfileList = row.list.parse()?;
            if others.contains(&(list, row.code.as_str())) {
                known.insert((list, row.code), row.valid_to_year);
            }
        }
    }
    Ok(known)
}

impl Profile {
    /// Counts an answer.
    pub fn count(&mut self, row: &response::Model) {
        add(&mut self.gender, row.gender.as_deref(), 1);
        add(&mut self.age_group, row.age.map(age_group), 1);
        add(&mut self.education, row.education.as_deref(), 1);
        add(&mut self.occupation, row.occupation.as_deref(), 1);
    }

    pub fn plus(mut self, other: &Self) -> Self {
        for ((_, more), own) in other.lists().into_iter().zip(self.lists_mut()) {
            for (code, count) in more {
                add(own, Some(code), *count);
            }
        }
        self
    }

    pub fn negated(mut self) -> Self {
        for list in self.lists_mut() {
            list.values_mut().for_each(|count| *count = -*count);
        }
        self
    }

    /// Returns the profile without the counts that are zero, as tallies have it.
    pub fn without_zeros(mut self) -> Self {
        for list in self.lists_mut() {
            list.retain(|_, count| *count != 0);
        }
        self
    }

    /// Returns the lists by name.
    pub fn lists(&self) -> [(&'static str, &Counts); 4] {
        [
            ("gender", &self.gender),
            ("age_group", &self.age_group),
            ("education", &self.education),
            ("occupation", &self.occupation),
        ]
    }

    fn lists_mut(&mut self) -> [&mut Counts; 4] {
        [
            &mut self.gender,
            &mut self.age_group,
            &mut self.education,
            &mut self.occupation,
        ]
    }
}

/// Adds to the count of a code (`None`: no statement).
fn add(counts: &mut Counts, code: Option<&str>, more: i64) {
    let code = code.unwrap_or(UNKNOWN);
    match counts.get_mut(code) {
        Some(count) => *count += more,
        None => {
            counts.insert(code.to_owned(), more);
        }
    }
    if counts.get(code) == Some(&0) {
        counts.remove(code);
    }
}

fn age_group(age: i16) -> &'static str {
    let group = AGE_LIMITS.iter().take_while(|limit| age >= **limit).count();
    AGE_GROUPS.get(group).copied().unwrap_or(UNKNOWN)
}

/// Returns the SQL of the profile of all selected answers, as the JSON of [`Profile`] with zeros.
pub fn sum_sql(codes: &ProfileCodes) -> String {
    let list = |name: &str, column: &str, conditions: Vec<(&str, String)>| {
        let unknown = (UNKNOWN, format!("{column} IS NULL"));
        let counts = conditions
            .into_iter()
            .chain([unknown])
            .map(|(code, condition)| format!("'\"{code}\":' || COUNT(CASE WHEN {condition} THEN 1 END)"));
        let counts = counts.collect::<Vec<_>>().join(" || ',' || ");
        format!("'\"{name}\":{{' || {counts} || '}}'")
    };
    fn coded<'a>(column: &str, codes: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, String)> {
        // A code has letters, digits and underscores only.
        let codes = codes.into_iter();
        codes.map(|code| (code, format!("{column} = '{code}'"))).collect()
    }
    let starts = [None].into_iter().chain(AGE_LIMITS.map(Some));
    let ends = AGE_LIMITS.map(Some).into_iter().chain([None]);
    let ages = starts.zip(ends).map(|ages| match ages {
        (Some(from), Some(to)) => format!("age >= {from} AND age < {to}"),
        (Some(from), None) => format!("age >= {from}"),
        (None, Some(to)) => format!("age < {to}"),
        (None, None) => "TRUE".to_owned(),
    });
    let lists = [
        list(
            "gender",
            "gender",
            coded("gender", codes.gender.iter().map(String::as_str)),
        ),
        list("age_group", "age", AGE_GROUPS.into_iter().zip(ages).collect()),
        list(
            "education",
            "education",
            coded("education", codes.education.iter().map(String::as_str)),
        ),
        list(
            "occupation",
            "occupation",
            coded("occupation", codes.occupation.iter().map(String::as_str)),
        ),
    ];
    format!("'{{' || {} || '}}'", lists.join(" || ',' || "))
}
