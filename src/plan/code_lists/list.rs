//! The code lists by name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::core::closed_list::closed_list;

/// A code list. Its word is its name in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeList {
    InstitutionKinds,
    CaseCategories,
    Services,
    Gender,
    Education,
    Occupation,
}
closed_list!(CodeList {
    InstitutionKinds "institution-kinds",
    CaseCategories "case-categories",
    Services "services",
    Gender "gender",
    Education "education",
    Occupation "occupation",
});

impl CodeList {
    /// Returns whether the questionnaire has this list.
    pub fn is_profile(self) -> bool {
        ProfileList::ALL.into_iter().any(|list| Self::from(list) == self)
    }
}

/// A list of the questionnaire: what respondents say about themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProfileList {
    Gender,
    Education,
    Occupation,
}
closed_list!(ProfileList { Gender "gender", Education "education", Occupation "occupation" });

impl From<ProfileList> for CodeList {
    fn from(list: ProfileList) -> Self {
        match list {
            ProfileList::Gender => Self::Gender,
            ProfileList::Education => Self::Education,
            ProfileList::Occupation => Self::Occupation,
        }
    }
}
