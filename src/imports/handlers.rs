//! The HTTP operations of imports.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, post, web};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, StreamExt};

use super::dto::{Import, ImportQuery, Resource, SheetCsv, SheetXlsx};
use super::{Importer, import, template_of};
use crate::access::permissions::{
    CasesWrite, InstitutionsWrite, Permission, Permissions, ReferencesRead, ReportsWrite, SurveysWrite, TargetsWrite,
    VillagesWrite,
};
use crate::access::{Requires, RequiresOneOf};
use crate::exports::dto::CsvForm;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::body::read_text;
use crate::platform::http::download::{CSV, CsvDownload, XLSX};
use crate::platform::http::upload::Bounds;
use crate::platform::http::{Contract, Download, FileBody, Json, Path, Query};
use crate::platform::text::Lang;

/// The scopes of the resources. The one of the resource of the request is needed.
#[derive(Debug)]
pub enum AnyWrite {}

impl Permissions for AnyWrite {
    const SCOPES: &'static [&'static str] = &[
        ReportsWrite::SCOPE,
        InstitutionsWrite::SCOPE,
        CasesWrite::SCOPE,
        SurveysWrite::SCOPE,
        TargetsWrite::SCOPE,
        VillagesWrite::SCOPE,
    ];
}

/// Import a sheet
///
/// Records the rows of a sheet at once, as if each were sent by itself: with the rules, rights and sections of its resource. Send
/// it with `mode=dry_run` first: the response says of each row whether it would be a new record (`create`), is recorded already
/// (`same`), corrects a record (`change`) or is wrong (`error`), and records nothing. `mode=apply` records all rows, or none if
/// one is wrong: then 422, whose pointers name row and column (`#/7/delivered_on`; the header is row 1).
///
/// A row is about the record with its `id`, or else with the same key: of a report village, kind and fiscal year; of an
/// institution village, kind and name; of a case village, category, instant and summary; of a survey section, title and days; of a
/// target indicator and period; of a village its code. Institutions have a row for each decree, cases for each event. Answers to
/// surveys are those from paper; they need the right to send answers, too. Columns that
/// the sheet does not have stay as they are; an empty cell removes a value. The same file sent again changes nothing, and an
/// exported file changes nothing. At most 2 MiB, 5,000 rows and 100 columns; CSV in UTF-8 with commas, semicolons or tabs, or the first sheet of an XLSX. Rows
/// that are blank or begin with `#` are left out.
#[utoipa::path(
    tag = "imports", operation_id = "createImport", params(ImportQuery),
    request_body(description = "The sheet: its header names the columns as the template does", content((SheetCsv = "text/csv", example =
        "village_code;kind;fiscal_year;delivered_on\r\n63.11.06.2005;lppd;2024;2025-03-14\r\n"), (SheetXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    security(
        ("oauth2" = [ReportsWrite::SCOPE]), ("oauth2" = [InstitutionsWrite::SCOPE]), ("oauth2" = [CasesWrite::SCOPE]),
        ("oauth2" = [SurveysWrite::SCOPE]), ("oauth2" = [TargetsWrite::SCOPE]), ("oauth2" = [VillagesWrite::SCOPE]),
    ),
    responses(
        Json<Import>,
        (status = 400, description = "No table, or a CSV that is not in UTF-8"),
        (status = 413, description = "More than 2 MiB, or an XLSX that expands to more than 16 MiB"),
        (status = 415, description = "Another media type"),
        (status = 422, description = "A row or column is wrong and nothing was recorded, or too many rows"),
    )
)]
#[post("/imports")]
pub async fn create(
    actor: RequiresOneOf<AnyWrite>,
    req: HttpRequest,
    (db, contract): (web::Data<Db>, web::Data<Contract>),
    query: Query<ImportQuery>,
    file: SheetBody,
) -> Result<Json<Import>, Error> {
    let importer = Importer {
        db: &db,
        actor: &actor,
        contract: &contract,
        progress: &|_, _| {},
    };
    let ImportQuery { resource, mode } = query.0;
    let judged = import(&importer, resource, mode, file.0).await?;
    Ok(Json(Import::new(resource, mode, &judged, Lang::of(req.headers()))))
}

/// Get the template of a sheet
///
/// A CSV with the columns of a resource, a line that says what to write into each, and an example. The second line is a comment
/// and may stay.
#[utoipa::path(
    tag = "imports", operation_id = "getImportTemplate",
    params(("resource" = inline(Resource), Path, description = "What the rows are", example = "reports"), CsvForm),
    security(("oauth2" = [ReferencesRead::SCOPE])),
    responses(CsvDownload)
)]
#[get("/imports/{resource}/template.csv")]
pub async fn template(
    _actor: Requires<ReferencesRead>,
    resource: Path<Resource>,
    form: Query<CsvForm>,
) -> Result<CsvDownload, Error> {
    let csv = template_of(resource.0, form.0.separator.unwrap_or_default())?;
    Ok(CsvDownload(Download {
        name: format!("{}.csv", resource.0),
        body: FileBody::Csv(stream::once(async { Ok(csv) }).boxed_local()),
    }))
}

/// A CSV or a workbook.
pub struct SheetBody(Bytes);

impl FromRequest for SheetBody {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read_text(req, payload, &[CSV, XLSX], Bounds::OF_SHEETS);
        Box::pin(async move { bytes.await.map(Self) })
    }
}
