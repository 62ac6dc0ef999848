//! Code lists are the same for every district: everybody may read them, and no operation changes them.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::{case_category, institution_kind, questionnaire};

use super::dto::{NamedCode, NamedCodePage, Questionnaire};
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;
use crate::platform::http::{Paging, Slug};
use crate::shipped;

/// The lists have no history, so their cursors need no real instant.
const ALWAYS: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Returns the newest wording of a questionnaire.
pub async fn questionnaire(conn: &impl ConnectionTrait, code: &Slug) -> Result<Questionnaire, Error> {
    use questionnaire::{Column as C, Entity};
    let wordings = Entity::find().filter(C::Code.eq(code.as_str()));
    let row = wordings.order_by_desc(C::Version).one(conn).await?;
    row.ok_or_else(Error::not_found)?.try_into()
}

pub async fn institution_kinds(conn: &impl ConnectionTrait, paging: &Paging) -> Result<NamedCodePage, Error> {
    use institution_kind::{Column as C, Entity};
    let wanted = paging.open(&"institution kinds")?;
    let keyset = Keyset::ascending(vec![C::Position, C::Code]);
    let page = wanted.fetch(conn, Entity::find(), &keyset, ALWAYS).await?;
    Ok(page.map(NamedCode::from))
}

pub async fn case_categories(conn: &impl ConnectionTrait, paging: &Paging) -> Result<NamedCodePage, Error> {
    use case_category::{Column as C, Entity};
    let wanted = paging.open(&"case categories")?;
    let keyset = Keyset::ascending(vec![C::Position, C::Code]);
    let page = wanted.fetch(conn, Entity::find(), &keyset, ALWAYS).await?;
    Ok(page.map(NamedCode::from))
}

/// The sections are fixed by the program (`access::Section`); only their names are data.
pub fn sections(paging: &Paging) -> Result<NamedCodePage, Error> {
    let wanted = paging.open(&"sections")?;
    let all = shipped::sections().iter().collect();
    Ok(wanted.paginate_in_memory(all, ALWAYS)?.map(NamedCode::from))
}
