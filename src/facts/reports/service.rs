//! Recording a report: the permissions and the order of the steps.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::report::{Column as C, Entity as Reports};
use ::entity::{report, report_kind};

use super::dto::{NewReport, Report, ReportFilter, ReportPage, ReportPatch, ReportSort, ReportVersionPage};
use super::rules::{Kind, Place, validate};
use crate::access::{Actor, Section, records};
use crate::core::obligation::ReportGroup;
use crate::places::villages::reference::{stamp_at, village_in};
use crate::plan::by_year;
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, Patch};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &ReportFilter,
    paging: &Paging,
) -> Result<ReportPage, Error> {
    let district = actor.scope_district(filter.district.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("reports", filter))?;
    let at = wanted.at(stamps::latest(conn, district.as_deref()).await?);
    let query = Reports::find()
        .filter(known_at::<Reports>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.village.as_ref(), |q, v| q.filter(C::VillageCode.eq(v.as_str())))
        .apply_if(filter.kind.as_ref(), |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.fiscal_year, |q, v| q.filter(C::FiscalYear.eq(v)))
        .apply_if(filter.status, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(filter.delivered_from, |q, v| q.filter(C::DeliveredOn.gte(v)))
        .apply_if(filter.delivered_to, |q, v| q.filter(C::DeliveredOn.lte(v)));
    let keyset = match filter.sort.unwrap_or_default() {
        ReportSort::VillageCode => Keyset::ascending(vec![C::VillageCode, C::FiscalYear, C::Kind, C::Id]),
        ReportSort::DeliveredOn => Keyset::ascending(vec![C::DeliveredOn, C::Id]),
        ReportSort::DeliveredOnDescending => Keyset::descending(vec![C::DeliveredOn, C::Id]),
    };
    wanted.fetch(conn, query, &keyset, at).await?.try_map(Report::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Report, Error> {
    records::visible::<Reports>(conn, actor, id).await?.try_into()
}

/// Records a report. The same id and content sent again return the report as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewReport) -> Result<Created<Report>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewReport { id: None, ..new };
    let fingerprint = fingerprint::hex(&new)?;
    let place = resolve(tx, actor, &new).await?;
    let errors = validate(&place, &new);
    let (Some(stamp), Some(_)) = (place.stamp, place.village) else {
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<Reports>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(before.try_into()?));
    }
    errors.into_result()?;
    ensure_unique(tx, &new, id).await?;
    let row = versions::create::<Reports>(tx, &actor.username, stamp, row(id, new), Some(fingerprint)).await?;
    Ok(Created::New(row.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<ReportPatch>,
) -> Result<Report, Error> {
    let (stamp, seen) = records::begin_change::<Reports>(tx, actor, id).await?;
    let old: Report = seen.clone().try_into()?;
    kind_of(tx, actor, &old.as_new()).await?;
    records::check_version::<Reports>(if_match, &seen)?;
    let new = patch.apply(&old.as_new())?;
    if new == old.as_new() {
        return Ok(old);
    }
    let place = Place {
        stamp: Some(stamp),
        kind: kind_of(tx, actor, &new).await?,
        village: village_in(tx, &seen.district_code, &new.village_code).await?,
    };
    validate(&place, &new).into_result()?;
    ensure_unique(tx, &new, id).await?;
    versions::amend::<Reports>(tx, &actor.username, stamp, &seen, row(id, new), patch.reason)
        .await?
        .try_into()
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, seen) = records::begin_change::<Reports>(tx, actor, id).await?;
    kind_of(tx, actor, &Report::try_from(seen.clone())?.as_new()).await?;
    records::delete::<Reports>(tx, actor, stamp, &seen, if_match, reason).await
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<ReportVersionPage, Error> {
    records::history_page::<Reports>(conn, actor, id, paging, &("report versions", id))
        .await?
        .try_map(records::version_of)
}

/// Stamps the district and loads the records that a new report refers to; 403 for a kind of another section.
async fn resolve(tx: &WriteTx, actor: &Actor, new: &NewReport) -> Result<Place, Error> {
    let (stamp, village) = stamp_at(tx, actor, &new.village_code, Stream::Reports).await?.unzip();
    let kind = kind_of(tx, actor, new).await?;
    Ok(Place { stamp, village, kind })
}

/// Looks up the kind that a report names; 403 unless its group is one of the actor's sections.
async fn kind_of(conn: &impl ConnectionTrait, actor: &Actor, new: &NewReport) -> Result<Kind, Error> {
    let Some(first) = by_year::first::<report_kind::Entity>(conn, new.kind.as_str()).await? else {
        return Ok(Kind::Unknown);
    };
    // A report about year F falls due in the year F minus the kind's offset; the wording of that year governs it.
    let due = new.fiscal_year.saturating_sub(first.fiscal_year_offset);
    let kind = by_year::governing::<report_kind::Entity>(conn, new.kind.as_str(), due, None).await?;
    actor.ensure_section(section_of(kind.as_ref().unwrap_or(&first))?)?;
    let is_owed = |k: &report_kind::Model| {
        k.valid_from_year.is_none_or(|first| first <= due) && k.valid_to_year.is_none_or(|last| due <= last)
    };
    Ok(match kind.as_ref().is_some_and(is_owed) {
        true => Kind::Owed,
        false => Kind::NotOwed,
    })
}

fn section_of(kind: &report_kind::Model) -> Result<Section, Error> {
    Ok(match kind.group_code.parse()? {
        ReportGroup::Administration => Section::Pemerintahan,
        ReportGroup::Finance => Section::PembinaanPengawasan,
    })
}

/// 409 when another report has the same village, kind and fiscal year.
async fn ensure_unique(tx: &WriteTx, new: &NewReport, id: Uuid) -> Result<(), Error> {
    let same = Condition::all()
        .add(C::VillageCode.eq(new.village_code.as_str()))
        .add(C::Kind.eq(new.kind.as_str()))
        .add(C::FiscalYear.eq(new.fiscal_year));
    match versions::find::<Reports>(tx, same, None).await? {
        Some(other) if other.id != id => Err(Error::new(Code::DuplicateReport).detail(
            format!("Sudah dicatat sebagai laporan {}.", other.id),
            format!("It is already recorded as report {}.", other.id),
        )),
        _ => Ok(()),
    }
}

fn row(id: Uuid, new: NewReport) -> report::Model {
    let NewReport {
        id: _,
        village_code,
        kind,
        fiscal_year,
        delivered_on,
        status,
        note,
    } = new;
    report::Model {
        id,
        district_code: village_code.district().to_owned(),
        village_code: village_code.into(),
        kind: kind.into(),
        fiscal_year,
        delivered_on,
        status: status.to_string(),
        note,
        ..Default::default()
    }
}
