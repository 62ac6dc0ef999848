//! All values of a period in one response, as SAKIP requests them.

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
        .get("/v1/realisations?period=2025-Q2&district_code=63.11.06&count=true")
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
    let want = [
        (json!(null), json!("no_survey")),
        (json!(null), json!("not_recorded")),
        (json!(null), json!("no_cases")),
        (json!(78.57), json!(null)),
        (json!(null), json!("not_recorded")),
    ];
    assert_eq!(values, want.iter().map(|(v, r)| (v, r)).collect::<Vec<_>>());
    // Two indicators share one objective.
    assert_eq!(sheet["objectives"].as_array().unwrap().len(), 4);
    let whole = sakip.get("/v1/realisations?period=2025-Q2").await.status(200).json;
    assert_eq!(
        (whole["items"].as_array().unwrap().len(), &whole["objectives"]),
        (5, &json!([]))
    );
    let juai = "/v1/realisations?period=2025-Q2&district_code=63.11.01";
    let juai = sakip.get(juai).await.status(200).json;
    let never = json!([{"district_code": "63.11.01", "year": 2025, "last_year": null}]);
    assert_eq!((&juai["items"], &juai["not_in_force"]), (&json!([]), &never));
    assert_eq!(sheet["not_in_force"], json!([]));
    assert_eq!(whole["not_in_force"].as_array().unwrap().len(), 7);
}

/// A year in which nothing is in force is no empty list: the puller is told where the decree ended.
#[apply(both_databases)]
async fn a_year_without_a_decree_is_named_with_the_last_year_that_has_one(backend: Backend) {
    let world = World::on(backend).at("2027-01-05T08:00:00+08:00").await;
    world.load_regency().await;
    let (admin, sakip) = (world.admin(), world.holder(Role::Integrator, None, &[]));
    let pull = async |query: &str| {
        let sheet = sakip.get(&format!("/v1/realisations?{query}")).await.status(200);
        (
            sheet.etag(),
            sheet.json["items"].as_array().unwrap().len(),
            sheet.json["not_in_force"].clone(),
        )
    };
    let ended_in = |year: i32| json!({"district_code": PARINGIN, "year": year, "last_year": 2026});
    let ended = ended_in(2027);
    let own = "period=2027-Q1&district_code=63.11.06";
    let (tag, items, named) = pull(own).await;
    assert_eq!((items, named), (0, json!([ended])));
    assert_eq!(
        pull("period=2022&district_code=63.11.06").await.2,
        json!([ended_in(2022)])
    );
    assert_eq!(pull("period=2026&district_code=63.11.06").await.2, json!([]));
    // Of the whole regency, those whose decree has ended come first.
    let (_, items, all) = pull("period=2027").await;
    assert_eq!((items, all.as_array().unwrap().len(), &all[0]), (0, 8, &ended));
    assert_eq!(
        all[1],
        json!({"district_code": "63.11.01", "year": 2027, "last_year": null})
    );

    let decree = json!({
        "district_code": PARINGIN, "number": "1/CPAR/2026", "title": "IKU", "issued_on": "2026-12-01", "goal": "Tujuan",
        "first_year": 2027, "last_year": 2030, "legal_bases": [],
    });
    // A decree without indicators puts nothing in force.
    let made = admin.post("/v1/decrees", decree).await.status(201);
    let (empty, items, named) = pull(own).await;
    assert_ne!(tag, empty);
    assert_eq!((items, named), (0, json!([ended])));
    let all = pull("period=2027").await;
    assert_eq!((all.2.as_array().unwrap().len(), &all.2[0]), (8, &ended));
    let indicator = json!({
        "code": "coba", "decree_id": made.json["id"], "number": 1, "objective": "Sasaran", "name": "Coba", "meaning": "Makna",
        "selection_reason": "Alasan", "formula_text": "Rumus", "reference": "Rujukan", "responsible": "Camat",
        "source": "Seksi PMD", "unit": "count", "polarity": "higher_is_better", "formula": {"kind": "institution_count"},
        "from_year": 2028,
    });
    let made = admin.post("/v1/indicators", indicator).await.status(201);
    let (later, items, named) = pull(own).await;
    assert_ne!(empty, later);
    let until_2030 = json!({"district_code": PARINGIN, "year": 2027, "last_year": 2030});
    assert_eq!((items, named), (0, json!([until_2030])), "it begins in 2028");
    assert_eq!(pull("period=2028&district_code=63.11.06").await.1, 1);
    assert_ne!(pull("period=2027").await.0, all.0);
    admin.delete(made.header("location"), "*").await.status(204);
    assert_eq!(pull(own).await.2, json!([ended]));
    // What was known before stays.
    let before = format!("{own}&as_of=2027-01-04T08:00:00Z");
    assert_eq!(pull(&before).await.2, json!([ended]));
}

/// The indicators go on under a decree that ends earlier than their former one.
#[apply(both_databases)]
async fn the_last_year_is_that_of_the_decree_that_governs(backend: Backend) {
    let world = World::on(backend).at("2028-11-05T08:00:00+08:00").await;
    let admin = world.admin();
    let shipped = format!("/v1/decrees/{}", iku::shipped::decree().id);
    let longer = json!({"last_year": 2040, "reason": "Diperpanjang"});
    admin.patch(&shipped, "*", longer).await.status(200);
    let decree = json!({
        "district_code": PARINGIN, "number": "1/CPAR/2028", "title": "IKU", "issued_on": "2028-01-03", "goal": "Tujuan",
        "first_year": 2028, "last_year": 2028, "legal_bases": [], "copy_of": iku::shipped::decree().id,
    });
    admin.post("/v1/decrees", decree).await.status(201);
    let sheet = admin.get("/v1/realisations?period=2030&district_code=63.11.06").await;
    let ended = json!([{"district_code": PARINGIN, "year": 2030, "last_year": 2028}]);
    assert_eq!(sheet.status(200).json["not_in_force"], ended);
    let notices = crate::access::admin(&world).await.get("/v1/me").await.status(200);
    assert_eq!(
        notices.json["notices"],
        json!([{"code": "decree_ends", "district_code": PARINGIN, "last_year": 2028}])
    );
}

#[apply(both_databases)]
async fn rejects_other_districts_and_roles(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let value = &format!("{IKU4}/2025");
    let sakip = world.holder(Role::Integrator, None, &[]);
    let stranger = world.stranger();
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let nowhere = "/v1/realisations?period=2025-Q2&district_code=63.12.01";
    let of_paringin = "/v1/realisations?period=2025&district_code=63.11.06";
    assert_refused(&[
        (&sakip, "GET", nowhere, NONE, 404, "not_found"),
        (
            &sakip,
            "GET",
            "/v1/realisations?period=2025-Q5",
            NONE,
            400,
            "invalid_query",
        ),
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
        (&json!(null), &json!(null)),
        "as on the first page"
    );
    assert_eq!(second.header("link"), "");
}
