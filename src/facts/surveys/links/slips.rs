//! Slips: each gives one answer, because the answer has the slip's id and an id is stored once.

use std::cmp::Reverse;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use ::entity::survey_slip::{Column as C, Entity as Slips, Model};

use super::dto::{NewSurveySlips, SurveySlip, SurveySlipPage};
use super::query::ids_of;
use super::service::{visible, writable};
use crate::access::Actor;
use crate::platform::db::journal::{Action, Event, Resource};
use crate::platform::db::{ReadTx, WriteTx};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Paging;
use crate::platform::http::page::Keyset;

/// Returns the ids of the slips of a link that have one of these codes, in their order.
pub async fn find(
    conn: &impl ConnectionTrait,
    link: Uuid,
    typed: impl Iterator<Item = &str>,
) -> Result<Vec<Uuid>, Error> {
    let codes = typed.filter_map(ids_of);
    let is_one = codes.fold(Condition::any(), |any, (first, last)| {
        any.add(C::Id.between(first, last))
    });
    if is_one.is_empty() {
        return Ok(Vec::new());
    }
    let slips = Slips::find()
        .select_only()
        .column(C::Id)
        .filter(C::LinkId.eq(link))
        .filter(is_one);
    Ok(slips.order_by_asc(C::Id).into_tuple().all(conn).await?)
}

/// Makes slips of a link, and returns them in the order of the list.
pub async fn create(tx: &WriteTx, actor: &Actor, link: Uuid, new: NewSurveySlips) -> Result<Vec<SurveySlip>, Error> {
    let (stamp, link) = writable(tx, actor, link).await?;
    let slip = |_| Model {
        id: Uuid::new_v4(),
        link_id: link.id,
        created_at: stamp.at,
    };
    let mut rows: Vec<Model> = (0..new.count).map(slip).collect();
    rows.sort_unstable_by_key(|row| Reverse(row.id));
    let active = rows.iter().map(|row| row.clone().into_active_model().reset_all());
    Slips::insert_many(active).exec_without_returning(tx).await?;
    let district = Some(link.district_code.as_str());
    let event = Event {
        count: Some(i64::try_from(rows.len()).or_internal()?),
        content: rows.iter().rev().map(|row| row.id.to_string()).collect(),
        ..Event::new(district, stamp.at, Action::Created, Resource::SurveySlip, link.id)
    };
    tx.note(&actor.author(), event);
    Ok(rows.into_iter().map(SurveySlip::from).collect())
}

/// Lists the slips of a link, the newest first.
pub async fn list(conn: &ReadTx, actor: &Actor, link: Uuid, paging: &Paging) -> Result<SurveySlipPage, Error> {
    let link = visible(conn, actor, link).await?;
    let request = paging.open(&("survey slips", link.id))?;
    let at = request.at(conn.latest(Some(&link.district_code)).await?);
    let slips = Slips::find().filter(C::LinkId.eq(link.id)).filter(C::CreatedAt.lte(at));
    let keyset = Keyset::descending(vec![C::CreatedAt, C::Id]);
    let page = request.fetch(conn, slips, &keyset, at).await?;
    page.try_map(|row| Ok(SurveySlip::from(row)))
}
