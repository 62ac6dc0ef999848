//! A cached body equals the computed body byte for byte, and reaches only callers who may read it.

use iku::access::Role;
use serde_json::json;

use super::{COMPUTED, IKU4, NOW, without_caches};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, Reply, World};

/// Returns the whole reply without the ids of the request.
fn shown(reply: Reply) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = reply
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "traceparent"].contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (reply.status, headers, reply.body)
}

#[apply(both_databases)]
async fn cached_body_equals_the_computed_body(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    admin.post("/v1/reports", report).await.status(201);
    let fresh = without_caches(&world).await.admin();
    let paged = "/v1/realisations?period=2025-Q2&limit=2&count=true";
    let past = format!("{IKU4}?as_of=2025-06-30T04:00:00Z");
    for path in COMPUTED.into_iter().chain([paged, past.as_str()]) {
        for asking in [
            [("accept-language", "id")],
            [("accept-language", "en")],
            [("accept-encoding", "gzip")],
        ] {
            let ask = |client: &crate::support::world::Client| {
                asking
                    .iter()
                    .fold(client.clone(), |c, (name, value)| c.with(name, value))
            };
            let computed = shown(ask(&fresh).get(path).await.status(200));
            assert!(
                computed
                    .1
                    .contains(&("cache-control".to_owned(), "private, no-cache".to_owned()))
            );
            for _ in 0..2 {
                assert_eq!(shown(ask(&admin).get(path).await), computed, "{path} {asking:?}");
            }
        }
        let tag = admin.get(path).await.status(200).etag();
        for known in [tag.as_str(), "*", "\"x\", W/\"y\""] {
            let conditional = |client: &crate::support::world::Client| client.with("if-none-match", known);
            let computed = shown(conditional(&fresh).get(path).await);
            assert_eq!(computed.0, if known.contains('x') { 200 } else { 304 });
            assert_eq!(shown(conditional(&admin).get(path).await), computed, "{path} {known}");
        }
        let head = admin.send("HEAD", path, "", Vec::new()).await.status(200);
        assert_eq!(head.etag(), tag);
    }
}

#[apply(both_databases)]
async fn a_known_etag_does_not_bypass_a_refusal(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let sheet = "/v1/realisations?period=2025-Q2";
    let (value, all) = (admin.get(IKU4).await.status(200), admin.get(sheet).await.status(200));
    let either = format!("{}, {}", value.etag(), all.etag());
    let knowing = |client: crate::support::world::Client| client.with("if-none-match", &either);

    knowing(world.stranger()).get(IKU4).await.problem(404, "not_found");
    knowing(admin.clone())
        .get("/v1/indicators/nope/realisations/2025-Q2")
        .await
        .problem(404, "not_found");
    knowing(admin.clone())
        .get("/v1/indicators/paringin-iku-4/realisations/2022")
        .await
        .problem(404, "indicator_not_in_force");
    knowing(admin.clone())
        .get(&format!("{IKU4}?as_of=2025-07-01T00:00:00Z"))
        .await
        .problem(422, "future_instant");
    knowing(admin.clone())
        .get(&format!("{IKU4}?x=1"))
        .await
        .problem(400, "invalid_query");
    knowing(world.holder(Role::Surveyor, Some(PARINGIN), &[]))
        .get(IKU4)
        .await
        .problem(403, "insufficient_scope");
    knowing(world.anonymous())
        .get(IKU4)
        .await
        .problem(401, "unauthenticated");
}

/// An actor of one district gets its objectives. An actor of all districts gets none, also while there is only one.
#[apply(both_databases)]
async fn district_and_regency_have_different_etags(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = world.holder(Role::Head, Some(PARINGIN), &[]);
    let sheet = "/v1/realisations?period=2025-Q2";
    let (all, own) = (
        world.admin().get(sheet).await.status(200),
        camat.get(sheet).await.status(200),
    );
    assert_ne!(all.etag(), own.etag());
    assert_eq!(
        (
            &all.json["objectives"],
            own.json["objectives"].as_array().unwrap().len()
        ),
        (&json!([]), 4)
    );
    let other = camat.with("if-none-match", &all.etag()).get(sheet).await.status(200);
    assert_eq!(other.json, own.json);
}
