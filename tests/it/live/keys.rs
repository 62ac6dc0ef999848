//! `iku keys` beside a running service.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use serde_json::Value;

use crate::support::backend::Backend;
use crate::support::process::{PASSWORD, Running, folder, run, text};

fn published(service: &Running) -> Vec<String> {
    let (status, body) = service.get("/.well-known/jwks.json");
    assert_eq!(status, 200, "{body}");
    let set: Value = serde_json::from_str(&body).unwrap();
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Waits for a condition, because the service reads the keys every two seconds.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn me(service: &Running, token: &str) -> u16 {
    let request = service.agent.get(service.url("/v1/me"));
    let request = request.header("authorization", format!("Bearer {token}"));
    request.call().unwrap().status().as_u16()
}

fn kid(token: &str) -> String {
    iku::access::auth::token::kid(token).unwrap()
}

/// Moves the times of all keys into the past, as if this time had passed.
async fn pass(url: &str, time: TimeDelta) {
    use ::entity::signing_key::{ActiveModel, Entity};
    use sea_orm::{ActiveModelTrait, EntityTrait, Set};
    let db = sea_orm::Database::connect(url).await.unwrap();
    for row in Entity::find().all(&db).await.unwrap() {
        let earlier = ActiveModel {
            kid: Set(row.kid),
            signs_from: Set(row.signs_from - time),
            retired_at: Set(row.retired_at.map(|at: DateTime<Utc>| at - time)),
            ..Default::default()
        };
        earlier.update(&db).await.unwrap();
    }
    db.close().await.unwrap();
}

fn keys(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> String {
    let done = run(folder, settings, &[&["keys"], arguments].concat());
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    text(&done.stdout)
}

/// Rotates the keys by command while the instances run.
async fn rotate_beside(folder: &Path, url: &str, instances: usize) {
    let settings = [("IKU_DATABASE_URL", url), ("IKU_ADMIN_PASSWORD", PASSWORD)];
    let services: Vec<Running> = (0..instances).map(|_| Running::start(folder, &settings)).collect();
    let first = &services[0];
    let old = published(first);
    let before = first.token();

    let printed = keys(folder, &settings, &["rotate"]);
    let new = printed.split(' ').next().unwrap().to_owned();
    for service in &services {
        wait_until("the new key is not published", || published(service).len() == 2);
        assert_eq!(published(service), [old[0].clone(), new.clone()]);
    }
    assert_eq!(kid(&first.token()), old[0]);
    let refused = run(folder, &settings, &["keys", "rotate"]);
    assert_eq!(refused.status.code(), Some(1));
    let sentence = text(&refused.stderr);
    assert!(
        sentence.contains("an earlier rotation is under way until"),
        "{sentence}"
    );

    pass(url, TimeDelta::minutes(7)).await;
    for service in &services {
        wait_until("the new key does not sign", || published(service)[0] == new);
    }
    let after = first.token();
    assert_eq!(kid(&after), new);
    for service in &services {
        assert_eq!((me(service, &before), me(service, &after)), (200, 200));
    }
    let listed = keys(folder, &settings, &["list"]);
    assert!(
        listed.contains("published until") && listed.contains("signs"),
        "{listed}"
    );

    pass(url, TimeDelta::minutes(17)).await;
    for service in &services {
        wait_until("the old key is still published", || published(service) == [new.clone()]);
        assert_eq!((me(service, &before), me(service, &after)), (401, 200));
    }

    let output = keys(folder, &settings, &["rotate", "--now"]);
    assert!(output.contains("signs; 1 withdrawn"), "{output}");
    let newest = output.split(' ').next().unwrap().to_owned();
    for service in &services {
        wait_until("the revoked key is still published", || {
            published(service) == [newest.clone()]
        });
        assert_eq!(me(service, &after), 401);
        assert_eq!(me(service, &first.token()), 200);
    }
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    assert!(log.contains("signing key in use") && log.contains(&newest), "{log}");
    services.into_iter().for_each(Running::stop);
}

#[rstest]
#[case(Backend::Sqlite, 1)]
#[case(Backend::Postgres, 2)]
#[actix_web::test]
async fn keys_rotate_while_services_run(#[case] backend: Backend, #[case] instances: usize) {
    let database = backend.fresh_empty().await;
    let folder = folder();
    rotate_beside(folder.path(), &database.url, instances).await;
}
