//! A new signing key replaces the old one while the service runs.

use chrono::{TimeDelta, Utc};
use iku::access::auth::{keys, revocation, rotation};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::Value;

use ::entity::signing_key::{Column, Entity};

use super::{sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::World;

const JWKS: &str = "/.well-known/jwks.json";

async fn token(world: &World) -> String {
    let session = sign_in(world, "admin", ADMIN_PASSWORD).await.status(200).json;
    text(&session, "access_token").to_owned()
}

async fn published(world: &World) -> Vec<String> {
    let set = world.anonymous().get(JWKS).await.status(200).json;
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| text(key, "kid").to_owned()).collect()
}

fn kid(token: &str) -> String {
    iku::access::auth::token::kid(token).unwrap()
}

async fn take_up(world: &World) {
    revocation::refresh(&world.service.db, &world.service.token_service)
        .await
        .unwrap();
}

/// Moves the times of all keys into the past, as if that much time had passed.
async fn pass(world: &World, time: TimeDelta) {
    let db = &world.service.db;
    let rows = db.read(async |tx| rotation::list(tx).await).await.unwrap();
    for row in rows {
        let earlier = Entity::update_many()
            .col_expr(Column::SignsFrom, Expr::value(row.signs_from - time))
            .col_expr(Column::RetiredAt, Expr::value(row.retired_at.map(|at| at - time)))
            .filter_by_kid(&row.kid);
        earlier.exec(db.connection()).await.unwrap();
    }
    take_up(world).await;
}

trait OfKid {
    fn filter_by_kid(self, kid: &str) -> Self;
}

impl OfKid for sea_orm::UpdateMany<Entity> {
    fn filter_by_kid(self, kid: &str) -> Self {
        use sea_orm::{ColumnTrait, QueryFilter};
        self.filter(Column::Kid.eq(kid))
    }
}

#[apply(both_databases)]
async fn tokens_stay_valid_through_a_rotation(backend: Backend) {
    let world = World::on(backend).await;
    let other = world.second_instance().await;
    let db = &world.service.db;
    let old = published(&world).await;
    assert_eq!(old.len(), 1);
    let before = token(&world).await;
    assert_eq!(kid(&before), old[0]);

    let now = Utc::now();
    let made = db.write(async |tx| rotation::rotate(tx, now).await).await.unwrap();
    for instance in [&world, &other] {
        take_up(instance).await;
        // The new key is published and does not sign yet.
        assert_eq!(published(instance).await, [old[0].clone(), made.kid.clone()]);
        assert_eq!(kid(&token(instance).await), old[0]);
    }
    let again = db.write(async |tx| rotation::rotate(tx, now).await).await.unwrap_err();
    assert_eq!(again.code.as_str(), "conflict");

    // By now every cached copy of the published keys has expired.
    pass(&world, made.signs_from - now).await;
    take_up(&other).await;
    let after = token(&world).await;
    assert_eq!(kid(&after), made.kid);
    for instance in [&world, &other] {
        assert_eq!(published(instance).await, [made.kid.clone(), old[0].clone()]);
        for token in [&before, &after] {
            instance.bearer(token).get("/v1/me").await.status(200);
        }
    }

    // By now the last token of the old key has expired.
    assert!(made.retires_at - made.signs_from > TimeDelta::seconds(iku::access::auth::token::LIFETIME));
    pass(&world, made.retires_at - made.signs_from).await;
    take_up(&other).await;
    for instance in [&world, &other] {
        assert_eq!(published(instance).await, std::slice::from_ref(&made.kid));
        instance
            .bearer(&before)
            .get("/v1/me")
            .await
            .problem(401, "invalid_token");
        instance.bearer(&after).get("/v1/me").await.status(200);
    }
}

#[apply(both_databases)]
async fn sweep_erases_the_private_half_of_a_retired_key(backend: Backend) {
    let world = World::on(backend).await;
    let db = &world.service.db;
    let now = Utc::now();
    let made = db.write(async |tx| rotation::rotate(tx, now).await).await.unwrap();
    pass(&world, made.retires_at - now).await;
    revocation::sweep(db).await.unwrap();
    let rows = db.read(async |tx| rotation::list(tx).await).await.unwrap();
    let halves: Vec<(bool, bool)> = rows.iter().map(|r| (r.kid == made.kid, r.pkcs8.is_empty())).collect();
    assert_eq!(halves, [(true, false), (false, true)]);
    let next = db.write(async |tx| rotation::rotate(tx, Utc::now()).await).await;
    assert_ne!(next.unwrap().kid, made.kid);
}

#[apply(both_databases)]
async fn replaced_key_is_refused_at_once_by_every_instance(backend: Backend) {
    let world = World::on(backend).await;
    let other = world.second_instance().await;
    let db = &world.service.db;
    let before = token(&world).await;
    // A rotation is under way, too.
    db.write(async |tx| rotation::rotate(tx, Utc::now()).await)
        .await
        .unwrap();
    let made = db.write(async |tx| rotation::revoke_and_replace(tx, Utc::now()).await);
    let made = made.await.unwrap();
    assert_eq!(made.withdrawn, 2);
    take_up(&world).await;
    assert_eq!(published(&world).await, std::slice::from_ref(&made.kid));
    world.bearer(&before).get("/v1/me").await.problem(401, "invalid_token");
    let after = token(&world).await;
    assert_eq!(kid(&after), made.kid);
    // Another instance meets an unknown key, reads the keys again, and drops the old one.
    other.bearer(&after).get("/v1/me").await.status(200);
    other.bearer(&before).get("/v1/me").await.problem(401, "invalid_token");
    let rows = db.read(async |tx| Ok(Entity::find().count(tx).await?)).await.unwrap();
    // The fourth signs closings.
    assert_eq!(rows, 4);
}

#[actix_web::test]
async fn tokens_of_unknown_keys_cause_one_reading_in_two_seconds() {
    let world = World::on(Backend::Sqlite).await;
    let token_service = &world.service.token_service;
    let good = token(&world).await;
    assert!(!token_service.has_unknown_kid(&good));
    for rubbish in ["", "x", "a.b.c"] {
        assert!(!token_service.has_unknown_kid(rubbish), "{rubbish}");
    }
    let mut key = token_service.keys().remove(0);
    key.kid = "lain".to_owned();
    let claims = iku::access::auth::token::verify(&good, &token_service.keys(), token_service.issuer()).unwrap();
    let stranger = iku::access::auth::token::sign(&key, &claims).unwrap();
    assert!(token_service.has_unknown_kid(&stranger));
    assert!(token_service.should_refresh_keys());
    assert!(
        !token_service.should_refresh_keys(),
        "a second reading within two seconds"
    );
    world
        .bearer(&stranger)
        .get("/v1/me")
        .await
        .problem(401, "invalid_token");
}

#[actix_web::test]
async fn published_keys_may_be_cached_and_have_no_private_half() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let set = anyone.get(JWKS).await.status(200);
    let cached = format!("public, max-age={}", keys::JWKS_MAX_AGE);
    assert_eq!(set.header("cache-control"), cached);
    let again = anyone.with("if-none-match", &set.etag()).get(JWKS).await.status(304);
    assert_eq!(again.header("cache-control"), cached);
    let db = &world.service.db;
    db.write(async |tx| rotation::rotate(tx, Utc::now()).await)
        .await
        .unwrap();
    take_up(&world).await;
    let changed = anyone.with("if-none-match", &set.etag()).get(JWKS).await.status(200);
    for key in changed.json["keys"].as_array().unwrap() {
        assert_eq!(key.get("d"), None::<&Value>, "a private half is published");
    }
}
