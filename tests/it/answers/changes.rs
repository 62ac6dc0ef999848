//! Whatever a value can depend on is in its tag: after a change no 304 and no kept body is given.

use actix_web::http::header::HeaderMap;
use iku::platform::db::{Stream, stamps};
use serde_json::{Value, json};

use super::{COMPUTED, NOW, forgetful};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, Client, PARINGIN, World, instant};

/// Somebody who has all answers, and asks again after each change.
struct Reader {
    world: World,
    admin: Client,
    held: Vec<String>,
}

impl Reader {
    async fn of(world: World) -> Self {
        let admin = world.admin();
        let mut held = Vec::new();
        for path in COMPUTED {
            held.push(admin.get(path).await.status(200).etag());
        }
        Self { world, admin, held }
    }

    /// Everything held is current: 304.
    async fn is_up_to_date(&self, before: &str) {
        for (path, tag) in COMPUTED.iter().zip(&self.held) {
            let same = self.admin.with("if-none-match", tag).get(path).await;
            assert_eq!(same.status, 304, "{path} before {before}");
            assert_eq!(same.header("cache-control"), "private, no-cache");
            assert_eq!(same.etag(), *tag);
        }
    }

    /// Nothing held is current any more; what is given instead is what a service computes that remembers nothing.
    async fn hears_of(&mut self, change: &str) {
        let forgetful = forgetful(&self.world).await.admin();
        for (path, tag) in COMPUTED.iter().zip(&mut self.held) {
            let fresh = self.admin.with("if-none-match", tag).get(path).await;
            assert_eq!(fresh.status, 200, "{path} after {change}");
            assert_ne!(fresh.etag(), *tag, "{path} after {change}");
            let computed = forgetful.get(path).await.status(200);
            assert_eq!(fresh.json, computed.json, "{path} after {change}");
            assert_eq!(fresh.etag(), computed.etag(), "{path} after {change}");
            *tag = fresh.etag();
        }
        self.is_up_to_date(change).await;
    }

    async fn posts(&mut self, path: &str, body: Value) -> HeaderMap {
        self.is_up_to_date(path).await;
        let made = self.admin.post(path, body).await;
        assert!(
            [200, 201].contains(&made.status),
            "{path}: {}",
            String::from_utf8_lossy(&made.body)
        );
        self.hears_of(path).await;
        made.headers
    }

    async fn patches(&mut self, path: &str, body: Value) {
        self.admin.patch(path, "*", body).await.status(200);
        self.hears_of(path).await;
    }

    async fn deletes(&mut self, path: &str) {
        self.admin.delete(path, "*").await.status(204);
        self.hears_of(path).await;
    }
}

fn place(headers: &HeaderMap) -> String {
    headers.get("location").unwrap().to_str().unwrap().to_owned()
}

#[apply(both_databases)]
async fn every_fact_is_heard_of(backend: Backend) {
    let mut reader = Reader::of(World::on(backend).at(NOW).await).await;

    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let report = place(&reader.posts("/v1/reports", report).await);
    reader.patches(&report, json!({"status": "returned"})).await;
    reader.deletes(&report).await;

    let decree = json!({"number": "1", "issued_on": "2025-01-01", "starts_on": "2025-01-01"});
    let rt = json!({"village_code": BALANG, "kind": "rt", "name": "RT 01", "decrees": [decree]});
    let rt = place(&reader.posts("/v1/institutions", rt).await);
    let renewal = json!({"number": "2", "issued_on": "2025-02-01", "starts_on": "2025-02-01"});
    reader.posts(&format!("{rt}/decrees"), renewal).await;
    reader.deletes(&rt).await;

    let case = json!({"village_code": BALANG, "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar"});
    let case = place(&reader.posts("/v1/cases", case).await);
    let verified = json!({"kind": "verified", "at": "2025-03-15T08:00:00+08:00"});
    reader.posts(&format!("{case}/events"), verified).await;
    reader.deletes(&case).await;

    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-01-06", "ends_on": "2025-06-15",
    });
    let survey = place(&reader.posts("/v1/surveys", survey).await);
    reader.patches(&survey, json!({"status": "open"})).await;
    let answers = json!({
        "persyaratan": 4, "prosedur": 4, "waktu": 3, "biaya": 4, "produk": 4, "kompetensi": 4, "perilaku": 4, "sarana": 3,
        "pengaduan": 4,
    });
    let answer = json!({"answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "surat-pengantar"});
    let answer = place(&reader.posts(&format!("{survey}/responses"), answer).await);
    reader.deletes(&answer).await;
}

#[apply(both_databases)]
async fn every_promise_every_place_and_the_day_are_heard_of(backend: Backend) {
    let mut reader = Reader::of(World::on(backend).at(NOW).await).await;

    let village = json!({"code": "63.11.06.2099", "district_code": PARINGIN, "kind": "desa", "name": "Desa Baru"});
    reader.posts("/v1/villages", village).await;
    reader
        .patches("/v1/villages/63.11.06.2099", json!({"valid_to": "2025-03-01"}))
        .await;
    reader
        .patches("/v1/report-kinds/lppd", json!({"from_year": 2025, "due_day": 20}))
        .await;
    let decree = format!("/v1/decrees/{}", iku::shipped::decree().id);
    reader
        .patches(&decree, json!({"number": "139/CPAR/2023 perubahan"}))
        .await;
    let iku4 = "/v1/indicators/paringin-iku-4";
    reader
        .patches(iku4, json!({"from_year": 2025, "name": "Laporan tepat waktu"}))
        .await;

    let target = format!("{iku4}/targets/2025-Q2");
    reader.admin.put(&target, json!({"value": 80})).await.status(201);
    reader.hears_of("a target").await;
    let holding = reader.admin.with("if-match", "*");
    holding.put(&target, json!({"value": 90})).await.status(200);
    reader.hears_of("another target").await;
    reader.deletes(&target).await;

    // Nothing is closed through the API yet; the stream is there.
    let db = &reader.world.service.db;
    let closed = db.write(async |tx| stamps::stamp(tx, &[PARINGIN], Stream::Closings).await);
    closed.await.unwrap();
    reader.hears_of("a closing").await;

    reader.world.clock.set(instant("2025-06-30T23:59:59+08:00"));
    reader.is_up_to_date("the evening of the same day").await;
    reader.world.clock.set(instant("2025-07-01T00:00:00+08:00"));
    reader.hears_of("midnight in Paringin").await;

    // Who sees all districts sees new ones.
    reader.world.load_regency().await;
    reader.hears_of("seven more districts").await;
    let rest = json!({"code": "63.11.01.2099", "district_code": "63.11.01", "kind": "desa", "name": "Desa Baru"});
    reader.posts("/v1/villages", rest).await;
}

#[actix_web::test]
async fn two_instances_see_each_other_at_once() {
    let here = World::on(Backend::Postgres).at(NOW).await;
    let there = here.second_instance().await;
    let mut readers = [Reader::of(here).await, Reader::of(there).await];
    for fiscal_year in 2020..2026 {
        let report =
            json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": fiscal_year, "delivered_on": "2025-03-14"});
        readers[0].posts("/v1/reports", report).await;
        readers[1].hears_of("a report to the other instance").await;
        readers.swap(0, 1);
    }
}
