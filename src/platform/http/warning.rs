//! What a change also did, in codes: in the response to the change, and never in a GET.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

use super::Slug;
use crate::core::period::Period;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// The change can move values of `periods`, which are over.
    PeriodsMoved,
    /// `indicators` have targets or facts in years in which they are no longer in force.
    IndicatorsHidden,
}

/// Something that the caller of a change should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"code": "periods_moved", "periods": ["2024-Q3", "2024"]}))]
pub struct Warning {
    pub code: WarningCode,
    /// With `periods_moved`: the quarters and years that are over and that the change can move (S1 stands for the second
    /// quarter, the year for the fourth).
    #[schema(required = false, schema_with = period_names)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<Period>,
    /// With `indicators_hidden`: their codes.
    #[schema(value_type = Option<Vec<Slug>>, max_items = 100)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<String>,
}

impl Warning {
    pub fn periods_moved(periods: Vec<Period>) -> Self {
        Self {
            code: WarningCode::PeriodsMoved,
            periods,
            indicators: Vec::new(),
        }
    }

    pub fn indicators_hidden(indicators: Vec<String>) -> Self {
        Self {
            code: WarningCode::IndicatorsHidden,
            periods: Vec::new(),
            indicators,
        }
    }
}

fn period_names() -> ArrayBuilder {
    let name = ObjectBuilder::new().schema_type(Type::String).max_length(Some(7));
    ArrayBuilder::new().items(name).max_items(Some(404))
}
