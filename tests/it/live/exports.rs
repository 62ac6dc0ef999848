//! `iku export` beside a running service: the same files as over HTTP.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iku::demo::CLIENTS;
use rstest::rstest;

use crate::support::backend::Backend;
use crate::support::process::{PASSWORD, Running, folder, run, text};

/// An instant of the demonstration, as an argument and as a parameter.
const AS_OF: [&str; 2] = ["2026-01-31T23:59:59.999999+08:00", "2026-01-31T23:59:59.999999%2B08:00"];

/// Returns an export over HTTP, read as a spreadsheet reads it.
fn download(service: &Running, path: &str) -> Vec<u8> {
    let system = &CLIENTS[0];
    let basic = STANDARD.encode(format!("{}:{}", system.id(), system.secret));
    let request = service.agent.get(service.url(&format!("/v1/exports/{path}")));
    let mut reply = request
        .header("authorization", format!("Basic {basic}"))
        .call()
        .unwrap();
    let body = reply.body_mut().read_to_vec().unwrap();
    assert_eq!(reply.status().as_u16(), 200, "{}", String::from_utf8_lossy(&body));
    body
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[actix_web::test]
async fn the_command_writes_what_the_service_sends(#[case] backend: Backend) {
    let (folder, database) = (folder(), backend.fresh_empty().await);
    let settings = [
        ("IKU_DATABASE_URL", database.url.as_str()),
        ("IKU_ADMIN_PASSWORD", PASSWORD),
    ];
    let iku = |arguments: &[&str]| run(folder.path(), &settings, arguments);
    assert_eq!(iku(&["demo"]).status.code(), Some(0));
    let service = Running::start(folder.path(), &settings);
    for name in [
        "realisations.csv",
        "realisations.xlsx",
        "lkjip.xlsx",
        "completeness.csv",
        "surveys.csv",
        "ms-ind.csv",
    ] {
        let written = iku(&["export", name, "--year", "2025", "--as-of", AS_OF[0]]);
        assert_eq!(written.status.code(), Some(0), "{name}: {}", text(&written.stderr));
        let sent = download(&service, &format!("{name}?year=2025&as_of={}", AS_OF[1]));
        assert!(written.stdout == sent, "{name} differs");
        assert!(sent.len() > 500, "{name}");
    }
    // Of the present, too.
    let written = iku(&[
        "export",
        "realisations.csv",
        "--year",
        "2025",
        "--separator",
        "semicolon",
    ]);
    assert!(written.stdout == download(&service, "realisations.csv?year=2025&separator=semicolon"));

    let file = folder.path().join("laporan.csv");
    let into_file = ["export", "reports.csv", "--year", "2024", "--output", "laporan.csv"];
    assert_eq!(iku(&into_file).status.code(), Some(0));
    let first = std::fs::read(&file).unwrap();
    assert!(first.starts_with(b"\xef\xbb\xbf\"id\",\"village_code\"") && first.len() > 1000);
    assert_fails(
        &iku(&into_file),
        "laporan.csv exists already; choose another name or use --force.",
    );
    assert_eq!(iku(&[&into_file[..], &["--force"]].concat()).status.code(), Some(0));
    assert!(std::fs::read(&file).unwrap() == first);
    assert!(partials(folder.path()).is_empty());

    assert_fails(
        &iku(&["export", "lkjip.csv"]),
        "There is no export lkjip.csv; see `iku export --help`.",
    );
    assert_fails(&iku(&["export", "responses.csv"]), "Name the survey: --survey ID.");
    assert_fails(&iku(&["export", "cases.csv", "--district", "63.12.01"]), "not_found.");
    assert_fails(
        &iku(&["export", "cases.csv", "--district", "Paringin"]),
        "The district needs a code such as 63.11.06.",
    );
    assert_fails(
        &iku(&["export", "cases.csv", "--as-of", "2100-01-01T00:00:00Z"]),
        "--as-of lies in the future.",
    );
    assert_eq!(iku(&["export", "cases.csv", "--year", "1999"]).status.code(), Some(2));
    service.stop();
}

#[track_caller]
fn assert_fails(output: &std::process::Output, sentence: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), format!("iku: {sentence}\n"));
    assert!(output.stdout.is_empty());
}

/// The unfinished files in a folder.
fn partials(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.contains("partial")).collect()
}
