//! Private keys encrypted with a key from outside the database, and secrets from files.

use std::fs;
use std::path::Path;

use rstest::rstest;
use sea_orm::EntityTrait;

use crate::support::backend::Backend;
use crate::support::process::{PASSWORD, Running, folder, run, text};

/// The private keys as they are in the database.
async fn stored_keys(url: &str) -> Vec<Vec<u8>> {
    let db = sea_orm::Database::connect(url).await.unwrap();
    let rows = ::entity::signing_key::Entity::find().all(&db).await.unwrap();
    db.close().await.unwrap();
    rows.into_iter().map(|row| row.pkcs8).collect()
}

/// Runs a command that must fail; returns what it says.
fn refusal(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> String {
    let settings = [&[("IKU_HTTP_ADDR", "127.0.0.1:0")], settings].concat();
    let done = run(folder, &settings, arguments);
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    said.lines().last().unwrap_or_default().to_owned()
}

fn me(service: &Running, token: &str) -> u16 {
    let request = service.agent.get(service.url("/v1/me"));
    let request = request.header("authorization", format!("Bearer {token}"));
    request.call().unwrap().status().as_u16()
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[actix_web::test]
async fn copy_of_a_database_with_sealed_keys_signs_nothing(#[case] backend: Backend) {
    let database = backend.fresh_empty().await;
    let folder = folder();
    let folder = folder.path();
    let key: Vec<u8> = (0..32).collect();
    fs::write(folder.join("key"), &key).unwrap();
    fs::write(folder.join("other"), format!("{}8=\n", "/".repeat(42))).unwrap();
    fs::write(folder.join("short"), "rahasia").unwrap();
    let plain = [
        ("IKU_DATABASE_URL", database.url.as_str()),
        ("IKU_ADMIN_PASSWORD", PASSWORD),
    ];
    let with = |file: &'static str| [&plain[..], &[("IKU_KEY_FILE", file)]].concat();

    let service = Running::start(folder, &plain);
    let before = service.token();
    service.stop();
    assert!(stored_keys(&database.url).await.iter().all(|key| key[0] == 0x30));

    // The setting appears: the existing key is encrypted, and its tokens stay valid.
    let service = Running::start(folder, &with("key"));
    assert_eq!(me(&service, &before), 200);
    let sealed = stored_keys(&database.url).await;
    assert!(sealed.iter().all(|key| key[0] == 1), "{sealed:?}");
    let rotated = run(folder, &with("key"), &["keys", "rotate", "--now"]);
    assert!(rotated.status.success(), "{}", text(&rotated.stderr));
    service.stop();
    let sealed = stored_keys(&database.url).await;
    assert!(sealed.iter().all(|key| key.is_empty() || key[0] == 1), "{sealed:?}");
    let service = Running::start(folder, &with("key"));
    assert_eq!(me(&service, &before), 401);
    assert_eq!(me(&service, &service.token()), 200);
    service.stop();

    // With a copy of the database alone, a service does not start and the keys cannot be rotated.
    for arguments in [&["serve"][..], &["keys", "rotate"]] {
        let said = refusal(folder, &plain, arguments);
        assert!(said.contains("the signing keys are encrypted"), "{said}");
        let said = refusal(folder, &with("other"), arguments);
        assert!(
            said.contains("the key in IKU_KEY_FILE did not encrypt the signing keys"),
            "{said}"
        );
        let said = refusal(folder, &with("short"), arguments);
        assert!(
            said.contains("IKU_KEY_FILE must name a file with 32 random bytes"),
            "{said}"
        );
        let said = refusal(folder, &with("absent"), arguments);
        assert!(said.contains("IKU_KEY_FILE cannot be read"), "{said}");
    }
}

#[test]
fn secrets_are_read_from_files() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("password"), format!("{PASSWORD}\n")).unwrap();
    fs::write(folder.join("url"), "sqlite://lain.db?mode=rwc\n").unwrap();
    let files = [
        ("IKU_ADMIN_PASSWORD_FILE", "password"),
        ("IKU_DATABASE_URL_FILE", "url"),
    ];
    let service = Running::start(folder, &files);
    service.token();
    assert!(folder.join("lain.db").exists() && !folder.join("iku.db").exists());
    service.stop();
    for (name, value) in [
        ("IKU_ADMIN_PASSWORD", PASSWORD),
        ("IKU_DATABASE_URL", "sqlite://iku.db?mode=rwc"),
    ] {
        let said = refusal(folder, &[&files[..], &[(name, value)]].concat(), &["serve"]);
        assert!(said.contains(&format!("{name} and {name}_FILE are both set")), "{said}");
    }
    let said = refusal(folder, &[("IKU_METRICS_TOKEN_FILE", "absent")], &["serve"]);
    assert!(said.contains("IKU_METRICS_TOKEN_FILE cannot be read"), "{said}");
}

#[test]
fn weak_first_password_stops_the_start() {
    let folder = folder();
    for weak in ["a", "Password123", "adminadmin"] {
        let said = refusal(folder.path(), &[("IKU_ADMIN_PASSWORD", weak)], &["serve"]);
        assert!(said.contains("IKU_ADMIN_PASSWORD is refused: "), "{said}");
        assert!(!said.contains("adminadmin") && !said.contains("Password123"), "{said}");
    }
    // The next start takes a better one.
    let service = Running::start(folder.path(), &[("IKU_ADMIN_PASSWORD", PASSWORD)]);
    service.token();
    service.stop();
}
