//! Code lists are the same for every district. Every account may read them; only an administrator of the whole regency
//! changes them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use ::entity::listed_code::{self, Column as C, Entity as Codes};
use ::entity::{case_category, institution_kind};

use super::dto::{NamedCode, NamedCodePage};
use super::list::CodeList;
use super::query;
use crate::access::{Actor, records};
use crate::platform::db::versions::{self, Created, known_at};
use crate::platform::db::{ReadTx, Stream, WriteTx, stamps};
use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::page::{Keyset, PageRows};
use crate::platform::http::{IfMatch, Page, Paging, Patch};
use crate::shipped;

/// The sections have no history, so their cursors need no real instant.
const ALWAYS: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// The longest code that the text of a service becomes.
const LONGEST_SERVICE: usize = 40;
/// The most values of a list of the questionnaire, with those that have ended: a questionnaire shows them all, and each survey
/// counts them all.
const MOST_PROFILE_VALUES: i32 = 100;

/// What a request says about a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub code: String,
    pub name: String,
    pub valid_to_year: Option<i32>,
}

/// Lists the codes of some lists, each list in its order.
pub async fn list<T>(conn: &ReadTx, lists: &[CodeList], paging: &Paging) -> Result<Page<T>, Error>
where
    T: TryFrom<listed_code::Model, Error = Error>,
{
    let names: Vec<_> = lists.iter().map(|list| list.as_str()).collect();
    let request = paging.open(&("code lists", &names))?;
    let at = request.at(conn.latest(None).await?);
    let codes = Codes::find()
        .filter(C::List.is_in(names))
        .filter(known_at::<Codes>(Some(at)));
    let keyset = Keyset::ascending(vec![C::List, C::Position, C::Code]);
    request.fetch(conn, codes, &keyset, at).await?.try_map(T::try_from)
}

pub async fn get<T>(conn: &impl ConnectionTrait, list: CodeList, code: &str) -> Result<T, Error>
where
    T: TryFrom<listed_code::Model, Error = Error>,
{
    let row = query::find(conn, list, code).await?;
    row.ok_or_else(Error::not_found)?.try_into()
}

/// Adds a code to the end of a list. The same content sent again returns the code as it is now.
pub async fn create<T>(
    tx: &WriteTx,
    actor: &Actor,
    list: CodeList,
    new: impl Serialize + Into<Content>,
) -> Result<Created<T>, Error>
where
    T: TryFrom<listed_code::Model, Error = Error>,
{
    ensure_regency_wide(actor)?;
    let fingerprint = fingerprint::canonical_hex(&new)?;
    let stamp = stamps::stamp_all(tx, Stream::CodeLists).await?;
    let content: Content = new.into();
    if let Some(before) = query::find(tx, list, &content.code).await? {
        if before.fingerprint.as_ref() == Some(&fingerprint) {
            return Ok(Created::Existing(before.try_into()?));
        }
        return Err(taken(&content.code));
    }
    if list == CodeList::Services && content.code.len() > LONGEST_SERVICE {
        return Err(Error::rule(
            "#/code",
            format!("Kode layanan paling panjang {LONGEST_SERVICE} karakter."),
            format!("The code of a service has at most {LONGEST_SERVICE} characters."),
        ));
    }
    let position = next_position(tx, list).await?;
    if list.is_profile() && position > MOST_PROFILE_VALUES {
        return Err(Error::rule(
            "#/list",
            format!("Daftar ini sudah memuat {MOST_PROFILE_VALUES} nilai, yang terbanyak untuk sebuah kuesioner."),
            format!("The list has {MOST_PROFILE_VALUES} values, which is the most that a questionnaire can have."),
        ));
    }
    register(tx, list, &content.code).await?;
    let row = listed_code::Model {
        list: list.to_string(),
        code: content.code,
        position,
        name: content.name,
        valid_to_year: content.valid_to_year,
        ..Default::default()
    };
    let row = versions::create::<Codes>(tx, &actor.author(), stamp, row, Some(fingerprint)).await?;
    Ok(Created::New(row.try_into()?))
}

/// Renames a code, or ends it after a year.
pub async fn patch<T, N, P>(
    tx: &WriteTx,
    actor: &Actor,
    (list, code): (CodeList, &str),
    if_match: &IfMatch,
    patch: Patch<P>,
) -> Result<T, Error>
where
    T: TryFrom<listed_code::Model, Error = Error>,
    N: for<'a> TryFrom<&'a listed_code::Model, Error = Error> + Serialize + DeserializeOwned + ToSchema + Into<Content>,
{
    ensure_regency_wide(actor)?;
    let stamp = stamps::stamp_all(tx, Stream::CodeLists).await?;
    let seen = query::find(tx, list, code).await?.ok_or_else(Error::not_found)?;
    records::check_version::<Codes>(if_match, &seen)?;
    let content: Content = patch.apply(&N::try_from(&seen)?)?.into();
    if (&content.name, content.valid_to_year) == (&seen.name, seen.valid_to_year) {
        return seen.try_into();
    }
    if seen.shipped && content.valid_to_year.is_some() {
        return Err(Error::new(Code::ShippedCode).at("#/valid_to_year"));
    }
    let next = listed_code::Model {
        name: content.name,
        valid_to_year: content.valid_to_year,
        ..seen.clone()
    };
    versions::amend::<Codes>(tx, &actor.author(), stamp, &seen, next, patch.reason)
        .await?
        .try_into()
}

/// Returns one page of all versions of a code, oldest first.
pub async fn versions(
    conn: &ReadTx,
    list: CodeList,
    code: &str,
    paging: &Paging,
) -> Result<PageRows<listed_code::Model>, Error> {
    let newest = query::find(conn, list, code).await?.ok_or_else(Error::not_found)?;
    let request = paging.open(&("code versions", list.as_str(), code))?;
    let at = request.at(newest.recorded_at);
    let all = Codes::find().filter(query::key(list, code));
    request.fetch(conn, all, &Keyset::ascending(vec![C::Version]), at).await
}

/// The sections are fixed in the program (`core::section`); only their names are data.
pub fn sections(paging: &Paging) -> Result<NamedCodePage, Error> {
    let request = paging.open(&"sections")?;
    let all = shipped::sections().iter().collect();
    Ok(request.paginate_in_memory(all, ALWAYS)?.map(NamedCode::from))
}

/// 403 for an actor of a single district, because all districts share the lists.
fn ensure_regency_wide(actor: &Actor) -> Result<(), Error> {
    if actor.district.is_none() {
        return Ok(());
    }
    Err(Error::new(Code::InsufficientScope).detail(
        "Daftar kode berlaku untuk semua kecamatan; hanya administrator kabupaten yang mengubahnya.",
        "Code lists apply to every district; only an administrator of the whole regency can change them.",
    ))
}

/// Records the code where facts refer to it by a foreign key.
async fn register(tx: &WriteTx, list: CodeList, code: &str) -> Result<(), Error> {
    let code = code.to_owned();
    match list {
        CodeList::InstitutionKinds => insert(tx, institution_kind::Model { code }).await,
        CodeList::CaseCategories => insert(tx, case_category::Model { code }).await,
        CodeList::Services | CodeList::Gender | CodeList::Education | CodeList::Occupation => Ok(()),
    }
}

async fn insert<M, A>(tx: &WriteTx, row: M) -> Result<(), Error>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
    A::Entity: EntityTrait<ActiveModel = A>,
{
    let row = row.into_active_model().reset_all();
    <A::Entity as EntityTrait>::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn next_position(tx: &WriteTx, list: CodeList) -> Result<i32, Error> {
    let last: Option<i32> = Codes::find()
        .select_only()
        .column(C::Position)
        .filter(C::List.eq(list.as_str()))
        .order_by_desc(C::Position)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.unwrap_or(0) + 1)
}

fn taken(code: &str) -> Error {
    Error::new(Code::DuplicateCode)
        .detail(
            format!("Kode \"{code}\" sudah dipakai. Ubah yang ada dengan PATCH."),
            format!("The code \"{code}\" is taken. Change the existing record with PATCH."),
        )
        .at("#/code")
}
