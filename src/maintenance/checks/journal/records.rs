//! Checks that every version of a record is as the journal says, and that neither has rows that the other lacks.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

use ::entity::journal::{Column as C, Entity as Journal};
use ::entity::{case_event, former_village, institution_decree};

use super::{BATCH, Findings};
use crate::platform::db::journal::Resource;
use crate::platform::db::journal::content::{digest_of, key_text, row_text};
use crate::platform::db::versions::{EveryTable, for_every_table};
use crate::platform::db::{ReadTx, Versioned};
use crate::platform::error::Error;

/// The texts of the parts of versions, in the order of the rows.
type Parts = Vec<Vec<String>>;

/// Returns the number of versions.
pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<usize, Error> {
    let mut records = Records {
        tx,
        findings,
        versions: 0,
    };
    for_every_table(&mut records).await?;
    Ok(records.versions)
}

struct Records<'a> {
    tx: &'a ReadTx,
    findings: &'a mut Findings,
    versions: usize,
}

impl EveryTable for Records<'_> {
    async fn table<E: Versioned>(&mut self) -> Result<(), Error> {
        self.versions += compare::<E>(self.tx, self.findings).await?;
        Ok(())
    }
}

/// Compares a table with its events, some records at a time.
async fn compare<E: Versioned>(tx: &ReadTx, findings: &mut Findings) -> Result<usize, Error> {
    let resource = E::RESOURCE.as_str();
    let (mut versions, mut matched) = (0, 0);
    let mut after = None;
    loop {
        let (rows, end) = batch::<E>(tx, &after).await?;
        versions += rows.len();
        let noted = noted(tx, resource, rows.iter().map(|row| key_text(row, E::KEY)).collect()).await?;
        for (row, parts) in rows.iter().zip(parts::<E>(tx, &rows).await?) {
            let version = E::version_info(row).version;
            let key = key_text(row, E::KEY);
            let texts = [vec![row_text(row)], parts].concat();
            match noted.get(&(key.clone(), version)) {
                None => findings.errors.push(format!(
                    "journal: {resource} {key} version {version} has no event; it was not written by the service"
                )),
                Some(content) => {
                    matched += 1;
                    if *content != digest_of(&texts) {
                        findings.errors.push(format!(
                            "journal: {resource} {key} version {version} was changed after it was recorded"
                        ));
                    }
                }
            }
        }
        match end {
            Some(end) => after = Some(end),
            None => break,
        }
    }
    if matched != count_events(tx, resource).await? {
        find_removed::<E>(tx, findings).await?;
    }
    Ok(versions)
}

/// Returns the versions of the next records after a key, and the key to go on after (`None`: these are the last).
pub async fn batch<E: Versioned>(tx: &ReadTx, after: &Option<Value>) -> Result<(Vec<E::Model>, Option<Value>), Error> {
    let first = E::KEY[0];
    let from = || {
        let rows = E::find().order_by_asc(first);
        match after {
            Some(last) => rows.filter(first.gt(last.clone())),
            None => rows,
        }
    };
    // All versions of a record are read together.
    let end = from().offset(BATCH - 1).limit(1).one(tx).await?;
    let end = end.map(|row| row.get(first));
    let rows = match &end {
        Some(end) => from().filter(first.lte(end.clone())),
        None => from(),
    };
    Ok((rows.order_by_asc(E::VERSION).all(tx).await?, end))
}

/// Returns the digests of the events of some records, by key and version.
pub async fn noted(
    conn: &impl ConnectionTrait,
    resource: &str,
    keys: HashSet<String>,
) -> Result<HashMap<(String, i32), Vec<u8>>, Error> {
    let rows: Vec<(String, Option<i32>, Option<Vec<u8>>)> = Journal::find()
        .select_only()
        .columns([C::Key, C::Version, C::Content])
        .filter(C::Resource.eq(resource))
        .filter(C::Key.is_in(keys))
        .into_tuple()
        .all(conn)
        .await?;
    let noted = rows
        .into_iter()
        .filter_map(|(key, version, content)| Some(((key, version?), content.unwrap_or_default())));
    Ok(noted.collect())
}

async fn count_events(tx: &ReadTx, resource: &str) -> Result<usize, Error> {
    let count: Option<i64> = Journal::find()
        .select_only()
        .column_as(C::Seq.count(), "events")
        .filter(C::Resource.eq(resource))
        .filter(C::Version.is_not_null())
        .into_tuple()
        .one(tx)
        .await?;
    Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX))
}

/// Names the events whose version is gone.
async fn find_removed<E: Versioned>(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let name = |row: &E::Model| (key_text(row, E::KEY), E::version_info(row).version);
    let stored: HashSet<(String, i32)> = E::find().all(tx).await?.iter().map(name).collect();
    let events: Vec<(String, Option<i32>)> = Journal::find()
        .select_only()
        .columns([C::Key, C::Version])
        .filter(C::Resource.eq(E::RESOURCE.as_str()))
        .order_by_asc(C::Chain)
        .order_by_asc(C::Seq)
        .into_tuple()
        .all(tx)
        .await?;
    let events = events.into_iter().filter_map(|(key, version)| Some((key, version?)));
    for (key, version) in events.filter(|event| !stored.contains(event)) {
        let resource = E::RESOURCE;
        findings
            .errors
            .push(format!("journal: {resource} {key} version {version} was removed"));
    }
    Ok(())
}

/// Returns the texts of the parts that were written with each version: the decrees and former villages of an institution, and the
/// event that made the version of a case.
pub async fn parts<E: Versioned>(tx: &ReadTx, rows: &[E::Model]) -> Result<Parts, Error> {
    let ids = || rows.iter().filter_map(|row| key_text(row, E::KEY).parse::<Uuid>().ok());
    let mut of_versions = match E::RESOURCE {
        Resource::Institution => of_institutions(tx, ids().collect()).await?,
        Resource::Case => of_cases(tx, ids().collect()).await?,
        _ => return Ok(vec![Vec::new(); rows.len()]),
    };
    let own = |row: &E::Model| {
        let id = key_text(row, E::KEY).parse::<Uuid>().ok()?;
        let info = E::version_info(row);
        let by_version = of_versions.remove(&(id, Made::In(info.version)));
        by_version.or_else(|| of_versions.remove(&(id, Made::At(info.recorded_at))))
    };
    Ok(rows.iter().map(own).map(Option::unwrap_or_default).collect())
}

/// The version that a part belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Made {
    In(i32),
    At(DateTime<Utc>),
}

type PartsOfVersions = HashMap<(Uuid, Made), Vec<String>>;

async fn of_institutions(tx: &ReadTx, ids: HashSet<Uuid>) -> Result<PartsOfVersions, Error> {
    use former_village::Column as V;
    use institution_decree::Column as D;
    let mut parts = PartsOfVersions::new();
    let decrees = institution_decree::Entity::find()
        .filter(D::InstitutionId.is_in(ids.clone()))
        .order_by_asc(D::Position);
    for row in decrees.all(tx).await? {
        let of_version = parts.entry((row.institution_id, Made::In(row.version)));
        of_version.or_default().push(row_text(&row));
    }
    let former = former_village::Entity::find()
        .filter(V::InstitutionId.is_in(ids))
        .order_by_asc(V::Position);
    for row in former.all(tx).await? {
        let of_version = parts.entry((row.institution_id, Made::In(row.version)));
        of_version.or_default().push(row_text(&row));
    }
    Ok(parts)
}

async fn of_cases(tx: &ReadTx, ids: HashSet<Uuid>) -> Result<PartsOfVersions, Error> {
    let events = case_event::Entity::find()
        .filter(case_event::Column::CaseId.is_in(ids))
        .order_by_asc(case_event::Column::Position);
    let mut parts = PartsOfVersions::new();
    for row in events.all(tx).await? {
        let of_version = parts.entry((row.case_id, Made::At(row.recorded_at)));
        of_version.or_default().push(row_text(&row));
    }
    Ok(parts)
}
