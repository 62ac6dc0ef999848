//! The formula of an indicator in requests and responses: one object for all kinds, because many client generators
//! cannot read a union. The value itself is the core's [`Formula`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use ::entity::indicator;

use crate::access::Section;
use crate::core::closed_list::closed_list;
use crate::core::formula::Formula;
use crate::core::obligation::ReportGroup;
use crate::platform::error::{Error, FieldErrors};

/// The formula that computes the value from the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"kind": "report_delivery", "group": "finance", "per_village": 7}))]
pub struct IndicatorFormula {
    pub kind: FormulaKind,
    /// Required for `survey_index`, absent otherwise: the section whose surveys count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Section>,
    /// Required for `report_delivery`, absent otherwise: the group of the reports that count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<ReportGroup>,
    /// Only for `report_delivery`: the number of reports per village that the decree names. It does not change the value; the
    /// value shows where the list of kinds has another length.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100, example = 7)]
    pub per_village: Option<u32>,
}

/// What a formula computes: `survey_index` the mean of the indices of one section's surveys (IKU 1), `institution_count`
/// the number of village institutions with a decree in force (IKU 2), `case_handling` the share of public-order cases
/// that were handled (IKU 3), `report_delivery` the share of a year's reports of one group that were delivered (IKU 4
/// and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormulaKind {
    SurveyIndex,
    InstitutionCount,
    CaseHandling,
    ReportDelivery,
}
closed_list!(FormulaKind {
    SurveyIndex "survey_index", InstitutionCount "institution_count", CaseHandling "case_handling",
    ReportDelivery "report_delivery"
});

/// A correction of a formula. Another kind replaces the whole formula.
#[derive(Debug, ToSchema)]
pub struct IndicatorFormulaPatch {
    #[schema(nullable = false)]
    pub kind: Option<FormulaKind>,
    /// Only of `survey_index`; null, like another kind, removes it.
    pub section: Option<Section>,
    /// Only of `report_delivery`; null, like another kind, removes it.
    pub group: Option<ReportGroup>,
    /// Only of `report_delivery`; null, like another kind, removes it.
    #[schema(minimum = 1, maximum = 100)]
    pub per_village: Option<u32>,
}

impl From<Formula> for IndicatorFormula {
    fn from(formula: Formula) -> Self {
        let (kind, section, group) = match formula {
            Formula::SurveyIndex { section } => (FormulaKind::SurveyIndex, Some(section), None),
            Formula::InstitutionCount {} => (FormulaKind::InstitutionCount, None, None),
            Formula::CaseHandling {} => (FormulaKind::CaseHandling, None, None),
            Formula::ReportDelivery { group, .. } => (FormulaKind::ReportDelivery, None, Some(group)),
        };
        Self {
            kind,
            section,
            group,
            per_village: formula.per_village(),
        }
    }
}

impl IndicatorFormula {
    /// Returns the formula, or an error for each member that the kind lacks or does not have.
    pub fn read(self) -> Result<Formula, FieldErrors> {
        let per_village = self.per_village;
        match (self.kind, self.section, self.group, per_village) {
            (FormulaKind::SurveyIndex, Some(section), None, None) => Ok(Formula::SurveyIndex { section }),
            (FormulaKind::InstitutionCount, None, None, None) => Ok(Formula::InstitutionCount {}),
            (FormulaKind::CaseHandling, None, None, None) => Ok(Formula::CaseHandling {}),
            (FormulaKind::ReportDelivery, None, Some(group), _) => Ok(Formula::ReportDelivery { group, per_village }),
            (kind, section, group, _) => {
                let mut errors = FieldErrors::default();
                let (surveys, reports) = (FormulaKind::SurveyIndex, FormulaKind::ReportDelivery);
                check_owner(&mut errors, kind, "section", section.is_some(), surveys);
                check_required(&mut errors, kind, "section", section.is_some(), surveys);
                check_owner(&mut errors, kind, "group", group.is_some(), reports);
                check_required(&mut errors, kind, "group", group.is_some(), reports);
                check_owner(&mut errors, kind, "per_village", per_village.is_some(), reports);
                Err(errors)
            }
        }
    }
}

/// A member of one kind must be there in that kind.
fn check_required(errors: &mut FieldErrors, kind: FormulaKind, member: &str, is_given: bool, owner: FormulaKind) {
    errors.check(is_given || kind != owner, || {
        Error::rule(
            &format!("#/formula/{member}"),
            format!("Wajib diisi untuk formula {kind}."),
            format!("A formula {kind} needs it."),
        )
    });
}

/// A member of one kind must not be there in another.
fn check_owner(errors: &mut FieldErrors, kind: FormulaKind, member: &str, is_given: bool, owner: FormulaKind) {
    errors.check(!is_given || kind == owner, || {
        Error::rule(
            &format!("#/formula/{member}"),
            format!("Hanya untuk formula {owner}; hilangkan untuk {kind}."),
            format!("Only for a formula {owner}; leave it out for {kind}."),
        )
    });
}

/// Returns the formula of an indicator's row.
pub fn of_row(row: &indicator::Model) -> Result<Formula, Error> {
    let (section, group) = (row.formula_section.as_deref(), row.formula_group.as_deref());
    let per_village = row.formula_per_village.and_then(|n| u32::try_from(n).ok());
    let formula = Formula::from_codes(&row.formula_kind, section, group, per_village);
    formula.ok_or_else(|| {
        let (kind, code) = (&row.formula_kind, &row.code);
        Error::internal(format!(
            "indicator {code}: formula {kind} of section {section:?} and group {group:?}"
        ))
    })
}
