//! The demonstration: its values equal values that were computed by other means.

use std::collections::BTreeSet;

use iku::demo::{self, CLIENTS, DemoClient, PASSWORD, PEOPLE, answers::ANSWERS, open_survey};
use serde_json::json;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

pub async fn demonstration(backend: Backend) -> World {
    World::on(backend.demonstration().await).await
}

#[apply(both_databases)]
async fn demonstration_has_the_known_values(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    for (indicator, period, value) in ANSWERS {
        let r = admin
            .get(&format!("/v1/indicators/{indicator}/realisations/{period}"))
            .await
            .status(200)
            .json;
        let shown = format!("{:.2}", r["value"].as_f64().unwrap());
        let wanted = format!("{:.2}", value.parse::<f64>().unwrap());
        assert_eq!(shown, wanted, "{indicator} {period}: {r:#}");
        assert_eq!(r["status"], "computed", "{indicator} {period}");
    }
    // The achievement is computed from the unrounded value: 25/28 against 95.
    let iku4 = admin
        .get("/v1/indicators/paringin-iku-4/realisations/2025")
        .await
        .status(200)
        .json;
    let shown = [
        &iku4["exact"],
        &iku4["target"],
        &iku4["achievement"],
        &iku4["achievement_category"],
    ];
    assert_eq!(
        shown,
        [&json!("25/28"), &json!(95), &json!(93.98), &json!("sangat_tinggi")]
    );
    let information = json!([
        {"code": "villages_complete", "value": 11}, {"code": "on_time", "value": 20}, {"code": "late", "value": 5},
        {"code": "kinds_listed", "value": 2}, {"code": "kinds_in_decree", "value": 2},
        {"code": "unconfirmed_kinds", "value": 0}, {"code": "not_due", "value": 0},
    ]);
    assert_eq!(iku4["information"], information);
    let iku1 = admin
        .get("/v1/indicators/paringin-iku-1/realisations/2025")
        .await
        .status(200)
        .json;
    assert_eq!(iku1["grade"], json!({"letter": "B", "label": "Baik"}));
    assert!(
        iku::facts::responses::verify_tallies(world.service.db.connection())
            .await
            .unwrap()
            .is_empty()
    );
}

#[apply(both_databases)]
async fn demonstration_has_a_past(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let numerator = async |as_of: &str| {
        let path = format!("/v1/indicators/paringin-iku-4/realisations/2025?as_of={as_of}T23:59:59%2B08:00");
        let r = admin.get(&path).await.status(200).json;
        (r["numerator"].clone(), r["status"].clone())
    };
    assert_eq!(numerator("2025-03-31").await, (json!(15), json!("provisional")));
    assert_eq!(numerator("2026-01-31").await, (json!(25), json!("computed")));
    let survey = async |as_of: &str| {
        let path = format!("/v1/indicators/paringin-iku-1/realisations/2025-S1?as_of={as_of}T23:59:59%2B08:00");
        let r = admin.get(&path).await.status(200).json;
        (r["value"].clone(), r["status"].clone())
    };
    assert_eq!(survey("2025-06-28").await.1, "provisional", "the survey is still open");
    let april = "/v1/indicators/paringin-iku-1/realisations/2025-S1?as_of=2025-04-30T23:59:59%2B08:00";
    let newest = admin.get(april).await.status(200).json["facts_recorded_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        newest.starts_with("2025-04-30T0"),
        "the last answer of that day: {newest}"
    );
    assert_eq!(survey("2025-07-31").await, (json!(82.98), json!("computed")));
}

#[apply(both_databases)]
async fn a_user_of_every_role_can_sign_in(backend: Backend) {
    let world = demonstration(backend).await;
    let mut roles = BTreeSet::new();
    for (username, _, role, _) in PEOPLE {
        let form = format!("grant_type=password&username={username}&password={PASSWORD}");
        let token = world
            .anonymous()
            .post_form("/v1/auth/token", &form)
            .await
            .status(200)
            .json;
        let me = world
            .bearer(token["access_token"].as_str().unwrap())
            .get("/v1/me")
            .await
            .status(200)
            .json;
        assert_eq!(me["username"], json!(username));
        roles.insert(role.as_str());
    }
    assert_eq!(roles.len(), 7);
    for (username, _, _, _) in PEOPLE {
        assert!(demo::proclamation().contains(username));
    }
}

/// Signs in as a client of the demonstration.
pub async fn signed_in(world: &World, client: &DemoClient) -> Client {
    let (id, secret) = (client.id(), client.secret);
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let answer = world.anonymous().post_form("/v1/auth/token", &form).await.status(200);
    world.bearer(answer.json["access_token"].as_str().unwrap())
}

#[apply(both_databases)]
async fn every_printed_program_can_do_its_work(backend: Backend) {
    let world = demonstration(backend).await;
    let printed = demo::proclamation();
    let sign_in = async |client: &demo::DemoClient| {
        assert!(
            printed.contains(&client.id().to_string()) && printed.contains(client.secret),
            "{printed}"
        );
        signed_in(&world, client).await
    };
    let [system, phone] = &CLIENTS;
    let page = sign_in(system)
        .await
        .get("/v1/realisations?period=2025")
        .await
        .status(200)
        .json;
    assert_eq!(page["items"].as_array().unwrap().len(), 5);

    let survey = open_survey().to_string();
    assert!(printed.contains(&survey), "{printed}");
    let answer = json!({
        "answered_at": world.clock.now().to_rfc3339(), "service": "ktp",
        "answers": {"persyaratan": 3, "prosedur": 3, "waktu": 3, "biaya": 4, "produk": 3, "kompetensi": 3, "perilaku": 4,
            "sarana": 3, "pengaduan": 4},
    });
    let phone = sign_in(phone).await;
    phone
        .post(&format!("/v1/surveys/{survey}/responses"), answer)
        .await
        .status(201);
}

#[apply(both_databases)]
async fn demonstration_is_refused_beside_other_records(backend: Backend) {
    let world = World::on(backend).await;
    let report = json!({
        "village_code": format!("{PARINGIN}.2005"), "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14",
    });
    world.admin().post("/v1/reports", report).await.status(201);
    let refused = demo::fill(&world.service.db, iku::app::contract().unwrap())
        .await
        .unwrap_err();
    assert_eq!(refused.code.as_str(), "conflict");
    assert_eq!(world.admin().all("/v1/users").await.len(), 1, "nothing was written");
}
