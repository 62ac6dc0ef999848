//! Reading files and links.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use ::entity::evidence::{Column as F, Entity as Files, Model as File};
use ::entity::evidence_link::{Column as L, Entity as Links, Model as Link};

use super::record::Record;
use crate::access::Actor;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::platform::http::Sha256;

/// What the column `district_code` has for accounts of the whole regency.
pub const REGENCY: &str = "";

/// A file takes this many bytes more than it has: its row, its name and the rest of its last block. So a district cannot keep
/// millions of small files.
pub const BESIDE_A_FILE: u64 = 4096;

/// The keys that one statement names.
const AT_ONCE: usize = 1000;

/// Returns the file that a district has sent.
pub async fn file(conn: &impl ConnectionTrait, sha256: &Sha256, district: &str) -> Result<Option<File>, Error> {
    let key = (sha256.as_str().to_owned(), district.to_owned());
    Ok(Files::find_by_id(key).one(conn).await?)
}

/// Returns the file if the actor's district has sent it; for an actor of the regency, if any has.
pub async fn file_of_actor(conn: &impl ConnectionTrait, actor: &Actor, sha256: &Sha256) -> Result<Option<File>, Error> {
    let sent = Files::find()
        .filter(F::Sha256.eq(sha256.as_str()))
        .apply_if(actor.district.as_deref(), |q, district| {
            q.filter(F::DistrictCode.eq(district))
        });
    Ok(sent.order_by_asc(F::DistrictCode).one(conn).await?)
}

/// Returns the bytes that the files of a district take.
pub async fn taken(conn: &impl ConnectionTrait, district: &str) -> Result<u64, Error> {
    let own = Files::find().filter(F::DistrictCode.eq(district)).select_only();
    let sum = Expr::cust("CAST(COALESCE(SUM(bytes), 0) AS bigint)");
    let sums = own.column_as(sum, "bytes").column_as(F::Sha256.count(), "files");
    let (bytes, files): (i64, i64) = sums.into_tuple().one(conn).await?.unwrap_or_default();
    let plain = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(plain(bytes) + plain(files) * BESIDE_A_FILE)
}

/// Returns the newest link of a file that the actor sees.
pub async fn link_to_show(conn: &impl ConnectionTrait, actor: &Actor, sha256: &Sha256) -> Result<Option<Link>, Error> {
    let links = Links::find()
        .filter(L::Sha256.eq(sha256.as_str()))
        .filter(known_at::<Links>(None))
        .apply_if(actor.district.as_deref(), |q, district| {
            q.filter(L::DistrictCode.eq(district))
        });
    let newest = links.order_by_desc(L::RecordedAt).order_by_desc(L::Id);
    Ok(newest.one(conn).await?)
}

/// Selects the links of a record.
pub fn of_record(record: &Record) -> Condition {
    let (record_key, part_key) = record.key();
    Condition::all()
        .add(L::RecordType.eq(record.record_type().as_str()))
        .add(L::RecordKey.eq(record_key))
        .add(L::PartKey.eq(part_key))
}

/// Counts the current links of a record.
pub async fn count(conn: &impl ConnectionTrait, record: &Record) -> Result<u64, Error> {
    let current = Links::find().filter(of_record(record)).filter(known_at::<Links>(None));
    Ok(current.count(conn).await?)
}

/// Returns the links of records that have a type and one of these keys, as known at an instant (`None`: now).
pub async fn of_keys(
    conn: &impl ConnectionTrait,
    record_type: &str,
    keys: &[String],
    at: Option<DateTime<Utc>>,
) -> Result<Vec<Link>, Error> {
    let mut found = Vec::new();
    for keys in keys.chunks(AT_ONCE) {
        let some = Links::find()
            .filter(L::RecordType.eq(record_type))
            .filter(L::RecordKey.is_in(keys))
            .filter(known_at::<Links>(at));
        found.extend(some.all(conn).await?);
    }
    Ok(found)
}

/// Returns the next files after a hash and a district, in their order.
pub async fn files_after(
    conn: &impl ConnectionTrait,
    after: &(String, String),
    limit: u64,
) -> Result<Vec<File>, Error> {
    let (sha256, district) = after;
    let same_hash = Condition::all()
        .add(F::Sha256.eq(sha256))
        .add(F::DistrictCode.gt(district));
    Ok(Files::find()
        .filter(Condition::any().add(F::Sha256.gt(sha256)).add(same_hash))
        .order_by_asc(F::Sha256)
        .order_by_asc(F::DistrictCode)
        .limit(limit)
        .all(conn)
        .await?)
}

/// Returns the hash and the length of the next files after a hash. Each file is there once.
pub async fn hashes_after(conn: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<(String, i64)>, Error> {
    let files = Files::find().filter(F::Sha256.gt(after)).select_only();
    let files = files.column(F::Sha256).column_as(F::Bytes.max(), "bytes");
    let files = files.group_by(F::Sha256).order_by_asc(F::Sha256).limit(limit);
    Ok(files.into_tuple().all(conn).await?)
}
