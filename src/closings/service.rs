//! Closing a period: the order of the steps. Everything is computed and stored in one write, which holds the stamp of the
//! district, so no fact with an earlier instant can be committed later (docs/adr/0006).

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait};
use serde_json::json;
use uuid::Uuid;

use ::entity::closing::{self, Column as C, Entity as Closings};
use ::entity::closing_document;

use super::document::{self, Closer, Head};
use super::dto::{Closing, ClosingFilter, NewClosing};
use super::four_eyes::{self, FourEyes};
use super::query::{by_id, last, last_of};
use super::statement::{Claims, JournalHead, Reference, Value};
use crate::access::auth::closing_keys;
use crate::access::{Actor, Role, accounts};
use crate::core::civil;
use crate::core::period::{Period, PeriodKind};
use crate::facts::surveys;
use crate::places::districts::service::{stamp_in, unknown_district};
use crate::platform::db::journal::{Action, Event, Resource, Years};
use crate::platform::db::versions::Created;
use crate::platform::db::{ReadTx, Stream, WriteTx};
use crate::platform::error::{Code, Error, FieldErrors, OrInternal};
use crate::platform::fingerprint::{canonical_hex, sha256_hex};
use crate::platform::http::page::Keyset;
use crate::platform::http::{PageBody, Paging};
use crate::results::query::Query;
use crate::results::realisations::closed::ClosedValues;
use crate::results::realisations::closing::{self as results, ClosedIndicator};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    filter: &ClosingFilter,
    paging: &Paging,
) -> Result<PageBody<Closing>, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let request = paging.open(&("closings", filter, &district))?;
    let at = request.at(conn.latest(district.as_deref()).await?);
    // A month that ends no quarter has no closing.
    let period = filter.period.map(|p| p.target_period().unwrap_or(p).to_string());
    let query = Closings::find()
        .filter(C::ClosedAt.lte(at))
        .apply_if(district.as_deref(), |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(period, |q, v| q.filter(C::Period.eq(v)));
    let keyset = Keyset::descending(vec![C::ClosedAt, C::Id]);
    let read = async || {
        request
            .fetch(conn, query, &keyset, at)
            .await?
            .try_map(Closing::try_from)
    };
    request.respond(at, district.is_some(), read).await
}

/// Closes a period. The same id and content sent again return the same closing. `issuer` is the address of the service.
pub async fn create(
    tx: &WriteTx,
    query: &Query<'_>,
    new: NewClosing,
    issuer: &str,
    rule: FourEyes,
) -> Result<Created<Closing>, Error> {
    let (actor, id) = (query.actor, new.id.unwrap_or_else(Uuid::new_v4));
    let district = new.district_code.as_str();
    let stamp = stamp_in(tx, actor, district, Stream::Closings).await?;
    let period = canonical(new.period);
    let mut errors = FieldErrors::default();
    errors.check(period.is_some(), months_stay_open);
    errors.check(stamp.is_some(), || unknown_district(&new.district_code));
    let (Some(stamp), Some(period)) = (stamp, period) else {
        return Err(errors.into_error());
    };
    let name = period.to_string();
    let fingerprint = canonical_hex(&(district, &name, &new.reason))?;
    if let Some(before) = by_id(tx, id).await? {
        return match before.fingerprint == fingerprint {
            true => Ok(Created::Existing(before.try_into()?)),
            false => Err(Error::new(Code::IdConflict).at("#/id")),
        };
    }
    ensure_over(period, civil::date_of(stamp.at))?;
    let (previous, replaced) = (last(tx, district).await?, last_of(tx, district, &name).await?);
    if let Some(replaced) = replaced.as_ref().filter(|_| new.reason.is_none()) {
        return Err(already_closed(replaced));
    }
    let since = previous.as_ref().map(|previous| previous.closed_at);
    let same_hand = four_eyes::has_recorded(tx, district, &actor.username, since).await?;
    if same_hand && rule == FourEyes::Required {
        return Err(Error::new(Code::FourEyes));
    }
    let query = &Query {
        now: stamp.at,
        ..*query
    };
    let indicators = results::indicators(tx, query, district, period).await?;
    ensure_in_force(&indicators, period)?;
    ensure_no_open_survey(tx, &indicators).await?;
    let head = Head {
        id,
        district_code: district.to_owned(),
        period,
        version: replaced.as_ref().map_or(0, |replaced| replaced.version) + 1,
        closed_at: stamp.at,
        closed_by: closer(tx, actor).await?,
        reason: new.reason,
    };
    let (values, realisations, decrees) = summary(&indicators)?;
    let document = document::bytes(tx, &head, indicators).await?;
    ensure_short(&document)?;
    let reference = |row: &closing::Model| Reference {
        jti: row.id,
        sha256: row.statement_sha256.clone(),
    };
    let claims = Claims {
        decrees,
        same_hand,
        journal: JournalHead::of(tx, district).await?,
        previous: previous.as_ref().map(reference),
        replaces: replaced.as_ref().map(reference),
        values,
        ..Claims::new(issuer, &head, &document)
    };
    let key = closing_keys::signing(tx).await?;
    let statement = claims.sign(&key)?;
    let row = closing::Model {
        id,
        district_code: head.district_code.clone(),
        period: name,
        version: head.version,
        closed_at: head.closed_at,
        closed_by: actor.username.clone(),
        account_id: actor.id,
        reason: head.reason.clone(),
        same_hand,
        previous_id: previous.map(|row| row.id),
        replaces_id: replaced.map(|row| row.id),
        fingerprint,
        kid: key.kid,
        statement_sha256: sha256_hex(statement.as_bytes()),
        statement,
        document_sha256: claims.document.sha256,
        document_bytes: i64::try_from(document.len()).or_internal()?,
    };
    Closings::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    tx.note(&actor.author(), event(&row, period.year()));
    let stored = closing_document::Model {
        closing_id: id,
        document,
        realisations,
    };
    closing_document::Entity::insert(stored.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(Created::New(row.try_into()?))
}

/// Returns the event of a closing: it names the statement, and the statement names the event before it.
fn event(row: &closing::Model, year: i32) -> Event {
    let district = Some(row.district_code.as_str());
    let event = Event::new(district, row.closed_at, Action::Closed, Resource::Closing, row.id);
    let event = event.because(row.reason.as_deref());
    Event {
        version: Some(row.version),
        years: Years::span(year, year),
        content: vec![row.statement.clone()],
        ..event.detail(json!({"period": row.period, "statement_sha256": row.statement_sha256}))
    }
}

/// Returns the name under which equivalent periods are closed; `None` for a month.
fn canonical(period: Period) -> Option<Period> {
    match period.kind() {
        PeriodKind::Month => None,
        PeriodKind::Year | PeriodKind::Semester | PeriodKind::Quarter => period.target_period(),
    }
}

fn months_stay_open() -> Error {
    Error::rule(
        "#/period",
        "Bulan tidak dapat ditutup. Tutup triwulan, semester, atau tahunnya.",
        "A month cannot be closed. Close the quarter, the semester or the year.",
    )
}

fn ensure_over(period: Period, today: chrono::NaiveDate) -> Result<(), Error> {
    let last = period.last_day();
    if last < today {
        return Ok(());
    }
    Err(Error::new(Code::PeriodNotOver).detail(
        format!("Hari terakhir {period} adalah {last}; sekarang {today}."),
        format!("The last day of {period} is {last}; today is {today}."),
    ))
}

fn already_closed(before: &closing::Model) -> Error {
    Error::new(Code::AlreadyClosed)
        .detail(
            format!(
                "Versi {} (penutupan {}) berlaku. Isi reason untuk menutup lagi.",
                before.version, before.id
            ),
            format!(
                "Version {} (closing {}) is in effect. Give a reason to close again.",
                before.version, before.id
            ),
        )
        .at("#/reason")
}

fn ensure_in_force(indicators: &[ClosedIndicator], period: Period) -> Result<(), Error> {
    if !indicators.is_empty() {
        return Ok(());
    }
    let year = period.year();
    Err(Error::rule(
        "#/period",
        format!("Tidak ada indikator yang berlaku pada {year}, sehingga tidak ada nilai untuk ditutup."),
        format!("No indicator is in force in {year}, so there is no value to close."),
    ))
}

/// 409 naming the first survey that still accepts answers and counts in the period.
async fn ensure_no_open_survey(tx: &WriteTx, indicators: &[ClosedIndicator]) -> Result<(), Error> {
    let mut open = indicators.iter().flat_map(|indicator| &indicator.open_surveys);
    let Some(id) = open.next() else {
        return Ok(());
    };
    let title = surveys::query::find(tx, *id, None).await?.map(|survey| survey.title);
    let title = title.unwrap_or_default();
    Err(Error::new(Code::SurveyStillOpen).detail(
        format!("Survei \"{title}\" ({id}) masih dibuka."),
        format!("The survey \"{title}\" ({id}) is open."),
    ))
}

fn ensure_short(document: &[u8]) -> Result<(), Error> {
    if document.len() <= document::LONGEST {
        return Ok(());
    }
    let most = document::LONGEST >> 20;
    Err(Error::rule(
        "#/period",
        format!("Dokumen penutupan akan lebih besar dari {most} MiB."),
        format!("The document of the closing would have more than {most} MiB."),
    ))
}

async fn closer(tx: &WriteTx, actor: &Actor) -> Result<Closer, Error> {
    let account = accounts::by_id(tx, actor.id).await?;
    Ok(Closer {
        username: actor.username.clone(),
        name: account.map_or_else(|| actor.username.clone(), |account| account.name),
        title: match actor.role {
            Role::Head => "Camat",
            _ => "Administrator",
        }
        .to_owned(),
    })
}

/// Returns what the statement says of the values, their stored form, and the numbers of their decrees.
fn summary(indicators: &[ClosedIndicator]) -> Result<(Vec<Value>, String, Vec<String>), Error> {
    let values = indicators
        .iter()
        .map(|indicator| Value::of(&indicator.value.id))
        .collect();
    let stored = indicators.iter().map(|indicator| {
        let code = indicator.value.id.indicator.code.to_string();
        (code, indicator.value.clone())
    });
    let stored: ClosedValues = stored.collect();
    let mut decrees: Vec<String> = indicators.iter().map(|i| i.decree.number.clone()).collect();
    decrees.sort();
    decrees.dedup();
    Ok((values, serde_json::to_string(&stored).or_internal()?, decrees))
}
