//! Recording a report: the permissions and the order of the steps.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::report::{Column as C, Entity as Reports};
use ::entity::{report, report_kind};

use super::dto::{NewReport, Report, ReportFilter, ReportPatch, ReportSort, ReportVersionPage};
use super::own_village;
use super::rules::{Kind, References, flags, validate};
use super::selection::{self, DueDay};
use crate::access::permissions::{Permission, ReportsWrite};
use crate::access::{Actor, Section, records};
use crate::core::civil;
use crate::core::obligation::{ReportFlag, ReportGroup};
use crate::places::villages::reference::{stamp_at, village_in};
use crate::plan::by_year;
use crate::platform::db::versions::{self, Created};
use crate::platform::db::{ReadTx, RecordReader, Stream, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, PageBody, Paging, Patch, Restoration};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &ReportFilter,
    paging: &Paging,
) -> Result<PageBody<Report>, Error> {
    let filter = &*own_village::narrowed(actor, filter)?;
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("reports", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    let is_final = district.is_some();
    let keyset = match filter.sort.unwrap_or_default() {
        ReportSort::VillageCode => Keyset::ascending(vec![C::VillageCode, C::FiscalYear, C::Kind, C::Id]),
        ReportSort::DeliveredOn => Keyset::ascending(vec![C::DeliveredOn, C::Id]),
        ReportSort::DeliveredOnDescending => Keyset::descending(vec![C::DeliveredOn, C::Id]),
    };
    let read = async || {
        let query = selection::of(conn, filter, at).await?;
        let query = query.apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)));
        request.fetch(conn, query, &keyset, at).await?.try_map(Report::try_from)
    };
    request.respond(at, is_final, read).await
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<Report, Error> {
    let row = records::visible::<Reports>(conn, actor, id).await?;
    own_village::ensure_can_see(actor, &row)?;
    row.try_into()
}

/// Records a report. The same id and content sent again return the report as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewReport) -> Result<Created<Report>, Error> {
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewReport { id: None, ..new };
    let fingerprint = fingerprint::canonical_hex(&new)?;
    own_village::ensure_own(actor, &new)?;
    let found = resolve(tx, actor, &new).await?;
    let mut errors = validate(&found, &new, None);
    let (Some(stamp), Some(_)) = (found.stamp, found.village) else {
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<Reports>(tx, id, &fingerprint).await? {
        own_village::ensure_can_see(actor, &before)?;
        return Ok(Created::Existing(before.try_into()?));
    }
    own_village::validate(&mut errors, actor, &new, civil::date_of(stamp.at));
    errors.into_result()?;
    ensure_unique(tx, &new, id).await?;
    let row = row(id, found.kind, new);
    let row = versions::create::<Reports>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
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
    own_village::ensure_can_see(actor, &seen)?;
    let old: Report = seen.clone().try_into()?;
    let before = old.as_new();
    kind_of(tx, actor, &before).await?;
    records::check_version::<Reports>(if_match, &seen)?;
    let new = patch.apply(&before)?;
    if new == before {
        return Ok(old);
    }
    own_village::ensure_may_correct(actor, &before, &new)?;
    let found = References {
        stamp: Some(stamp),
        kind: kind_of(tx, actor, &new).await?,
        village: village_in(tx, &seen.district_code, &new.village_code).await?,
    };
    let mut errors = validate(&found, &new, Some(&before));
    own_village::validate(&mut errors, actor, &new, civil::date_of(stamp.at));
    errors.into_result()?;
    ensure_unique(tx, &new, id).await?;
    let judged = |new: &NewReport| (new.kind.clone(), new.fiscal_year, new.delivered_on);
    let next = match judged(&new) == judged(&before) {
        true => report::Model {
            flags: seen.flags.clone(),
            ..row(id, found.kind, new)
        },
        false => row(id, found.kind, new),
    };
    versions::amend::<Reports>(tx, &actor.author(), stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, seen) = records::begin_change::<Reports>(tx, actor, id).await?;
    kind_of(tx, actor, &Report::try_from(seen.clone())?.as_new()).await?;
    records::delete::<Reports>(tx, actor, stamp, &seen, if_match, reason).await
}

/// Restores a deleted report, unless another report has taken its place, or the report can no longer count.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, restoration: Restoration) -> Result<Report, Error> {
    let (stamp, deletion) = records::begin_restoration::<Reports>(tx, actor, id).await?;
    let report = Report::try_from(deletion.clone())?.as_new();
    let found = References {
        stamp: Some(stamp),
        kind: kind_of(tx, actor, &report).await?,
        village: village_in(tx, &deletion.district_code, &report.village_code).await?,
    };
    ensure_unique(tx, &report, id).await?;
    validate(&found, &report, None).without_pointers()?;
    records::restore::<Reports>(tx, actor, stamp, &deletion, restoration)
        .await?
        .try_into()
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<ReportVersionPage, Error> {
    let all = Reports::find().filter(versions::key::<Reports>(id));
    let all = all.apply_if(actor.only_village(), |q, own| q.filter(C::VillageCode.eq(own)));
    let order = Keyset::ascending(vec![C::Version]);
    records::page_of_history::<Reports>(conn, actor, all, &order, paging, &("report versions", id))
        .await?
        .try_map(records::version_of)
}

/// Stamps the district and loads the records that a new report refers to; 403 for a kind of another section.
async fn resolve(tx: &WriteTx, actor: &Actor, new: &NewReport) -> Result<References, Error> {
    let (stamp, village) = stamp_at(tx, actor, &new.village_code, Stream::Reports).await?.unzip();
    let kind = kind_of(tx, actor, new).await?;
    Ok(References { stamp, village, kind })
}

/// Returns the section that a recorded report belongs to.
pub async fn section(conn: &impl ConnectionTrait, row: report::Model) -> Result<Option<Section>, Error> {
    let report = Report::try_from(row)?.as_new();
    Ok(kind_and_section(conn, &report).await?.map(|(_, section)| section))
}

/// Looks up the kind that a report names; 403 if the actor does not work for the section of its group.
async fn kind_of(conn: &impl ConnectionTrait, actor: &Actor, new: &NewReport) -> Result<Kind, Error> {
    let Some((kind, section)) = kind_and_section(conn, new).await? else {
        return Ok(Kind::Unknown);
    };
    if actor.scopes.contains(&ReportsWrite::SCOPE) {
        actor.ensure_section(section)?;
    }
    Ok(kind)
}

/// Returns the kind that a report names, for its fiscal year, and the section of its group; `None` if there is no such kind.
async fn kind_and_section(conn: &impl ConnectionTrait, new: &NewReport) -> Result<Option<(Kind, Section)>, Error> {
    let rows = by_year::rows_of::<report_kind::Entity>(conn, new.kind.as_str()).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let governing = |year: i32| rows.iter().rfind(|row| row.from_year <= year);
    // A report about year F falls due in F or in the year after, by the wording that governs that year.
    let year = new.fiscal_year;
    let due = [year.saturating_add(1), year].into_iter().filter_map(|due| {
        let kind = governing(due).filter(|kind| due.saturating_add(kind.fiscal_year_offset) == year)?;
        Some((due, kind))
    });
    let is_owed = |(due, kind): &(i32, &report_kind::Model)| {
        kind.valid_from_year.is_none_or(|first| first <= *due) && kind.valid_to_year.is_none_or(|last| *due <= last)
    };
    let owed = due.clone().find(is_owed);
    let section = section_of(owed.or_else(|| due.clone().next()).map_or(first, |(_, kind)| kind))?;
    let kind = match owed {
        Some((due, kind)) => Kind::Owed {
            fiscal_year_offset: kind.fiscal_year_offset,
            due_on: DueDay::of(kind)?.in_year(due),
        },
        None => Kind::NotOwed,
    };
    Ok(Some((kind, section)))
}

fn section_of(kind: &report_kind::Model) -> Result<Section, Error> {
    let group: ReportGroup = kind.group_code.parse()?;
    Ok(group.section())
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

fn row(id: Uuid, kind: Kind, new: NewReport) -> report::Model {
    let flags: Vec<&str> = flags(kind, &new).into_iter().map(ReportFlag::as_str).collect();
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
        flags: flags.join(","),
        ..Default::default()
    }
}
