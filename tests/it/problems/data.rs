//! Problems of the content of a request: its fields, and the rules of the data.

use actix_web::web::Data;
use iku::access::Role;
use iku::closings::FourEyes;
use iku::platform::error::Code;
use serde_json::{Value, json};

use super::catalogue::Coverage;
use crate::access::{admin, sign_in, text};
use crate::responses::{Setting, answer, decide, partial};
use crate::support::backend::{ADMIN_PASSWORD, Backend};
use crate::support::world::{BALANG, Client, PARINGIN, PARINGIN_KOTA, World, instant};

const REPORTS: &str = "/v1/reports";
const ID: &str = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60";

/// Sends a POST that is refused in both languages.
async fn post(coverage: &mut Coverage, code: Code, actor: &Client, path: &str, body: Value) {
    coverage
        .meet(code, actor, async |c| c.post(path, body.clone()).await)
        .await;
}

fn lppd() -> Value {
    json!({"id": ID, "village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// Each error that a field can have.
pub async fn fields(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    for query in [
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=1&limit=2",
        "status=hilang",
        "limitt=1",
        "district_code=63.11",
        "recorded_by=",
        "%FF%=1",
    ] {
        let path = format!("{REPORTS}?{query}");
        coverage
            .meet(Code::InvalidQuery, &admin, async |c| c.get(&path).await)
            .await;
    }
    let report = json!({"village_code": "Balang", "kind": "", "fiscal_year": 1, "delivered_on": "14-03-2025", "note": "x".repeat(5000), "year": 2024});
    post(coverage, Code::InvalidBody, &admin, REPORTS, report).await;
    post(coverage, Code::InvalidBody, &admin, REPORTS, json!([])).await;
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "starts_on": "2025-03-01",
        "ends_on": "2025-06-30", "inactive_elements": ["biaya", "biaya"],
    });
    post(coverage, Code::InvalidBody, &admin, "/v1/surveys", survey).await;
    let ids = |n: usize| json!({"ids": vec![ID; n]});
    for n in [0, 2000] {
        post(coverage, Code::InvalidBody, &admin, "/v1/responses/status", ids(n)).await;
    }
    let target = "/v1/indicators/paringin-iku-4/targets/2025-Q2";
    coverage
        .meet(Code::InvalidBody, &admin, async |c| {
            c.put(target, json!({"value": 78.571})).await
        })
        .await;
}

pub async fn records(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).at("2025-03-20T09:00:00+08:00").await;
    let actor = world.admin();
    let future = with(lppd(), "delivered_on", json!("2025-03-21"));
    post(coverage, Code::FutureInstant, &actor, REPORTS, future).await;
    let unknown = with(lppd(), "kind", json!("tidak-ada"));
    post(coverage, Code::UnknownReference, &actor, REPORTS, unknown).await;
    let kelurahan = with(lppd(), "village_code", json!(PARINGIN_KOTA));
    post(coverage, Code::KelurahanNotAllowed, &actor, REPORTS, kelurahan).await;

    let made = actor.post(REPORTS, lppd()).await.status(201);
    let path = made.header("location").to_owned();
    let other = with(lppd(), "note", json!("lain"));
    post(coverage, Code::IdConflict, &actor, REPORTS, other).await;
    let twice = with(lppd(), "id", Value::Null);
    post(coverage, Code::DuplicateReport, &actor, REPORTS, twice).await;
    let agreement = json!({
        "district_code": PARINGIN, "fiscal_year": 2025, "number": "1/PK/2025", "signed_on": "2025-01-15",
        "first_party": {"name": "A", "office": "Camat Paringin"}, "second_party": {"name": "B", "office": "Bupati Balangan"},
    });
    let signed = actor.post("/v1/agreements", agreement.clone()).await.status(201);
    post(
        coverage,
        Code::DuplicateAgreement,
        &actor,
        "/v1/agreements",
        agreement.clone(),
    )
    .await;
    let revision = with(
        with(agreement, "number", json!("2/PK/2025")),
        "revises",
        signed.json["id"].clone(),
    );
    actor.post("/v1/agreements", revision).await.status(201);
    let unused = async |c: Client| c.delete(signed.header("location"), "*").await;
    coverage.meet(Code::AgreementInUse, &actor, unused).await;
    let patch = |etag: &'static str| {
        let path = path.clone();
        async move |c: Client| c.patch(&path, etag, json!({"note": "x"})).await
    };
    coverage.meet(Code::PreconditionFailed, &actor, patch("\"1\"")).await;
    let media = "application/merge-patch+json";
    let bare = async |c: Client| c.send("PATCH", &path, media, b"{\"note\": \"x\"}".to_vec()).await;
    coverage.meet(Code::PreconditionRequired, &actor, bare).await;
    actor.delete(&path, &made.etag()).await.status(204);
    post(coverage, Code::Deleted, &actor, REPORTS, lppd()).await;
    let restorations = format!("{path}/restorations");
    let reason = json!({"reason": "Keliru"});
    actor.post(&restorations, reason.clone()).await.status(200);
    post(coverage, Code::NotDeleted, &actor, &restorations, reason).await;
    let district = format!("/v1/districts/{PARINGIN}");
    let since = json!({"records_from": {"finance": 2024}});
    let unexplained = async |c: Client| c.patch(&district, "*", since.clone()).await;
    coverage.meet(Code::ReasonRequired, &world.admin(), unexplained).await;

    let rt = json!({"village_code": BALANG, "kind": "rt", "name": "RT 01", "decrees": []});
    let rt = with(
        rt,
        "decrees",
        json!([{"number": "1", "issued_on": "2025-01-02", "starts_on": "2025-01-02"}]),
    );
    let institution = actor.post("/v1/institutions", rt.clone()).await.status(201);
    let again = with(rt, "name", json!("RT.001"));
    post(coverage, Code::DuplicateInstitution, &actor, "/v1/institutions", again).await;

    let institution = institution.header("location").to_owned();
    let moved = json!({"village_code": "63.11.06.2006"});
    let moved = async |c: Client| c.patch(&institution, "*", moved.clone()).await;
    coverage.meet(Code::TransferRequired, &actor, moved).await;
    let ended = json!({"valid_to_year": 2026});
    let ended = async |c: Client| c.patch("/v1/institution-kinds/rt", "*", ended.clone()).await;
    coverage.meet(Code::ShippedCode, &actor, ended).await;

    let case = json!({"village_code": BALANG, "category": "jalan", "occurred_at": "2025-03-14T08:00:00+08:00", "summary": "Pohon tumbang"});
    let case = actor.post("/v1/cases", case).await.status(201);
    let events = format!("{}/events", case.header("location"));
    let event = |kind: &str| json!({"kind": kind, "at": "2025-03-15T08:00:00+08:00", "note": "uji"});
    actor.post(&events, event("rejected")).await.status(201);
    post(coverage, Code::ImpossibleTransition, &actor, &events, event("handling")).await;
}

pub async fn plan_and_accounts(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).await;
    let actor = admin(&world).await;
    let late = "/v1/indicators/paringin-iku-4?year=2040";
    coverage
        .meet(Code::IndicatorNotInForce, &actor, async |c| c.get(late).await)
        .await;
    let unexplained = async |c: Client| {
        let patch = json!({"from_year": 2023, "name": "x"});
        c.patch("/v1/indicators/paringin-iku-4", "*", patch).await
    };
    coverage.meet(Code::ReasonRequired, &actor, unexplained).await;
    let decree = actor.all("/v1/decrees").await.remove(0);
    let mut copy = json!({"district_code": PARINGIN, "issued_on": "2027-01-04", "goal": "x", "legal_bases": ["x"], "first_year": 2027, "last_year": 2026});
    copy["number"] = decree["number"].clone();
    copy["title"] = json!("x");
    post(coverage, Code::RuleBroken, &actor, "/v1/decrees", copy.clone()).await;
    let copy = with(copy, "last_year", json!(2030));
    post(coverage, Code::DuplicateDecree, &actor, "/v1/decrees", copy).await;
    let village = json!({"code": BALANG, "district_code": PARINGIN, "kind": "desa", "name": "Balang Baru"});
    post(coverage, Code::DuplicateCode, &actor, "/v1/villages", village).await;
    actor.post(REPORTS, lppd()).await.status(201);
    let patch = async |coverage: &mut Coverage, code: Code, body: Value| {
        let change = async |c: Client| c.patch(&format!("/v1/villages/{BALANG}"), "*", body.clone()).await;
        coverage.meet(code, &actor, change).await;
    };
    let kelurahan = json!({"kind": "kelurahan", "reason": "Perda"});
    patch(coverage, Code::VillageHasFacts, kelurahan).await;
    patch(coverage, Code::ReasonRequired, json!({"valid_to": "2025-12-31"})).await;

    let user = json!({"username": "admin", "name": "x", "role": "auditor", "password": "kata sandi baru"});
    post(coverage, Code::DuplicateUsername, &actor, "/v1/users", user).await;
    let weak = json!({"username": "camat", "name": "x", "role": "auditor", "password": "password123"});
    post(coverage, Code::WeakPassword, &actor, "/v1/users", weak).await;
    let not_random = json!({"code": "0000-0000-0000-0000", "secret": "A".repeat(43)});
    post(
        coverage,
        Code::WeakSecret,
        &world.anonymous(),
        "/v1/auth/enrolments",
        not_random,
    )
    .await;
    let own = actor.all("/v1/users").await.remove(0);
    let path = format!("/v1/users/{}", text(&own, "id"));
    let off = async |c: Client| c.patch(&path, "*", json!({"active": false})).await;
    coverage.meet(Code::LastAdministrator, &actor, off).await;
    let session = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let me = world.bearer(text(&session, "access_token"));
    let change = json!({"current_password": "bukan ini", "new_password": "kata sandi baru"});
    post(coverage, Code::WrongPassword, &me, "/v1/me/password", change).await;
    let system = json!({"kind": "system", "name": "SAKIP", "role": "integrator"});
    let system = actor.post("/v1/clients", system).await.status(201);
    let enrol = format!("{}/enrolments", system.header("location"));
    post(coverage, Code::Conflict, &actor, &enrol, json!({})).await;
}

pub async fn surveys(coverage: &mut Coverage) {
    let draft = Setting::draft(Backend::Sqlite).await;
    post(coverage, Code::SurveyNotOpen, &draft.kasi, &draft.responses, answer(3)).await;
    draft.change(json!({"status": "open"})).await;
    let back = async |c: Client| c.patch(&draft.survey, "*", json!({"status": "draft"})).await;
    coverage.meet(Code::ImpossibleTransition, &draft.kasi, back).await;
    post(coverage, Code::TooFewAnswers, &draft.kasi, &draft.responses, partial(2)).await;
    let scarce = Setting::with_quotas(Backend::Sqlite, 1, 1).await;
    let phone = scarce.world.phone(uuid::Uuid::new_v4());
    phone.post(&scarce.responses, answer(3)).await.status(201);
    post(coverage, Code::DeviceQuota, &phone, &scarce.responses, answer(3)).await;
    draft.batch(&draft.world.revoked_phone(), &[draft.item(3)]).await;
    let held = draft.newest().await;
    decide(&draft.kasi, &held, "release").await.status(200);
    let other = async |c: Client| decide(&c, &held, "discard").await;
    coverage.meet(Code::AlreadyDecided, &draft.kasi, other).await;
}

pub async fn closings(coverage: &mut Coverage) {
    const CLOSINGS: &str = "/v1/closings";
    let setting = Setting::open(Backend::Sqlite).await;
    setting.world.clock.set(instant("2025-07-15T09:00:00+08:00"));
    let camat = setting.world.holder(Role::Head, Some(PARINGIN), &[]);
    let period = |name: &str| json!({"district_code": PARINGIN, "period": name});
    post(coverage, Code::PeriodNotOver, &camat, CLOSINGS, period("2025-Q3")).await;
    post(coverage, Code::SurveyStillOpen, &camat, CLOSINGS, period("2025-S1")).await;
    camat.post(CLOSINGS, period("2025-Q1")).await.status(201);
    post(coverage, Code::AlreadyClosed, &camat, CLOSINGS, period("2025-Q1")).await;
    setting.world.admin().post(REPORTS, lppd()).await.status(201);
    let strict = |service: &mut iku::app::Service| service.four_eyes = Data::new(FourEyes::Required);
    let admin = setting.world.adjusted(strict).await.admin();
    // A position of another database.
    let unknown = async |c: Client| c.get("/v1/changes?district_code=63.11.06&after=999999.0").await;
    coverage.meet(Code::EpochEnded, &camat, unknown).await;
    let again = with(period("2025-Q1"), "reason", json!("Koreksi"));
    post(coverage, Code::FourEyes, &admin, CLOSINGS, again).await;
}
