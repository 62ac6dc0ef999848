//! What is exported can be imported: into the same installation it changes nothing, into an empty one it gives the same values.

use iku::demo::answers::ANSWERS;
use serde_json::{Map, Value, json};

use super::{apply_all, counts, dry_run, outcomes};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, World};

async fn export(client: &Client, path: &str) -> String {
    let reply = client.get(&format!("/v1/exports/{path}")).await.status(200);
    String::from_utf8(reply.body).unwrap()
}

/// Returns a CSV with another text in each cell of a column.
fn with(csv: &str, column: &str, text: &str) -> String {
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().unwrap().clone();
    let index = header.iter().position(|name| name == column).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let cells = record.iter().enumerate();
        writer
            .write_record(cells.map(|(i, cell)| if i == index { text } else { cell }))
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The targets of the demonstration; no export has them.
async fn targets(client: &Client) -> String {
    let mut csv = "indicator_code;period;value;basis;agreement\n".to_owned();
    for number in 1..=5 {
        let code = format!("paringin-iku-{number}");
        for target in client.all(&format!("/v1/indicators/{code}/targets")).await {
            let value = target["value"].to_string().replace('.', ",");
            let of = |name: &str| target[name].as_str().unwrap().to_owned();
            let (period, basis, agreement) = (of("period"), of("basis"), of("agreement_id"));
            csv += &format!("{code};{period};{value};{basis};{agreement}\n");
        }
    }
    csv
}

/// Records the agreements of the demonstration; no sheet has them.
async fn copy_agreements(from: &Client, to: &Client) {
    for agreement in from.all("/v1/agreements").await {
        let members = [
            "id",
            "district_code",
            "fiscal_year",
            "number",
            "signed_on",
            "first_party",
            "second_party",
        ];
        let new: Map<String, Value> = members
            .map(|name| (name.to_owned(), agreement[name].clone()))
            .into_iter()
            .collect();
        to.post("/v1/agreements", Value::Object(new)).await.status(201);
    }
}

/// Returns the sheets of the demonstration, in the order in which they can be imported.
async fn sheets(client: &Client) -> Vec<(&'static str, String)> {
    let mut sheets = vec![
        ("reports", export(client, "reports.csv?separator=semicolon").await),
        ("institutions", export(client, "institutions.csv").await),
        ("cases", export(client, "cases.csv?separator=tab").await),
        ("targets", targets(client).await),
    ];
    let years = [2024, 2025, 2026];
    let mut surveys = Vec::new();
    for year in years {
        surveys.push(export(client, &format!("surveys.csv?year={year}")).await);
    }
    // Answers are taken while a survey is open.
    sheets.extend(
        surveys
            .iter()
            .map(|csv| ("surveys", with(csv, "survey_status", "open"))),
    );
    for survey in client.all("/v1/surveys").await {
        let id = survey["id"].as_str().unwrap();
        let path = format!("responses.csv?survey_id={id}&comments=true");
        sheets.push(("responses", export(client, &path).await));
    }
    sheets.extend(surveys.into_iter().map(|csv| ("surveys", csv)));
    sheets
}

#[apply(both_databases)]
async fn a_year_leaves_by_export_and_enters_by_import(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let sheets = sheets(&admin).await;
    let empty = World::on(backend).await;
    let other = empty.admin();
    copy_agreements(&admin, &other).await;
    let mut recorded = 0;
    for (resource, csv) in &sheets {
        let judged = dry_run(&other, resource, csv).await;
        assert_eq!(counts(&judged)[3], 0, "{resource}: {:?}", wrong(&judged));
        let applied = apply_all(&other, resource, csv).await;
        assert_eq!(outcomes(&applied), outcomes(&judged), "{resource}");
        recorded += counts(&applied)[0];
    }
    assert!(recorded > 500, "{recorded}");
    for (indicator, period, _) in ANSWERS {
        let path = format!("/v1/indicators/{indicator}/realisations/{period}");
        let of = async |client: &Client| {
            let value = client.get(&path).await.status(200).json;
            let names = ["value", "exact", "status", "target", "achievement", "information"];
            json!(names.map(|name| value[name].clone()))
        };
        assert_eq!(of(&other).await, of(&admin).await, "{indicator} {period}");
    }
    // Every value of both years is the same.
    for period in periods() {
        let sheet = async |client: &Client| {
            let path = format!("/v1/realisations?period={period}&district_code=63.11.06");
            client.all(&path).await.into_iter().map(figures).collect::<Vec<_>>()
        };
        let (before, after) = (sheet(&admin).await, sheet(&other).await);
        assert_eq!((before.len(), before), (5, after), "{period}");
    }
    // Both installations have all of it.
    for client in [&admin, &other] {
        for (resource, csv) in &sheets {
            if csv.contains("survey_status") && csv.contains(",open,") {
                continue;
            }
            let again = dry_run(client, resource, csv).await;
            let [_, same, _, _] = counts(&again);
            assert_eq!(counts(&again), [0, same, 0, 0], "{resource}: {:?}", unlike(&again));
        }
    }
}

/// Every year, semester, quarter and month of the demonstration.
fn periods() -> Vec<String> {
    let of_year = |year: i32| {
        let semesters = (1..=2).map(move |n| format!("{year}-S{n}"));
        let quarters = (1..=4).map(move |n| format!("{year}-Q{n}"));
        let months = (1..=12).map(move |n| format!("{year}-{n:02}"));
        [year.to_string()]
            .into_iter()
            .chain(semesters)
            .chain(quarters)
            .chain(months)
    };
    [2024, 2025].into_iter().flat_map(of_year).collect()
}

/// Returns a realisation without the instants at which its facts were recorded.
fn figures(mut realisation: Value) -> Value {
    realisation["facts_recorded_at"] = Value::Null;
    realisation
}

fn wrong(import: &Value) -> Vec<String> {
    let all = outcomes(import).into_iter();
    all.filter(|row| row.contains("error")).take(5).collect()
}

fn unlike(import: &Value) -> Vec<String> {
    let all = outcomes(import).into_iter();
    all.filter(|row| !row.ends_with("same")).take(5).collect()
}
