//! The codes that facts refer to.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::listed_code::{Column as C, Entity as Codes, Model};

use super::list::CodeList;
use crate::platform::db::versions::known_at;
use crate::platform::error::{Error, FieldErrors};

/// Selects all versions of a code.
pub fn key(list: CodeList, code: &str) -> Condition {
    Condition::all().add(C::List.eq(list.as_str())).add(C::Code.eq(code))
}

/// Returns the codes of a list in its order, with those that have ended ([`is_valid_in`]).
pub async fn codes(conn: &impl ConnectionTrait, list: CodeList) -> Result<Vec<Model>, Error> {
    codes_of(conn, &[list]).await
}

/// Returns the codes of some lists, each list in its order, with one statement.
pub async fn codes_of(conn: &impl ConnectionTrait, lists: &[CodeList]) -> Result<Vec<Model>, Error> {
    Ok(Codes::find()
        .filter(C::List.is_in(lists.iter().map(|list| list.as_str())))
        .filter(known_at::<Codes>(None))
        .order_by_asc(C::List)
        .order_by_asc(C::Position)
        .order_by_asc(C::Code)
        .all(conn)
        .await?)
}

/// Returns a code of a list, also if it has ended.
pub async fn find(conn: &impl ConnectionTrait, list: CodeList, code: &str) -> Result<Option<Model>, Error> {
    Ok(Codes::find()
        .filter(key(list, code))
        .filter(known_at::<Codes>(None))
        .one(conn)
        .await?)
}

/// Returns whether facts of a year may have this code.
pub fn is_valid_in(code: &Model, year: i32) -> bool {
    code.valid_to_year.is_none_or(|last| year <= last)
}

/// The code must exist, and must not have ended before any of the years of the fact.
pub fn require(
    errors: &mut FieldErrors,
    found: Option<&Model>,
    pointer: &str,
    code: &str,
    years: impl IntoIterator<Item = i32>,
) {
    errors.check(found.is_some(), || Error::unknown_reference(pointer, code));
    let Some(found) = found else { return };
    let too_late = years.into_iter().find(|year| !is_valid_in(found, *year));
    if let (Some(year), Some(last)) = (too_late, found.valid_to_year) {
        errors.add(Error::rule(
            pointer,
            format!("Kode \"{code}\" berlaku sampai tahun {last}, tidak untuk {year}."),
            format!("The code \"{code}\" is valid until the year {last}, not for {year}."),
        ));
    }
}
