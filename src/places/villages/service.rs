//! The rules of villages.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::village::{self, Column as C, Entity as Villages};

use super::dto::{NewVillage, Village, VillageFilter, VillagePage, VillagePatch, VillageSort};
use super::query;
use crate::access::{Actor, records};
use crate::places::districts::service::{stamp_in, unknown_district};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, Patch, VillageCode};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &VillageFilter,
    paging: &Paging,
) -> Result<VillagePage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("villages", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    let query = Villages::find()
        .filter(known_at::<Villages>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.kind, |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.valid_on, |q, v| q.filter(query::valid_on(v)));
    let keyset = match filter.sort.unwrap_or_default() {
        VillageSort::Code => Keyset::ascending(vec![C::Code]),
        VillageSort::Name => Keyset::ascending(vec![C::Name, C::Code]),
    };
    wanted.fetch(conn, query, &keyset, at).await?.try_map(Village::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, code: &VillageCode) -> Result<Village, Error> {
    records::visible::<Villages>(conn, actor, code.as_str())
        .await?
        .try_into()
}

/// Adds a village. The same content sent again returns the village as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewVillage) -> Result<Created<Village>, Error> {
    let fingerprint = fingerprint::hex(&new)?;
    let stamp = stamp_in(tx, actor, new.district_code.as_str(), Stream::Places).await?;
    let mut errors = validate(&new);
    let Some(stamp) = stamp else {
        errors.add(unknown_district(&new.district_code));
        return Err(errors.into_error());
    };
    if let Some(before) = query::find(tx, &new.code, None).await? {
        if before.fingerprint.as_ref() == Some(&fingerprint) {
            return Ok(Created::Existing(before.try_into()?));
        }
        return Err(taken(&before));
    }
    errors.into_result()?;
    let row = versions::create::<Villages>(tx, &actor.username, stamp, row(new), Some(fingerprint)).await?;
    Ok(Created::New(row.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    code: &VillageCode,
    if_match: &IfMatch,
    patch: Patch<VillagePatch>,
) -> Result<Village, Error> {
    let (stamp, seen) = records::begin_change::<Villages>(tx, actor, code.as_str()).await?;
    records::check_version::<Villages>(if_match, &seen)?;
    let old: Village = seen.clone().try_into()?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    validate(&new).into_result()?;
    versions::amend::<Villages>(tx, &actor.username, stamp, &seen, row(new), patch.reason)
        .await?
        .try_into()
}

/// The rules of every village, new or corrected. Kemendagri numbers a village within its district.
fn validate(new: &NewVillage) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let (code, district) = (&new.code, &new.district_code);
    errors.check(code.district() == district.as_str(), || {
        Error::rule(
            "#/code",
            format!("Kode {code} tidak diawali kode kecamatan {district}."),
            format!("The code {code} does not begin with the district's code {district}."),
        )
    });
    let reversed = new
        .valid_from
        .zip(new.valid_to)
        .is_some_and(|(first, last)| last < first);
    errors.check(!reversed, || {
        Error::rule(
            "#/valid_to",
            "Hari terakhir mendahului hari pertama.",
            "The last day is before the first.",
        )
    });
    errors
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

fn row(new: NewVillage) -> village::Model {
    let NewVillage {
        code,
        district_code,
        kind,
        name,
        valid_from,
        valid_to,
    } = new;
    village::Model {
        code: code.into(),
        district_code: district_code.into(),
        kind: kind.to_string(),
        name,
        valid_from,
        valid_to,
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_village_is_numbered_in_its_district_and_ends_after_it_begins() {
        let village = |code: &str, valid_to: &str| -> NewVillage {
            let body = json!({
                "code": code, "district_code": "63.11.06", "kind": "desa", "name": "Balang",
                "valid_from": "2025-01-01", "valid_to": valid_to,
            });
            serde_json::from_value(body).unwrap()
        };
        assert_eq!(validate(&village("63.11.06.2005", "2025-01-01")).fields(), [""; 0]);
        assert_eq!(
            validate(&village("63.11.01.2005", "2024-12-31")).fields(),
            ["#/code rule_broken", "#/valid_to rule_broken"]
        );
    }
}
