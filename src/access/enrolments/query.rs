//! Reading and writing enrolments.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use ::entity::enrolment::{Column as C, Entity as Enrolments, Model};

use crate::platform::db::WriteTx;
use crate::platform::error::Error;

pub async fn by_code(conn: &impl ConnectionTrait, code_hash: &[u8]) -> Result<Option<Model>, Error> {
    Ok(Enrolments::find_by_id(code_hash.to_vec()).one(conn).await?)
}

/// Replaces an unused older code of the account. Call it with the account locked.
pub async fn replace_open(tx: &WriteTx, row: Model) -> Result<(), Error> {
    Enrolments::delete_many()
        .filter(C::AccountId.eq(row.account_id))
        .filter(C::UsedAt.is_null())
        .exec(tx)
        .await?;
    Enrolments::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Records that a code was exchanged, and for which secret.
pub async fn used(tx: &WriteTx, code_hash: &[u8], secret_hash: &str, now: DateTime<Utc>) -> Result<(), Error> {
    Enrolments::update_many()
        .col_expr(C::UsedAt, Expr::value(now))
        .col_expr(C::SecretHash, Expr::value(secret_hash))
        .filter(C::CodeHash.eq(code_hash.to_vec()))
        .exec(tx)
        .await?;
    Ok(())
}
