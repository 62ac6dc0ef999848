//! Phones that are lost: what is left to them, and how the answers that they sent are found.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::clients::enter;
use super::devices::{code, device, enrol, secret};
use super::matrix::{call, operations};
use super::{TOKEN, admin, form, text};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

/// The scope that a revoked phone is left with.
const QUARANTINE: &str = "responses:quarantine";

/// A phone that is signed in: its id, its path, and itself.
async fn phone(world: &World, admin: &Client, own: &str) -> (String, String, Client) {
    let (id, path) = device(admin).await;
    enrol(world, &code(admin, &path).await, own).await.status(200);
    let session = enter(world, &id, own).await.status(200);
    let phone = world.bearer(text(&session.json, "access_token"));
    (id, path, phone)
}

fn answer() -> Value {
    let elements = ["persyaratan", "prosedur", "waktu", "biaya", "produk"];
    let answers: serde_json::Map<_, _> = elements.iter().map(|e| ((*e).to_owned(), json!(1))).collect();
    json!({"id": Uuid::new_v4(), "answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp"})
}

async fn ids(actor: &Client, list: &str, member: &str) -> BTreeSet<String> {
    let items = actor.all(list).await;
    items.iter().map(|item| text(item, member).to_owned()).collect()
}

/// A phone is stolen: what it sent before counts until somebody voids it, what it sent after is held. Both are found by
/// the phone, and by officers alone; the phone itself is shown nowhere.
#[apply(both_databases)]
async fn the_answers_of_a_stolen_phone_are_found(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-03-01", "ends_on": "2025-06-30",
    });
    let survey = admin.post("/v1/surveys", survey).await.status(201);
    let (path, survey) = (survey.header("location").to_owned(), survey.id());
    admin.patch(&path, "*", json!({"status": "open"})).await.status(200);
    let responses = format!("{path}/responses");

    let (stolen, client, thief) = phone(&world, &admin, &secret(1)).await;
    let (_, _, honest) = phone(&world, &admin, &secret(2)).await;
    let before = thief.post(&responses, answer()).await.status(201).id();
    honest.post(&responses, answer()).await.status(201);
    admin.patch(&client, "*", json!({"active": false})).await.status(200);
    let session = enter(&world, &stolen, &secret(1)).await.status(200);
    let thief = world.bearer(text(&session.json, "access_token"));
    let mut after = answer();
    after["survey_id"] = json!(survey);
    let batch = json!({"sent_at": chrono::Utc::now(), "items": [after]});
    thief.post("/v1/responses/batch", batch).await.status(207);

    let kasi = world.officer(&["pelayanan-kessos"]);
    let sent = format!("{responses}?device={stolen}");
    let held = format!("/v1/held-responses?device={stolen}");
    assert_eq!(ids(&kasi, &sent, "id").await, BTreeSet::from([before]));
    assert_eq!(
        ids(&kasi, &held, "response_id").await,
        BTreeSet::from([text(&after, "id").to_owned()])
    );
    assert_eq!(kasi.all(&responses).await.len(), 2);
    for list in [&sent, &held] {
        let shown = kasi.get(list).await.status(200).json.to_string();
        assert!(!shown.contains(&stolen), "{shown}");
        let nobody = list.replace(&stolen, &Uuid::new_v4().to_string());
        assert_eq!(kasi.all(&nobody).await.len(), 0);
        honest.get(list).await.problem(403, "insufficient_scope");
    }
}

/// The ids of all operations that need a token and do not name this scope.
fn shut_without(document: &Value, scope: &str) -> BTreeSet<String> {
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let security = |o: &&Value| o["security"].to_string();
    operations
        .filter(|o| security(o).contains("oauth2") && !security(o).contains(scope))
        .map(|o| text(o, "operationId").to_owned())
        .collect()
}

/// A phone that is lost, by both ways of taking its rights away.
#[apply(both_databases)]
async fn a_revoked_phone_reaches_the_quarantine_and_nothing_else(
    backend: Backend,
    #[values(false, true)] deleted: bool,
) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let (id, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    let own = secret(1);
    enrol(&world, &code, &own).await.status(200);
    let session = enter(&world, &id, &own).await.status(200);
    assert!(!text(&session.json, "scope").contains(QUARANTINE));
    let before = world.bearer(text(&session.json, "access_token"));
    let with_scope = async |scope: &str| {
        let members = [
            ("grant_type", "client_credentials"),
            ("client_id", &id),
            ("client_secret", &own),
            ("scope", scope),
        ];
        world.anonymous().post_form(TOKEN, &form(&members)).await
    };
    // While it is not revoked, that scope is not for it.
    with_scope(QUARANTINE).await.problem(400, "invalid_scope");

    if deleted {
        admin.delete(&path, "*").await.status(204);
    } else {
        admin.patch(&path, "*", json!({"active": false})).await.status(200);
    }
    before.get("/v1/me").await.problem(401, "invalid_token");
    for scope in ["", QUARANTINE, "responses:write responses:quarantine"] {
        let session = with_scope(scope).await.status(200);
        assert_eq!(session.json["scope"], QUARANTINE, "{scope}");
        assert_eq!(session.json["expires_in"], 900);
    }
    for scope in ["responses:write", "me:read surveys:read", "tidak:ada"] {
        let refused = with_scope(scope).await.problem(400, "invalid_scope");
        assert_eq!(refused.json["error"], "invalid_scope");
    }
    enter(&world, &id, &secret(2)).await.problem(401, "invalid_client");
    // A phone whose answer was lost when it enrolled still learns who it is.
    assert_eq!(
        enrol(&world, &code, &own).await.status(200).json["client_id"],
        json!(id)
    );

    let session = enter(&world, &id, &own).await.status(200);
    let revoked = world.bearer(text(&session.json, "access_token"));
    let document = iku::app::openapi();
    let shut = shut_without(&document, QUARANTINE);
    assert!(shut.len() > 50, "{shut:?}");
    for operation in operations(&document).iter().filter(|o| shut.contains(&o.id)) {
        let reply = call(&revoked, operation, "").await;
        let what = format!("{} -> {} {:#}", operation.id, reply.status, reply.json);
        assert_eq!(
            (reply.status, &reply.json["code"]),
            (403, &json!("insufficient_scope")),
            "{what}"
        );
    }
    if deleted {
        return;
    }
    // Switched on again it is what it was, and the token for the quarantine is over.
    admin.patch(&path, "*", json!({"active": true})).await.status(200);
    revoked.get("/v1/me").await.problem(401, "invalid_token");
    let session = enter(&world, &id, &own).await.status(200);
    world
        .bearer(text(&session.json, "access_token"))
        .get("/v1/me")
        .await
        .status(200);
    // A new secret shuts it out altogether.
    admin.post(&format!("{path}/secrets"), Value::Null).await.status(201);
    admin.patch(&path, "*", json!({"active": false})).await.status(200);
    enter(&world, &id, &own).await.problem(401, "invalid_client");
}
