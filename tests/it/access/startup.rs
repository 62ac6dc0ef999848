//! The first start: the first administrator, and several instances at once.

use iku::platform::db::Db;
use iku::startup::prepare;

use super::sign_in;
use crate::support::backend::Backend;
use crate::support::world::World;

#[actix_web::test]
async fn first_start_makes_a_random_password_and_shows_it_once() {
    let database = Backend::Sqlite.fresh_empty().await;
    let db = Db::open(&database.url).await.unwrap();
    let first = prepare(&db, None).await.unwrap().expect("the first administrator");
    let password = first.password.expect("a random password");
    assert!(prepare(&db, None).await.unwrap().is_none());
    assert!(prepare(&db, Some("kata sandi lain")).await.unwrap().is_none());
    db.close().await.unwrap();
    let world = World::on(database).await;
    sign_in(&world, &first.account.username, &password).await.status(200);
    sign_in(&world, &first.account.username, "kata sandi lain")
        .await
        .problem(400, "invalid_grant");
}

#[actix_web::test]
async fn two_first_starts_at_once_make_one_administrator_and_one_key_of_each_purpose() {
    use ::entity::{account, signing_key};
    use sea_orm::{EntityTrait, PaginatorTrait};
    let database = Backend::Postgres.fresh_empty().await;
    let (one, other) = (
        Db::open(&database.url).await.unwrap(),
        Db::open(&database.url).await.unwrap(),
    );
    let started = futures_util::future::join(
        prepare(&one, Some("kata sandi satu")),
        prepare(&other, Some("kata sandi dua")),
    );
    let (first, second) = started.await;
    let made = [first.unwrap(), second.unwrap()];
    assert_eq!(made.iter().flatten().count(), 1, "one of them made the administrator");
    let (keys, accounts) = one
        .read(async |tx| {
            Ok((
                signing_key::Entity::find().count(tx).await?,
                account::Entity::find().count(tx).await?,
            ))
        })
        .await
        .unwrap();
    // One key signs tokens, one closings.
    assert_eq!((keys, accounts), (2, 1));
}
