//! Imports in requests and responses.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::draft::CellError;
use super::sheet::MOST_ROWS;
use crate::access::permissions::{self as p, Permission};
use crate::core::closed_list::closed_list;
use crate::platform::error::FieldError;
use crate::platform::http::problem::ProblemField;
use crate::platform::text::Lang;

/// What the rows of a sheet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportResource)]
pub enum Resource {
    Reports,
    /// With their decrees.
    Institutions,
    /// With their events.
    Cases,
    Surveys,
    /// Answers to surveys, from paper.
    Responses,
    Targets,
    Villages,
}
closed_list!(Resource {
    Reports "reports",
    Institutions "institutions",
    Cases "cases",
    Surveys "surveys",
    Responses "responses",
    Targets "targets",
    Villages "villages",
});

impl Resource {
    /// The scope that its writes need.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Reports => p::ReportsWrite::SCOPE,
            Self::Institutions => p::InstitutionsWrite::SCOPE,
            Self::Cases => p::CasesWrite::SCOPE,
            Self::Surveys => p::SurveysWrite::SCOPE,
            Self::Responses => p::ResponsesWrite::SCOPE,
            Self::Targets => p::TargetsWrite::SCOPE,
            Self::Villages => p::VillagesWrite::SCOPE,
        }
    }
}

/// Whether the rows are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportMode)]
pub enum Mode {
    /// Nothing is recorded: the response says what would be.
    DryRun,
    /// All rows are recorded, or none if one is wrong.
    Apply,
}
closed_list!(Mode { DryRun "dry_run", Apply "apply" });

/// What a sheet is, and what happens with it.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    #[param(inline, example = "reports")]
    pub resource: Resource,
    #[param(inline, example = "dry_run")]
    pub mode: Mode,
}

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportOutcome)]
pub enum Outcome {
    /// It is a new record, or adds a part to one: a decree, an event.
    Create,
    /// It is recorded already, as the row has it.
    Same,
    /// It corrects a record.
    Change,
    /// It is wrong; `errors` say why.
    Error,
}
closed_list!(Outcome { Create "create", Same "same", Change "change", Error "error" });

/// A sheet as CSV: UTF-8, with commas or semicolons.
#[derive(ToSchema)]
#[schema(max_length = 2097152)]
pub struct SheetCsv(#[allow(dead_code)] String);

/// A sheet as XLSX: its first table.
#[derive(ToSchema)]
#[schema(format = Binary)]
pub struct SheetXlsx(#[allow(dead_code)] String);

/// The outcome of an import.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SheetImport)]
pub struct Import {
    pub resource: Resource,
    pub mode: Mode,
    pub summary: ImportSummary,
    /// One for each row that is neither blank nor a comment, in their order.
    #[schema(max_items = 5000)]
    pub rows: Vec<ImportRow>,
}

/// The number of rows by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportSummary {
    #[schema(minimum = 0, maximum = 5000, example = 1)]
    pub create: usize,
    #[schema(minimum = 0, maximum = 5000, example = 0)]
    pub same: usize,
    #[schema(minimum = 0, maximum = 5000, example = 0)]
    pub change: usize,
    #[schema(minimum = 0, maximum = 5000, example = 0)]
    pub error: usize,
}

/// The outcome of one row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportRow {
    /// As spreadsheets number it: the header is row 1.
    #[schema(minimum = 2, maximum = 1000000, example = 2)]
    pub row: u32,
    pub outcome: Outcome,
    /// Absent unless the row is wrong. Of many wrong rows the last ones only have their outcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 20)]
    pub errors: Vec<ImportError>,
}

/// What is wrong in a row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportError {
    /// The name of the column; null: the whole row.
    #[schema(required, max_length = 1000, example = "delivered_on")]
    pub column: Option<String>,
    /// Stable code of this error.
    #[schema(max_length = 64, example = "format")]
    pub code: String,
    /// In the caller's language.
    #[schema(max_length = 2000, example = "Bukan tanggal yang sah (YYYY-MM-DD).")]
    pub detail: String,
}

/// The most errors of one row, and of all rows, that a response lists.
const MOST_ERRORS_OF_ROW: usize = 20;
const MOST_ERRORS: usize = 2_000;

impl Import {
    /// Returns the response in a language.
    pub fn new(resource: Resource, mode: Mode, judged: &Judged, lang: Lang) -> Self {
        let mut rows: Vec<ImportRow> = Vec::with_capacity(judged.rows.len().min(MOST_ROWS));
        let mut summary = ImportSummary::default();
        let mut room = MOST_ERRORS;
        let mut errors_by_row: HashMap<u32, Vec<&CellError>> = HashMap::new();
        for error in &judged.errors {
            errors_by_row.entry(error.row).or_default().push(error);
        }
        for (row, outcome) in &judged.rows {
            let of_row = errors_by_row.remove(row).unwrap_or_default().into_iter();
            let listed = of_row.take(MOST_ERRORS_OF_ROW.min(room));
            let errors: Vec<ImportError> = listed.map(|error| ImportError::of(error, lang)).collect();
            room -= errors.len();
            *match outcome {
                Outcome::Create => &mut summary.create,
                Outcome::Same => &mut summary.same,
                Outcome::Change => &mut summary.change,
                Outcome::Error => &mut summary.error,
            } += 1;
            rows.push(ImportRow {
                row: *row,
                outcome: *outcome,
                errors,
            });
        }
        Self {
            resource,
            mode,
            summary,
            rows,
        }
    }
}

impl ImportError {
    fn of(error: &CellError, lang: Lang) -> Self {
        let field = FieldError {
            pointer: error.column.clone().unwrap_or_default(),
            code: error.code,
            detail: error.detail.clone(),
        };
        let ProblemField { code, detail, .. } = ProblemField::of(&field, lang);
        Self {
            column: error.column.clone(),
            code,
            detail,
        }
    }
}

/// The outcomes of all rows, in the order of the rows.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    pub rows: Vec<(u32, Outcome)>,
    /// In the order of the rows.
    pub errors: Vec<CellError>,
}
