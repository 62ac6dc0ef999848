//! The HTTP operations of exports.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, web};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use futures_util::stream::{self, LocalBoxStream, StreamExt};

use super::csv::Separator;
use super::dto::{AnswersFilter, CasesFilter, CsvForm, DistrictFilter, Format, ReportsFilter, YearFilter};
use super::{Choice, Source, open};
use crate::access::permissions::{
    CasesRead, CompletenessRead, IndicatorsRead, InstitutionsRead, Permission, RealisationsRead, ReportsRead,
    ResponsesRead, SurveyIndexRead,
};
use crate::access::{Actor, Requires, audit};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::accept::ensure_acceptable;
use crate::platform::http::download::{CSV, XLSX};
use crate::platform::http::limits::at_work::{Caller, ReadQueues};
use crate::platform::http::request_context::RequestContext;
use crate::platform::http::{AsOf, Download, FileBody, Path, Query, WorkbookDownload, past};
use crate::results::response_cache::ResponseCache;

/// Export realisations
///
/// SAKIP's table: a row for each indicator in force in the year, with targets and realisations by quarter. The workbook also has
/// a row for each indicator and quarter (rencana aksi), and says what its figures mean. What is not measured yet is an empty
/// cell, never 0.
#[utoipa::path(
    tag = "exports", operation_id = "getRealisationExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), YearFilter, AsOf, CsvForm),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/realisations.{format}")]
pub async fn realisations(
    actor: Requires<RealisationsRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<YearFilter>,
) -> Result<Download, Error> {
    ask.file(&actor, Choice::Realisations(filter.0), format.0).await
}

/// Export the tables of the performance report
///
/// The comparisons of the LKjIP, a sheet each: target and realisation of the year, earlier years, the end of the plan, the
/// objectives, and causes and remedies (empty, for the office to fill in).
#[utoipa::path(
    tag = "exports", operation_id = "getLkjipExport", params(YearFilter, AsOf),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(WorkbookDownload)
)]
#[get("/exports/lkjip.xlsx")]
pub async fn lkjip(
    actor: Requires<RealisationsRead>,
    ask: Ask,
    filter: Query<YearFilter>,
) -> Result<WorkbookDownload, Error> {
    let file = ask.file(&actor, Choice::Lkjip(filter.0), Format::Xlsx).await;
    file.map(WorkbookDownload)
}

/// Export the completeness of reports
///
/// A row for each report that a desa owes in the year, and its state on the day of `as_of`.
#[utoipa::path(
    tag = "exports", operation_id = "getCompletenessExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), YearFilter, AsOf, CsvForm),
    security(("oauth2" = [CompletenessRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/completeness.{format}")]
pub async fn completeness(
    actor: Requires<CompletenessRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<YearFilter>,
) -> Result<Download, Error> {
    ask.file(&actor, Choice::Completeness(filter.0), format.0).await
}

/// Export the register of village reports
///
/// A row for each recorded report.
#[utoipa::path(
    tag = "exports", operation_id = "getReportExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), ReportsFilter, AsOf, CsvForm),
    security(("oauth2" = [ReportsRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/reports.{format}")]
pub async fn reports(
    actor: Requires<ReportsRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<ReportsFilter>,
) -> Result<Download, Error> {
    ask.file(&actor, Choice::Reports(filter.0), format.0).await
}

/// Export the register of institutions
///
/// A row for each decree of an institution; an institution without a decree has a row of its own.
#[utoipa::path(
    tag = "exports", operation_id = "getInstitutionExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), DistrictFilter, AsOf, CsvForm),
    security(("oauth2" = [InstitutionsRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/institutions.{format}")]
pub async fn institutions(
    actor: Requires<InstitutionsRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<DistrictFilter>,
) -> Result<Download, Error> {
    ask.file(&actor, Choice::Institutions(filter.0), format.0).await
}

/// Export the register of public-order cases
///
/// A row for each event of a case; a case without an event has a row of its own.
#[utoipa::path(
    tag = "exports", operation_id = "getCaseExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), CasesFilter, AsOf, CsvForm),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/cases.{format}")]
pub async fn cases(
    actor: Requires<CasesRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<CasesFilter>,
) -> Result<Download, Error> {
    ask.file(&actor, Choice::Cases(filter.0), format.0).await
}

/// Export the results of surveys
///
/// A row for each survey that ends in the year: its index and its elements. Without `responses:read`, `as_of` is the last
/// microsecond of a day in WITA.
#[utoipa::path(
    tag = "exports", operation_id = "getSurveyExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), YearFilter, AsOf, CsvForm),
    security(("oauth2" = [SurveyIndexRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/surveys.{format}")]
pub async fn surveys(
    actor: Requires<SurveyIndexRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<YearFilter>,
) -> Result<Download, Error> {
    ask.file(&actor, Choice::Surveys(filter.0), format.0).await
}

/// Export the answers to a survey
///
/// A row for each answer that counts: only for officers of the survey's section and for auditors. The log says who exported
/// them.
#[utoipa::path(
    tag = "exports", operation_id = "getResponseExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), AnswersFilter, AsOf, CsvForm),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/responses.{format}")]
pub async fn answers(
    actor: Requires<ResponsesRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<AnswersFilter>,
) -> Result<Download, Error> {
    let survey = filter.0.survey_id;
    let file = ask.file(&actor, Choice::Answers(filter.0), format.0).await?;
    audit::event("answers exported", &actor.source(), &format!("survey {survey}"));
    Ok(file)
}

/// Export the metadata of the indicators
///
/// The fields of Satu Data's form MS-Ind, a row for each indicator in force in the year. What the decree does not say is empty.
#[utoipa::path(
    tag = "exports", operation_id = "getIndicatorMetadataExport",
    params(("format" = inline(Format), Path, description = "The form of the file", example = "csv"), YearFilter, AsOf, CsvForm),
    security(("oauth2" = [IndicatorsRead::SCOPE])),
    responses(Download)
)]
#[get("/exports/ms-ind.{format}")]
pub async fn ms_ind(
    actor: Requires<IndicatorsRead>,
    ask: Ask,
    format: Path<Format>,
    filter: Query<YearFilter>,
) -> Result<Download, Error> {
    ask.file(&actor, Choice::MsInd(filter.0), format.0).await
}

/// What all exports take from a request and from the service.
pub struct Ask {
    req: HttpRequest,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    queues: web::Data<ReadQueues>,
    context: Rc<RequestContext>,
    as_of: Option<DateTime<Utc>>,
    separator: Separator,
}

impl FromRequest for Ask {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut ask = || {
            let db = data::<Db>(req)?;
            let as_of = Query::<AsOf>::from_request(req, payload).into_inner()?.0.as_of;
            let form = Query::<CsvForm>::from_request(req, payload).into_inner()?.0;
            Ok(Self {
                as_of: past(as_of, db.clock().now(), "query:as_of")?,
                db,
                cache: data(req)?,
                queues: data(req)?,
                context: RequestContext::of(req)?,
                separator: form.separator.unwrap_or_default(),
                req: req.clone(),
            })
        };
        ready(ask())
    }
}

fn data<T: 'static>(req: &HttpRequest) -> Result<web::Data<T>, Error> {
    let data = req.app_data::<web::Data<T>>().cloned();
    data.ok_or_else(|| Error::internal("the app lacks what exports need"))
}

impl Ask {
    async fn file(&self, actor: &Actor, choice: Choice, format: Format) -> Result<Download, Error> {
        let media = match format {
            Format::Csv => CSV,
            Format::Xlsx => XLSX,
        };
        ensure_acceptable(self.req.headers(), &[media.to_owned()])?;
        let source = Source {
            db: &self.db,
            cache: &self.cache,
            actor,
            as_of: self.as_of,
        };
        let turns = (self.queues.clone(), Caller::of(&self.context));
        download(&source, &choice, (format, self.separator), turns).await
    }
}

/// Reads an export as a file. Its later parts are read in turns of the caller.
pub async fn download(
    source: &Source<'_>,
    choice: &Choice,
    (format, separator): (Format, Separator),
    (queues, caller): (web::Data<ReadQueues>, Caller),
) -> Result<Download, Error> {
    let export = open(source, choice).await?;
    let name = format!("{}.{format}", export.name);
    let body = match format {
        Format::Csv => {
            let (first, rest) = export.csv(separator).await?;
            let start = stream::once(async { Ok(first) });
            FileBody::Csv(start.chain(in_turn(rest, queues, caller)).boxed_local())
        }
        Format::Xlsx => FileBody::Xlsx(export.xlsx().await?),
    };
    Ok(Download { name, body })
}

type Parts = LocalBoxStream<'static, Result<Bytes, Error>>;

/// How long a part waits before it asks again for a place among the reads of its caller, if too many wait.
const PAUSE: Duration = Duration::from_millis(200);

/// Reads each part in a turn of its own, as if it were a request: the turn of the request has ended when its response begins.
fn in_turn(parts: Parts, queues: web::Data<ReadQueues>, caller: Caller) -> Parts {
    let next = move |mut parts: Parts| {
        let queues = queues.clone();
        async move {
            let _turn = loop {
                match queues.turn(caller).await {
                    Ok(turn) => break turn,
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            };
            let part = parts.try_next().await.inspect_err(Error::log)?;
            Ok(part.map(|part| (part, parts)))
        }
    };
    stream::try_unfold(parts, next).boxed_local()
}
