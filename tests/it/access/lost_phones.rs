//! Lost phones: which rights they keep, and how an officer finds the answers that they sent.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::clients::enter;
use super::devices::{code, device, enrol, secret};
use super::matrix::{call, operations};
use super::{TOKEN, form, text};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, Reply, World};

/// The only scope of a revoked phone.
const QUARANTINE: &str = "responses:quarantine";

/// Enrols a phone and signs it in; returns its id, its path and its client.
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

/// Answers from before the revocation count, later answers are in quarantine. Officers find both by the device, which no
/// reply shows.
#[apply(both_databases)]
async fn officers_find_the_answers_of_a_stolen_phone(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
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
    assert_eq!(admin.get(&client).await.status(200).json["quarantine_open"], false);
    let off = admin.patch(&client, "*", json!({"active": false})).await.status(200);
    assert_eq!(off.json["quarantine_open"], true, "the reply says what stays open");
    let session = enter(&world, &stolen, &secret(1)).await.status(200);
    let thief = world.bearer(text(&session.json, "access_token"));
    let mut after = answer();
    after["survey_id"] = json!(survey);
    let batch = json!({"sent_at": chrono::Utc::now(), "items": [after]});
    thief.post("/v1/responses/batch", batch).await.status(207);

    let kasi = world.officer(&["pelayanan-kessos"]);
    let sent = format!("{responses}?client_id={stolen}");
    let held = format!("/v1/held-responses?client_id={stolen}");
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

    // Two requests clean up. A new secret ends what the phone can still send.
    let discard = json!({"decision": "discarded", "client_id": stolen, "reason": "Dicuri"});
    let discarded = kasi.post("/v1/held-responses/decisions", discard).await.status(201);
    let void = json!({"client_id": stolen, "reason": "Dicuri"});
    let voided = kasi.post("/v1/responses/voids", void).await.status(201);
    assert_eq!(
        (&discarded.json["answers"], &voided.json["answers"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(kasi.all(&format!("{held}&decided=false")).await.len(), 0);
    assert_eq!(kasi.all(&sent).await.len(), 0);
    assert_eq!(kasi.all(&responses).await.len(), 1);
    admin.post(&format!("{client}/secrets"), Value::Null).await.status(201);
    enter(&world, &stolen, &secret(1)).await.problem(401, "invalid_client");
}

/// Returns the ids of all operations that need a token and do not name this scope.
fn closed_without(document: &Value, scope: &str) -> BTreeSet<String> {
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let security = |o: &&Value| o["security"].to_string();
    operations
        .filter(|o| security(o).contains("oauth2") && !security(o).contains(scope))
        .map(|o| text(o, "operationId").to_owned())
        .collect()
}

/// The two ways to revoke a phone.
#[derive(Clone, Copy)]
enum Revoked {
    SwitchedOff,
    Deleted,
}

/// A phone that is enrolled with `secret(1)`.
struct Phone {
    world: World,
    admin: Client,
    id: String,
    path: String,
    code: String,
}

impl Phone {
    async fn enrolled(backend: Backend) -> Self {
        let world = World::on(backend).await;
        let admin = world.admin();
        let (id, path) = device(&admin).await;
        let code = code(&admin, &path).await;
        enrol(&world, &code, &secret(1)).await.status(200);
        Self {
            world,
            admin,
            id,
            path,
            code,
        }
    }

    async fn revoke(&self, how: Revoked) {
        match how {
            Revoked::Deleted => self.admin.delete(&self.path, "*").await.status(204),
            Revoked::SwitchedOff => self
                .admin
                .patch(&self.path, "*", json!({"active": false}))
                .await
                .status(200),
        };
    }

    async fn sign_in(&self) -> Client {
        let session = enter(&self.world, &self.id, &secret(1)).await.status(200);
        self.world.bearer(text(&session.json, "access_token"))
    }

    async fn sign_in_with(&self, scope: &str) -> Reply {
        let secret = secret(1);
        let members = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.id),
            ("client_secret", &secret),
            ("scope", scope),
        ];
        self.world.anonymous().post_form(TOKEN, &form(&members)).await
    }
}

#[actix_web::test]
async fn phone_in_use_gets_no_quarantine_scope() {
    let phone = Phone::enrolled(Backend::Sqlite).await;
    let all = phone.sign_in_with("").await.status(200);
    assert!(!text(&all.json, "scope").contains(QUARANTINE));
    let reply = phone.sign_in_with(QUARANTINE).await;
    reply.problem(400, "invalid_scope");
}

#[apply(both_databases)]
async fn revoked_phone_signs_in_with_the_quarantine_scope_only(backend: Backend) {
    for how in [Revoked::SwitchedOff, Revoked::Deleted] {
        let phone = Phone::enrolled(backend).await;
        let earlier = phone.sign_in().await;
        phone.revoke(how).await;
        earlier.get("/v1/me").await.problem(401, "invalid_token");
        for scope in ["", QUARANTINE, "responses:write responses:quarantine"] {
            let session = phone.sign_in_with(scope).await.status(200);
            assert_eq!(session.json["scope"], QUARANTINE, "{scope}");
            assert_eq!(session.json["expires_in"], 900);
        }
        for scope in ["responses:write", "me:read surveys:read", "tidak:ada"] {
            let refused = phone.sign_in_with(scope).await.problem(400, "invalid_scope");
            assert_eq!(refused.json["error"], "invalid_scope");
        }
        let wrong = enter(&phone.world, &phone.id, &secret(2)).await;
        wrong.problem(401, "invalid_client");
        // A phone that did not receive the reply to its enrolment still learns its id.
        let again = enrol(&phone.world, &phone.code, &secret(1)).await.status(200);
        assert_eq!(again.json["client_id"], json!(phone.id));
    }
}

#[actix_web::test]
async fn every_operation_but_the_quarantine_is_403_for_a_revoked_phone() {
    let document = iku::app::openapi();
    let closed = closed_without(&document, QUARANTINE);
    assert!(closed.len() > 50, "{closed:?}");
    for how in [Revoked::SwitchedOff, Revoked::Deleted] {
        let phone = Phone::enrolled(Backend::Sqlite).await;
        phone.revoke(how).await;
        let revoked = phone.sign_in().await;
        let mut failures = Vec::new();
        for operation in operations(&document).iter().filter(|o| closed.contains(&o.id)) {
            let reply = call(&revoked, operation, "").await;
            failures.extend(reply.unless_problem(403, "insufficient_scope"));
        }
        assert!(failures.is_empty(), "{failures:#?}");
    }
}

#[apply(both_databases)]
async fn phone_that_is_switched_on_again_has_its_scopes_back(backend: Backend) {
    let phone = Phone::enrolled(backend).await;
    phone.revoke(Revoked::SwitchedOff).await;
    let revoked = phone.sign_in().await;
    let on = phone.admin.patch(&phone.path, "*", json!({"active": true})).await;
    on.status(200);
    revoked.get("/v1/me").await.problem(401, "invalid_token");
    phone.sign_in().await.get("/v1/me").await.status(200);
}

#[apply(both_databases)]
async fn new_secret_shuts_a_revoked_phone_out(backend: Backend) {
    let phone = Phone::enrolled(backend).await;
    let secrets = format!("{}/secrets", phone.path);
    phone.admin.post(&secrets, Value::Null).await.status(201);
    phone.revoke(Revoked::SwitchedOff).await;
    let reply = enter(&phone.world, &phone.id, &secret(1)).await;
    reply.problem(401, "invalid_client");
}
