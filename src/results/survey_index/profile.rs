//! The profile of the respondents, without counts that could identify one of them.

use super::dto::{ProfileCell, SurveyProfile};
use crate::facts::responses::query::ProfileGroup;
use crate::platform::error::{Error, OrInternal};

/// Smaller counts are hidden.
const SMALLEST_SHOWN: u64 = 5;

const UNKNOWN: &str = "unknown";
const GENDERS: [&str; 3] = ["laki_laki", "perempuan", UNKNOWN];
const AGE_GROUPS: [&str; 7] = ["under_20", "20_29", "30_39", "40_49", "50_59", "60_plus", UNKNOWN];
const EDUCATIONS: [&str; 8] = ["sd", "smp", "sma", "d3", "s1", "s2", "s3", UNKNOWN];
const OCCUPATIONS: [&str; 7] = ["pns", "tni", "polri", "swasta", "wirausaha", "lainnya", UNKNOWN];

/// The four lists of a survey's profile.
pub fn profile(groups: &[ProfileGroup]) -> Result<SurveyProfile, Error> {
    let list = |codes: &[&'static str], code: fn(&ProfileGroup) -> Option<&str>| cells(codes, groups, code);
    Ok(SurveyProfile {
        gender: list(&GENDERS, |g| g.gender.as_deref())?,
        age_group: list(&AGE_GROUPS, |g| g.age_decade.map(age_group))?,
        education: list(&EDUCATIONS, |g| g.education.as_deref())?,
        occupation: list(&OCCUPATIONS, |g| g.occupation.as_deref())?,
    })
}

fn age_group(decade: i32) -> &'static str {
    match decade {
        ..=1 => AGE_GROUPS[0],
        2 => AGE_GROUPS[1],
        3 => AGE_GROUPS[2],
        4 => AGE_GROUPS[3],
        5 => AGE_GROUPS[4],
        6.. => AGE_GROUPS[5],
    }
}

fn cells(
    codes: &[&'static str],
    groups: &[ProfileGroup],
    code: fn(&ProfileGroup) -> Option<&str>,
) -> Result<Vec<ProfileCell>, Error> {
    let mut counts = vec![0_u64; codes.len()];
    for group in groups {
        let code = code(group).unwrap_or(UNKNOWN);
        let place = codes.iter().position(|c| *c == code);
        let count = place.and_then(|place| counts.get_mut(place));
        let count = count.ok_or_else(|| Error::internal(format!("a respondent's {code}")))?;
        *count += u64::try_from(group.count).or_internal()?;
    }
    let shown = without_small(counts);
    Ok(codes
        .iter()
        .zip(shown)
        .map(|(code, count)| ProfileCell { code, count })
        .collect())
}

/// Hides counts under 5. The total is known, so a single hidden count would follow from the others: then the next
/// smallest is hidden too.
fn without_small(counts: Vec<u64>) -> Vec<Option<u64>> {
    let mut shown: Vec<Option<u64>> = counts.into_iter().map(|n| (n >= SMALLEST_SHOWN).then_some(n)).collect();
    if shown.iter().filter(|n| n.is_none()).count() == 1
        && let Some(next) = shown.iter_mut().filter(|n| n.is_some()).min()
    {
        *next = None;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_and_what_would_reveal_them_are_left_out() {
        for (counts, shown) in [
            (vec![5, 6, 7], vec![Some(5), Some(6), Some(7)]),
            (vec![4, 6, 7], vec![None, None, Some(7)]),
            (vec![9, 0, 6], vec![Some(9), None, None]),
            (vec![4, 0, 7], vec![None, None, Some(7)]),
            (vec![0, 0, 0], vec![None, None, None]),
        ] {
            assert_eq!(without_small(counts), shown);
        }
    }

    #[test]
    fn ages_fall_into_their_groups() {
        let groups = [0, 1, 2, 5, 6, 12].map(age_group);
        assert_eq!(groups, ["under_20", "under_20", "20_29", "50_59", "60_plus", "60_plus"]);
    }
}
