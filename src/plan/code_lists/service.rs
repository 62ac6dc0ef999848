//! Code lists are the same for every district: everybody may read them, nobody changes them.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::dto::{NamedCode, NamedCodePage, Questionnaire};
use super::query;
use crate::platform::error::Error;
use crate::platform::http::{Paging, Slug};
use crate::shipped;

/// The lists have no history, so their cursors need no real instant.
const ALWAYS: DateTime<Utc> = DateTime::UNIX_EPOCH;

pub async fn questionnaire(conn: &impl ConnectionTrait, code: &Slug) -> Result<Questionnaire, Error> {
    let row = query::questionnaire(conn, code.as_str()).await?;
    row.ok_or_else(Error::not_found)?.try_into()
}

pub async fn institution_kinds(conn: &impl ConnectionTrait, paging: &Paging) -> Result<NamedCodePage, Error> {
    let wanted = paging.open(&"institution kinds")?;
    let page = query::institution_kinds(conn, &wanted, ALWAYS).await?;
    Ok(page.map(NamedCode::from))
}

pub async fn case_categories(conn: &impl ConnectionTrait, paging: &Paging) -> Result<NamedCodePage, Error> {
    let wanted = paging.open(&"case categories")?;
    let page = query::case_categories(conn, &wanted, ALWAYS).await?;
    Ok(page.map(NamedCode::from))
}

/// The sections are fixed by the program (`access::Section`); only their names are data.
pub fn sections(paging: &Paging) -> Result<NamedCodePage, Error> {
    let wanted = paging.open(&"sections")?;
    let all = shipped::sections().iter().collect();
    Ok(wanted.paginate_in_memory(all, ALWAYS)?.map(NamedCode::from))
}
