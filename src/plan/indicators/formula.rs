//! The formula of an indicator as the document shows it: a union by `kind`, each kind with its own members. The value
//! itself is the core's [`Formula`].
//!
//! Untagged structs with a one-valued `kind` each, instead of a tagged enum: only so does the document have a
//! discriminator and closed alternatives, from which client generators make usable types.

use serde::Serialize;
use utoipa::ToSchema;

use ::entity::indicator;

use crate::access::Section;
use crate::core::formula::Formula;
use crate::core::obligation::ReportGroup;
use crate::platform::error::Error;

/// How the value is computed from the facts.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
pub struct SurveyIndexFormula {
    #[schema(inline)]
    pub kind: SurveyIndexKind,
    pub section: Section,
}

/// The number of village institutions with a decree in force (IKU 2).
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionCountFormula {
    #[schema(inline)]
    pub kind: InstitutionCountKind,
}

/// The share of public-order cases that were handled (IKU 3).
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseHandlingFormula {
    #[schema(inline)]
    pub kind: CaseHandlingKind,
}

/// The share of a year's reports of one group that were delivered (IKU 4 and 5).
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportDeliveryFormula {
    #[schema(inline)]
    pub kind: ReportDeliveryKind,
    pub group: ReportGroup,
}

// No doc comments on these: with one, the inlined schema is wrapped and the discriminator lost.
macro_rules! one_valued {
    ($($name:ident $variant:ident;)*) => { $(
        #[derive(Debug, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormulaKind {
    SurveyIndex,
    InstitutionCount,
    CaseHandling,
    ReportDelivery,
}

/// A correction of a formula. Another kind replaces the whole formula.
#[derive(Debug, ToSchema)]
pub struct IndicatorFormulaPatch {
    #[schema(nullable = false)]
    pub kind: Option<FormulaKind>,
    /// Only of `survey_index`.
    pub section: Option<Section>,
    /// Only of `report_delivery`.
    pub group: Option<ReportGroup>,
}

/// Returns the formula of an indicator's row.
pub fn of_row(row: &indicator::Model) -> Result<Formula, Error> {
    let (section, group) = (row.formula_section.as_deref(), row.formula_group.as_deref());
    let formula = Formula::from_codes(&row.formula_kind, section, group);
    formula.ok_or_else(|| {
        let (kind, code) = (&row.formula_kind, &row.code);
        Error::internal(format!(
            "indicator {code}: formula {kind} of section {section:?} and group {group:?}"
        ))
    })
}
