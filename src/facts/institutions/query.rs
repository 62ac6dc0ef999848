//! Reading institutions, and writing what belongs to one version: its decrees and its former villages.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use ::entity::former_village::{Column as V, Entity as FormerVillages, Model as FormerVillage};
use ::entity::institution::{Column as C, Entity as Institutions, Model};
use ::entity::institution_decree::{Column as D, Entity as Decrees, Model as DecreeRow};

use crate::core::institution::Belonging;
use crate::platform::db::WriteTx;
use crate::platform::db::journal::content;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// An institution in one version, with the decrees and the former villages of that version.
#[derive(Clone, Debug)]
pub struct Whole {
    pub row: Model,
    pub decrees: Vec<DecreeRow>,
    pub former: Vec<FormerVillage>,
}

impl Whole {
    /// Returns the villages to which it belongs, in the order of its transfers.
    pub fn villages(&self) -> Vec<Belonging> {
        let former = self.former.iter().map(|village| Belonging {
            village_code: village.village_code.clone(),
            from: village.from_day,
        });
        let last = Belonging {
            village_code: self.row.village_code.clone(),
            from: self.row.village_from,
        };
        former.chain([last]).collect()
    }
}

/// Returns a current institution of a kind in a village whose name has this form.
pub async fn of_form(conn: &impl ConnectionTrait, wanted: &Model) -> Result<Option<Model>, Error> {
    Ok(Institutions::find()
        .filter(C::VillageCode.eq(&wanted.village_code))
        .filter(C::Kind.eq(&wanted.kind))
        .filter(C::Form.eq(&wanted.form))
        .filter(C::Id.ne(wanted.id))
        .filter(known_at::<Institutions>(None))
        .order_by_asc(C::RecordedAt)
        .one(conn)
        .await?)
}

/// Returns an institution with all that belongs to its version.
pub async fn whole(conn: &impl ConnectionTrait, row: Model) -> Result<Whole, Error> {
    let rows = wholes(conn, vec![row]).await?;
    rows.into_iter().next().ok_or_else(Error::not_found)
}

/// Returns each row with all that belongs to its version; at most two statements for any number of rows.
pub async fn wholes(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Whole>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let versions = rows.iter().fold(Condition::any(), |any, row| {
        any.add(D::InstitutionId.eq(row.id).and(D::Version.eq(row.version)))
    });
    let decrees = Decrees::find().filter(versions).order_by_asc(D::Position);
    let mut decrees = grouped(decrees.all(conn).await?, |d| (d.institution_id, d.version));
    let mut former = grouped(former_villages(conn, &rows).await?, |v| (v.institution_id, v.version));
    let whole = |row: Model| {
        let key = (row.id, row.version);
        Whole {
            row,
            decrees: decrees.remove(&key).unwrap_or_default(),
            former: former.remove(&key).unwrap_or_default(),
        }
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// Returns the former villages of the versions of these rows, in the order of the transfers; no statement if none was
/// transferred.
pub async fn former_villages(conn: &impl ConnectionTrait, rows: &[Model]) -> Result<Vec<FormerVillage>, Error> {
    let transferred = rows.iter().filter(|row| row.village_from.is_some());
    let versions: Vec<_> = transferred
        .map(|row| V::InstitutionId.eq(row.id).and(V::Version.eq(row.version)))
        .collect();
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    let versions = versions.into_iter().fold(Condition::any(), Condition::add);
    let former = FormerVillages::find().filter(versions).order_by_asc(V::Position);
    Ok(former.all(conn).await?)
}

fn grouped<T>(rows: Vec<T>, key: impl Fn(&T) -> (Uuid, i32)) -> HashMap<(Uuid, i32), Vec<T>> {
    let mut groups: HashMap<_, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// Returns one page of the decrees of an institution's version.
pub async fn decree_page(
    conn: &impl ConnectionTrait,
    row: &Model,
    request: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<DecreeRow>, Error> {
    let own = Decrees::find()
        .filter(D::InstitutionId.eq(row.id))
        .filter(D::Version.eq(row.version));
    request
        .fetch(conn, own, &Keyset::ascending(vec![D::Position]), at)
        .await
}

/// Returns a decree as it was first recorded.
pub async fn first_form(conn: &impl ConnectionTrait, institution: Uuid, id: Uuid) -> Result<Option<DecreeRow>, Error> {
    Ok(Decrees::find()
        .filter(D::InstitutionId.eq(institution))
        .filter(D::Id.eq(id))
        .order_by_asc(D::Version)
        .one(conn)
        .await?)
}

/// Appends decrees and former villages as those of a version that was appended, and returns the institution.
pub async fn append_parts(
    tx: &WriteTx,
    row: Model,
    mut decrees: Vec<DecreeRow>,
    mut former: Vec<FormerVillage>,
) -> Result<Whole, Error> {
    for decree in &mut decrees {
        decree.version = row.version;
    }
    for village in &mut former {
        village.version = row.version;
    }
    let texts = decrees.iter().map(content::row_text);
    let texts = texts.chain(former.iter().map(content::row_text));
    tx.note_parts(&row.id.to_string(), row.version, texts);
    if !decrees.is_empty() {
        let rows = decrees.iter().map(|row| row.clone().into_active_model().reset_all());
        Decrees::insert_many(rows).exec_without_returning(tx).await?;
    }
    if !former.is_empty() {
        let rows = former.iter().map(|row| row.clone().into_active_model().reset_all());
        FormerVillages::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(Whole { row, decrees, former })
}
