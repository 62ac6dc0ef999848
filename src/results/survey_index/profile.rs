//! The profile of the respondents, without counts that could identify a respondent.

use super::dto::{ProfileCell, SurveyProfile};
use crate::facts::responses::profile::{AGE_GROUPS, Counts, Profile, ProfileCodes, UNKNOWN};
use crate::platform::error::{Error, OrInternal};

/// Smaller counts are hidden.
const SMALLEST_SHOWN: u64 = 5;

impl SurveyProfile {
    pub fn new(profile: &Profile, codes: &ProfileCodes) -> Result<Self, Error> {
        Ok(Self {
            gender: cells(codes.gender.iter().map(String::as_str), &profile.gender)?,
            age_group: cells(AGE_GROUPS, &profile.age_group)?,
            education: cells(codes.education.iter().map(String::as_str), &profile.education)?,
            occupation: cells(codes.occupation.iter().map(String::as_str), &profile.occupation)?,
        })
    }
}

fn cells<'a>(codes: impl IntoIterator<Item = &'a str>, counts: &Counts) -> Result<Vec<ProfileCell>, Error> {
    let codes: Vec<&str> = codes.into_iter().chain([UNKNOWN]).collect();
    let count = |code: &&str| u64::try_from(counts.get(*code).copied().unwrap_or(0)).or_internal();
    let shown = without_small(codes.iter().map(count).collect::<Result<_, _>>()?);
    let cells = codes.into_iter().zip(shown).map(|(code, count)| ProfileCell {
        code: code.to_owned(),
        count,
    });
    Ok(cells.collect())
}

/// Hides counts under 5. The total is known, so the sum of the hidden counts follows from the shown ones. If that sum is
/// under 5, or if every hidden count must be 4, the smallest shown counts are hidden too, all that are equal. Then no
/// hidden count follows.
fn without_small(counts: Vec<u64>) -> Vec<Option<u64>> {
    let hidden: Vec<u64> = counts.iter().copied().filter(|n| *n < SMALLEST_SHOWN).collect();
    let all_largest = hidden.iter().all(|n| *n == SMALLEST_SHOWN - 1);
    let follows = !hidden.is_empty() && (hidden.iter().sum::<u64>() < SMALLEST_SHOWN || all_largest);
    let shown = counts.iter().copied().filter(|n| *n >= SMALLEST_SHOWN);
    let least = if follows {
        shown.min().map_or(SMALLEST_SHOWN, |n| n + 1)
    } else {
        SMALLEST_SHOWN
    };
    counts.into_iter().map(|n| (n >= least).then_some(n)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn small_counts_and_counts_that_would_reveal_them_are_left_out() {
        for (counts, shown) in [
            (vec![5, 6, 7], vec![Some(5), Some(6), Some(7)]),
            (vec![4, 6, 7], vec![None, None, Some(7)]),
            (vec![9, 0, 6], vec![Some(9), None, None]),
            (vec![4, 0, 7], vec![None, None, None]),
            (vec![4, 1, 7], vec![None, None, Some(7)]),
            (vec![4, 4, 5], vec![None, None, None]),
            (vec![5, 5, 3, 9], vec![None, None, None, Some(9)]),
            (vec![0, 0, 0], vec![None, None, None]),
        ] {
            assert_eq!(without_small(counts), shown);
        }
    }

    /// An attacker knows the total, the shown counts and the rule, and tries all counts that agree with them.
    #[test]
    fn no_hidden_count_follows_from_the_shown_ones() {
        type View = (u64, Vec<Option<u64>>);
        let mut views: BTreeMap<View, Vec<Vec<u64>>> = BTreeMap::new();
        for n in 0..17_u64.pow(3) {
            let counts = vec![n % 17, n / 17 % 17, n / 289];
            let view = (counts.iter().sum(), without_small(counts.clone()));
            views.entry(view).or_default().push(counts);
        }
        for ((total, shown), possible) in views.into_iter().filter(|((total, _), _)| (1..=16).contains(total)) {
            for (place, _) in shown.iter().enumerate().filter(|(_, n)| n.is_none()) {
                let values = possible.iter().filter_map(|counts| counts.get(place));
                let differ = values.clone().any(|n| Some(n) != values.clone().next());
                assert!(differ, "{shown:?} of {total} is only {possible:?}");
            }
        }
    }
}
