//! Reading code lists and questionnaires.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::{case_category, institution_kind, questionnaire};

use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// The newest wording of a questionnaire.
pub async fn questionnaire(conn: &impl ConnectionTrait, code: &str) -> Result<Option<questionnaire::Model>, Error> {
    Ok(questionnaire::Entity::find()
        .filter(questionnaire::Column::Code.eq(code))
        .order_by_desc(questionnaire::Column::Version)
        .one(conn)
        .await?)
}

pub async fn institution_kinds(
    conn: &impl ConnectionTrait,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<institution_kind::Model>, Error> {
    use institution_kind::{Column as C, Entity};
    let keyset = Keyset::ascending(vec![C::Position, C::Code]);
    wanted.fetch(conn, Entity::find(), &keyset, at).await
}

pub async fn case_categories(
    conn: &impl ConnectionTrait,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<case_category::Model>, Error> {
    use case_category::{Column as C, Entity};
    let keyset = Keyset::ascending(vec![C::Position, C::Code]);
    wanted.fetch(conn, Entity::find(), &keyset, at).await
}
