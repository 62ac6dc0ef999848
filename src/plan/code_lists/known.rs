//! The codes that need no look into the database.

use super::list::ProfileList;
use crate::shipped;

/// Returns the values of a profile that came with the program. They cannot end.
pub fn shipped_values(list: ProfileList) -> impl Iterator<Item = &'static str> {
    let values = shipped::questionnaires().iter().flat_map(move |form| match list {
        ProfileList::Gender => &form.profile.gender,
        ProfileList::Education => &form.profile.education,
        ProfileList::Occupation => &form.profile.occupation,
    });
    values.map(|value| value.code.as_str())
}

pub fn is_shipped(list: ProfileList, code: &str) -> bool {
    shipped_values(list).any(|shipped| shipped == code)
}
