//! Receiving a file: its bytes are hashed while they arrive, and the row comes last.

use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};
use object_store::MultipartUpload;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use ::entity::evidence::{Entity as Files, Model};

use super::dto::Evidence;
use super::media::{HEAD, MediaType};
use super::query::{self, BESIDE_A_FILE, REGENCY};
use super::store::{EvidenceStore, refused};
use crate::access::Actor;
use crate::platform::db::journal::{Action, Event, Resource, content};
use crate::platform::db::versions::Created;
use crate::platform::db::{AdvisoryLock, Db, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::fingerprint::{sha256_hex, to_hex};
use crate::platform::http::Sha256;
use crate::platform::http::body::send_as;
use crate::platform::http::upload::IncomingFile;
use crate::platform::time::whole_micros;

/// The bytes that are written at once.
const PART: usize = 64 << 10;

/// Stores a file. The same file sent again changes nothing, and replaces bytes that were damaged.
pub async fn store(
    db: &Db,
    store: &EvidenceStore,
    actor: &Actor,
    sha256: &Sha256,
    file: IncomingFile,
) -> Result<Created<Evidence>, Error> {
    let accepted = MediaType::ALL.map(MediaType::as_str);
    let media_type: MediaType = file.media_type.parse().map_err(|_| send_as(&accepted))?;
    let _turn = store.turn(actor.id).await?;
    let announced = u64::try_from(file.announced.unwrap_or(0)).or_internal()?;
    known_or_room(db, store, actor, sha256, announced).await?;
    let mut arriving = file.arrive();
    let is_kind = |head: &[u8]| ensure_is(media_type, head).map(|()| media_type);
    let received = receive(store, sha256, is_kind, async || arriving.next().await).await?;
    if received.sha256 != *sha256 {
        return Err(Error::rule(
            "path:sha256",
            "Isi yang diterima memiliki SHA-256 lain. Hitung SHA-256 dari isi berkas, lalu kirim lagi.",
            "The content that arrived has another SHA-256. Compute the SHA-256 of the file's bytes and send it again.",
        ));
    }
    keep(db, store, actor, received, None).await
}

/// Stores a file whose hash its sender does not know: that of a form in a browser. `next` returns its parts.
pub async fn store_unnamed(
    db: &Db,
    store: &EvidenceStore,
    actor: &Actor,
    next: impl AsyncFnMut() -> Result<Option<Bytes>, Error>,
) -> Result<Evidence, Error> {
    let _turn = store.turn(actor.id).await?;
    // The name of a hash that no file has. If the process is killed, the sweep removes the file.
    let temporary = Sha256::try_from(sha256_hex(Uuid::new_v4().as_bytes())).or_internal()?;
    known_or_room(db, store, actor, &temporary, 0).await?;
    let is_kind = |head: &[u8]| MediaType::of(head).ok_or_else(no_kind);
    let received = receive(store, &temporary, is_kind, next).await?;
    match keep(db, store, actor, received, Some(&temporary)).await? {
        Created::New(file) | Created::Existing(file) => Ok(file),
    }
}

/// A file whose bytes are in a part file.
struct Received {
    part_file: Box<dyn MultipartUpload>,
    sha256: Sha256,
    media_type: MediaType,
    bytes: u64,
}

fn district_of(actor: &Actor) -> &str {
    actor.district.as_deref().unwrap_or(REGENCY)
}

/// Returns the row of a file that the district has sent before, which takes no more room; 422 if another has no room.
async fn known_or_room(
    db: &Db,
    store: &EvidenceStore,
    actor: &Actor,
    sha256: &Sha256,
    bytes: u64,
) -> Result<Option<Model>, Error> {
    let district = district_of(actor);
    db.read(async |tx| match query::file(tx, sha256, district).await? {
        Some(row) => Ok(Some(row)),
        None => ensure_room(tx, store, district, bytes).await.map(|()| None),
    })
    .await
}

/// Gives a file its name, and records it. `temporary`: the name under which it arrived, if that is not its hash.
async fn keep(
    db: &Db,
    store: &EvidenceStore,
    actor: &Actor,
    received: Received,
    temporary: Option<&Sha256>,
) -> Result<Created<Evidence>, Error> {
    let Received {
        mut part_file,
        sha256,
        media_type,
        bytes,
    } = received;
    let known = known_or_room(db, store, actor, &sha256, bytes).await?;
    part_file.complete().await.map_err(|e| refused(&sha256, &e))?;
    if let Some(temporary) = temporary {
        store.rename(temporary, &sha256).await?;
    }
    if let Some(row) = known {
        return Ok(Created::Existing(row.try_into()?));
    }
    let row = Model {
        sha256: sha256.as_str().to_owned(),
        district_code: district_of(actor).to_owned(),
        media_type: media_type.to_string(),
        bytes: i64::try_from(bytes).or_internal()?,
        ..Default::default()
    };
    db.write(async |tx| record(tx, store, actor, &sha256, row).await).await
}

/// Receives the bytes into a part file of this name. An error, and a caller that goes away, leave nothing. `kind` returns the kind of
/// the file by its first bytes.
async fn receive(
    store: &EvidenceStore,
    name: &Sha256,
    kind: impl Fn(&[u8]) -> Result<MediaType, Error>,
    mut next: impl AsyncFnMut() -> Result<Option<Bytes>, Error>,
) -> Result<Received, Error> {
    let mut hash = Context::new(&SHA256);
    let mut waiting = BytesMut::new();
    let mut begun: Option<(Box<dyn MultipartUpload>, MediaType)> = None;
    let mut bytes = 0;
    loop {
        let part = next().await?;
        let is_last = part.is_none();
        if let Some(part) = part {
            hash.update(&part);
            bytes += part.len();
            waiting.extend_from_slice(&part);
        }
        if begun.is_none() && (waiting.len() >= HEAD || is_last) {
            let media_type = kind(&waiting)?;
            begun = Some((store.begin(name).await?, media_type));
        }
        let Some((opened, _)) = begun.as_mut() else { continue };
        if waiting.len() >= PART || is_last && !waiting.is_empty() {
            let written = opened.put_part(waiting.split().freeze().into()).await;
            written.map_err(|e| refused(name, &e))?;
        }
        if is_last {
            break;
        }
    }
    let (part_file, media_type) = begun.ok_or_else(|| Error::internal("a file without a part file"))?;
    Ok(Received {
        part_file,
        sha256: Sha256::try_from(to_hex(hash.finish().as_ref())).or_internal()?,
        media_type,
        bytes: u64::try_from(bytes).or_internal()?,
    })
}

/// 415: the first bytes are those of no accepted kind.
fn no_kind() -> Error {
    Error::new(Code::UnsupportedMediaType).detail(
        "Berkas ini bukan PDF, JPEG, atau PNG.",
        "The file is no PDF, JPEG or PNG.",
    )
}

/// 415 unless the first bytes are those of the media type.
fn ensure_is(media_type: MediaType, head: &[u8]) -> Result<(), Error> {
    let found = MediaType::of(head);
    if found == Some(media_type) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedMediaType).detail(
        format!("Isi berkas bukan {media_type}: byte pertamanya lain."),
        format!("The content is not {media_type}: its first bytes differ."),
    ))
}

/// 422 if the district has no room for a file of this length.
async fn ensure_room(
    conn: &impl ConnectionTrait,
    store: &EvidenceStore,
    district: &str,
    bytes: u64,
) -> Result<(), Error> {
    let taken = query::taken(conn, district).await?;
    if taken + bytes + BESIDE_A_FILE <= store.most_bytes {
        return Ok(());
    }
    let mib = |bytes: u64| bytes >> 20;
    let (taken, most) = (mib(taken), mib(store.most_bytes));
    Err(Error::rule(
        "path:sha256",
        format!(
            "Ruang bukti kecamatan ini hampir penuh: {taken} dari {most} MiB. Minta pengelola server menambahnya (IKU_EVIDENCE_MIB)."
        ),
        format!(
            "The room for this district's evidence is almost taken: {taken} of {most} MiB. Ask the operator of the server for more (IKU_EVIDENCE_MIB)."
        ),
    ))
}

/// Records a file whose bytes have their name.
async fn record(
    tx: &WriteTx,
    store: &EvidenceStore,
    actor: &Actor,
    sha256: &Sha256,
    row: Model,
) -> Result<Created<Evidence>, Error> {
    let district = actor.district.as_deref();
    let stored_at = match district {
        Some(district) => stamps::stamp(tx, &[district], Stream::Evidence).await?.at,
        None => whole_micros(tx.clock().now()),
    };
    // The sweep holds the same lock while it removes what has no row.
    tx.advisory_lock(AdvisoryLock::Evidence).await?;
    if let Some(row) = query::file(tx, sha256, &row.district_code).await? {
        return Ok(Created::Existing(row.try_into()?));
    }
    let bytes = u64::try_from(row.bytes).or_internal()?;
    ensure_room(tx, store, &row.district_code, bytes).await?;
    if store.length(sha256).await? != Some(bytes) {
        return Err(refused(sha256, &std::io::Error::other("the bytes are gone")));
    }
    let row = Model { stored_at, ..row };
    Files::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    let event = Event::new(district, stored_at, Action::Created, Resource::Evidence, sha256);
    let event = Event {
        content: vec![content::row_text(&row)],
        ..event
    };
    tx.note(&actor.author(), event);
    Ok(Created::New(row.try_into()?))
}
