//! Sending and getting files.

use std::time::Duration;

use actix_web::web::Data;
use futures_util::future::join_all;
use iku::access::Role;
use iku::platform::fingerprint::sha256_hex;
use iku::platform::http::upload::BodyPatience;

use super::{NOW, PDF, holder, link, pdf, place, report, send, stored};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\xFF\xD9";
const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\x06";

#[apply(both_databases)]
async fn a_file_is_stored_once_and_comes_back_as_an_attachment(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    for (media, ending, bytes) in [
        (PDF, "pdf", pdf("a")),
        ("image/jpeg", "JPG", JPEG.to_vec()),
        ("image/png", "png", PNG.to_vec()),
    ] {
        let made = send(&kasi, media, &bytes).await.status(201);
        assert_eq!(made.header("location"), place(&bytes));
        assert_eq!(made.etag(), format!("\"{}\"", sha256_hex(&bytes)));
        assert_eq!(made.json["media_type"], media);
        assert_eq!(made.json["bytes"], bytes.len());
        let again = send(&kasi, media, &bytes).await.status(200);
        assert_eq!((&again.json, again.etag()), (&made.json, made.etag()));
        // A file without a link is shown to nobody.
        kasi.get(&place(&bytes)).await.problem(404, "not_found");
        let name = format!("Bukti “Balang” ½.{ending}");
        link(&kasi, &report_of(&kasi).await, &bytes, &name).await.status(201);
        let got = kasi
            .with("accept-encoding", "gzip")
            .get(&place(&bytes))
            .await
            .status(200);
        assert!(got.body == bytes);
        for (header, value) in [
            ("content-type", media),
            ("content-length", bytes.len().to_string().as_str()),
            ("content-encoding", ""),
            ("etag", &made.etag()),
            ("cache-control", "private, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "sandbox; default-src 'none'; frame-ancestors 'none'",
            ),
        ] {
            assert_eq!(got.header(header), value, "{header}");
        }
        let disposition = format!(
            "attachment; filename=\"Bukti _Balang_ _.{ending}\"; filename*=UTF-8''Bukti%20%E2%80%9CBalang%E2%80%9D%20%C2%BD.{ending}"
        );
        assert_eq!(got.header("content-disposition"), disposition);
        let known = kasi
            .with("if-none-match", &got.etag())
            .get(&place(&bytes))
            .await
            .status(304);
        assert_eq!(known.header("cache-control"), got.header("cache-control"));
    }
    assert_eq!(stored(&world).len(), 3);
}

/// The report of the test, made once.
async fn report_of(client: &crate::support::world::Client) -> String {
    let known = client.all("/v1/reports").await;
    match known.first() {
        Some(first) => format!("/v1/reports/{}", first["id"].as_str().unwrap()),
        None => report(client).await,
    }
}

#[apply(both_databases)]
async fn what_is_no_such_file_is_refused_and_leaves_nothing(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let html = b"<html><script>alert(1)</script></html>".as_slice();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>".as_slice();
    let behind = [html, b"%PDF-1.7\n"].concat();
    let other = "415 unsupported_media_type";
    for (what, media, bytes, expected) in [
        ("HTML as PDF", PDF, html, other),
        ("PDF behind HTML", PDF, &behind, other),
        ("PDF behind a byte order mark", PDF, b"\xEF\xBB\xBF%PDF-1.7\n", other),
        ("SVG as PNG", "image/png", svg, other),
        ("SVG", "image/svg+xml", svg, other),
        ("PDF as PNG", "image/png", b"%PDF-1.7\n%%EOF, long enough", other),
        ("PNG as PDF", PDF, PNG, other),
        ("GIF as JPEG", "image/jpeg", b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0", other),
        ("a signature alone", "image/png", b"\x89PNG\r\n\x1A\n", other),
        ("nothing", PDF, b"", other),
        ("one byte", PDF, b"%", other),
        ("text", "text/plain", b"%PDF-1.7\n", other),
        ("without a type", "", b"%PDF-1.7\n", other),
        ("JSON", "application/json", b"{}", other),
    ] {
        let reply = send(&kasi, media, bytes).await;
        let found = format!("{} {}", reply.status, reply.json["code"].as_str().unwrap_or_default());
        assert_eq!(found, expected, "{what}");
    }
    let bytes = pdf("a");
    let gzip = kasi.with("content-encoding", "gzip");
    send(&gzip, PDF, &bytes)
        .await
        .problem(415, "unsupported_content_encoding");
    // Parameters of the media type do not matter.
    send(&kasi, "application/PDF; name=x", &bytes).await.status(201);
    let wrong = kasi
        .send("PUT", &place(&pdf("b")), PDF, bytes.clone())
        .await
        .problem(422, "rule_broken");
    assert_eq!(wrong.pointers(), ["sha256"]);
    let hash = sha256_hex(&bytes);
    for name in [
        hash.to_uppercase(),
        hash[1..].to_owned(),
        format!("{hash}0"),
        format!("..%2F{}", &hash[3..]),
        format!("..%2f..%2f{}", &hash[6..]),
        "..".repeat(32).replace('.', "%2E"),
        format!("{}%00", &hash[1..]),
        format!("{}%23", &hash[1..]),
    ] {
        let reply = kasi
            .send("PUT", &format!("/v1/evidence/{name}"), PDF, bytes.clone())
            .await;
        assert!(matches!(reply.status, 400 | 404), "{name}: {}", reply.status);
        let reply = kasi.get(&format!("/v1/evidence/{name}")).await;
        assert!(matches!(reply.status, 400 | 404), "{name}: {}", reply.status);
    }
    assert_eq!(stored(&world), [hash]);
}

#[apply(both_databases)]
async fn a_file_has_at_most_ten_mebibytes(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let mut bytes = pdf("a");
    bytes.resize(10 << 20, b' ');
    send(&kasi, PDF, &bytes).await.status(201);
    bytes.push(b' ');
    send(&kasi, PDF, &bytes).await.problem(413, "body_too_large");
    assert_eq!(stored(&world).len(), 1);
}

#[apply(both_databases)]
async fn sixty_four_at_once_are_one_file(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let bytes = pdf(&"x".repeat(200_000));
    let replies = join_all((0..64).map(|_| send(&kasi, PDF, &bytes))).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    let known = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!((made, known), (1, 63));
    assert_eq!(stored(&world), [sha256_hex(&bytes)]);
    let events = world.admin().all("/v1/audit-events?resource=evidence").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["href"], place(&bytes));
}

#[apply(both_databases)]
async fn a_file_that_stops_is_408_and_leaves_nothing(backend: Backend) {
    let patience = BodyPatience {
        pause: Duration::from_millis(100),
        ..BodyPatience::default()
    };
    let world = World::on(backend)
        .at(NOW)
        .adjust(move |service| service.body_patience = Data::new(patience))
        .await;
    let kasi = world.officer(&["pemerintahan"]);
    send(&kasi.silent(), PDF, &pdf("a"))
        .await
        .problem(408, "request_timeout");
    assert_eq!(stored(&world), [""; 0]);
}

#[apply(both_databases)]
async fn a_district_has_a_room(backend: Backend) {
    let world = World::on(backend).at(NOW).room(3 * (10_000 + 4096)).await;
    world.load_regency().await;
    let kasi = world.officer(&["pemerintahan"]);
    let file = |text: &str| {
        let mut bytes = pdf(text);
        bytes.resize(10_000, b' ');
        bytes
    };
    for text in ["a", "b", "c"] {
        send(&kasi, PDF, &file(text)).await.status(201);
    }
    let full = send(&kasi, PDF, &file("d")).await.problem(422, "rule_broken");
    assert!(
        full.json["detail"].as_str().unwrap().contains("Ruang bukti"),
        "{:#}",
        full.json
    );
    assert_eq!(stored(&world).len(), 3);
    // What is there already needs no room, and each district has its own.
    send(&kasi, PDF, &file("a")).await.status(200);
    send(&world.stranger(), PDF, &file("a")).await.status(201);
    send(&world.admin(), PDF, &file("d")).await.status(201);
    assert_eq!(stored(&world).len(), 4);
}

#[apply(both_databases)]
async fn who_writes_a_kind_of_record_may_send(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    for (role, status) in [
        (Role::Administrator, 201),
        (Role::Officer, 201),
        (Role::Secretary, 200),
        (Role::Head, 200),
        (Role::Auditor, 403),
        (Role::Integrator, 403),
        (Role::Surveyor, 403),
    ] {
        let district = (role != Role::Administrator).then_some(PARINGIN);
        let reply = send(&world.holder(role, district, &[]), PDF, &pdf("a")).await;
        assert_eq!(reply.status, status, "{role}: {:#}", reply.json);
    }
    send(&world.anonymous(), PDF, &pdf("a"))
        .await
        .problem(401, "unauthenticated");
    for role in [Role::Integrator, Role::Surveyor] {
        let reader = holder(&world, role);
        reader.get(&place(&pdf("a"))).await.problem(403, "insufficient_scope");
    }
}

/// The bytes are damaged on the disk; sending the file again replaces them.
#[apply(both_databases)]
async fn sending_again_heals(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let bytes = pdf("a");
    send(&kasi, PDF, &bytes).await.status(201);
    link(&kasi, &report(&kasi).await, &bytes, "a.pdf").await.status(201);
    let file = world.service.evidence.folder().join(sha256_hex(&bytes));
    std::fs::write(&file, "other bytes").unwrap();
    send(&kasi, PDF, &bytes).await.status(200);
    assert!(kasi.get(&place(&bytes)).await.status(200).body == bytes);
    // Lost bytes are no wrong request: the caller may try again.
    std::fs::remove_file(&file).unwrap();
    kasi.get(&place(&bytes)).await.problem(503, "unavailable");
}
