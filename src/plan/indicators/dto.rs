//! Indicators in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use ::entity::indicator;

use super::formula::{IndicatorFormula, IndicatorFormulaPatch, of_row};
use crate::core::achievement::Polarity;
use crate::core::formula::Unit;
use crate::plan::by_year::from_year;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{
    Deletion, DistrictCode, ETag, Page, PatchOf, Patchable, RecordState, Resource, Slug, Version, Warning,
};

/// An indicator to record, in the wording of its decree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "code": "paringin-iku-6", "decree_id": "7093d703-b7e6-4f9e-9448-cdcb9994e3b1", "from_year": 2025, "number": 6,
    "objective": "Meningkatnya Fasilitasi Pemberdayaan Masyarakat", "name": "Jumlah LKD yang Aktif Berkegiatan",
    "meaning": "Lembaga Kemasyarakatan Desa (LKD) yang aktif", "selection_reason": "Sebagai sarana pemberdayaan",
    "formula_text": "Jumlah LKD yang aktif", "reference": "Analisa Mandiri", "responsible": "Kepala SKPD (Camat)",
    "source": "Seksi PMD", "unit": "count", "polarity": "higher_is_better", "formula": {"kind": "institution_count"},
    "reason": "Terlewat saat pencatatan keputusan",
}))]
pub struct NewIndicator {
    /// The permanent code of the indicator; a retry is safe.
    #[schema(example = "paringin-iku-6")]
    pub code: Slug,
    /// The decree that sets it.
    pub decree_id: Uuid,
    /// The first year that this wording governs; default: the first year of the decree.
    #[schema(minimum = 2000, maximum = 2100, example = 2025)]
    pub from_year: Option<i32>,
    /// Its number in the table of the decree.
    #[schema(minimum = 1, maximum = 100, example = 6)]
    pub number: i32,
    /// Sasaran strategis.
    #[schema(min_length = 1, max_length = 2000)]
    pub objective: String,
    /// Indikator kinerja.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Makna indikator.
    #[schema(min_length = 1, max_length = 2000)]
    pub meaning: String,
    /// Alasan pemilihan.
    #[schema(min_length = 1, max_length = 2000)]
    pub selection_reason: String,
    /// Formulasi perhitungan, in words.
    #[schema(min_length = 1, max_length = 2000)]
    pub formula_text: String,
    /// Sumber atau referensi indikator.
    #[schema(min_length = 1, max_length = 2000)]
    pub reference: String,
    /// Penanggung jawab.
    #[schema(min_length = 1, max_length = 2000)]
    pub responsible: String,
    /// Sumber data.
    #[schema(min_length = 1, max_length = 2000)]
    pub source: String,
    /// Must fit the formula: `index` for `survey_index`, `count` for `institution_count`, else `percent`.
    pub unit: Unit,
    pub polarity: Polarity,
    /// Its code in another system (SAKIP).
    #[schema(min_length = 1, max_length = 100)]
    pub external_code: Option<String>,
    pub formula: IndicatorFormula,
    /// Required if the first year is over: why; stored with the version.
    #[schema(write_only, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// An indicator in the wording that governs from a year on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Indicator {
    #[schema(example = "paringin-iku-1")]
    pub code: Slug,
    /// The first year that this wording governs.
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    pub from_year: i32,
    pub district_code: DistrictCode,
    pub decree_id: Uuid,
    #[schema(minimum = 1, maximum = 100, example = 1)]
    pub number: i32,
    /// Sasaran strategis.
    #[schema(max_length = 2000)]
    pub objective: String,
    /// Indikator kinerja.
    #[schema(max_length = 200)]
    pub name: String,
    /// Makna indikator.
    #[schema(max_length = 2000)]
    pub meaning: String,
    /// Alasan pemilihan.
    #[schema(max_length = 2000)]
    pub selection_reason: String,
    /// Formulasi perhitungan, in words.
    #[schema(max_length = 2000)]
    pub formula_text: String,
    /// Sumber atau referensi indikator.
    #[schema(max_length = 2000)]
    pub reference: String,
    /// Penanggung jawab.
    #[schema(max_length = 2000)]
    pub responsible: String,
    /// Sumber data.
    #[schema(max_length = 2000)]
    pub source: String,
    pub unit: Unit,
    pub polarity: Polarity,
    /// Its code in another system (SAKIP).
    #[schema(required, max_length = 100)]
    pub external_code: Option<String>,
    pub formula: IndicatorFormula,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "admin")]
    pub recorded_by: String,
    /// Only of a withdrawn indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Only in the response to a change.
    #[schema(value_type = Option<Vec<Warning>>, max_items = 10)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

pub type IndicatorPatch = PatchOf<NewIndicator>;
pub type IndicatorPage = Page<Indicator>;
pub type IndicatorVersion = Version<Indicator>;
pub type IndicatorVersionPage = Page<IndicatorVersion>;

/// Filters and order of a list of indicators.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IndicatorFilter {
    pub district_code: Option<DistrictCode>,
    /// Only indicators in force in this year, in the wording that governs it. Absent: all indicators, in the wording of
    /// the current year or of the nearest year that they govern.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100)]
    pub recorded_by: Option<String>,
    /// Recorded (with `state=deleted`: withdrawn) at this instant or later.
    pub changed_since: Option<DateTime<Utc>>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
}

/// The year whose wording is requested.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IndicatorYear {
    /// The wording that governs this year. Absent: the current year, or the nearest year that the indicator governs.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
}

impl Resource for Indicator {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/indicators/{}", self.code)
    }
}

impl Patchable for NewIndicator {
    const FIXED: &'static [&'static str] = &["code", "reason"];

    fn example() -> Value {
        json!({"from_year": 2025, "source": "Seksi Pembinaan dan Pengawasan Desa", "reason": "Salah ketik"})
    }

    fn adapt(patch: ObjectBuilder) -> ObjectBuilder {
        patch
            .property("from_year", from_year(2025))
            .required("from_year")
            .property("formula", Ref::from_schema_name(IndicatorFormulaPatch::name()))
    }

    fn adapted_schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((
            IndicatorFormulaPatch::name().into_owned(),
            IndicatorFormulaPatch::schema(),
        ));
        IndicatorFormulaPatch::schemas(schemas);
    }
}

impl TryFrom<indicator::Model> for Indicator {
    type Error = Error;

    fn try_from(row: indicator::Model) -> Result<Self, Error> {
        let formula = of_row(&row)?;
        let deletion = Deletion::of(indicator::Entity::version_info(&row));
        let indicator::Model {
            code,
            from_year,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            decree_id,
            district_code,
            number,
            objective,
            name,
            meaning,
            selection_reason,
            formula_text,
            reference,
            responsible,
            source,
            unit,
            polarity,
            external_code,
            formula_kind: _,
            formula_section: _,
            formula_group: _,
            formula_per_village: _,
        } = row;
        Ok(Self {
            code: Slug::try_from(code).or_internal()?,
            from_year,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            decree_id,
            number,
            objective,
            name,
            meaning,
            selection_reason,
            formula_text,
            reference,
            responsible,
            source,
            unit: unit.parse()?,
            polarity: polarity.parse()?,
            external_code,
            formula: formula.into(),
            recorded_at,
            recorded_by,
            deletion,
            warnings: Vec::new(),
        })
    }
}

impl Indicator {
    /// Returns the form to which a patch is applied: the content of a request that would create this indicator.
    pub fn as_new(&self) -> NewIndicator {
        NewIndicator {
            code: self.code.clone(),
            decree_id: self.decree_id,
            from_year: None,
            number: self.number,
            objective: self.objective.clone(),
            name: self.name.clone(),
            meaning: self.meaning.clone(),
            selection_reason: self.selection_reason.clone(),
            formula_text: self.formula_text.clone(),
            reference: self.reference.clone(),
            responsible: self.responsible.clone(),
            source: self.source.clone(),
            unit: self.unit,
            polarity: self.polarity,
            external_code: self.external_code.clone(),
            formula: self.formula,
            reason: None,
        }
    }
}
