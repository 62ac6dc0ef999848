//! Sheets in both directions at once: the memory that imports and exports take together.

use std::thread;
use std::time::Duration;

use super::requests::get;
use super::{Bench, WITHOUT_ACCESS_LOG};
use crate::comparison::Comparison;
use crate::database::{DISTRICT, Database};
use crate::http::{Request, press};
use crate::report::Figure;

/// Clients that import, and as many that export.
const CLIENTS: usize = 8;
/// Rows of a sheet: as many as an import takes.
const ROWS: usize = 5_000;

/// Measures the highest memory of the service under imports and exports.
pub fn measure(bench: &mut Bench) -> Result<(), String> {
    let database = Database::sqlite("exchange", 100_000)?;
    let server = database.serve(&[WITHOUT_ACCESS_LOG])?;
    let token = server.sign_in("administrator")?;
    let import = Request::new(
        "POST",
        "/v1/imports?resource=responses&mode=dry_run",
        &[("authorization", &token), ("content-type", "text/csv")],
        &sheet(&database.open_survey.to_string()),
    );
    let answers = database.last_closed()?;
    let of_year = |file: &str| format!("/v1/exports/{file}?district_code={DISTRICT}&year=2025");
    let exports = [
        of_year("realisations.xlsx"),
        of_year("realisations.csv"),
        of_year("lkjip.xlsx"),
        of_year("completeness.xlsx"),
        of_year("surveys.xlsx"),
        format!("/v1/exports/reports.xlsx?district_code={DISTRICT}"),
        format!("/v1/exports/institutions.csv?district_code={DISTRICT}"),
        format!("/v1/exports/responses.csv?survey_id={answers}"),
        format!("/v1/exports/responses.xlsx?survey_id={answers}"),
    ];
    for path in &exports {
        server.expect(200, get(path, &token))?;
    }
    let dry_run = server.expect(200, import.clone())?.json()?;
    if dry_run["summary"]["create"] != ROWS {
        return Err(format!("not all {ROWS} rows are new: {}", dry_run["summary"]));
    }
    let export = Request::any_of(exports.iter().map(|path| get(path, &token)).collect());
    bench.row(
        "exchange",
        "memory at most, 8 clients import 5,000 rows each and 8 export",
        "≤ 96 MiB",
        |pace| {
            let time = pace.time * 10;
            let wait = || thread::sleep(time.max(Duration::from_secs(20)));
            let (imported, exported) = press(server.address, &import, CLIENTS, || {
                press(server.address, &export, CLIENTS, wait)
            })?;
            let (exported, ()) = exported?;
            println!("statuses of the imports {imported:?}, of the exports {exported:?}");
            let peak = server.memory()?.peak;
            let figure = Figure::at_most(peak, 96.0, format!("{peak:.1} MiB"));
            Ok((figure, None::<Comparison>))
        },
    );
    bench.stop("importing and exporting", server)
}

/// A sheet of answers from paper.
fn sheet(survey: &str) -> String {
    let mut csv = String::from(
        "survey_id,answered_at,service,village_code,persyaratan,prosedur,waktu,biaya,produk,kompetensi,perilaku,sarana,pengaduan,gender,age,education,occupation\r\n",
    );
    for row in 0..ROWS {
        let (minute, score) = (row % 60, 1 + row % 4);
        csv.push_str(&format!(
            "{survey},2026-03-14T10:{minute:02}:00+08:00,ktp,63.11.06.2005,{score},3,3,4,3,3,4,3,4,perempuan,34,sma,wirausaha\r\n"
        ));
    }
    csv
}
