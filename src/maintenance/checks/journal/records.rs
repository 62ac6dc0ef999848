//! Checks that every version of a record is as the journal says, and that neither has rows that the other lacks.

use std::collections::{BTreeMap, HashMap, HashSet};

use ::entity as tables;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

use ::entity::journal::{Column as C, Entity as Journal};
use ::entity::{case_event, former_village, institution, institution_decree, public_case};

use super::{BATCH, Findings};
use crate::platform::db::journal::content::{digest_of, key_text, row_text};
use crate::platform::db::{ReadTx, Versioned};
use crate::platform::error::Error;

/// The texts of the parts of versions, in the order of the rows.
type Parts = Vec<Vec<String>>;

/// Returns the number of versions.
pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<usize, Error> {
    let mut versions = 0;
    macro_rules! tables {
        ($($table:ident),*) => { $(
            versions += compare::<tables::$table::Entity>(tx, findings, async |_, rows| Ok(vec![Vec::new(); rows.len()])).await?;
        )* };
    }
    tables!(
        village,
        record_start,
        decree,
        indicator,
        target,
        report_kind,
        listed_code,
        report,
        survey
    );
    versions += compare::<institution::Entity>(tx, findings, parts_of_institutions).await?;
    versions += compare::<public_case::Entity>(tx, findings, parts_of_cases).await?;
    Ok(versions)
}

/// Compares a table with its events, some records at a time.
async fn compare<E: Versioned>(
    tx: &ReadTx,
    findings: &mut Findings,
    parts: impl AsyncFn(&ReadTx, &[E::Model]) -> Result<Parts, Error>,
) -> Result<usize, Error> {
    let resource = E::RESOURCE.as_str();
    let (mut versions, mut matched) = (0, 0);
    let mut after = None;
    loop {
        let (rows, end) = batch::<E>(tx, &after).await?;
        versions += rows.len();
        let noted = noted(tx, resource, rows.iter().map(|row| key_text(row, E::KEY)).collect()).await?;
        for (row, parts) in rows.iter().zip(parts(tx, &rows).await?) {
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

/// Returns the decrees and former villages of versions of institutions.
pub async fn parts_of_institutions(tx: &ReadTx, rows: &[institution::Model]) -> Result<Parts, Error> {
    use former_village::Column as V;
    use institution_decree::Column as D;
    let ids: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut parts: HashMap<(Uuid, i32), Vec<String>> = HashMap::new();
    let decrees = institution_decree::Entity::find()
        .filter(D::InstitutionId.is_in(ids.clone()))
        .order_by_asc(D::Position);
    for row in decrees.all(tx).await? {
        let of_version = parts.entry((row.institution_id, row.version)).or_default();
        of_version.push(row_text(&row));
    }
    let former = former_village::Entity::find()
        .filter(V::InstitutionId.is_in(ids))
        .order_by_asc(V::Position);
    for row in former.all(tx).await? {
        let of_version = parts.entry((row.institution_id, row.version)).or_default();
        of_version.push(row_text(&row));
    }
    let of_row = rows.iter().map(|row| parts.remove(&(row.id, row.version)));
    Ok(of_row.map(Option::unwrap_or_default).collect())
}

/// Returns the event that made each version of a case, if one did.
pub async fn parts_of_cases(tx: &ReadTx, rows: &[public_case::Model]) -> Result<Parts, Error> {
    let ids: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let events = case_event::Entity::find()
        .filter(case_event::Column::CaseId.is_in(ids))
        .order_by_asc(case_event::Column::Position);
    let mut parts: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for row in events.all(tx).await? {
        let of_version = parts.entry((row.case_id, row.recorded_at)).or_default();
        of_version.push(row_text(&row));
    }
    let of_row = rows.iter().map(|row| parts.remove(&(row.id, row.recorded_at)));
    Ok(of_row.map(Option::unwrap_or_default).collect())
}
