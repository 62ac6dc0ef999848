//! The list of events: who sees which, and how a stranger checks it.

use aws_lc_rs::digest::{SHA256, digest};
use iku::access::Role;
use serde_json::{Value, json};

use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

/// Computes the hash of an event from what the API shows, as docs/AUDIT.md says.
fn hash_of(event: &Value) -> String {
    let mut members = event.as_object().unwrap().clone();
    members.retain(|name, value| !value.is_null() && name != "hash" && name != "href");
    let text = Value::Object(members).to_string();
    let digest = digest(&SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[apply(both_databases)]
async fn whole_chain_is_checked_from_outside(backend: Backend) {
    let world = demonstration(backend).await;
    let mut events = world
        .admin()
        .all(&format!("/v1/audit-events?district_code={PARINGIN}&limit=100"))
        .await;
    assert!(events.len() > 400, "{}", events.len());
    events.sort_by_key(|event| event["seq"].as_i64());
    let mut previous = String::new();
    for (event, seq) in events.iter().zip(1..) {
        assert_eq!(event["seq"], seq);
        assert_eq!(event["previous"], previous);
        previous = hash_of(event);
        assert_eq!(event["hash"], previous);
    }
}

#[apply(both_databases)]
async fn an_event_says_who_what_when_and_why(backend: Backend) {
    let world = demonstration(backend).await;
    let kasi = world.officer(&["pemerintahan", "pembinaan-pengawasan"]);
    let report = kasi.get("/v1/reports?limit=1").await.json["items"][0].clone();
    let path = format!("/v1/reports/{}", report["id"].as_str().unwrap());
    let body = json!({"note": "Berkas lengkap", "reason": "Tanggal salah ketik"});
    kasi.patch(&path, "*", body).await.status(200);
    let filter = format!(
        "/v1/audit-events?resource=report&key={}",
        report["id"].as_str().unwrap()
    );
    let events = world.admin().all(&filter).await;
    let event = &events[0];
    assert_eq!(event["action"], "changed");
    assert_eq!(event["actor"], "test.officer");
    assert_eq!(event["client_id"], "tests");
    assert_eq!(event["reason"], "Tanggal salah ketik");
    assert_eq!(event["version"], 2);
    assert_eq!(event["href"], format!("{path}/versions"));
    assert_eq!(event["from_year"], report["fiscal_year"]);
    for member in ["account_id", "token_id", "session_id", "content"] {
        assert!(event[member].is_string(), "{member}: {event}");
    }
    let version = world.admin().all(&format!("{path}/versions")).await;
    assert_eq!(version[1]["recorded_at"], event["at"]);
}

#[apply(both_databases)]
async fn rights_of_accounts_are_noted_with_what_changed(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let user = json!({
        "name": "Siti", "username": "siti", "role": "officer", "sections": ["pmd"], "district_code": PARINGIN,
        "password": "kata sandi panjang sekali",
    });
    let id = admin.post("/v1/users", user).await.status(201).id();
    let path = format!("/v1/users/{id}");
    admin
        .patch(&path, "*", json!({"role": "head", "sections": []}))
        .await
        .status(200);
    admin
        .patch(&path, "*", json!({"password": "kata sandi lain yang panjang"}))
        .await
        .status(200);
    admin.delete(&path, "*").await.status(204);
    let events = admin.all(&format!("/v1/audit-events?key={id}")).await;
    let actions: Vec<&str> = events.iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["deleted", "secret_replaced", "changed", "created"]);
    let changed: Value = serde_json::from_str(events[2]["details"].as_str().unwrap()).unwrap();
    assert_eq!(changed["role"], json!(["officer", "head"]));
    assert!(events.iter().all(|e| e["chain"] == PARINGIN && e["resource"] == "user"));
    assert!(
        !events
            .iter()
            .any(|e| e.to_string().contains("argon2") || e.to_string().contains("panjang"))
    );
}

#[apply(both_databases)]
async fn each_role_sees_the_events_that_it_may(backend: Backend) {
    let world = demonstration(backend).await;
    let path = "/v1/audit-events?limit=100";
    for role in [Role::Officer, Role::Surveyor, Role::Integrator] {
        let sections: &[&str] = if role == Role::Officer { &["pmd"] } else { &[] };
        let holder = world.holder(role, Some(PARINGIN), sections);
        holder.get(path).await.problem(403, "insufficient_scope");
    }
    let resources = async |role: Role, district: Option<&str>| {
        let events = world.holder(role, district, &[]).all(path).await;
        let mut all: Vec<String> = events
            .iter()
            .map(|e| format!("{} {}", e["chain"].as_str().unwrap(), e["resource"].as_str().unwrap()))
            .collect();
        all.sort();
        all.dedup();
        all
    };
    let of_accounts = |all: &[String]| all.iter().any(|one| one.ends_with(" user") || one.ends_with(" client"));
    for role in [Role::Head, Role::Secretary] {
        let seen = resources(role, Some(PARINGIN)).await;
        assert!(!of_accounts(&seen), "{role}: {seen:?}");
        assert!(seen.contains(&"service report_kind".to_owned()) && seen.contains(&format!("{PARINGIN} report")));
    }
    let auditor = resources(Role::Auditor, Some(PARINGIN)).await;
    assert!(
        of_accounts(&auditor) && !auditor.contains(&"service user".to_owned()),
        "{auditor:?}"
    );
    assert!(
        resources(Role::Administrator, None)
            .await
            .contains(&"service user".to_owned())
    );
    // Another district is not to be seen.
    let stranger = world.holder(Role::Head, Some("63.11.01"), &[]);
    stranger
        .get(&format!("{path}&district_code={PARINGIN}"))
        .await
        .status(404);
    assert!(stranger.all(path).await.iter().all(|event| event["chain"] == "service"));
}

#[apply(both_databases)]
async fn list_is_filtered_and_paged(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let all = admin.all("/v1/audit-events?limit=100").await;
    let check = async |filter: &str, is_meant: &dyn Fn(&Value) -> bool| {
        let found = admin.all(&format!("/v1/audit-events?limit=100&{filter}")).await;
        let wanted: Vec<&Value> = all.iter().filter(|event| is_meant(event)).collect();
        assert!(!wanted.is_empty(), "{filter}");
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{filter}");
    };
    check("actor=kasi.pmd", &|e| e["actor"] == "kasi.pmd").await;
    check("action=loaded", &|e| e["action"] == "loaded").await;
    check("resource=target", &|e| e["resource"] == "target").await;
    check("key=paringin-iku-1/2024", &|e| e["key"] == "paringin-iku-1/2024").await;
    check("recorded_from=2025-01-01T00:00:00Z", &|e| {
        e["at"].as_str().unwrap() >= "2025"
    })
    .await;
    check("recorded_to=2025-01-01T00:00:00Z", &|e| {
        e["at"].as_str().unwrap() <= "2025-01-01T00:00:00Z"
    })
    .await;
    let short = admin.all("/v1/audit-events?limit=7").await;
    assert_eq!(short, all, "pages of 7 and of 100");
    for wrong in ["resource=laporan", "action=x", "recorded_from=kemarin", "actor="] {
        admin
            .get(&format!("/v1/audit-events?{wrong}"))
            .await
            .problem(400, "invalid_query");
    }
}
