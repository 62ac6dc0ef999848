//! The document of a closing: every value with its formula, its decree, its target and every record behind it.
//!
//! It is canonical JSON (RFC 8785) by construction: the names of members are ASCII and sorted, and numbers are integers below 2^53
//! or decimals with at most three places, so that every JCS library makes the same bytes.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::target::{Column as T, Entity as Targets};
use ::entity::{decree, district, target};

use crate::core::decimal::Hundredths;
use crate::core::period::{Period, Window};
use crate::evidence::behind_values::{self, ClosedEvidence, Records};
use crate::platform::db::WriteTx;
use crate::platform::db::versions::known_at;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::DistrictCode;
use crate::results::realisations::closing::ClosedIndicator;
use crate::results::realisations::dto::{Explanation, JudgedRecord, TargetAgreement};

/// The name of this form of document. Another form gets another name.
const FORMAT: &str = "iku-closing/1";

/// The most bytes of a document. Paringin's has about 150,000.
pub const LONGEST: usize = 16 << 20;

/// The document of a closing. Its sentences are Indonesian.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosingDocument {
    #[schema(max_length = 40, example = "iku-closing/1")]
    pub format: &'static str,
    /// The id of the closing.
    pub id: Uuid,
    pub district: ClosedDistrict,
    /// The canonical name: Q1, S1, Q3 or the year.
    #[schema(pattern = "^[0-9]{4}(-(Q1|S1|Q3))?$", max_length = 7, example = "2025-S1")]
    pub period: String,
    pub window: Window,
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    /// The values are those that were known at this instant.
    pub closed_at: DateTime<Utc>,
    pub closed_by: Closer,
    #[schema(required, max_length = 300)]
    pub reason: Option<String>,
    /// The version of the service that computed the values.
    #[schema(max_length = 40, example = "0.2.0")]
    pub build: &'static str,
    /// The decrees that set the indicators.
    #[schema(max_items = 100)]
    pub decrees: Vec<ClosedDecree>,
    /// The files that were linked to the targets of the period and to the records behind the values, with their hashes. Documents of
    /// before 2026-11-27 lack it.
    #[schema(required = false, max_items = 100000)]
    pub evidence: Vec<ClosedEvidence>,
    #[schema(max_items = 1000)]
    pub indicators: Vec<IndicatorOfClosing>,
}

/// The district of a closing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosedDistrict {
    pub code: DistrictCode,
    #[schema(max_length = 200, example = "Paringin")]
    pub name: String,
}

/// Who closed a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Closer {
    #[schema(max_length = 100, example = "camat")]
    pub username: String,
    #[schema(max_length = 200, example = "Camat Paringin")]
    pub name: String,
    #[schema(max_length = 100, example = "Camat")]
    pub title: String,
}

/// A decree as it was known.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosedDecree {
    pub id: Uuid,
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    #[schema(max_length = 200, example = "139/CPAR/2023")]
    pub number: String,
    #[schema(max_length = 2000)]
    pub title: String,
    pub issued_on: NaiveDate,
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    pub first_year: i32,
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub last_year: i32,
}

/// An indicator with its value and everything behind it.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorOfClosing {
    pub explanation: Explanation,
    /// Every candidate with its verdict. The value can be computed from this list alone.
    #[schema(max_items = 100000)]
    pub records: Vec<JudgedRecord>,
    /// The target of the period with the agreement that promises it; null: there is none.
    #[schema(required)]
    pub target: Option<ClosedTarget>,
}

/// A target as it was known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosedTarget {
    pub value: Decimal2,
    /// The document that promises the target.
    #[schema(required, max_length = 2000, example = "Perjanjian Kinerja 2025")]
    pub basis: Option<String>,
    /// The performance agreement; null: the target names none.
    #[schema(required)]
    pub agreement: Option<TargetAgreement>,
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    pub recorded_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "camat")]
    pub recorded_by: String,
}

/// What a closing says of itself.
pub struct Head {
    pub id: Uuid,
    pub district_code: String,
    /// Canonical.
    pub period: Period,
    pub version: i32,
    pub closed_at: DateTime<Utc>,
    pub closed_by: Closer,
    pub reason: Option<String>,
}

/// Returns the bytes of the document.
pub async fn bytes(tx: &WriteTx, head: &Head, indicators: Vec<ClosedIndicator>) -> Result<Vec<u8>, Error> {
    let targets = targets(tx, &head.district_code, head.period).await?;
    let district = district::Entity::find_by_id(head.district_code.as_str())
        .one(tx)
        .await?;
    let decrees: BTreeMap<Uuid, ClosedDecree> = indicators.iter().map(|i| (i.decree.id, of_row(&i.decree))).collect();
    let document = ClosingDocument {
        format: FORMAT,
        id: head.id,
        district: ClosedDistrict {
            code: DistrictCode::try_from(head.district_code.clone()).or_internal()?,
            name: district.ok_or_else(|| Error::internal("no district"))?.name,
        },
        period: head.period.to_string(),
        window: head.period.window(),
        version: head.version,
        closed_at: head.closed_at,
        closed_by: head.closed_by.clone(),
        reason: head.reason.clone(),
        build: env!("CARGO_PKG_VERSION"),
        decrees: decrees.into_values().collect(),
        evidence: evidence(tx, head, &indicators).await?,
        indicators: indicators
            .into_iter()
            .map(|indicator| IndicatorOfClosing {
                target: targets
                    .get(indicator.explanation.realisation.indicator.code.as_str())
                    .map(|target| ClosedTarget {
                        agreement: indicator.explanation.realisation.target_agreement.clone(),
                        ..target.clone()
                    }),
                explanation: indicator.explanation,
                records: indicator.records,
            })
            .collect(),
    };
    // The map of a `Value` is sorted.
    let value = serde_json::to_value(&document).or_internal()?;
    serde_json::to_vec(&value).or_internal()
}

/// Returns the evidence of the targets of the period and of the records behind the values.
async fn evidence(tx: &WriteTx, head: &Head, indicators: &[ClosedIndicator]) -> Result<Vec<ClosedEvidence>, Error> {
    let mut records = Records::default();
    for indicator in indicators {
        records.add_targets(indicator.explanation.realisation.indicator.code.as_str());
        records.add_judged(&indicator.records);
    }
    let links = behind_values::links(tx, &records, &[head.period], None).await?;
    links.into_iter().map(ClosedEvidence::try_from).collect()
}

fn of_row(row: &decree::Model) -> ClosedDecree {
    ClosedDecree {
        id: row.id,
        version: row.version,
        number: row.number.clone(),
        title: row.title.clone(),
        issued_on: row.issued_on,
        first_year: row.first_year,
        last_year: row.last_year,
    }
}

/// Returns the targets of a period by the code of the indicator.
async fn targets(tx: &WriteTx, district: &str, period: Period) -> Result<HashMap<String, ClosedTarget>, Error> {
    let rows = Targets::find()
        .filter(T::DistrictCode.eq(district))
        .filter(T::Period.eq(period.to_string()))
        .filter(known_at::<Targets>(None))
        .all(tx)
        .await?;
    let of_row = |row: target::Model| {
        let target = ClosedTarget {
            value: Hundredths(row.value_hundredths).into(),
            basis: row.basis,
            agreement: None,
            version: row.version,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
        };
        (row.indicator_code, target)
    };
    Ok(rows.into_iter().map(of_row).collect())
}
