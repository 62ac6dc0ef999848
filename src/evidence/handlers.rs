//! HTTP operations of files and of links.

use actix_web::{delete, get, put, web};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::{Evidence, EvidenceLink, EvidenceLinkVersionPage};
use super::record::AnyWrite;
use super::store::EvidenceStore;
use super::{links, upload};
use crate::access::permissions::{
    CasesWrite, EvidenceRead, InstitutionsWrite, Permission, ReportsWrite, SurveysWrite, TargetsWrite,
};
use crate::access::{Requires, RequiresOneOf};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::stored_file::StoredFile;
use crate::platform::http::upload::IncomingFile;
use crate::platform::http::{DeleteReason, IfMatch, NoContent, Paging, Path, Query, Sha256, Tagged};

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(format = Binary)]
pub struct EvidenceBytes(#[allow(dead_code)] String);

/// Send a file of evidence
///
/// Stores a PDF, JPEG or PNG of at most 10 MiB under the SHA-256 of its bytes. The first bytes must be those of the `Content-Type`;
/// nothing else in the file is checked. Sending it again is safe: 200. Then link it to a record (`POST .../evidence`): nobody
/// can read a file without a link. Users who may write reports, institutions, cases, surveys or targets may send files. The files of a
/// district have 2 GiB of room, unless the server has another setting.
#[utoipa::path(
    tag = "evidence", operation_id = "replaceEvidence",
    params(("sha256" = Sha256, Path, description = "SHA-256 of the bytes, in lower-case hexadecimal",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
    request_body(description = "The bytes of the file, uncompressed",
        content((EvidenceBytes = "application/pdf"), (EvidenceBytes = "image/jpeg"), (EvidenceBytes = "image/png"))),
    security(
        ("oauth2" = [ReportsWrite::SCOPE]), ("oauth2" = [InstitutionsWrite::SCOPE]), ("oauth2" = [CasesWrite::SCOPE]),
        ("oauth2" = [SurveysWrite::SCOPE]), ("oauth2" = [TargetsWrite::SCOPE]),
    ),
    responses(
        Created<Evidence>,
        (status = 413, description = "More than 10 MiB"),
        (status = 415, description = "No PDF, JPEG or PNG, or its first bytes are not those of the media type"),
        (status = 422, description = "The bytes have another SHA-256, or the district has no room left"),
    )
)]
#[put("/evidence/{sha256}")]
pub async fn put(
    actor: RequiresOneOf<AnyWrite>,
    db: web::Data<Db>,
    store: web::Data<EvidenceStore>,
    sha256: Path<Sha256>,
    file: IncomingFile,
) -> Result<Created<Evidence>, Error> {
    upload::store(&db, &store, &actor, &sha256.0, file).await
}

/// Get a file of evidence
///
/// The bytes of a file that is linked to a record of your district, as an attachment with the file name of its newest link. Files are
/// not checked for anything harmful.
#[utoipa::path(
    tag = "evidence", operation_id = "getEvidence",
    params(("sha256" = Sha256, Path, description = "SHA-256 of the bytes, in lower-case hexadecimal",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
    security(("oauth2" = [EvidenceRead::SCOPE])),
    responses(StoredFile)
)]
#[get("/evidence/{sha256}")]
pub async fn get(
    actor: Requires<EvidenceRead>,
    db: web::Data<Db>,
    store: web::Data<EvidenceStore>,
    sha256: Path<Sha256>,
) -> Result<StoredFile, Error> {
    links::open(&db, &store, &actor, &sha256.0).await
}

/// Get a link of evidence
///
/// Which file supports which record.
#[utoipa::path(
    tag = "evidence", operation_id = "getEvidenceLink", params(("id" = Uuid, Path, description = "Id of the link")),
    security(("oauth2" = [EvidenceRead::SCOPE])),
    responses(Tagged<EvidenceLink>)
)]
#[get("/evidence-links/{id}")]
pub async fn link(
    actor: Requires<EvidenceRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<Tagged<EvidenceLink>, Error> {
    db.read_one(async |tx| links::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Delete a link of evidence
///
/// The record then lacks the file, and the versions of the link stay readable. The file itself is kept: closings may name its hash.
/// A user who may write the record may delete the link.
#[utoipa::path(
    tag = "evidence", operation_id = "deleteEvidenceLink",
    params(("id" = Uuid, Path, description = "Id of the link"), DeleteReason, IfMatch),
    security(
        ("oauth2" = [ReportsWrite::SCOPE]), ("oauth2" = [InstitutionsWrite::SCOPE]), ("oauth2" = [CasesWrite::SCOPE]),
        ("oauth2" = [SurveysWrite::SCOPE]), ("oauth2" = [TargetsWrite::SCOPE]),
    ),
    responses(NoContent)
)]
#[delete("/evidence-links/{id}")]
pub async fn delete(
    actor: RequiresOneOf<AnyWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    db.write(async |tx| links::delete(tx, &actor, id.0, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// List the versions of a link of evidence
///
/// All versions, oldest first, each with its recorder, time and reason; also after the link was deleted.
#[utoipa::path(
    tag = "evidence", operation_id = "listEvidenceLinkVersions",
    params(("id" = Uuid, Path, description = "Id of the link"), Paging),
    security(("oauth2" = [EvidenceRead::SCOPE])),
    responses(EvidenceLinkVersionPage)
)]
#[get("/evidence-links/{id}/versions")]
pub async fn versions(
    actor: Requires<EvidenceRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<EvidenceLinkVersionPage, Error> {
    db.read(async |tx| links::versions(tx, &actor, id.0, &paging).await)
        .await
}
