//! `iku import`: the real program records a sheet, or refuses it and says why.

use std::fs;
use std::process::Output;

use rstest::rstest;

use crate::support::backend::Backend;
use crate::support::process::{PASSWORD, Running, folder, run, text};

const HEADER: &str = "village_code;kind;fiscal_year;delivered_on\n";

fn sheet(rows: &[&str]) -> String {
    HEADER.to_owned() + &rows.join("\n")
}

#[track_caller]
fn assert_is(output: &Output, code: i32, out: &str, err: &str) {
    let seen = (output.status.code(), text(&output.stdout), text(&output.stderr));
    assert_eq!(seen, (Some(code), out.to_owned(), err.to_owned()));
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[actix_web::test]
async fn the_command_records_a_sheet_or_says_what_is_wrong(#[case] backend: Backend) {
    let (folder, database) = (folder(), backend.fresh_empty().await);
    let settings = [
        ("IKU_DATABASE_URL", database.url.as_str()),
        ("IKU_ADMIN_PASSWORD", PASSWORD),
    ];
    let iku = |arguments: &[&str]| run(folder.path(), &settings, arguments);
    // The first command prepares the database, and says so.
    assert_eq!(iku(&["user", "list"]).status.code(), Some(0));
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    let lppd = |village: &str| format!("63.11.06.{village};lppd;2024;2025-03-14");
    let (first, second) = (lppd("2005"), lppd("2006"));
    write("benar.csv", &sheet(&[&first, &second]));
    write(
        "salah.csv",
        &sheet(&[
            &first,
            "63.11.06.2006;lppdd;2024;kemarin",
            "63.11.06.1023;lppd;2024;2025-03-14",
        ]),
    );
    write("kolom.csv", "desa;kind\n1;2\n");

    let counted = |create: u8, same: u8, error: u8| {
        format!(
            "create  {create:6}\nsame    {same:6}\nchange  {:6}\nerror   {error:6}\n",
            0
        )
    };
    let dry = "Nothing was recorded: this was a dry run.\n";
    let tried = iku(&["import", "reports", "benar.csv", "--dry-run"]);
    assert_is(&tried, 0, &(counted(2, 0, 0) + dry), "");
    let refused = iku(&["import", "reports", "salah.csv", "--dry-run"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(text(&refused.stderr), "iku: Wrong rows: 2; nothing was recorded.\n");
    let wrong = text(&refused.stdout);
    for line in [
        "row 3, delivered_on: ",
        "row 4, village_code: Paringin Kota is a kelurahan; choose a desa.\n",
    ] {
        assert!(wrong.contains(line), "{line}: {wrong}");
    }
    assert!(wrong.ends_with(&counted(1, 0, 2)), "{wrong}");
    // All or nothing.
    let refused = iku(&["import", "reports", "salah.csv"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stdout).contains("row 4, village_code: "),
        "{}",
        text(&refused.stdout)
    );
    assert!(text(&refused.stderr).starts_with("iku: Nothing was recorded: 2 rows are wrong."));
    assert_is(
        &iku(&["import", "reports", "benar.csv", "--dry-run"]),
        0,
        &(counted(2, 0, 0) + dry),
        "",
    );

    let applied = iku(&["import", "reports", "benar.csv"]);
    assert_is(&applied, 0, &(counted(2, 0, 0) + "2 rows recorded.\n"), "");
    let again = iku(&["import", "reports", "benar.csv", "--district", "63.11.06"]);
    assert_is(&again, 0, &(counted(0, 2, 0) + "2 rows recorded.\n"), "");
    assert_eq!(iku(&["verify"]).status.code(), Some(0));
    // Rows of another district are not those of the sheet.
    let elsewhere = iku(&["import", "reports", "benar.csv", "--district", "63.11.01"]);
    assert_eq!(elsewhere.status.code(), Some(1));
    assert!(
        text(&elsewhere.stdout).contains("row 2, village_code: "),
        "{}",
        text(&elsewhere.stdout)
    );

    let unknown = iku(&["import", "reports", "kolom.csv"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        text(&unknown.stdout).starts_with("row 1, desa: The column is not known."),
        "{}",
        text(&unknown.stdout)
    );
    let missing = iku(&["import", "reports", "tidak-ada.csv"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).starts_with("iku: tidak-ada.csv cannot be read: "));
    write("besar.csv", &"x".repeat(2 * 1024 * 1024 + 1));
    assert_is(
        &iku(&["import", "reports", "besar.csv"]),
        1,
        "",
        "iku: besar.csv is too large: at most 2048 KiB.\n",
    );
    for wrong in [["import", "users", "benar.csv"], ["import", "reports", "--kering"]] {
        assert_eq!(iku(&wrong).status.code(), Some(2), "{wrong:?}");
    }
    // On SQLite the service owns the file; on PostgreSQL it sees the rows at once.
    let service = Running::start(folder.path(), &settings);
    write("lagi.csv", &sheet(&[&lppd("2007")]));
    let beside = iku(&["import", "reports", "lagi.csv"]);
    match backend {
        Backend::Sqlite => assert_eq!(beside.status.code(), Some(1)),
        Backend::Postgres => {
            assert_is(&beside, 0, &(counted(1, 0, 0) + "1 row recorded.\n"), "");
            let request = service.agent.get(service.url("/v1/reports"));
            let token = format!("Bearer {}", service.token());
            let list = request
                .header("authorization", token)
                .call()
                .unwrap()
                .body_mut()
                .read_to_string()
                .unwrap();
            assert_eq!(list.matches("\"lppd\"").count(), 3, "{list}");
        }
    }
    service.stop();
}

/// On a terminal the command shows a bar, and clears it.
#[test]
fn a_terminal_shows_a_bar() {
    let folder = folder();
    let settings = [("IKU_ADMIN_PASSWORD", PASSWORD)];
    assert_eq!(run(folder.path(), &settings, &["user", "list"]).status.code(), Some(0));
    let rows: Vec<String> = (2005..2010)
        .map(|village| format!("63.11.06.{village};lppd;2024;2025-03-14"))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    fs::write(folder.path().join("benar.csv"), sheet(&rows)).unwrap();
    let command = format!("{} import reports benar.csv", env!("CARGO_BIN_EXE_iku"));
    let shown = std::process::Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "typescript"])
        .current_dir(folder.path())
        .env("IKU_ADMIN_PASSWORD", PASSWORD)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let seen = text(&shown.stdout);
    assert_eq!(shown.status.code(), Some(0), "{seen}");
    assert!(
        seen.contains("\r[##################            ]  60 %\x1b[K"),
        "{seen:?}"
    );
    assert!(seen.contains("] 100 %\x1b[K\r\x1b[Kcreate       5"), "{seen:?}");
}
