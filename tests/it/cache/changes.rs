//! After a change, the ETags of the affected responses change, and no others; no cached response is out of date.

use actix_web::http::header::HeaderMap;
use iku::platform::db::{Stream, stamps};
use serde_json::{Value, json};

use super::{COMPUTED, NOW, is_about, without_caches};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, Client, PARINGIN, World, instant};

/// A client that has all responses, and asks again after each change.
struct Reader {
    world: World,
    admin: Client,
    known: Vec<(String, Value)>,
}

impl Reader {
    async fn of(world: World) -> Self {
        let admin = world.admin();
        let mut known = Vec::new();
        for path in COMPUTED {
            let reply = admin.get(path).await.status(200);
            known.push((reply.etag(), reply.json));
        }
        Self { world, admin, known }
    }

    /// Checks that all known ETags are current: 304.
    async fn is_up_to_date(&self, before: &str) {
        for (path, (tag, _)) in COMPUTED.iter().zip(&self.known) {
            let same = self.admin.with("if-none-match", tag).get(path).await;
            assert_eq!(same.status, 304, "{path} before {before}");
            assert_eq!(same.header("cache-control"), "private, no-cache");
            assert_eq!(same.etag(), *tag);
        }
    }

    /// Checks that a change gives new ETags to the affected responses and to no others, and that every response equals the
    /// response of a service without caches.
    async fn notices(&mut self, change: &str, affects: impl Fn(&str) -> bool) {
        let computing = without_caches(&self.world).await.admin();
        for (path, (tag, json)) in COMPUTED.iter().zip(&mut self.known) {
            let computed = computing.get(path).await.status(200);
            let reply = self.admin.with("if-none-match", tag).get(path).await;
            if affects(path) {
                let fresh = reply.status(200);
                assert_ne!(fresh.etag(), *tag, "{path} after {change}");
                (*tag, *json) = (fresh.etag(), fresh.json);
            } else {
                assert_eq!(reply.status, 304, "{path} after {change}");
            }
            assert_eq!(
                (&*tag, &*json),
                (&computed.etag(), &computed.json),
                "{path} after {change}"
            );
        }
        self.is_up_to_date(change).await;
    }

    async fn posts(&mut self, path: &str, body: Value, stream: Stream) -> HeaderMap {
        self.is_up_to_date(path).await;
        let made = self.admin.post(path, body).await;
        assert!(
            [200, 201].contains(&made.status),
            "{path}: {}",
            String::from_utf8_lossy(&made.body)
        );
        self.notices(path, |path| is_about(path, stream)).await;
        made.headers
    }

    async fn patches(&mut self, path: &str, body: Value, stream: Stream) {
        self.admin.patch(path, "*", body).await.status(200);
        self.notices(path, |path| is_about(path, stream)).await;
    }

    async fn deletes(&mut self, path: &str, stream: Stream) {
        self.admin.delete(path, "*").await.status(204);
        self.notices(path, |path| is_about(path, stream)).await;
    }
}

fn place(headers: &HeaderMap) -> String {
    headers.get("location").unwrap().to_str().unwrap().to_owned()
}

#[apply(both_databases)]
async fn every_change_of_a_fact_changes_the_affected_etags(backend: Backend) {
    let mut reader = Reader::of(World::on(backend).at(NOW).await).await;

    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let report = place(&reader.posts("/v1/reports", report, Stream::Reports).await);
    reader
        .patches(&report, json!({"status": "returned"}), Stream::Reports)
        .await;
    reader.deletes(&report, Stream::Reports).await;

    let decree = json!({"number": "1", "issued_on": "2025-01-01", "starts_on": "2025-01-01"});
    let rt = json!({"village_code": BALANG, "kind": "rt", "name": "RT 01", "decrees": [decree]});
    let rt = place(&reader.posts("/v1/institutions", rt, Stream::Institutions).await);
    let renewal = json!({"number": "2", "issued_on": "2025-02-01", "starts_on": "2025-02-01"});
    reader
        .posts(&format!("{rt}/decrees"), renewal, Stream::Institutions)
        .await;
    reader.deletes(&rt, Stream::Institutions).await;

    let case = json!({"village_code": BALANG, "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar"});
    let case = place(&reader.posts("/v1/cases", case, Stream::Cases).await);
    let verified = json!({"kind": "verified", "at": "2025-03-15T08:00:00+08:00"});
    reader.posts(&format!("{case}/events"), verified, Stream::Cases).await;
    reader.deletes(&case, Stream::Cases).await;

    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-01-06", "ends_on": "2025-06-15",
    });
    let survey = place(&reader.posts("/v1/surveys", survey, Stream::Surveys).await);
    reader
        .patches(&survey, json!({"status": "open"}), Stream::Surveys)
        .await;
    let answers = json!({
        "persyaratan": 4, "prosedur": 4, "waktu": 3, "biaya": 4, "produk": 4, "kompetensi": 4, "perilaku": 4, "sarana": 3,
        "pengaduan": 4,
    });
    let answer = json!({"answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "surat-pengantar"});
    let answer = place(
        &reader
            .posts(&format!("{survey}/responses"), answer, Stream::Surveys)
            .await,
    );
    reader.deletes(&answer, Stream::Surveys).await;
}

#[apply(both_databases)]
async fn every_change_of_the_plan_of_places_and_of_the_day_changes_the_affected_etags(backend: Backend) {
    let mut reader = Reader::of(World::on(backend).at(NOW).await).await;

    let village = json!({
        "code": "63.11.06.2099", "district_code": PARINGIN, "kind": "desa", "name": "Desa Baru", "reason": "Terlewat",
    });
    reader.posts("/v1/villages", village, Stream::Places).await;
    reader
        .patches(
            "/v1/villages/63.11.06.2099",
            json!({"valid_to": "2025-03-01"}),
            Stream::Places,
        )
        .await;
    reader
        .patches(
            "/v1/report-kinds/lppd",
            json!({"from_year": 2025, "due_day": 20}),
            Stream::ReportKinds,
        )
        .await;
    let decree = format!("/v1/decrees/{}", iku::shipped::decree().id);
    reader
        .patches(&decree, json!({"number": "139/CPAR/2023 perubahan"}), Stream::Decrees)
        .await;
    let iku4 = "/v1/indicators/paringin-iku-4";
    reader
        .patches(
            iku4,
            json!({"from_year": 2025, "name": "Laporan tepat waktu"}),
            Stream::Indicators,
        )
        .await;

    let target = format!("{iku4}/targets/2025-Q2");
    reader.admin.put(&target, json!({"value": 80})).await.status(201);
    reader.notices("a target", |path| is_about(path, Stream::Targets)).await;
    let holding = reader.admin.with("if-match", "*");
    holding.put(&target, json!({"value": 90})).await.status(200);
    reader
        .notices("another target", |path| is_about(path, Stream::Targets))
        .await;
    reader.deletes(&target, Stream::Targets).await;
    let note = format!("{iku4}/notes/2025-Q2");
    let body = json!({"obstacles": "Laporan terlambat"});
    reader.admin.put(&note, body).await.status(201);
    reader.notices("a note", |path| is_about(path, Stream::Notes)).await;
    reader.deletes(&note, Stream::Notes).await;

    // The stream of closings exists, but no operation writes to it yet.
    let db = &reader.world.service.db;
    let closed = db.write(async |tx| stamps::stamp(tx, &[PARINGIN], Stream::Closings).await);
    closed.await.unwrap();
    reader
        .notices("a closing", |path| is_about(path, Stream::Closings))
        .await;

    reader.world.clock.set(instant("2025-06-30T23:59:59+08:00"));
    reader.is_up_to_date("the evening of the same day").await;
    reader.world.clock.set(instant("2025-07-01T00:00:00+08:00"));
    reader.notices("midnight in Paringin", |_| true).await;

    // A list of all districts depends on the set of districts and on the plans of all of them.
    let is_regency = |path: &str| path == COMPUTED[9];
    reader.world.load_regency().await;
    reader.notices("seven more districts", is_regency).await;
    let rest = json!({"code": "63.11.01.2099", "district_code": "63.11.01", "kind": "desa", "name": "Desa Baru"});
    reader.admin.post("/v1/villages", rest).await.status(201);
    reader.notices("a village of another district", |_| false).await;
    let decree = json!({
        "district_code": "63.11.01", "number": "1/2025", "title": "IKU", "issued_on": "2025-01-02", "goal": "Tertib",
        "first_year": 2025, "last_year": 2029, "legal_bases": ["UU 23/2014"],
    });
    let decree = reader.admin.post("/v1/decrees", decree).await.status(201);
    reader.notices("a decree of another district", is_regency).await;
    // Only its indicators take the district out of those without values.
    let indicator = json!({
        "code": "juai-iku-1", "decree_id": decree.json["id"], "number": 1, "objective": "Sasaran", "name": "Coba",
        "meaning": "Makna", "selection_reason": "Alasan", "formula_text": "Rumus", "reference": "Rujukan",
        "responsible": "Camat", "source": "Seksi PMD", "unit": "count", "polarity": "higher_is_better",
        "formula": {"kind": "institution_count"},
    });
    let indicator = reader.admin.post("/v1/indicators", indicator).await.status(201);
    reader.notices("an indicator of another district", is_regency).await;
    let path = indicator.header("location");
    reader.admin.delete(path, "*").await.status(200);
    reader
        .notices("an indicator less in another district", is_regency)
        .await;
}

#[actix_web::test]
async fn two_instances_notice_each_others_changes_at_once() {
    let here = World::on(Backend::Postgres).at(NOW).await;
    let there = here.second_instance().await;
    let mut readers = [Reader::of(here).await, Reader::of(there).await];
    for fiscal_year in 2020..2026 {
        let report =
            json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": fiscal_year, "delivered_on": "2025-03-14"});
        readers[0].posts("/v1/reports", report, Stream::Reports).await;
        readers[1]
            .notices("a report to the other instance", |path| is_about(path, Stream::Reports))
            .await;
        readers.swap(0, 1);
    }
}
