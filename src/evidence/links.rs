//! Links: which file supports which record. The same for every kind of record.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::evidence_link::{self, Column as L, Entity as Links};

use super::dto::{EvidenceLink, EvidenceLinkPage, EvidenceLinkVersionPage, NewEvidenceLink};
use super::media::MediaType;
use super::query;
use super::record::Record;
use super::store::EvidenceStore;
use crate::access::guard::ensure_scope;
use crate::access::{Actor, records};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{Db, ReadTx, RecordReader, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, FieldErrors, OrInternal};
use crate::platform::fingerprint::canonical_hex;
use crate::platform::http::page::Keyset;
use crate::platform::http::stored_file::StoredFile;
use crate::platform::http::{IfMatch, Paging, Sha256};

/// The most files of a record.
pub const MOST_LINKS: u64 = 50;

/// The longest name in bytes; file systems end at 255.
const LONGEST_NAME: usize = 200;

/// Characters that no file name has on every system.
const RESERVED: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

pub async fn list(conn: &ReadTx, actor: &Actor, record: &Record, paging: &Paging) -> Result<EvidenceLinkPage, Error> {
    let district = record.owner(conn, actor).await?.district;
    let request = paging.open(&("evidence", record.record_type().as_str(), record.key()))?;
    let at = request.at(conn.latest(Some(&district)).await?);
    let links = Links::find()
        .filter(query::of_record(record))
        .filter(known_at::<Links>(Some(at)));
    let order = Keyset::ascending(vec![L::RecordedAt, L::Id]);
    request
        .fetch(conn, links, &order, at)
        .await?
        .try_map(EvidenceLink::try_from)
}

/// Links a file to a record. The same id and content sent again return the link as it is now.
pub async fn create(
    tx: &WriteTx,
    actor: &Actor,
    record: &Record,
    new: NewEvidenceLink,
) -> Result<Created<EvidenceLink>, Error> {
    let district = record.owner(tx, actor).await?.district;
    let stamp = stamps::stamp(tx, &[&district], Stream::Evidence).await?;
    // Under the stamp, which keeps other writers out.
    record.owner(tx, actor).await?.ensure_may_write(tx, actor).await?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let record_type = record.record_type().to_string();
    let (record_key, part_key) = record.key();
    let fingerprint = canonical_hex(&(&record_type, &record_key, &part_key, &new.sha256, &new.file_name))?;
    if let Some(before) = versions::retry_of::<Links>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    let Some(file) = query::file_of_actor(tx, actor, &new.sha256).await? else {
        return Err(not_sent(&new.sha256));
    };
    let mut errors = validate_name(&new.file_name, file.media_type.parse()?);
    errors.check(query::count(tx, record).await? < MOST_LINKS, || {
        Error::rule(
            "#",
            format!("Paling banyak {MOST_LINKS} berkas per catatan."),
            format!("At most {MOST_LINKS} files of a record."),
        )
    });
    let same = query::of_record(record).add(L::Sha256.eq(new.sha256.as_str()));
    let is_linked = versions::find::<Links>(tx, same, None).await?.is_some();
    errors.check(!is_linked, || {
        Error::rule(
            "#/sha256",
            "Berkas ini sudah ditautkan pada catatan ini.",
            "This file is linked to this record already.",
        )
    });
    errors.into_result()?;
    let row = evidence_link::Model {
        id,
        district_code: district,
        record_type,
        record_key,
        part_key,
        sha256: file.sha256,
        file_name: new.file_name,
        media_type: file.media_type,
        bytes: file.bytes,
        ..Default::default()
    };
    let row = versions::create::<Links>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(row.try_into()?))
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<EvidenceLink, Error> {
    records::visible::<Links>(conn, actor, id).await?.try_into()
}

/// Opens the file of the newest link that the actor sees; 404 if there is none.
pub async fn open(db: &Db, store: &EvidenceStore, actor: &Actor, sha256: &Sha256) -> Result<StoredFile, Error> {
    let shown = db.read_one(async |tx| query::link_to_show(tx, actor, sha256).await);
    let shown = shown.await?.ok_or_else(Error::not_found)?;
    let file = store.open(sha256).await?;
    Ok(StoredFile {
        file_name: shown.file_name,
        media_type: shown.media_type,
        sha256: shown.sha256,
        bytes: u64::try_from(shown.bytes).or_internal()?,
        parts: Box::pin(file.into_stream()),
    })
}

/// Returns the record that a link belongs to; 404 unless the actor sees the link.
pub async fn record_of(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<Record, Error> {
    Record::of(&records::visible::<Links>(conn, actor, id).await?)
}

/// Deletes a link, also of a record that was deleted. The file stays.
pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, seen) = records::begin_change::<Links>(tx, actor, id).await?;
    let record = Record::of(&seen)?;
    ensure_scope(actor, record.record_type().scope())?;
    let owner = record.last_owner(tx, actor).await?;
    owner.ensure_may_write(tx, actor).await?;
    records::delete::<Links>(tx, actor, stamp, &seen, if_match, reason).await
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<EvidenceLinkVersionPage, Error> {
    records::history_page::<Links>(conn, actor, id, paging, &("evidence link versions", id))
        .await?
        .try_map(records::version_of)
}

/// A hash alone opens no file: who links it has sent its bytes, or is of the regency.
fn not_sent(sha256: &Sha256) -> Error {
    Error::new(Code::UnknownReference)
        .detail(
            format!("Kecamatan ini belum mengirim berkas itu. Kirim dulu: PUT /v1/evidence/{sha256}."),
            format!("This district has not sent that file. Send it first: PUT /v1/evidence/{sha256}."),
        )
        .at("#/sha256")
}

/// The rules of a file name: it is one on every system, and its ending tells the kind of the file.
fn validate_name(name: &str, media_type: MediaType) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let is_plain =
        !name.contains(RESERVED) && !name.starts_with('.') && name.trim() == name && name.len() <= LONGEST_NAME;
    errors.check(is_plain, || {
        Error::rule(
            "#/file_name",
            "Nama berkas tanpa folder, tanpa / \\ : * ? \" < > |, tidak diawali titik atau spasi, paling panjang 200 byte.",
            "A file name without a folder, without / \\ : * ? \" < > |, not beginning with a dot or a blank, at most 200 bytes.",
        )
    });
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let endings = media_type.endings();
    let fits = !stem.is_empty() && endings.iter().any(|known| known.eq_ignore_ascii_case(ending));
    errors.check(fits, || {
        let list = endings.join(", .");
        Error::rule(
            "#/file_name",
            format!("Berkas ini {media_type}, jadi namanya berakhir dengan .{list}."),
            format!("The file is {media_type}, so its name ends with .{list}."),
        )
    });
    errors
}
