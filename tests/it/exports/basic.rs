//! HTTP Basic: systems only, exports only.

use actix_web::web::Data;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iku::platform::clock::Clock;
use iku::platform::http::limits::{Class, Quota, RateLimiter};
use serde_json::json;
use std::time::Duration;

use super::{BOTH_FORMS, rows};
use crate::access::sign_in;
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

const EXPORT: &str = "/v1/exports/realisations.csv?year=2025";
const NOW: &str = "2025-07-01T08:00:00+08:00";

fn with_basic(world: &World, id: &str, secret: &str) -> Client {
    let encoded = STANDARD.encode(format!("{id}:{secret}"));
    world.anonymous().with("authorization", &format!("Basic {encoded}"))
}

async fn administrator(world: &World) -> Client {
    let session = sign_in(world, "admin", ADMIN_PASSWORD).await.status(200).json;
    world.bearer(session["access_token"].as_str().unwrap())
}

/// Makes a system with a role. Returns its id and its secret.
async fn system(admin: &Client, role: &str) -> (String, String) {
    let new = json!({"kind": "system", "name": "Excel", "role": role, "district_code": PARINGIN});
    let made = admin.post("/v1/clients", new).await.status(201);
    (made.id(), made.json["secret"].as_str().unwrap().to_owned())
}

#[apply(both_databases)]
async fn a_system_reads_exports_with_its_id_and_secret(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = administrator(&world).await;
    let (id, secret) = system(&admin, "integrator").await;
    let excel = with_basic(&world, &id, &secret);
    assert_eq!(rows(&excel, EXPORT).await, rows(&admin, EXPORT).await);
    // The administrator sees that it was used.
    let shown = admin.get(&format!("/v1/clients/{id}")).await.status(200);
    assert_eq!(shown.json["last_used_at"], "2025-07-01T00:00:00Z");
    // It may no more than with a token.
    excel
        .get("/v1/exports/cases.csv")
        .await
        .problem(403, "insufficient_scope");
    excel
        .get(&format!("{EXPORT}&district_code=63.11.01"))
        .await
        .problem(404, "not_found");
    excel
        .get(&format!("{EXPORT}&tahun=2025"))
        .await
        .problem(400, "invalid_query");
    let (id, secret) = system(&admin, "auditor").await;
    let auditor = with_basic(&world, &id, &secret);
    for table in BOTH_FORMS.into_iter().filter(|table| *table != "responses") {
        auditor.get(&format!("/v1/exports/{table}.xlsx")).await.status(200);
    }
}

/// Excel and LibreOffice ask for an id and a secret when they see this.
#[apply(both_databases)]
async fn a_request_without_credentials_is_told_both_ways(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let challenges = async |client: &Client, path: &str| {
        let reply = client.get(path).await.status(401);
        let all = reply
            .headers
            .get_all("www-authenticate")
            .map(|v| v.to_str().unwrap().to_owned());
        all.collect::<Vec<_>>()
    };
    let anonymous = world.anonymous();
    assert_eq!(
        challenges(&anonymous, EXPORT).await,
        ["Bearer realm=\"iku\"", "Basic realm=\"iku\""]
    );
    assert_eq!(challenges(&anonymous, "/v1/reports").await, ["Bearer realm=\"iku\""]);
    // A page whose token has ended must not make the browser ask.
    let ended = challenges(&world.bearer("a.b.c"), EXPORT).await;
    assert_eq!(ended, ["Bearer realm=\"iku\", error=\"invalid_token\""]);
}

#[apply(both_databases)]
async fn nobody_else_and_nothing_else(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = administrator(&world).await;
    let (id, secret) = system(&admin, "integrator").await;
    let excel = with_basic(&world, &id, &secret);
    // Only exports.
    for path in [
        "/v1/realisations?period=2025",
        "/v1/me",
        "/v1/indicators",
        "/v1/exportsx",
    ] {
        let reply = excel.get(path).await;
        assert!(matches!(reply.status, 401 | 404), "{path}: {}", reply.status);
    }
    // No person, no phone.
    with_basic(&world, "admin", ADMIN_PASSWORD)
        .get(EXPORT)
        .await
        .problem(401, "invalid_client");
    let me = admin.get("/v1/me").await.status(200).json;
    let by_id = me["id"].as_str().unwrap();
    with_basic(&world, by_id, ADMIN_PASSWORD)
        .get(EXPORT)
        .await
        .problem(401, "invalid_client");
    let phone = json!({"kind": "device", "name": "HP", "role": "surveyor", "district_code": PARINGIN});
    let phone = admin.post("/v1/clients", phone).await.status(201).id();
    let code = admin
        .post(&format!("/v1/clients/{phone}/enrolments"), json!(null))
        .await
        .status(201)
        .json["code"]
        .clone();
    let of_phone = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN001";
    let enrolled = json!({"code": code, "secret": of_phone});
    world
        .anonymous()
        .post("/v1/auth/enrolments", enrolled)
        .await
        .status(200);
    with_basic(&world, &phone, of_phone)
        .get(EXPORT)
        .await
        .problem(401, "invalid_client");
    // One credential, not two.
    let both = excel.with("authorization", "Bearer a.b.c");
    both.get(EXPORT).await.problem(400, "invalid_header");
    for broken in ["Basic", "Basic ???", "Basic Og=="] {
        let reply = world.anonymous().with("authorization", broken).get(EXPORT).await;
        reply.problem(401, "unauthenticated");
    }
    // A system that was switched off is out at once.
    excel.get(EXPORT).await.status(200);
    admin
        .patch(&format!("/v1/clients/{id}"), "*", json!({"active": false}))
        .await
        .status(200);
    let refused = excel.get(EXPORT).await.problem(401, "invalid_client");
    assert_eq!(refused.header("www-authenticate"), "Basic realm=\"iku\"");
    // A new secret ends the old one.
    admin
        .patch(&format!("/v1/clients/{id}"), "*", json!({"active": true}))
        .await
        .status(200);
    let path = format!("/v1/clients/{id}/secrets");
    let new = admin.post(&path, json!(null)).await.status(201).json["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    excel.get(EXPORT).await.problem(401, "invalid_client");
    with_basic(&world, &id, &new).get(EXPORT).await.status(200);
}

/// As at the token endpoint: guesses are slowed, and strangers keep no system out.
#[apply(both_databases)]
async fn wrong_secrets_are_slowed_and_a_right_one_is_not(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = administrator(&world).await;
    let (id, secret) = system(&admin, "integrator").await;
    let guess = with_basic(&world, &id, "salah");
    for _ in 0..10 {
        guess.get(EXPORT).await.problem(401, "invalid_client");
    }
    guess.get(EXPORT).await.problem(429, "too_many_requests");
    with_basic(&world, &id, &secret).get(EXPORT).await.status(200);
    // The two ways share their count.
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret=salah");
    let token = world.anonymous().post_form("/v1/auth/token", &form).await;
    assert_eq!(token.status, 429);
}

/// Before its secret is looked at, a request counts among those of its address.
#[apply(both_databases)]
async fn an_address_has_a_limit(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (id, secret) = system(&administrator(&world).await, "integrator").await;
    let clock: Clock = world.clock.clone();
    let world = world
        .adjusted(move |service| {
            let quota = Quota {
                requests: 3,
                window: Duration::from_secs(60),
            };
            let of_class = |class| (class == Class::Anonymous).then_some(quota);
            service.rate_limiter = Data::new(RateLimiter::new(of_class, &clock));
        })
        .await;
    let excel = with_basic(&world, &id, &secret);
    for _ in 0..3 {
        excel.get(EXPORT).await.status(200);
    }
    excel.get(EXPORT).await.problem(429, "too_many_requests");
    excel.from("192.0.2.7").get(EXPORT).await.status(200);
}
