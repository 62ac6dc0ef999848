//! The filters of exports, and the forms of their files.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::csv::Separator;
use crate::core::closed_list::closed_list;
use crate::platform::http::DistrictCode;

/// The form of a file: the ending of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExportFormat)]
pub enum Format {
    Csv,
    Xlsx,
}
closed_list!(Format { Csv "csv", Xlsx "xlsx" });

/// How a CSV is written; of no effect on XLSX.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CsvForm {
    /// `semicolon` is for spreadsheets in Indonesian: it writes numbers with a decimal comma. Default: `comma`. Only for CSV.
    #[param(inline)]
    pub separator: Option<Separator>,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct YearFilter {
    /// Needed if the token allows several districts.
    pub district_code: Option<DistrictCode>,
    /// Default: the current year (WITA).
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DistrictFilter {
    /// Needed if the token allows several districts.
    pub district_code: Option<DistrictCode>,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportsFilter {
    /// Needed if the token allows several districts.
    pub district_code: Option<DistrictCode>,
    /// The fiscal year of the reports; default: all.
    #[param(minimum = 2000, maximum = 2100, example = 2024)]
    pub fiscal_year: Option<i32>,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CasesFilter {
    /// Needed if the token allows several districts.
    pub district_code: Option<DistrictCode>,
    /// The year (WITA) in which the cases occurred; default: all.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnswersFilter {
    /// Id of the survey.
    #[param(example = "0b0ec78c-5695-426a-9724-46a12bd7b8b9")]
    pub survey_id: Uuid,
    /// Whether the comments of the respondents are exported, too.
    pub comments: Option<bool>,
}
