//! The cases of Seksi Ketentraman dan Ketertiban Umum.

use serde_json::{Value, json};

use super::office::Office;
use crate::support::world::PARINGIN;

async fn reported(office: &Office<'_>, case: Value) -> String {
    let made = office
        .enter("kasi.trantibum")
        .await
        .post("/v1/cases", case)
        .await
        .status(201);
    made.header("location").to_owned()
}

fn case(occurred_at: &str) -> Value {
    json!({"village_code": "63.11.06.2005", "category": "lingkungan", "occurred_at": occurred_at, "summary": "Pembakaran sampah"})
}

/// Appends an event at its instant, which becomes the time of the office.
async fn append(office: &Office<'_>, path: &str, kind: &str, at: &str, more: Value) -> Value {
    office.at(at);
    let mut event = json!({"kind": kind, "at": at});
    event
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap_or_default());
    office.post("kasi.trantibum", &format!("{path}/events"), event).await
}

/// The Kasi records a case and verifies it at once. Returns its path.
pub async fn verified(office: &Office<'_>, occurred_at: &str, at: &str) -> String {
    office.at(at);
    let path = reported(office, case(occurred_at)).await;
    append(office, &path, "verified", at, json!({})).await;
    office.remember("last case", path.clone());
    path
}

pub async fn resolved(office: &Office<'_>, occurred_at: &str, at: &str) {
    let path = verified(office, occurred_at, at).await;
    append(office, &path, "resolved", at, json!({})).await;
}

pub async fn without_a_village(office: &Office<'_>, day: &str, at: &str) {
    office.at(at);
    let case =
        json!({"district_code": PARINGIN, "category": "sungai", "occurred_at": day, "summary": "Perahu tanpa lampu"});
    let path = reported(office, case).await;
    append(office, &path, "verified", at, json!({})).await;
    append(office, &path, "resolved", at, json!({})).await;
}

pub async fn referred_without_receipt(office: &Office<'_>, occurred_at: &str, at: &str) -> String {
    let path = verified(office, occurred_at, at).await;
    append(
        office,
        &path,
        "referred",
        at,
        json!({"referred_to": "Satpol PP Kabupaten Balangan"}),
    )
    .await;
    path
}

pub async fn add_receipt(office: &Office<'_>, path: &str, at: &str) {
    append(
        office,
        path,
        "receipt_added",
        at,
        json!({"receipt": "300/21/SATPOLPP/2025"}),
    )
    .await;
}

fn morning(day: &str) -> String {
    format!("{day}T09:00:00+08:00")
}

/// Resolved, found unresolved, and resolved.
pub async fn closed_too_early(office: &Office<'_>, occurred_at: &str, days: [&str; 3]) {
    // The section catches up on the day of the last event.
    office.on("2025-04-25");
    let path = reported(office, case(occurred_at)).await;
    let kasi = office.enter("kasi.trantibum").await;
    let events = format!("{path}/events");
    for (kind, day) in [("verified", "2025-04-16"), ("resolved", days[0])] {
        kasi.post(&events, json!({"kind": kind, "at": morning(day)}))
            .await
            .status(201);
    }
    let open = append(
        office,
        &path,
        "reopened",
        &morning(days[1]),
        json!({"note": "Masih berasap"}),
    )
    .await;
    assert_eq!(open["status"], "verified");
    append(office, &path, "resolved", &morning(days[2]), json!({})).await;
}

/// Passed to the Polsek, which hands it back.
pub async fn handed_back(office: &Office<'_>, occurred_at: &str, days: [&str; 2]) {
    let path = verified(office, occurred_at, &morning("2025-05-21")).await;
    let referred = json!({"referred_to": "Polsek Paringin", "receipt": "STPL/12/VI/2025"});
    append(office, &path, "referred", &morning(days[0]), referred).await;
    let open = append(
        office,
        &path,
        "returned",
        &morning(days[1]),
        json!({"note": "Bukan pidana"}),
    )
    .await;
    assert_eq!(open["status"], "verified");
    office.remember("handed back", path);
}

pub async fn finish_handed_back(office: &Office<'_>, at: &str) {
    let path = office.remembered("handed back");
    append(office, &path, "handling", at, json!({})).await;
    append(office, &path, "resolved", at, json!({"note": "Musyawarah"})).await;
}

/// Resolved in the wrong case; taken back; resolved.
pub async fn resolved_by_a_slip(office: &Office<'_>, occurred_at: &str, days: [&str; 2]) {
    let path = verified(office, occurred_at, &morning("2025-06-23")).await;
    append(office, &path, "resolved", &morning(days[0]), json!({})).await;
    let open = append(
        office,
        &path,
        "withdrawn",
        &morning(days[0]),
        json!({"note": "Salah kasus"}),
    )
    .await;
    assert_eq!(open["status"], "verified");
    append(office, &path, "resolved", &morning(days[1]), json!({})).await;
}

pub async fn rejected_by_mistake(office: &Office<'_>, occurred_at: &str, at: &str) {
    office.on("2025-07-16");
    let path = reported(office, case(occurred_at)).await;
    append(
        office,
        &path,
        "rejected",
        &morning("2025-07-17"),
        json!({"note": "Laporan ganda"}),
    )
    .await;
    let open = append(office, &path, "reopened", at, json!({"note": "Ternyata kejadian lain"})).await;
    assert_eq!(open["status"], "reported");
    append(office, &path, "verified", at, json!({})).await;
    append(office, &path, "resolved", at, json!({})).await;
}

pub async fn resolve_the_last_case(office: &Office<'_>, at: &str) {
    append(office, &office.remembered("last case"), "resolved", at, json!({})).await;
}
