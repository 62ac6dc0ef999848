//! The requests that the rows send.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::CLIENTS;
use crate::comparison::Target;
use crate::database::DISTRICT;
use crate::http::{FRESH_ID, Request};
use crate::server::Server;

/// The realisation of IKU 1 of 2025.
pub fn realisation(token: &str, more: &[(&str, &str)]) -> Request {
    let mut headers = vec![("authorization", token)];
    headers.extend(more);
    Request::get("/v1/indicators/paringin-iku-1/realisations/2025", &headers)
}

/// All realisations of the district.
pub fn all_realisations(token: &str) -> Request {
    all_realisations_with(&[("authorization", token)])
}

pub fn all_realisations_with(headers: &[(&str, &str)]) -> Request {
    Request::get(
        &format!("/v1/realisations?period=2025&district_code={DISTRICT}"),
        headers,
    )
}

/// The constant response of 1 KiB.
pub fn constant() -> Request {
    Request::get("/v1/benchmarks/constant", &[])
}

/// The same response, for a caller with a token.
pub fn constant_with_token(token: &str) -> Request {
    get("/v1/benchmarks/constant-with-token", token)
}

pub fn get(path: &str, token: &str) -> Request {
    Request::get(path, &[("authorization", token)])
}

/// The reads of one record and of one page, as key, name, required ratio and request. Each sending takes a random record.
pub fn records(server: &Server, token: &str) -> Result<[(&'static str, &'static str, f64, Request); 5], String> {
    let any_of = |paths: Vec<String>| Request::any_of(paths.iter().map(|path| get(path, token)).collect());
    let paths = |list: &str, key: &str| {
        let mut paths = Vec::new();
        let mut page = format!("/v1/{list}?limit=100");
        loop {
            let rows = server.expect(200, get(&page, token))?.json()?;
            for row in rows["items"].as_array().into_iter().flatten() {
                let key = row[key].as_str().ok_or(format!("{list} without {key}"))?;
                paths.push(format!("/v1/{list}/{key}"));
            }
            match rows["next_cursor"].as_str() {
                Some(cursor) => page = format!("/v1/{list}?limit=100&cursor={cursor}"),
                None => return Ok::<_, String>(paths),
            }
        }
    };
    let orders = ["village_code", "delivered_on", "-delivered_on"];
    let lists = orders.map(|order| format!("/v1/reports?limit=25&sort={order}"));
    // More pages than the service keeps in memory.
    let days = (0..700).filter_map(|n| first_day().checked_add_days(Days::new(n)));
    let filtered = days.map(|day| format!("/v1/reports?limit=25&delivered_from={day}&sort=-delivered_on"));
    Ok([
        ("village", "GET of a village", 0.35, any_of(paths("villages", "code")?)),
        ("report", "GET of a report", 0.35, any_of(paths("reports", "id")?)),
        (
            "indicator",
            "GET of an indicator",
            0.35,
            any_of(paths("indicators", "code")?),
        ),
        ("list", "list of 25 reports", 0.22, any_of(lists.to_vec())),
        (
            "list-afresh",
            "list of 25 reports, each time another one",
            0.22,
            any_of(filtered.collect()),
        ),
    ])
}

fn first_day() -> NaiveDate {
    NaiveDate::from_yo_opt(2024, 1).unwrap_or_default()
}

/// The body of a survey answer.
pub fn answer() -> Value {
    json!({
        "id": FRESH_ID,
        "answers": {
            "persyaratan": 3, "prosedur": 3, "waktu": 3, "biaya": 4, "produk": 3, "kompetensi": 3, "perilaku": 4,
            "sarana": 3, "pengaduan": 4,
        },
        "answered_at": "2026-03-14T10:15:00+08:00", "service": "ktp", "village_code": "63.11.06.2005",
        "respondent": {"gender": "perempuan", "age": 34, "education": "sma", "occupation": "wirausaha"},
    })
}

pub fn post_answer(path: &str, token: &str) -> Request {
    Request::post(path, &[("authorization", token)], &answer().to_string())
}

pub fn target(server: &Server, request: Request, status: u16) -> Target<'_> {
    Target {
        server,
        request,
        clients: CLIENTS,
        status,
    }
}
