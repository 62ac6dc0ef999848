//! HTTP operations.

use actix_web::{delete, get, put, web};

use super::dto::{NewNote, Note, NoteFilter, NotePage, NoteVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{NotesWrite, Permission, RealisationsRead};
use crate::core::period::Period;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Path, PutConditions, Query, Slug, Tagged};

/// List the notes of an indicator
///
/// What hindered an indicator (kendala) and what is done about it (tindak lanjut), in the order of the periods' names.
#[utoipa::path(
    tag = "notes", operation_id = "listNotes",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"), NoteFilter, Paging),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(NotePage)
)]
#[get("/indicators/{code}/notes")]
pub async fn list(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    filter: Query<NoteFilter>,
    paging: Paging,
) -> Result<NotePage, Error> {
    db.read(async |tx| service::list(tx, &actor, code.0.as_str(), &filter.0, &paging).await)
        .await
}

/// Get a note
///
/// The note of a period. Periods with the same last day share a note, which has the canonical name of the period.
#[utoipa::path(
    tag = "notes", operation_id = "getNote",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
    ),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(Tagged<Note>, (status = 422, description = "A month that ends no quarter"))
)]
#[get("/indicators/{code}/notes/{period}")]
pub async fn get(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
) -> Result<Tagged<Note>, Error> {
    let (code, period) = path.0;
    db.read(async |tx| service::get(tx, &actor, code.as_str(), period).await)
        .await
        .map(Tagged::new)
}

/// Set a note
///
/// Sets kendala and tindak lanjut of a period, or replaces both; replacing needs `If-Match`. A retry with the same content is safe.
/// The values of the period show the note; it changes no value. An officer sets the notes of the own section's indicators. In a
/// year that is over a change needs a `reason`. Former notes stay readable at `/versions`.
#[utoipa::path(
    tag = "notes", operation_id = "replaceNote", request_body = NewNote,
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        PutConditions,
    ),
    security(("oauth2" = [NotesWrite::SCOPE])),
    responses(
        Created<Note>,
        (status = 422, description = "A month that ends no quarter, a period that has not begun, no text, or a change in a year that is over without a reason"),
    )
)]
#[put("/indicators/{code}/notes/{period}")]
pub async fn put(
    actor: Requires<NotesWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    conditions: PutConditions,
    body: Body<NewNote>,
) -> Result<Created<Note>, Error> {
    let (code, period) = path.0;
    db.write(async |tx| service::put(tx, &actor, code.as_str(), period, conditions, body.0).await)
        .await
}

/// Withdraw a note
///
/// The values of the period then show no note; its versions stay readable.
#[utoipa::path(
    tag = "notes", operation_id = "deleteNote",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        DeleteReason, IfMatch,
    ),
    security(("oauth2" = [NotesWrite::SCOPE])),
    responses(NoContent, (status = 422, description = "A month that ends no quarter"))
)]
#[delete("/indicators/{code}/notes/{period}")]
pub async fn delete(
    actor: Requires<NotesWrite>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    let (code, period) = path.0;
    db.write(async |tx| service::delete(tx, &actor, code.as_str(), period, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// List the versions of a note
///
/// All versions, oldest first, each with its recorder, time and reason; also after the withdrawal.
#[utoipa::path(
    tag = "notes", operation_id = "listNoteVersions",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1"),
        Paging,
    ),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(NoteVersionPage, (status = 422, description = "A month that ends no quarter"))
)]
#[get("/indicators/{code}/notes/{period}/versions")]
pub async fn versions(
    actor: Requires<RealisationsRead>,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    paging: Paging,
) -> Result<NoteVersionPage, Error> {
    let (code, period) = path.0;
    db.read(async |tx| service::versions(tx, &actor, code.as_str(), period, &paging).await)
        .await
}
