//! Exports: tables for spreadsheets and for SAKIP, as CSV and as workbooks. `iku export` writes the same files.
//!
//! Each table has a file of its own, which fills [`table::Cell`]s; [`csv`] and [`xlsx`] write them. A table of values is
//! computed at once. A register is read part by part, as it was at one instant (`walk`).

mod answers;
mod cases;
mod completeness;
pub mod csv;
pub mod dto;
mod evidence;
pub mod handlers;
mod indicators;
mod institutions;
mod lkjip;
mod ms_ind;
mod reports;
mod sakip;
mod surveys;
pub mod table;
mod walk;
pub mod xlsx;

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use futures_util::stream::{LocalBoxStream, StreamExt};
use utoipa_actix_web::service_config::ServiceConfig;

use self::csv::{BOM, Separator};
use self::dto::{AnswersFilter, CasesFilter, DistrictFilter, ReportsFilter, YearFilter};
use self::table::Table;
use crate::access::Actor;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::DistrictCode;
use crate::platform::text::Lang;
use crate::results::query::Query;
use crate::results::response_cache::ResponseCache;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::realisations)
        .service(handlers::lkjip)
        .service(handlers::completeness)
        .service(handlers::reports)
        .service(handlers::institutions)
        .service(handlers::cases)
        .service(handlers::surveys)
        .service(handlers::answers)
        .service(handlers::ms_ind);
}

/// Who asks for an export, and what it is read from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub db: &'a Db,
    pub cache: &'a ResponseCache,
    pub actor: &'a Actor,
    /// The instant at which the facts must have been known; `None`: now.
    pub as_of: Option<DateTime<Utc>>,
}

/// An export and its filter.
#[derive(Clone, Debug)]
pub enum Choice {
    Realisations(YearFilter),
    Lkjip(YearFilter),
    Completeness(YearFilter),
    Reports(ReportsFilter),
    Institutions(DistrictFilter),
    Cases(CasesFilter),
    Surveys(YearFilter),
    Answers(AnswersFilter),
    MsInd(YearFilter),
}

/// The tables of an export. A CSV has the first of them.
pub struct Export {
    /// The name of the file without its ending: ASCII letters, digits, points and hyphens.
    pub name: String,
    /// The instant of the facts.
    pub at: DateTime<Utc>,
    pub tables: Vec<Table>,
}

/// Reads what an export begins with. The parts of a register follow when they are asked for.
pub async fn open(source: &Source<'_>, choice: &Choice) -> Result<Export, Error> {
    source.cache.settle(&source.query()).await?;
    match choice {
        Choice::Realisations(filter) => sakip::export(source, filter).await,
        Choice::Lkjip(filter) => lkjip::export(source, filter).await,
        Choice::Completeness(filter) => completeness::export(source, filter).await,
        Choice::Reports(filter) => reports::export(source, filter).await,
        Choice::Institutions(filter) => institutions::export(source, filter).await,
        Choice::Cases(filter) => cases::export(source, filter).await,
        Choice::Surveys(filter) => surveys::export(source, filter).await,
        Choice::Answers(filter) => answers::export(source, filter).await,
        Choice::MsInd(filter) => ms_ind::export(source, filter).await,
    }
}

impl Source<'_> {
    /// Returns the query of the values. Their sentences are Indonesian, as the names of the columns are.
    fn query(&self) -> Query<'_> {
        Query {
            as_of: self.as_of,
            lang: Some(Lang::Id),
            ..Query::of(self.actor, self.db.clock().now())
        }
    }

    /// Returns the district of a register, its instant, and the names of the villages on the day of the instant.
    async fn register(&self, asked: Option<&DistrictCode>) -> Result<Register, Error> {
        let query = self.query();
        let (district, names) = self
            .cache
            .compute(&query, async |reader| {
                let district = query.one_district(&reader, asked.map(DistrictCode::as_str)).await?;
                let names = reader.village_names(district.as_str(), query.day()).await?;
                Ok((district, names))
            })
            .await?;
        let at = walk::instant(self.db, query.known_at(), district.as_str()).await?;
        Ok(Register { district, at, names })
    }
}

/// What a register is read with.
struct Register {
    district: DistrictCode,
    at: DateTime<Utc>,
    /// By code.
    names: HashMap<String, String>,
}

impl Export {
    /// Returns the first part of the CSV of the first table, and the parts that follow.
    pub async fn csv(
        self,
        separator: Separator,
    ) -> Result<(Bytes, LocalBoxStream<'static, Result<Bytes, Error>>), Error> {
        let table = self.tables.into_iter().next();
        let Table { columns, mut parts, .. } = table.ok_or_else(|| Error::internal("an export without a table"))?;
        let mut first = BytesMut::from(&*BOM);
        first.extend(csv::header(&columns, separator)?);
        if let Some(rows) = parts.try_next().await? {
            first.extend(csv::lines(&rows, separator)?);
        }
        let rest = parts.map(move |rows| csv::lines(&rows?, separator));
        Ok((first.freeze(), rest.boxed_local()))
    }

    /// Returns all tables as a workbook.
    pub async fn xlsx(self) -> Result<Bytes, Error> {
        xlsx::workbook(self.tables, self.at).await
    }
}
