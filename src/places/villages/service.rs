//! The rules of villages, their own and those that other resources ask for.

use sea_orm::ConnectionTrait;

use ::entity::village;

use super::dto::{NewVillage, Village, VillageFilter, VillagePage, VillagePatch};
use super::query;
use crate::access::Actor;
use crate::core::place::VillageKind;
use crate::places::districts::service::stamp_in;
use crate::platform::db::versions::{self, Created, VersionInfo};
use crate::platform::db::{Stamp, Stream, Versioned, WriteTx, stamps};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch, VillageCode};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &VillageFilter,
    paging: &Paging,
) -> Result<VillagePage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("villages", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    query::page(conn, district, filter, &wanted, at)
        .await?
        .try_map(Village::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, code: &VillageCode) -> Result<Village, Error> {
    visible(conn, actor, code).await?.try_into()
}

/// Adds a village; sent again with the same content it answers what is stored.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewVillage) -> Result<Created<Village>, Error> {
    let fingerprint = fingerprint::hex(&new)?;
    let mut rules = Rules::default();
    rules.hold(must_be_numbered_in_district(&new))?;
    rules.hold(must_end_after_it_begins(&new))?;
    let stamp = rules.hold(stamp_in(tx, actor, &new.district_code, Stream::Places).await)?;
    let Some(stamp) = stamp else {
        return Err(rules.broken());
    };
    if let Some(before) = query::find(tx, &new.code, None).await? {
        if before.fingerprint.as_deref() == Some(fingerprint.as_str()) {
            return Ok(Created::Existing(before.try_into()?));
        }
        return Err(taken(&before));
    }
    rules.end()?;
    let row = row(new, VersionInfo::new(fingerprint))?;
    let stored = versions::create::<village::Entity>(tx, &actor.username, stamp, row).await?;
    Ok(Created::New(stored.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    code: &VillageCode,
    if_match: &IfMatch,
    patch: Patch<VillagePatch>,
) -> Result<Village, Error> {
    let before = visible(tx, actor, code).await?;
    let stamp = stamps::stamp(tx, &[&before.district_code], Stream::Places).await?;
    let seen = visible(tx, actor, code).await?;
    if_match.check(&ETag::at(seen.recorded_at))?;
    let old: Village = seen.clone().try_into()?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    must_end_after_it_begins(&new)?;
    let next = row(new, village::Entity::version_info(&seen))?;
    versions::amend::<village::Entity>(tx, &actor.username, stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

async fn visible(conn: &impl ConnectionTrait, actor: &Actor, code: &VillageCode) -> Result<village::Model, Error> {
    actor.ensure_can_see(code.district())?;
    query::find(conn, code, None).await?.ok_or_else(Error::not_found)
}

/// Kemendagri numbers a village within its district.
fn must_be_numbered_in_district(new: &NewVillage) -> Result<(), Error> {
    if new.code.district() == new.district_code.as_str() {
        return Ok(());
    }
    let (code, district) = (&new.code, &new.district_code);
    Err(Error::rule(
        "#/code",
        format!("Kode {code} tidak diawali kode kecamatan {district}."),
        format!("The code {code} does not begin with the district's code {district}."),
    ))
}

fn must_end_after_it_begins(new: &NewVillage) -> Result<(), Error> {
    match (new.valid_from, new.valid_to) {
        (Some(first), Some(last)) if last < first => Err(Error::rule(
            "#/valid_to",
            "Hari terakhir mendahului hari pertama.",
            "The last day is before the first.",
        )),
        _ => Ok(()),
    }
}

fn taken(by: &village::Model) -> Error {
    let (code, name) = (&by.code, &by.name);
    Error::new(Code::DuplicateCode)
        .detail(
            format!("Kode {code} sudah dipakai {name}."),
            format!("The code {code} is taken by {name}."),
        )
        .at("#/code")
}

fn row(new: NewVillage, info: VersionInfo) -> Result<village::Model, Error> {
    let NewVillage {
        code,
        district_code,
        kind,
        name,
        valid_from,
        valid_to,
    } = new;
    Ok(village::Model {
        code: code.into(),
        version: info.version,
        recorded_at: info.recorded_at,
        recorded_by: info.recorded_by,
        change_reason: info.change_reason,
        superseded_at: info.superseded_at,
        deleted: info.deleted,
        fingerprint: info.fingerprint,
        district_code: district_code.into(),
        kind: kind.to_string(),
        name,
        valid_from,
        valid_to,
    })
}

/// Stamps the stream of the village's district, then reads the village: how every write of a fact that happened
/// in a village begins. 422 for a village that does not exist or is another district's.
pub async fn stamp_at(
    tx: &WriteTx,
    actor: &Actor,
    code: &VillageCode,
    stream: Stream,
) -> Result<(Stamp, village::Model), Error> {
    const POINTER: &str = "#/village_code";
    let district = code.district();
    actor.ensure_can_reference(district, POINTER, code.as_str())?;
    if stamps::get(tx, district).await?.is_none() {
        return Err(Error::unknown_reference(POINTER, code));
    }
    let stamp = stamps::stamp(tx, &[district], stream).await?;
    let village = query::find(tx, code, None).await?;
    Ok((stamp, village.ok_or_else(|| Error::unknown_reference(POINTER, code))?))
}

/// The village a corrected fact names: it stays in its district. 422 otherwise.
pub async fn village_in(tx: &WriteTx, district: &str, code: &VillageCode) -> Result<village::Model, Error> {
    let village = query::find(tx, code, None)
        .await?
        .filter(|v| v.district_code == district);
    village.ok_or_else(|| Error::unknown_reference("#/village_code", code))
}

/// 422 for a kelurahan: it has no LPPD, no BPD, no APB Desa and no Keputusan Kepala Desa (DOMAIN section 2).
pub fn must_be_desa(village: &village::Model) -> Result<(), Error> {
    if village.kind.parse() == Ok(VillageKind::Desa) {
        return Ok(());
    }
    let name = &village.name;
    Err(Error::new(Code::KelurahanNotAllowed)
        .detail(
            format!("{name} adalah kelurahan; hanya desa."),
            format!("{name} is a kelurahan; only a desa will do."),
        )
        .at("#/village_code"))
}
