//! A phone of the previous version keeps working: its requests byte for byte, and what it reads of the replies.

use iku::facts::responses::{Acceptance, Submission};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{BATCH, Setting, sender};
use crate::support::backend::{Backend, apply, both_databases};
use iku::access::Role;

/// What the program of version 0.2 reads of a reply. It ignores other members.
#[derive(Debug, Deserialize)]
struct BatchReply {
    results: Vec<ItemResult>,
}

#[derive(Debug, Deserialize)]
struct ItemResult {
    index: usize,
    id: Value,
    outcome: Outcome,
    #[serde(default)]
    errors: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Created,
    AlreadyStored,
    Conflict,
    Rejected,
    Quarantined,
    Deferred,
    #[serde(other)]
    Unknown,
}

/// The batch of the documentation of version 0.2. The phone has kept its text since it was filled in.
fn batch(survey: &str, draft: &str) -> String {
    r#"{"sent_at":"2025-03-14T12:00:00+08:00","items":[{"survey_id":"SURVEY","id":"3f0e9c1a-6d2b-4f58-8a47-1c9b7e5d2a10","answers":{"persyaratan":3,"prosedur":3,"waktu":3,"biaya":4,"produk":3,"kompetensi":3,"perilaku":4,"sarana":3,"pengaduan":4},"answered_at":"2025-03-14T10:15:00+08:00","service":"ktp"},{"survey_id":"SURVEY","id":"b7a4d2c8-1e3f-4c69-9d05-6f8e2b7a4c31","answers":{"persyaratan":3,"prosedur":3,"waktu":5,"biaya":4,"produk":3},"answered_at":"2025-03-14T10:40:00+08:00","service":"kk"},{"survey_id":"DRAFT","id":"5c8e1f7d-9b2a-4d36-8e74-0a6c3b9d5f82","answers":{"persyaratan":4,"prosedur":4,"waktu":3,"biaya":4,"produk":3},"answered_at":"2025-03-14T11:05:00+08:00","service":"ktp","village_code":"63.11.06.2005","comment":"Cepat"}]}"#
        .replace("SURVEY", survey)
        .replace("DRAFT", draft)
}

#[apply(both_databases)]
async fn a_phone_of_the_previous_version_keeps_working(backend: Backend) {
    let s = Setting::open(backend).await;
    let draft = s
        .kasi
        .post("/v1/surveys", super::survey_of(crate::support::world::PARINGIN))
        .await;
    let body = batch(&s.id().to_string(), &draft.status(201).id());
    use Outcome::{AlreadyStored, Created, Deferred, Rejected};
    for expected in [[Created, Rejected, Deferred], [AlreadyStored, Rejected, Deferred]] {
        let sent = s
            .phone
            .send("POST", BATCH, "application/json", body.clone().into_bytes());
        let reply: BatchReply = serde_json::from_value(sent.await.status(207).json).unwrap();
        let outcomes: Vec<Outcome> = reply.results.iter().map(|r| r.outcome).collect();
        assert_eq!(outcomes, expected);
        let sent: Value = serde_json::from_str(&body).unwrap();
        for (place, result) in reply.results.iter().enumerate() {
            assert_eq!((result.index, &result.id), (place, &sent["items"][place]["id"]));
        }
        assert_eq!(reply.results[1].errors[0]["pointer"], "#/items/1/answers/waktu");
        assert!(reply.results[0].errors.is_null());
    }
    let status = json!({"ids": ["3f0e9c1a-6d2b-4f58-8a47-1c9b7e5d2a10", "5c8e1f7d-9b2a-4d36-8e74-0a6c3b9d5f82"]});
    let status = s.phone.post("/v1/responses/status", status).await.status(200).json;
    assert_eq!(
        (&status["results"][0]["known"], &status["results"][1]["known"]),
        (&json!(true), &json!(false))
    );
    let never = [Outcome::Conflict, Outcome::Quarantined, Outcome::Unknown];
    assert!(!never.contains(&Created));
}

/// Answers that versions 0.1 and 0.2 have stored are recognised: these digests were computed apart from the program.
#[test]
fn fingerprints_of_earlier_versions_are_the_same() {
    let survey: Uuid = "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f".parse().unwrap();
    let digest = |content: Value| {
        let content = serde_json::from_value(content).unwrap();
        let acceptance = Acceptance::QuarantineClosed;
        let submission = Submission::new(survey, Uuid::nil(), content, sender(Role::Surveyor), acceptance).unwrap();
        iku::platform::fingerprint::to_hex(submission.fingerprint())
    };
    let answers = json!({
        "persyaratan": 3, "prosedur": 3, "waktu": 3, "biaya": 4, "produk": 3, "kompetensi": 3, "perilaku": 4,
        "sarana": 3, "pengaduan": 4,
    });
    let bare =
        json!({"answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp", "respondent": {}});
    assert_eq!(
        digest(bare),
        "50c74f40c7dc00d7a506a2933973c8fbd0347ff226d7cddd19db7d301b870ac3"
    );
    let full = json!({
        "id": Uuid::max(), "answers": answers, "answered_at": "2025-03-14T02:15:00.0000004Z", "service": "ktp",
        "village_code": "63.11.06.2005", "comment": "Cafe\u{301}", "mode": "device",
        "respondent": {"gender": "perempuan", "age": 34, "education": "sma", "occupation": "wirausaha"},
    });
    assert_eq!(
        digest(full),
        "75c48eedfc4041bf685fee2f2e0cce625cd75b775f72885e3c285495fba3f431"
    );
}
