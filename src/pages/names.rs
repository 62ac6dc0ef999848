//! The names of villages and of listed codes, for tables and for choices.

use std::collections::HashMap;

use chrono::Datelike;

use super::reader::Reader;
use crate::plan::code_lists::listed::ListedCode;
use crate::plan::code_lists::{self, CodeList};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::results::completeness;
use crate::results::completeness::dto::CompletenessFilter;
use crate::results::facts::FactReader;
use crate::results::response_cache::ResponseCache;

/// A code and its name.
pub type Named = (String, String);

/// Returns the names of all villages of the district today, by code.
pub async fn villages(reader: &Reader, cache: &ResponseCache) -> Result<HashMap<String, String>, Error> {
    let (district, query) = (reader.district()?, reader.query());
    let read = async |facts: FactReader<'_>| facts.village_names(district.as_str(), query.day()).await;
    cache.compute_for_page(&query, read).await
}

/// Returns the desa of the district today.
pub async fn desa(reader: &Reader, cache: &ResponseCache) -> Result<Vec<Named>, Error> {
    let filter = CompletenessFilter {
        district_code: Some(reader.district()?.clone()),
        village_code: None,
        year: Some(reader.today().year()),
        group: None,
    };
    let query = reader.query();
    let read = async |facts: FactReader<'_>| completeness::service::get(facts, &query, &filter).await;
    let villages = cache.compute_for_page(&query, read).await?.villages.into_iter();
    Ok(villages
        .map(|village| (village.village_code.to_string(), village.name))
        .collect())
}

/// Returns the codes of a list, those that have ended too.
pub async fn codes(reader: &Reader, db: &Db, list: CodeList) -> Result<Vec<Named>, Error> {
    let paging = reader.paging(100, None);
    let read = db.read(async |tx| code_lists::service::list::<ListedCode>(tx, &[list], &paging).await);
    let codes = read.await?.items.into_iter();
    Ok(codes.map(|code| (code.code.to_string(), code.name)).collect())
}

/// Returns the name of a code, or the code.
pub fn of<'a>(names: &'a [Named], code: &'a str) -> &'a str {
    let found = names.iter().find(|(other, _)| other == code);
    found.map_or(code, |(_, name)| name.as_str())
}

/// Returns choices that begin with an empty one.
pub fn choices(first: &str, names: Vec<Named>) -> Vec<Named> {
    let first = (String::new(), first.to_owned());
    std::iter::once(first).chain(names).collect()
}
