//! The formula of an indicator: a union by `kind`, each kind with the members it needs and no other.
//!
//! Untagged structs with a one-valued `kind` each, rather than a tagged enum: only so does the document carry a
//! discriminator and closed alternatives, from which client generators make usable types.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dto::Unit;
use crate::access::Section;
use crate::core::closed_list::closed_list;
use crate::core::obligation::ReportGroup;
use crate::platform::error::Error;

/// How the value is computed from the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("survey_index" = "#/components/schemas/SurveyIndexFormula"),
    ("institution_count" = "#/components/schemas/InstitutionCountFormula"),
    ("case_handling" = "#/components/schemas/CaseHandlingFormula"),
    ("report_delivery" = "#/components/schemas/ReportDeliveryFormula"),
)))]
pub enum IndicatorFormula {
    SurveyIndex(SurveyIndexFormula),
    InstitutionCount(InstitutionCountFormula),
    CaseHandling(CaseHandlingFormula),
    ReportDelivery(ReportDeliveryFormula),
}

/// The mean of the indices of one section's surveys (IKU 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyIndexFormula {
    #[schema(inline)]
    pub kind: SurveyIndexKind,
    pub section: Section,
}

/// The number of village institutions with a decree in force (IKU 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstitutionCountFormula {
    #[schema(inline)]
    pub kind: InstitutionCountKind,
}

/// The share of the public-order cases that was handled (IKU 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseHandlingFormula {
    #[schema(inline)]
    pub kind: CaseHandlingKind,
}

/// The share of a year's reports of one group that was delivered (IKU 4 and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDeliveryFormula {
    #[schema(inline)]
    pub kind: ReportDeliveryKind,
    pub group: ReportGroup,
}

// No doc comments on these: with one, the inlined schema is wrapped and the discriminator lost.
macro_rules! one_valued {
    ($($name:ident $variant:ident;)*) => { $(
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            #[default]
            $variant,
        }
    )* };
}
one_valued! {
    SurveyIndexKind SurveyIndex;
    InstitutionCountKind InstitutionCount;
    CaseHandlingKind CaseHandling;
    ReportDeliveryKind ReportDelivery;
}

/// The kinds of [`IndicatorFormula`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormulaKind {
    SurveyIndex,
    InstitutionCount,
    CaseHandling,
    ReportDelivery,
}
closed_list!(FormulaKind {
    SurveyIndex "survey_index",
    InstitutionCount "institution_count",
    CaseHandling "case_handling",
    ReportDelivery "report_delivery",
});

/// What of a formula can be corrected. Naming another kind replaces the formula whole.
#[derive(Debug, Deserialize, ToSchema)]
pub struct IndicatorFormulaPatch {
    #[schema(nullable = false)]
    pub kind: Option<FormulaKind>,
    /// Of `survey_index`.
    pub section: Option<Section>,
    /// Of `report_delivery`.
    pub group: Option<ReportGroup>,
}

impl IndicatorFormula {
    pub fn kind(&self) -> FormulaKind {
        match self {
            Self::SurveyIndex(_) => FormulaKind::SurveyIndex,
            Self::InstitutionCount(_) => FormulaKind::InstitutionCount,
            Self::CaseHandling(_) => FormulaKind::CaseHandling,
            Self::ReportDelivery(_) => FormulaKind::ReportDelivery,
        }
    }

    /// The unit of what this formula computes.
    pub fn unit(&self) -> Unit {
        match self {
            Self::SurveyIndex(_) => Unit::Index,
            Self::InstitutionCount(_) => Unit::Count,
            Self::CaseHandling(_) | Self::ReportDelivery(_) => Unit::Percent,
        }
    }

    /// From the three columns in which it is stored.
    pub fn from_columns(kind: &str, section: Option<&str>, group: Option<&str>) -> Result<Self, Error> {
        let missing = || Error::internal(format!("formula {kind} without its member"));
        Ok(match kind.parse()? {
            FormulaKind::SurveyIndex => Self::SurveyIndex(SurveyIndexFormula {
                kind: SurveyIndexKind::SurveyIndex,
                section: section.ok_or_else(missing)?.parse()?,
            }),
            FormulaKind::InstitutionCount => Self::InstitutionCount(InstitutionCountFormula::default()),
            FormulaKind::CaseHandling => Self::CaseHandling(CaseHandlingFormula::default()),
            FormulaKind::ReportDelivery => Self::ReportDelivery(ReportDeliveryFormula {
                kind: ReportDeliveryKind::ReportDelivery,
                group: group.ok_or_else(missing)?.parse()?,
            }),
        })
    }

    /// The columns `formula_section` and `formula_group`.
    pub fn member_columns(&self) -> Result<(Option<String>, Option<String>), Error> {
        Ok(match self {
            Self::SurveyIndex(f) => (Some(f.section.to_string()), None),
            Self::ReportDelivery(f) => (None, Some(f.group.to_string())),
            Self::InstitutionCount(_) | Self::CaseHandling(_) => (None, None),
        })
    }
}
