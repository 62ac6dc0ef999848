//! Realisations of indicators, exact to the digit, from records that are entered through the API.

mod achievements;
mod completeness;
mod difference;
mod field;
mod oracle;
mod pages;
mod past;
mod recorded;
mod records;
mod several_periods;
mod sheet;
mod value;
mod walk;

use serde_json::{Value, json};

use crate::support::world::{Client, PARINGIN};

const IKU4: &str = "/v1/indicators/paringin-iku-4/realisations";
const NOW: &str = "2025-07-01T08:00:00+08:00";

/// The 14 desa of Paringin.
pub const DESA: [&str; 14] = [
    "2005", "2006", "2007", "2008", "2009", "2012", "2013", "2014", "2015", "2017", "2022", "2024", "2034", "2038",
];

fn village(desa: &str) -> String {
    format!("{PARINGIN}.{desa}")
}

async fn deliver(actor: &Client, desa: &str, kind: &str, fiscal_year: i32, on: &str) -> Value {
    let body = json!({"village_code": village(desa), "kind": kind, "fiscal_year": fiscal_year, "delivered_on": on});
    actor.post("/v1/reports", body).await.status(201).json
}

/// Delivers 14 LPPD in March and 8 BPD reports, two of which are late.
async fn twenty_two_reports(actor: &Client) {
    for desa in DESA {
        deliver(actor, desa, "lppd", 2024, "2025-03-14").await;
    }
    for (i, desa) in DESA.iter().take(8).enumerate() {
        let on = if i < 2 { "2025-05-20" } else { "2025-04-30" };
        deliver(actor, desa, "bpd-kinerja", 2024, on).await;
    }
}
