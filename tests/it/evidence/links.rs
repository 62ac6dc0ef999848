//! Links: who may make them, what they say, and that a hash alone opens no file.

use iku::access::Role;
use iku::platform::fingerprint::sha256_hex;
use serde_json::json;
use uuid::Uuid;

use super::{NOW, PDF, TARGET, holder, link, pdf, place, records, report, send};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::World;

#[apply(both_databases)]
async fn each_kind_of_record_has_evidence(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (admin, auditor) = (world.admin(), holder(&world, Role::Auditor));
    let bytes = pdf("a");
    send(&admin, PDF, &bytes).await.status(201);
    for (record, _) in records(&world).await {
        let list = format!("{record}/evidence");
        assert_eq!(auditor.all(&list).await.len(), 0);
        let id = Uuid::new_v4();
        let body = json!({"id": id, "sha256": sha256_hex(&bytes), "file_name": "Tanda terima.pdf"});
        let made = admin.post(&list, body.clone()).await.status(201);
        let own = format!("/v1/evidence-links/{id}");
        assert_eq!(made.header("location"), own);
        assert!(
            list.starts_with(made.json["record"]["href"].as_str().unwrap()),
            "{:#}",
            made.json
        );
        assert_eq!(made.json["bytes"], bytes.len());
        // A retry, and another content under the same id.
        let again = admin.post(&list, body.clone()).await.status(200);
        assert_eq!(again.json, made.json);
        let other = json!({"id": id, "sha256": sha256_hex(&bytes), "file_name": "Lain.pdf"});
        admin.post(&list, other).await.problem(409, "id_conflict");
        assert_eq!(auditor.all(&list).await, std::slice::from_ref(&made.json));
        assert_eq!(auditor.get(&own).await.status(200).json, made.json);
        // Deleted with a reason, and the versions stay.
        admin.delete(&own, "\"x\"").await.problem(412, "precondition_failed");
        admin.delete(&own, &made.etag()).await.status(204);
        assert_eq!(auditor.all(&list).await.len(), 0);
        auditor.get(&own).await.problem(404, "not_found");
        admin.post(&list, body).await.problem(409, "deleted");
        let versions = auditor.all(&format!("{own}/versions")).await;
        assert_eq!(versions.len(), 2);
        assert_eq!(versions[1]["reason"], "uji");
        // Linked again, under another id.
        link(&admin, &record, &bytes, "Tanda terima.pdf").await.status(201);
    }
    let events = admin.all("/v1/audit-events?resource=evidence_link").await;
    assert_eq!(events.len(), 15);
}

#[apply(both_databases)]
async fn who_may_write_the_record_may_link(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let bytes = pdf("a");
    send(&world.admin(), PDF, &bytes).await.status(201);
    send(&world.officer(&[]), PDF, &bytes).await.status(201);
    for (record, section) in records(&world).await {
        let is_target = record == TARGET;
        let other = world.officer(&["pembinaan-pengawasan"]);
        let own = match is_target {
            true => holder(&world, Role::Secretary),
            false => world.officer(&[section]),
        };
        let wrong = if is_target {
            "insufficient_scope"
        } else {
            "wrong_section"
        };
        let made = link(&own, &record, &bytes, "a.pdf").await.status(201);
        let link_path = made.header("location").to_owned();
        for (client, code) in [(&other, wrong), (&holder(&world, Role::Auditor), "insufficient_scope")] {
            link(client, &record, &bytes, "b.pdf").await.problem(403, code);
            client.delete(&link_path, "*").await.problem(403, code);
        }
        let (head, stranger) = (holder(&world, Role::Head), world.stranger());
        if !is_target {
            link(&head, &record, &bytes, "b.pdf")
                .await
                .problem(403, "insufficient_scope");
            link(&stranger, &record, &bytes, "b.pdf")
                .await
                .problem(404, "not_found");
        }
        let stranger_reads = [
            format!("{record}/evidence"),
            link_path.clone(),
            format!("{link_path}/versions"),
            place(&bytes),
        ];
        for path in &stranger_reads {
            stranger.get(path).await.problem(404, "not_found");
        }
        stranger.delete(&link_path, "*").await.problem(404, "not_found");
        own.delete(&link_path, "*").await.status(204);
    }
    // No link is left, so nobody gets the file.
    world.admin().get(&place(&bytes)).await.problem(404, "not_found");
}

/// The documents of closings name hashes. Who knows one must not get the bytes of another district by linking it.
#[apply(both_databases)]
async fn a_hash_alone_opens_no_file(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let (kasi, stranger) = (world.officer(&["pemerintahan"]), world.stranger());
    let bytes = pdf("rahasia");
    send(&kasi, PDF, &bytes).await.status(201);
    link(&kasi, &report(&kasi).await, &bytes, "a.pdf").await.status(201);
    let case = json!({
        "district_code": "63.11.01", "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar",
    });
    let case = stranger.post("/v1/cases", case).await.status(201);
    let case = case.header("location");
    let refused = link(&stranger, case, &bytes, "a.pdf")
        .await
        .problem(422, "unknown_reference");
    assert_eq!(refused.pointers(), ["#/sha256"]);
    stranger.get(&place(&bytes)).await.problem(404, "not_found");
    // Who has the bytes may send and link them.
    send(&stranger, PDF, &bytes).await.status(201);
    link(&stranger, case, &bytes, "a.pdf").await.status(201);
    stranger.get(&place(&bytes)).await.status(200);
}

#[apply(both_databases)]
async fn wrong_links_are_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let bytes = pdf("a");
    send(&kasi, PDF, &bytes).await.status(201);
    let record = report(&kasi).await;
    let list = format!("{record}/evidence");
    let named = |name: &str| json!({"sha256": sha256_hex(&bytes), "file_name": name});
    let rule = |name: &str| (named(name), 422, "rule_broken", "#/file_name");
    let rows = [
        rule("a.png"),
        rule("a.exe"),
        rule("a"),
        rule("pdf"),
        (named(".pdf"), 422, "rule_broken", ""),
        (named("a.pdf "), 422, "rule_broken", ""),
        rule("a.pdf.exe"),
        rule("../a.pdf"),
        rule("/etc/a.pdf"),
        rule("..\\a.pdf"),
        rule("C:a.pdf"),
        rule("a?.pdf"),
        rule("a\"b.pdf"),
        rule("a<b>.pdf"),
        rule(" a.pdf"),
        rule(".htaccess.pdf"),
        (named("a\n.pdf"), 400, "invalid_body", "#/file_name"),
        (named("a\u{202E}fdp.pdf"), 400, "invalid_body", "#/file_name"),
        (named("a\0.pdf"), 400, "invalid_body", "#/file_name"),
        (named(""), 400, "invalid_body", "#/file_name"),
        (
            named(&format!("{}.pdf", "a".repeat(97))),
            400,
            "invalid_body",
            "#/file_name",
        ),
        (json!({"file_name": "a.pdf"}), 400, "invalid_body", "#/sha256"),
        (
            json!({"sha256": "a", "file_name": "a.pdf"}),
            400,
            "invalid_body",
            "#/sha256",
        ),
        (
            json!({"sha256": "0".repeat(64), "file_name": "a.pdf"}),
            422,
            "unknown_reference",
            "#/sha256",
        ),
    ];
    assert_bodies_refused(&kasi, "POST", &list, rows).await;
    // In bytes a name has at most 200.
    let long = named(&format!("{}.pdf", "😀".repeat(50)));
    assert_bodies_refused(&kasi, "POST", &list, [(long, 422, "rule_broken", "#/file_name")]).await;
    link(&kasi, &record, &bytes, "a.PDF").await.status(201);
    assert_bodies_refused(&kasi, "POST", &list, [(named("b.pdf"), 422, "rule_broken", "#/sha256")]).await;
    let missing = Uuid::new_v4();
    let target = |period: &str| format!("/v1/indicators/paringin-iku-4/targets/{period}/evidence");
    let decree = format!("/v1/institutions/{missing}/decrees/{missing}/evidence");
    let admin = world.admin();
    assert_refused(&[
        (
            &admin,
            "GET",
            &format!("/v1/reports/{missing}/evidence"),
            NONE,
            404,
            "not_found",
        ),
        (
            &admin,
            "POST",
            &format!("/v1/reports/{missing}/evidence"),
            named("a.pdf"),
            404,
            "not_found",
        ),
        (&admin, "POST", &decree, named("a.pdf"), 404, "not_found"),
        (&admin, "POST", &target("2025-S1"), named("a.pdf"), 404, "not_found"),
        (&admin, "POST", &target("2025-05"), named("a.pdf"), 422, "rule_broken"),
        (&admin, "POST", &target("2025-Q9"), named("a.pdf"), 400, "invalid_path"),
        (
            &admin,
            "GET",
            &format!("/v1/evidence-links/{missing}"),
            NONE,
            404,
            "not_found",
        ),
        (
            &admin,
            "DELETE",
            &format!("/v1/evidence-links/{missing}"),
            NONE,
            404,
            "not_found",
        ),
    ])
    .await;
}

#[apply(both_databases)]
async fn a_record_has_at_most_fifty_files(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let record = report(&kasi).await;
    for n in 0..=50 {
        let bytes = pdf(&n.to_string());
        send(&kasi, PDF, &bytes).await.status(201);
        let made = link(&kasi, &record, &bytes, &format!("{n}.pdf")).await;
        match n {
            50 => assert_eq!(made.problem(422, "rule_broken").pointers(), ["#"]),
            _ => assert_eq!(made.status, 201, "{n}"),
        }
    }
    // Page by page, in the order of the links.
    let names: Vec<String> = kasi
        .all(&format!("{record}/evidence?limit=7"))
        .await
        .iter()
        .map(|link| link["file_name"].to_string())
        .collect();
    assert_eq!(names, (0..50).map(|n| format!("\"{n}.pdf\"")).collect::<Vec<_>>());
}

/// A deleted record keeps its evidence, so that an inspection finds it; its link can still be deleted.
#[apply(both_databases)]
async fn evidence_of_a_deleted_record_stays(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let bytes = pdf("a");
    send(&kasi, PDF, &bytes).await.status(201);
    let record = report(&kasi).await;
    let made = link(&kasi, &record, &bytes, "a.pdf").await.status(201);
    kasi.delete(&record, "*").await.status(204);
    kasi.get(&format!("{record}/evidence")).await.problem(404, "not_found");
    link(&kasi, &record, &bytes, "b.pdf").await.problem(404, "not_found");
    kasi.get(&place(&bytes)).await.status(200);
    world
        .officer(&["pmd"])
        .delete(made.header("location"), "*")
        .await
        .problem(403, "wrong_section");
    kasi.delete(made.header("location"), "*").await.status(204);
    kasi.get(&place(&bytes)).await.problem(404, "not_found");
}
