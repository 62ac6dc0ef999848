//! What a stranger verifies: every changed byte is found, keys stay published, and the document is canonical.

use chrono::Utc;
use iku::access::auth::{closing_keys, keys, revocation, rotation};
use iku::closings::verification;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::{NOW, close, deliver, files, head, keys as published, verified};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::process::{folder, run, text};
use crate::support::world::World;

async fn closed(world: &World) -> Value {
    deliver(&world.officer(&["pemerintahan"]), "2005", "lppd").await;
    close(&head(world), "2025-S1", Some("Koreksi “Balang” – ½ \"é\""))
        .await
        .status(201)
        .json
}

#[apply(both_databases)]
async fn every_changed_byte_is_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (document, statement) = files(&head(&world), &closed(&world).await).await;
    let keys = published(&world).await;
    let (said, _) = verification::statement(&statement, &keys).unwrap();
    for at in 0..statement.len() {
        for bit in [1, 2, 0x40] {
            let mut changed = statement.clone().into_bytes();
            changed[at] ^= bit;
            let changed = String::from_utf8(changed).unwrap();
            let refused = verification::statement(&changed, &keys);
            assert!(refused.is_err(), "byte {at}: {}", &changed[at..=at]);
        }
    }
    for step in 0..200 {
        let at = step * (document.len() - 1) / 199;
        let mut changed = document.clone();
        changed[at] ^= 1;
        assert!(verification::document(&changed, &said).is_err(), "byte {at}");
    }
    for other in [
        &statement[..statement.len() - 1],
        "",
        "a.b",
        &statement.replace('.', ".."),
        &format!("{statement}="),
    ] {
        assert!(verification::statement(other, &keys).is_err(), "{other}");
    }
    let token = head(&world).token();
    assert!(verification::statement(&token, &keys).is_err());
    assert!(verification::statement(&statement, &[]).is_err());
}

/// RFC 8785 by another implementation.
#[apply(both_databases)]
async fn the_document_is_canonical(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (document, _) = files(&head(&world), &closed(&world).await).await;
    let value: Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(value["reason"], "Koreksi “Balang” – ½ \"é\"");
    assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), document);
}

#[apply(both_databases)]
async fn statements_outlive_the_keys_of_tokens(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let closing = closed(&world).await;
    let db = &world.service.db;
    let now = world.clock.now();
    let set = world.anonymous().get("/v1/closings/keys").await.status(200).json;
    db.write(async |tx| rotation::rotate(tx, now).await).await.unwrap();
    db.write(async |tx| rotation::revoke_and_replace(tx, now).await)
        .await
        .unwrap();
    revocation::refresh(db, &world.service.token_service).await.unwrap();
    revocation::sweep(db).await.unwrap();
    verified(&world, &head(&world), &closing).await;
    assert_eq!(world.anonymous().get("/v1/closings/keys").await.status(200).json, set);
    // The keys of tokens are other keys.
    let tokens = world.anonymous().get("/.well-known/jwks.json").await.status(200).json;
    assert_eq!(tokens["keys"].as_array().unwrap().len(), 1);
    assert_ne!(tokens["keys"][0]["kid"], set["keys"][0]["kid"]);
    assert_eq!(closing["kid"], set["keys"][0]["kid"]);
    let listed = db.read(async |tx| rotation::list(tx).await).await.unwrap();
    assert!(listed.iter().all(|key| key.purpose == "token"));
}

#[apply(both_databases)]
async fn a_replaced_closing_key_stays_published_and_signs_no_more(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = head(&world);
    let first = closed(&world).await;
    let db = &world.service.db;
    let at = world.clock.now() + chrono::TimeDelta::seconds(1);
    let kid = db.write(async |tx| closing_keys::replace(tx, at).await).await.unwrap();
    world.clock.set(at + chrono::TimeDelta::seconds(1));
    db.write(async |tx| keys::ensure(tx, at).await).await.unwrap();
    let second = close(&camat, "2025-Q1", None).await.status(201).json;
    assert_eq!((&second["kid"], first["kid"] == second["kid"]), (&json!(kid), false));
    for closing in [&first, &second] {
        verified(&world, &camat, closing).await;
    }
    let set = world.anonymous().get("/v1/closings/keys").await.status(200).json;
    let of = |closing: &Value| {
        let all = set["keys"].as_array().unwrap();
        all.iter().find(|key| key["kid"] == closing["kid"]).unwrap().clone()
    };
    let (old, new) = (of(&first), of(&second));
    assert_eq!(
        (&new["signs_until"], old["signs_until"].is_string()),
        (&Value::Null, true)
    );
    let rows = db.read(async |tx| closing_keys::list(tx).await).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        // The private half of a key that signs no more is gone.
        assert_eq!(row.pkcs8.is_empty(), old["kid"] == row.kid);
        let key = if old["kid"] == row.kid { &old } else { &new };
        assert_eq!(key["fingerprint"], closing_keys::fingerprint(&row.public_key));
    }
    // What a key signs after its end is refused.
    let (_, statement) = files(&camat, &second).await;
    let mut late = json!({"keys": [old, new]});
    late["keys"][1]["signs_until"] = json!("2025-07-01T00:00:00Z");
    let late = verification::keys(&late.to_string()).unwrap();
    let refused = verification::statement(&statement, &late).unwrap_err();
    assert!(refused.contains("did not sign at"), "{refused}");
}

/// `iku verify --closing` needs no database; `iku verify` checks the closings of one.
#[apply(both_databases)]
async fn the_program_verifies_files_and_databases(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let closing = closed(&world).await;
    close(&head(&world), "2025-S1", Some("Uji")).await.status(201);
    let (document, statement) = files(&head(&world), &closing).await;
    let set = world.anonymous().get("/v1/closings/keys").await.status(200).body;
    let folder = folder();
    let folder = folder.path();
    let mut changed = document.clone();
    changed[100] ^= 1;
    for (name, content) in [
        ("statement.jwt", statement.as_bytes()),
        ("with-newline.jwt", format!("{statement}\n").as_bytes()),
        ("document.json", &document),
        ("changed.json", &changed),
        ("keys.json", &set),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    let verify = |statement: &str, document: &str| {
        let arguments = [
            "verify",
            "--closing",
            statement,
            "--document",
            document,
            "--keys",
            "keys.json",
        ];
        // There is no such database.
        run(folder, &[("IKU_DATABASE_URL", "sqlite://tidak-ada.db")], &arguments)
    };
    for name in ["statement.jwt", "with-newline.jwt"] {
        let done = verify(name, "document.json");
        let said = text(&done.stdout);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        for part in ["63.11.06 2025-S1", closing["id"].as_str().unwrap(), "fingerprint"] {
            assert!(said.contains(part), "{said}");
        }
    }
    let done = verify("statement.jwt", "changed.json");
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("The document is not the one of the statement"));
    assert_eq!(verify("tidak-ada.jwt", "document.json").status.code(), Some(3));
    let incomplete = run(
        folder,
        &[],
        &["verify", "--closing", "statement.jwt", "--keys", "keys.json"],
    );
    assert_eq!(incomplete.status.code(), Some(2));

    let database = [("IKU_DATABASE_URL", world.database.url.as_str())];
    let kept = run(folder, &database, &["verify", "--closing", "statement.jwt"]);
    assert_eq!(kept.status.code(), Some(0), "{}", text(&kept.stderr));
    assert!(text(&kept.stdout).contains("has the closing"));
    let done = run(folder, &database, &["verify"]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}{}",
        text(&done.stdout),
        text(&done.stderr)
    );
    assert!(text(&done.stdout).contains("checked  closings: 2"));
    let id = closing["id"].as_str().unwrap();
    for (sql, fault) in [
        (
            "UPDATE closing SET closed_by = closed_by || 'x', period = '2024' WHERE version = 1",
            "other columns",
        ),
        (
            "UPDATE closing SET period = '2025-S1', document_bytes = 1 WHERE version = 1",
            "another digest",
        ),
        (
            "DELETE FROM closing_document WHERE closing_id IN (SELECT id FROM closing WHERE version = 1)",
            "no document",
        ),
    ] {
        tamper(&world, backend, sql).await;
        let done = run(folder, &database, &["verify"]);
        let said = text(&done.stdout);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(
            said.contains(&format!("closings: {id}")) && said.contains(fault),
            "{said}"
        );
    }
}

/// A statement that was kept elsewhere shows that a database is an older backup.
#[actix_web::test]
async fn an_older_backup_lacks_a_newer_statement() {
    let world = World::on(Backend::Sqlite).at(NOW).await;
    let camat = head(&world);
    let first = closed(&world).await;
    let folder = folder();
    let folder = folder.path();
    let database = [("IKU_DATABASE_URL", world.database.url.as_str())];
    let done = run(folder, &database, &["backup", "older.db"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let second = close(&camat, "2025-Q1", None).await.status(201).json;
    deliver(&world.officer(&["pemerintahan"]), "2006", "lppd").await;
    let third = close(&camat, "2025-Q1", Some("Uji")).await.status(201).json;
    let older = [("IKU_DATABASE_URL", "sqlite://older.db")];
    for (closing, at, code, said) in [
        (&first, older, 0, "has the closing"),
        (&second, older, 1, "does not have the closing"),
        (&third, older, 1, "ends with event"),
        (&third, database, 0, "has the closing"),
    ] {
        std::fs::write(folder.join("statement.jwt"), files(&camat, closing).await.1).unwrap();
        let done = run(folder, &at, &["verify", "--closing", "statement.jwt"]);
        let all = text(&done.stdout) + &text(&done.stderr);
        assert!(done.status.code() == Some(code) && all.contains(said), "{all}");
    }
}

/// Changes what the triggers protect, as an owner of the database can.
async fn tamper(world: &World, backend: Backend, sql: &str) {
    let db = world.service.db.connection();
    let triggers: &[&str] = match backend {
        Backend::Sqlite => &[
            "DROP TRIGGER IF EXISTS closing_no_UPDATE",
            "DROP TRIGGER IF EXISTS closing_document_no_DELETE",
        ],
        Backend::Postgres => &[
            "ALTER TABLE closing DISABLE TRIGGER ALL",
            "ALTER TABLE closing_document DISABLE TRIGGER ALL",
        ],
    };
    for statement in triggers.iter().chain([&sql]) {
        db.execute_unprepared(statement).await.unwrap();
    }
}

/// The private key of closings is sealed with the others.
#[actix_web::test]
async fn closing_keys_are_sealed() {
    let database = Backend::Sqlite.fresh().await;
    let key = iku::platform::sealing::SealingKey::new(&[7; 32]).unwrap();
    let db = iku::platform::db::Db::open(&database.url)
        .await
        .unwrap()
        .with_sealing_key(Some(key));
    iku::startup::prepare(&db, None).await.unwrap();
    let rows = db
        .read(async |tx| Ok(::entity::signing_key::Entity::find().all(tx).await?))
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| iku::platform::sealing::is_sealed(&row.pkcs8)));
    let kid = db
        .write(async |tx| closing_keys::replace(tx, Utc::now()).await)
        .await
        .unwrap();
    let signs = db.write(async |tx| closing_keys::signing(tx).await).await.unwrap();
    assert_eq!(signs.kid, kid);
}
