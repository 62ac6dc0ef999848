//! The task that reads revocations: it ends with the service, and survives a database that is down.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use iku::access::auth::{revocation, sessions};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, PaginatorTrait};

use super::{sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::World;

#[actix_web::test]
async fn task_ends_with_the_service() {
    let world = World::on(Backend::Sqlite).await;
    let token_service = Arc::downgrade(&world.service.token_service.clone().into_inner());
    assert!(token_service.upgrade().is_some());
    drop(world);
    for _ in 0..1000 {
        if token_service.upgrade().is_none() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the task still holds the token service");
}

#[apply(both_databases)]
async fn known_keys_verify_tokens_while_the_database_is_down(backend: Backend) {
    let world = World::on(backend).await;
    let session = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let (db, token_service) = (&world.service.db, &world.service.token_service);
    let token = text(&session, "access_token");
    db.as_ref().clone().close().await.unwrap();
    revocation::refresh(db, token_service).await.unwrap_err();
    token_service.verify(token).unwrap();
    assert_eq!(token_service.keys().len(), 1);
}

#[apply(both_databases)]
async fn sweep_deletes_expired_and_revoked_sessions(backend: Backend) {
    use ::entity::{refresh_family, refresh_token};
    let world = World::on(backend).await;
    let db = &world.service.db;
    let families = async || -> (u64, u64) {
        db.read(async |tx| {
            Ok((
                refresh_family::Entity::find().count(tx).await?,
                refresh_token::Entity::find().count(tx).await?,
            ))
        })
        .await
        .unwrap()
    };
    sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
    revocation::sweep(db).await.unwrap();
    assert_eq!(families().await, (1, 1));
    db.write(async |tx| {
        let account = iku::access::accounts::by_username(tx, "admin").await?.unwrap();
        for _ in 0..600 {
            let past = Utc::now() - TimeDelta::days(1);
            sessions::begin(tx, account.id, String::new(), sessions::short(), "", past).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    revocation::sweep(db).await.unwrap();
    assert_eq!(families().await, (1, 1));
    db.write(async |tx| {
        let past = Utc::now() - TimeDelta::hours(2);
        refresh_family::Entity::update_many()
            .col_expr(refresh_family::Column::RevokedAt, Expr::value(past))
            .exec(tx)
            .await?;
        Ok(())
    })
    .await
    .unwrap();
    revocation::sweep(db).await.unwrap();
    assert_eq!(families().await, (0, 0));
}
