//! The register of institutions: the permissions and the order of the steps.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::{institution, institution_decree, listed_code, village};

use super::decree_dto::InstitutionDecree;
use super::dto::{
    Institution, InstitutionFilter, InstitutionPage, InstitutionPatch, InstitutionVersionPage, NewInstitution, version,
};
use super::list;
use super::query::{self, Whole};
use super::rules::{References, ensure_can_count, ensure_may_correct_village, validate};
use crate::access::{Actor, Section, records};
use crate::core::civil;
use crate::core::institution::Belonging;
use crate::core::institution_name::ComparedName;
use crate::places::villages::reference::stamp_at;
use crate::plan::code_lists::{self, CodeList};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::{IfMatch, Paging, Patch, Restoration, Slug};

/// `today` is the WITA day that `expires_before` starts from.
pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &InstitutionFilter,
    paging: &Paging,
    today: NaiveDate,
) -> Result<InstitutionPage, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("institutions", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    list::page(conn, district, filter, &request, at, today)
        .await?
        .try_map(|(whole, suspected_double_of)| {
            Ok(Institution {
                suspected_double_of,
                ..whole.try_into()?
            })
        })
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, id: Uuid) -> Result<Institution, Error> {
    let row = records::visible::<institution::Entity>(conn, actor, id).await?;
    query::whole(conn, row).await?.try_into()
}

/// Records an institution. The same id and content sent again return the institution as it is now.
pub async fn create(tx: &WriteTx, actor: &Actor, new: NewInstitution) -> Result<Created<Institution>, Error> {
    actor.ensure_section(Section::Pmd)?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewInstitution { id: None, ..new };
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let found = resolve(tx, actor, &new).await?;
    let errors = validate(&found, &new, &from_the_beginning(&new), None);
    let Some(stamp) = found.stamp.filter(|_| !found.villages.is_empty()) else {
        return Err(errors.into_error());
    };
    if let Some(before) = versions::retry_of::<institution::Entity>(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(query::whole(tx, before).await?.try_into()?));
    }
    errors.into_result()?;
    let (row, decrees) = rows(id, new);
    ensure_unique(tx, &row).await?;
    let row = versions::create::<institution::Entity>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    let whole = query::append_parts(tx, row, decrees, Vec::new()).await?;
    Ok(Created::New(whole.try_into()?))
}

pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<InstitutionPatch>,
) -> Result<Institution, Error> {
    let (stamp, seen) = begin_change(tx, actor, id).await?;
    records::check_version::<institution::Entity>(if_match, &seen.row)?;
    let new = patch.apply(&NewInstitution::of(&seen)?)?;
    let (mut next, decrees) = rows(id, new.clone());
    if has_same_content(&seen, &next, &decrees) {
        return seen.try_into();
    }
    let villages = if next.village_code == seen.row.village_code {
        next.village_from = seen.row.village_from;
        seen.villages()
    } else {
        ensure_may_correct_village(&seen, civil::date_of(stamp.at))?;
        from_the_beginning(&new)
    };
    let found = References {
        stamp: Some(stamp),
        villages: villages_in(tx, &seen.row.district_code, &villages).await?,
        kind: kind_of(tx, &new.kind).await?,
    };
    validate(&found, &new, &villages, Some(&seen)).into_result()?;
    if key_of(&next) != key_of(&seen.row) {
        ensure_unique(tx, &next).await?;
    }
    let next = Whole {
        row: next,
        decrees,
        former: seen.former.clone(),
    };
    append(tx, actor, stamp, &seen.row, next, patch.reason)
        .await?
        .try_into()
}

pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch, reason: String) -> Result<(), Error> {
    let (stamp, seen) = begin_change(tx, actor, id).await?;
    records::delete::<institution::Entity>(tx, actor, stamp, &seen.row, if_match, reason).await?;
    let deletion = institution::Model {
        version: seen.row.version + 1,
        ..seen.row
    };
    query::append_parts(tx, deletion, seen.decrees, seen.former)
        .await
        .map(drop)
}

/// Restores a deleted institution, unless another institution has its name, or none of its decrees can count.
pub async fn restore(tx: &WriteTx, actor: &Actor, id: Uuid, restoration: Restoration) -> Result<Institution, Error> {
    let (stamp, deletion) = records::begin_restoration::<institution::Entity>(tx, actor, id).await?;
    actor.ensure_section(Section::Pmd)?;
    let deleted = query::whole(tx, deletion).await?;
    ensure_unique(tx, &deleted.row).await?;
    ensure_can_count(&references_of(tx, stamp, &deleted, &[]).await?, &deleted)?;
    let row = records::restore::<institution::Entity>(tx, actor, stamp, &deleted.row, restoration).await?;
    query::append_parts(tx, row, deleted.decrees, deleted.former)
        .await?
        .try_into()
}

pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
    paging: &Paging,
) -> Result<InstitutionVersionPage, Error> {
    let binding = ("institution versions", id);
    let page = records::history_page::<institution::Entity>(conn, actor, id, paging, &binding).await?;
    let page = page.with_rows(async |rows| query::wholes(conn, rows).await).await?;
    page.try_map(version)
}

/// Begins a change of an institution, which belongs to section PMD.
pub async fn begin_change(tx: &WriteTx, actor: &Actor, id: Uuid) -> Result<(Stamp, Whole), Error> {
    let (stamp, seen) = records::begin_change::<institution::Entity>(tx, actor, id).await?;
    actor.ensure_section(Section::Pmd)?;
    Ok((stamp, query::whole(tx, seen).await?))
}

/// Appends a version with its decrees and former villages.
pub async fn append(
    tx: &WriteTx,
    actor: &Actor,
    stamp: Stamp,
    seen: &institution::Model,
    next: Whole,
    reason: Option<String>,
) -> Result<Whole, Error> {
    let Whole { row, decrees, former } = next;
    let row = versions::amend::<institution::Entity>(tx, &actor.author(), stamp, seen, row, reason).await?;
    query::append_parts(tx, row, decrees, former).await
}

/// Stamps the district and loads the records that a new institution refers to.
async fn resolve(tx: &WriteTx, actor: &Actor, new: &NewInstitution) -> Result<References, Error> {
    let place = stamp_at(tx, actor, &new.village_code, Stream::Institutions).await?;
    let (stamp, village) = place.unzip();
    Ok(References {
        stamp,
        villages: village.into_iter().collect(),
        kind: kind_of(tx, &new.kind).await?,
    })
}

/// Returns the records that an institution as recorded refers to, and `more` villages.
pub async fn references_of(tx: &WriteTx, stamp: Stamp, whole: &Whole, more: &[Belonging]) -> Result<References, Error> {
    let kind = &whole.row.kind;
    let villages = [whole.villages().as_slice(), more].concat();
    Ok(References {
        stamp: Some(stamp),
        villages: villages_in(tx, &whole.row.district_code, &villages).await?,
        kind: code_lists::query::find(tx, CodeList::InstitutionKinds, kind).await?,
    })
}

/// Returns the villages of a district to which an institution belongs.
async fn villages_in(tx: &WriteTx, district: &str, villages: &[Belonging]) -> Result<Vec<village::Model>, Error> {
    Ok(village::Entity::find()
        .filter(village::Column::Code.is_in(villages.iter().map(|village| village.village_code.as_str())))
        .filter(village::Column::DistrictCode.eq(district))
        .filter(known_at::<village::Entity>(None))
        .all(tx)
        .await?)
}

async fn kind_of(tx: &WriteTx, code: &Slug) -> Result<Option<listed_code::Model>, Error> {
    code_lists::query::find(tx, CodeList::InstitutionKinds, code.as_str()).await
}

/// 409 when the village has another institution of that kind whose name has the same normal form.
pub async fn ensure_unique(tx: &WriteTx, row: &institution::Model) -> Result<(), Error> {
    let Some(other) = query::of_form(tx, row).await? else {
        return Ok(());
    };
    let (id, name) = (other.id, other.name);
    Err(Error::new(Code::DuplicateInstitution).detail(
        format!("Sudah dicatat sebagai lembaga {id} ({name})."),
        format!("It is already recorded as institution {id} ({name})."),
    ))
}

/// What makes two institutions one.
fn key_of(row: &institution::Model) -> (&str, &str, &str) {
    (&row.village_code, &row.kind, &row.form)
}

fn from_the_beginning(new: &NewInstitution) -> Vec<Belonging> {
    vec![Belonging {
        village_code: new.village_code.as_str().to_owned(),
        from: None,
    }]
}

fn has_same_content(old: &Whole, new: &institution::Model, new_decrees: &[institution_decree::Model]) -> bool {
    let view = |rows: &[institution_decree::Model]| -> Vec<InstitutionDecree> {
        rows.iter().cloned().map(InstitutionDecree::from).collect()
    };
    old.row.village_code == new.village_code
        && old.row.kind == new.kind
        && old.row.name == new.name
        && view(&old.decrees) == view(new_decrees)
}

/// Returns the rows of an institution and its decrees.
fn rows(id: Uuid, new: NewInstitution) -> (institution::Model, Vec<institution_decree::Model>) {
    let NewInstitution {
        id: _,
        village_code,
        kind,
        name,
        decrees,
    } = new;
    let decrees = (0..).zip(decrees).map(|(position, decree)| decree.row(id, position));
    let ComparedName {
        form,
        likeness,
        part_of,
    } = ComparedName::new(kind.as_str(), &name);
    let row = institution::Model {
        id,
        district_code: village_code.district().to_owned(),
        village_code: village_code.into(),
        kind: kind.into(),
        name,
        form,
        likeness,
        part_of,
        ..Default::default()
    };
    (row, decrees.collect())
}
