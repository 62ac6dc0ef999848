//! The rules of recording an agreement.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::agreement::{self, Column as C, Entity as Agreements};

use super::dto::{
    Agreement, AgreementFilter, AgreementKind, AgreementPatch, AgreementSort, AgreementVersionPage, NewAgreement,
};
use super::query;
use crate::access::{Actor, records};
use crate::places::districts::service::{stamp_in, unknown_district};
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx};
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, PageBody, Paging, Patch, Restoration};
use crate::platform::time::{has_begun, in_the_future};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &AgreementFilter,
    paging: &Paging,
) -> Result<PageBody<Agreement>, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("agreements", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let is_final = district.is_some();
    let query = Agreements::find()
        .filter(records::in_state::<Agreements>(filter.state, at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.fiscal_year, |q, v| q.filter(C::FiscalYear.eq(v)))
        .apply_if(filter.number.as_deref(), |q, v| q.filter(C::Number.eq(v)))
        .apply_if(filter.kind, |q, v| match v {
            AgreementKind::Murni => q.filter(C::Revises.is_null()),
            AgreementKind::Perubahan => q.filter(C::Revises.is_not_null()),
        })
        .apply_if(filter.revises, |q, v| q.filter(C::Revises.eq(v)))
        .apply_if(filter.recorded_by.as_deref(), |q, v| q.filter(C::RecordedBy.eq(v)))
        .apply_if(filter.changed_since, |q, v| q.filter(C::RecordedAt.gte(v)));
    let columns = vec![C::FiscalYear, C::SignedOn, C::Id];
    let keyset = match filter.sort.unwrap_or_default() {
        AgreementSort::FiscalYear => Keyset::ascending(columns),
        AgreementSort::FiscalYearDescending => Keyset::descending(columns),
    };
    let read = async || {
        request
            .fetch(conn, query, &keyset, at)
            .await?
            .try_map(Agreement::try_from)
    };
    request.respond(at, is_final, read).await
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<Agreement, Error> {
    records::visible::<Agreements>(conn, actor, id).await?.try_into()
}

/// Records an agreement. The same id and content sent again return the agreement as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewAgreement) -> Result<Created<Agreement>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewAgreement { id: None, ..new };
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let stamp = stamp_in(tx, actor, new.district_code.as_str(), Stream::Targets).await?;
    let Some(stamp) = stamp else {
        return Err(unknown_district(&new.district_code));
    };
    if let Some(before) = versions::retry_of::<Agreements>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    validate(tx, stamp, id, &new).await?.into_result()?;
    ensure_own_number(tx, id, &new).await?;
    let row = row(id, new);
    let row = versions::create::<Agreements>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(row.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<AgreementPatch>,
) -> Result<Agreement, Error> {
    let (stamp, seen) = records::begin_change::<Agreements>(tx, actor, id).await?;
    let old: Agreement = seen.clone().try_into()?;
    records::check_version::<Agreements>(if_match, &seen)?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    validate(tx, stamp, id, &new).await?.into_result()?;
    ensure_own_number(tx, id, &new).await?;
    versions::amend::<Agreements>(tx, &actor.author(), stamp, &seen, row(id, new), patch.reason)
        .await?
        .try_into()
}

/// Deletes an agreement, unless a target belongs to it or another agreement revises it.
pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, seen) = records::begin_change::<Agreements>(tx, actor, id).await?;
    records::check_version::<Agreements>(if_match, &seen)?;
    ensure_unused(tx, id).await?;
    records::delete::<Agreements>(tx, actor, stamp, &seen, if_match, reason).await
}

/// Restores a deleted agreement, unless its number is taken or the agreement that it revises is gone.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, restoration: Restoration) -> Result<Agreement, Error> {
    let (stamp, deletion) = records::begin_restoration::<Agreements>(tx, actor, id).await?;
    let new = Agreement::try_from(deletion.clone())?.as_new();
    ensure_own_number(tx, id, &new).await?;
    validate(tx, stamp, id, &new).await?.without_pointers()?;
    records::restore::<Agreements>(tx, actor, stamp, &deletion, restoration)
        .await?
        .try_into()
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<AgreementVersionPage, Error> {
    records::history_page::<Agreements>(conn, actor, id, paging, &("agreement versions", id))
        .await?
        .try_map(records::version_of)
}

/// The rules of every agreement, new, corrected or restored: it is signed, and not before the agreement that it revises nor after
/// one that revises it.
async fn validate(tx: &WriteTx, stamp: Stamp, id: Uuid, new: &NewAgreement) -> Result<FieldErrors, Error> {
    const SIGNED_ON: &str = "#/signed_on";
    let mut errors = FieldErrors::default();
    errors.check(has_begun(stamp.at, new.signed_on), || in_the_future(SIGNED_ON));
    if let Some(revised) = new.revises {
        let earlier = query::of_year(tx, revised, new.district_code.as_str(), new.fiscal_year).await?;
        let earlier = earlier.filter(|earlier| earlier.id != id);
        errors.check(earlier.is_some(), || unknown_agreement("#/revises", revised));
        let day = earlier.map_or(new.signed_on, |earlier| earlier.signed_on);
        errors.check(day <= new.signed_on, || {
            Error::rule(
                SIGNED_ON,
                format!("Perjanjian yang diubahnya baru ditandatangani {day}."),
                format!("The agreement that it revises was signed only on {day}."),
            )
        });
    }
    let (_, revision) = query::dependants(tx, id).await?;
    let day = revision.map_or(new.signed_on, |revision| revision.signed_on);
    errors.check(new.signed_on <= day, || {
        Error::rule(
            SIGNED_ON,
            format!("Perjanjian yang mengubahnya sudah ditandatangani {day}."),
            format!("The agreement that revises it was signed already on {day}."),
        )
    });
    Ok(errors)
}

/// 422 for an agreement that is not one of the district and the year.
pub fn unknown_agreement(pointer: &str, wanted: impl std::fmt::Display) -> Error {
    Error::new(Code::UnknownReference)
        .detail(
            format!("Kecamatan ini tidak punya perjanjian kinerja \"{wanted}\" untuk tahun itu."),
            format!("The district has no performance agreement \"{wanted}\" of that year."),
        )
        .at(pointer)
}

/// 409 when another agreement of the district and the year has the same number.
async fn ensure_own_number(tx: &WriteTx, id: Uuid, new: &NewAgreement) -> Result<(), Error> {
    match query::by_number(tx, new.district_code.as_str(), new.fiscal_year, &new.number).await? {
        Some(other) if other.id != id => Err(Error::new(Code::DuplicateAgreement).detail(
            format!("Sudah dicatat sebagai perjanjian {}.", other.id),
            format!("It is already recorded as agreement {}.", other.id),
        )),
        _ => Ok(()),
    }
}

/// 409 while a target belongs to the agreement or another agreement revises it.
async fn ensure_unused(tx: &WriteTx, id: Uuid) -> Result<(), Error> {
    let (target, revision) = query::dependants(tx, id).await?;
    if let Some(target) = target {
        let (code, period) = (&target.indicator_code, &target.period);
        return Err(Error::new(Code::AgreementInUse).detail(
            format!("Target {code} {period} berdasar pada perjanjian ini."),
            format!("The target of {code} for {period} belongs to this agreement."),
        ));
    }
    match revision {
        None => Ok(()),
        Some(revision) => Err(Error::new(Code::AgreementInUse).detail(
            format!("Perjanjian {} mengubah perjanjian ini.", revision.number),
            format!("The agreement {} revises this one.", revision.number),
        )),
    }
}

fn row(id: Uuid, new: NewAgreement) -> agreement::Model {
    let NewAgreement {
        id: _,
        district_code,
        fiscal_year,
        number,
        signed_on,
        first_party,
        second_party,
        revises,
    } = new;
    agreement::Model {
        id,
        district_code: district_code.into(),
        fiscal_year,
        number,
        signed_on,
        first_party_name: first_party.name,
        first_party_office: first_party.office,
        second_party_name: second_party.name,
        second_party_office: second_party.office,
        revises,
        ..Default::default()
    }
}
