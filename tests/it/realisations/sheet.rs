//! All values of a period at once, as SAKIP pulls them.

use iku::access::Role;
use serde_json::json;

use super::{IKU4, NOW, twenty_two_reports};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{PARINGIN, World, instant};

#[apply(both_databases)]
async fn one_request_returns_all_values_of_a_period(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    twenty_two_reports(&world.admin()).await;
    let sakip = world.holder(Role::Integrator, None, &[]);
    let sheet = sakip
        .get("/v1/realisations?period=2025-Q2&district=63.11.06&count=true")
        .await
        .status(200)
        .json;
    assert_eq!(sheet["total"], 5);
    let values: Vec<_> = sheet["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (&r["value"], &r["reason"]))
        .collect();
    let none = json!(null);
    let want = [
        (json!(null), json!("no_survey")),
        (json!(0), none.clone()),
        (json!(null), json!("no_cases")),
        (json!(78.57), none.clone()),
        (json!(0), none.clone()),
    ];
    assert_eq!(values, want.iter().map(|(v, r)| (v, r)).collect::<Vec<_>>());
    // Two indicators share one objective.
    assert_eq!(sheet["objectives"].as_array().unwrap().len(), 4);
    let whole = sakip.get("/v1/realisations?period=2025-Q2").await.status(200).json;
    assert_eq!(
        (whole["items"].as_array().unwrap().len(), &whole["objectives"]),
        (5, &json!([]))
    );
    let juai = "/v1/realisations?period=2025-Q2&district=63.11.01";
    assert_eq!(sakip.get(juai).await.status(200).json["items"], json!([]));
}

#[apply(both_databases)]
async fn rejects_other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let value = &format!("{IKU4}/2025");
    let sakip = world.holder(Role::Integrator, None, &[]);
    let stranger = world.stranger();
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let nowhere = "/v1/realisations?period=2025-Q2&district=63.12.01";
    let of_paringin = "/v1/realisations?period=2025&district=63.11.06";
    assert_refused(&[
        (&sakip, "GET", nowhere, NONE, 404, "not_found"),
        (&sakip, "GET", "/v1/realisations", NONE, 400, "invalid_query"),
        (&stranger, "GET", value, NONE, 404, "not_found"),
        (&stranger, "GET", of_paringin, NONE, 404, "not_found"),
        (&phone, "GET", value, NONE, 403, "insufficient_scope"),
    ])
    .await;
    let own = stranger.get("/v1/realisations?period=2025").await.status(200);
    assert_eq!(own.json["items"], json!([]));
}

#[apply(both_databases)]
async fn all_pages_show_the_instant_of_the_first(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let first = admin.get("/v1/realisations?period=2025-Q2&limit=2").await.status(200);
    assert!(
        first.header("link").contains("rel=\"next\""),
        "{}",
        first.header("link")
    );
    let cursor = first.json["next_cursor"].as_str().unwrap();
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    twenty_two_reports(&admin).await;
    let second = admin
        .get(&format!("/v1/realisations?period=2025-Q2&limit=3&cursor={cursor}"))
        .await
        .status(200);
    let items = second.json["items"].as_array().unwrap();
    let codes: Vec<_> = items.iter().map(|r| r["indicator"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["paringin-iku-3", "paringin-iku-4", "paringin-iku-5"]);
    assert_eq!(
        (&items[1]["value"], &items[1]["as_of"]),
        (&json!(0), &json!(null)),
        "as on the first page"
    );
    assert_eq!(second.header("link"), "");
}
