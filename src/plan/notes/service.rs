//! The rules of setting a note. It is stored under the canonical name of its period, as a target is.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::indicator_note::{self, Column as C, Entity as Notes};

use super::dto::{NewNote, Note, NoteFilter, NotePage, NoteVersionPage};
use crate::access::{Actor, Role, records};
use crate::core::civil;
use crate::core::period::{Period, YEARS};
use crate::plan::indicators::formula::of_row;
use crate::plan::indicators::service::visible;
use crate::plan::set::{Named, Set, ensure_in_force, name_of, set};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, RecordReader, Stamp, Stream, WriteTx, stamps};
use crate::platform::error::{Error, FieldErrors};
use crate::platform::http::page::Keyset;
use crate::platform::http::{IfMatch, Paging, PutConditions};

pub async fn list(
    conn: &ReadTx,
    actor: &Actor,
    code: &str,
    filter: &NoteFilter,
    paging: &Paging,
) -> Result<NotePage, Error> {
    let district = visible(conn, actor, code, *YEARS.start()).await?.district_code;
    let request = paging.open(&("notes", code, filter))?;
    let at = request.at(conn.latest(Some(&district)).await?);
    let names = |year| Period::target_periods(year).map(String::from);
    let notes = Notes::find()
        .filter(C::IndicatorCode.eq(code))
        .apply_if(filter.year, |q, year| q.filter(C::Period.is_in(names(year))))
        .filter(known_at::<Notes>(Some(at)));
    request
        .fetch(conn, notes, &Keyset::ascending(vec![C::Period]), at)
        .await?
        .try_map(Note::try_from)
}

pub async fn get(conn: &impl RecordReader, actor: &Actor, code: &str, period: Period) -> Result<Note, Error> {
    visible(conn, actor, code, period.year()).await?;
    stored(conn, code, name_of(period)?).await?.try_into()
}

/// Sets the note of a period that has begun, of an indicator in force.
pub async fn put(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    period: Period,
    conditions: PutConditions,
    new: NewNote,
) -> Result<Created<Note>, Error> {
    let (district, name) = writable(tx, actor, code, period).await?;
    let stamp = stamps::stamp(tx, &[&district], Stream::Notes).await?;
    let ensure = async || {
        ensure_in_force(tx, code, name.year()).await?;
        validate(stamp, name, &new).into_result()
    };
    let row = row(code, name, &district, new.clone());
    let year = (named(name), name.year());
    Ok(
        match set::<Notes>(tx, actor, stamp, conditions, year, row, ensure).await? {
            Set::New(row) => Created::New(row.try_into()?),
            Set::Same(row) | Set::Replaced { new: row, .. } => Created::Existing(row.try_into()?),
        },
    )
}

/// Withdraws a note.
pub async fn delete(
    tx: &WriteTx,
    actor: &Actor,
    code: &str,
    period: Period,
    if_match: &IfMatch,
    reason: String,
) -> Result<(), Error> {
    let (district, name) = writable(tx, actor, code, period).await?;
    let stamp = stamps::stamp(tx, &[&district], Stream::Notes).await?;
    let seen = stored(tx, code, name).await?;
    records::delete::<Notes>(tx, actor, stamp, &seen, if_match, reason).await
}

/// Returns one page of the versions of a note, oldest first. They stay readable after the note was withdrawn.
pub async fn versions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    code: &str,
    period: Period,
    paging: &Paging,
) -> Result<NoteVersionPage, Error> {
    let name = name_of(period)?.to_string();
    let binding = ("note versions", code, &name);
    let all = Notes::find()
        .filter(C::IndicatorCode.eq(code))
        .filter(C::Period.eq(&name));
    let order = Keyset::ascending(vec![C::Version]);
    records::page_of_history::<Notes>(conn, actor, all, &order, paging, &binding)
        .await?
        .try_map(records::version_of)
}

/// Returns the district and the canonical period of a note to write; 403 for an officer of another section.
async fn writable(tx: &WriteTx, actor: &Actor, code: &str, period: Period) -> Result<(String, Period), Error> {
    let indicator = visible(tx, actor, code, period.year()).await?;
    if actor.role == Role::Officer {
        actor.ensure_section(of_row(&indicator)?.section())?;
    }
    Ok((indicator.district_code, name_of(period)?))
}

fn validate(stamp: Stamp, name: Period, new: &NewNote) -> FieldErrors {
    let mut errors = FieldErrors::default();
    errors.check(name.first_day() <= civil::date_of(stamp.at), || {
        Error::rule(
            "path:period",
            "Periode ini belum mulai, jadi belum ada kendalanya.",
            "The period has not begun, so nothing hindered it yet.",
        )
    });
    errors.check(new.obstacles.is_some() || new.follow_up.is_some(), || {
        Error::rule(
            "#/obstacles",
            "Isi kendala, tindak lanjut, atau keduanya. Catatan dihapus dengan DELETE.",
            "Give obstacles, a follow-up, or both. DELETE withdraws a note.",
        )
    });
    errors
}

fn named(name: Period) -> Named<Period> {
    Named {
        words: ("catatan", "note"),
        of: name,
    }
}

/// Returns the note, or the reason why there is none: the year is not in force, or no note is set.
async fn stored(conn: &impl ConnectionTrait, code: &str, name: Period) -> Result<indicator_note::Model, Error> {
    let key = Condition::all()
        .add(C::IndicatorCode.eq(code))
        .add(C::Period.eq(name.to_string()));
    if let Some(row) = versions::find::<Notes>(conn, key, None).await? {
        return Ok(row);
    }
    ensure_in_force(conn, code, name.year()).await?;
    Err(named(name).not_set())
}

fn row(code: &str, name: Period, district: &str, new: NewNote) -> indicator_note::Model {
    let NewNote {
        obstacles,
        follow_up,
        reason,
    } = new;
    indicator_note::Model {
        indicator_code: code.to_owned(),
        period: name.to_string(),
        district_code: district.to_owned(),
        obstacles,
        follow_up,
        change_reason: reason,
        ..Default::default()
    }
}
