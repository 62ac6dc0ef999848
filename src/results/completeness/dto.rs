//! The matrix in responses.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::core::obligation::{Punctuality, ReportGroup};
use crate::platform::http::{DistrictCode, Slug, VillageCode};

#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CompletenessFilter {
    /// Required if the token allows several districts and `village_code` is absent.
    pub district_code: Option<DistrictCode>,
    /// Only the reports of this village.
    pub village_code: Option<VillageCode>,
    /// The year in which the reports fall due; default: the current year (WITA).
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// Only the reports of IKU 4 (`administration`) or IKU 5 (`finance`).
    #[param(inline)]
    pub group: Option<ReportGroup>,
}

/// The reports that are owed in a year, by village.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Completeness {
    pub district_code: DistrictCode,
    #[schema(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: i32,
    #[schema(max_items = 1000)]
    pub villages: Vec<VillageCompleteness>,
    pub counts: CompletenessCounts,
}

/// The reports that one desa owes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VillageCompleteness {
    pub village_code: VillageCode,
    /// Its name on the last day of the year; today's for a year that is not over.
    #[schema(max_length = 200, example = "Balang")]
    pub name: String,
    #[schema(max_items = 1000)]
    pub cells: Vec<CompletenessCell>,
}

/// An owed report and its state today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompletenessCell {
    #[schema(example = "lppd")]
    pub kind: Slug,
    #[schema(minimum = 1999, maximum = 2101, example = 2024)]
    pub fiscal_year: i32,
    pub due_on: NaiveDate,
    /// `not_due`, too, if it fell due before the village existed: nobody owes it.
    pub state: Punctuality,
    /// The recorded report, also when it was returned.
    #[schema(required)]
    pub report_id: Option<Uuid>,
    /// Null while the report is not delivered, and if it was returned.
    #[schema(required)]
    pub delivered_on: Option<NaiveDate>,
}

/// The number of reports in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompletenessCounts {
    #[schema(minimum = 0, maximum = 1000000)]
    pub on_time: u64,
    #[schema(minimum = 0, maximum = 1000000)]
    pub late: u64,
    #[schema(minimum = 0, maximum = 1000000)]
    pub missing: u64,
    #[schema(minimum = 0, maximum = 1000000)]
    pub not_due: u64,
}

impl CompletenessCounts {
    pub fn add(&mut self, state: Punctuality) {
        match state {
            Punctuality::OnTime => self.on_time += 1,
            Punctuality::Late => self.late += 1,
            Punctuality::Missing => self.missing += 1,
            Punctuality::NotDue => self.not_due += 1,
        }
    }
}
