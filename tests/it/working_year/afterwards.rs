//! After the year: the report of the office, the inspection, and the next decree.

use serde_json::{Value, json};

use super::fraction;
use super::office::Office;
use crate::support::table::{NONE, assert_refused};

/// The quarters of 2025, as they are known in February: the case that the Polsek handed back was solved in July, so the semester
/// has 6/6, too. The others are as they were pulled.
const QUARTERS: [(&str, [f64; 5]); 4] = [
    ("2025-Q1", [80.17, 93.0, 100.0, 46.43, 57.14]),
    ("2025-Q2", [80.01, 93.0, 100.0, 96.43, 70.41]),
    ("2025-Q3", [80.01, 93.0, 100.0, 96.43, 98.98]),
    ("2025-Q4", [80.93, 93.0, 100.0, 96.43, 98.98]),
];

/// Against the targets of the year, 80, 90, 90, 95 (revised) and 95: 80.9275 / 80, 93 / 90, 100 / 90, 96.4286 / 95, 98.9796 / 95.
const ACHIEVEMENTS: [f64; 5] = [101.16, 103.33, 111.11, 101.5, 104.19];

/// IKU 4 and 5 share an objective: the mean of 101.50 and 104.19 is 102.845.
const OBJECTIVES: [f64; 4] = [101.16, 103.33, 111.11, 102.85];

/// The numbers of the LKjIP: the quarters, the explanation and the definition of each indicator. They are those that the
/// regency's system pulls.
pub async fn write_the_report(office: &Office<'_>) {
    office.at("2026-02-16T09:00:00+08:00");
    let (camat, sakip) = (office.enter("camat").await, office.system().await);
    let pull = async |period: &str| {
        let sheet = format!("/v1/realisations?period={period}&district_code=63.11.06");
        sakip.get(&sheet).await.status(200).json
    };
    let mut quarters = Vec::new();
    for (period, values) in QUARTERS {
        let sheet = pull(period).await;
        assert_eq!(numbers(&sheet["items"], "value"), values, "{period}");
        quarters.push(sheet);
    }
    let year = pull("2025").await;
    assert_eq!(numbers(&year["items"], "value"), QUARTERS[3].1);
    assert_eq!(numbers(&year["items"], "achievement"), ACHIEVEMENTS);
    assert_eq!(numbers(&year["objectives"], "achievement"), OBJECTIVES);
    assert_eq!(quarters[3]["objectives"], year["objectives"]);

    for number in 0..5 {
        let indicator = format!("/v1/indicators/paringin-iku-{}", number + 1);
        let series = format!("{indicator}/realisations?from=2025-Q1&to=2025-Q4");
        let series = camat.get(&series).await.status(200).json;
        let of_quarters: Vec<&Value> = quarters.iter().map(|sheet| &sheet["items"][number]).collect();
        assert_eq!(
            series["items"].as_array().unwrap().iter().collect::<Vec<_>>(),
            of_quarters
        );

        let explanation = format!("{indicator}/realisations/2025/explanation");
        let explanation = camat.get(&explanation).await.status(200).json;
        let value = &explanation["realisation"];
        assert_eq!(value, &year["items"][number]);
        let (counted, exact) = (
            recomputed(number, &explanation["inputs"]),
            value["exact"].as_str().unwrap(),
        );
        assert!(
            (counted - fraction(exact)).abs() < 1e-9,
            "{indicator}: {counted} is not {exact}"
        );

        let definition = camat.get(&format!("{indicator}?year=2025")).await.status(200).json;
        assert_eq!(definition["formula_text"], explanation["decree"]["formula_text"]);
        let objective = &year["objectives"][number.min(3)]["objective"];
        assert_eq!(
            (&definition["objective"], objective),
            (objective, &explanation["decree"]["objective"])
        );
    }
}

fn numbers(items: &Value, member: &str) -> Vec<f64> {
    let items = items.as_array().unwrap().iter();
    items.map(|item| item[member].as_f64().unwrap()).collect()
}

/// The value that follows from the inputs of an explanation alone.
fn recomputed(number: usize, inputs: &Value) -> f64 {
    let of = |list: &str| inputs[list].as_array().unwrap().clone();
    let sum = |list: &str, member: &str| of(list).iter().map(|item| item[member].as_f64().unwrap()).sum::<f64>();
    match number {
        0 => {
            let surveys = of("surveys");
            let indices = surveys.iter().map(|survey| fraction(survey["exact"].as_str().unwrap()));
            indices.sum::<f64>() / surveys.len() as f64
        }
        1 => sum("institutions", "active"),
        2 => sum("cases", "handled") / sum("cases", "occurred"),
        _ => {
            let owed = of("obligations");
            let delivered = owed.iter().filter(|report| !report["delivered_on"].is_null()).count();
            delivered as f64 / owed.len() as f64
        }
    }
}

/// The Inspektorat reads everything and writes nothing.
pub async fn inspect(office: &Office<'_>) {
    let auditor = office.enter("inspektorat").await;
    assert_eq!(auditor.all("/v1/cases?limit=100").await.len(), 12);
    assert_eq!(auditor.all("/v1/institutions?limit=100").await.len(), 140);
    assert_eq!(auditor.all("/v1/reports?limit=100").await.len(), 27 + 97);
    assert_eq!(
        auditor.all("/v1/reports?limit=100&status=accepted").await.len(),
        27 + 97
    );
    assert_refused(&[
        (&auditor, "POST", "/v1/cases", json!({}), 403, "insufficient_scope"),
        (
            &auditor,
            "PATCH",
            "/v1/users/0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69",
            json!({}),
            403,
            "insufficient_scope",
        ),
        (
            &office.enter("kasi.pmd").await,
            "GET",
            "/v1/users",
            NONE,
            403,
            "insufficient_scope",
        ),
    ])
    .await;
}

/// The decree ends with 2026. The Sekretaris enters the next one with its five indicators, in one request.
pub async fn enter_the_next_decree(office: &Office<'_>) {
    let sekretaris = office.enter("sekretaris").await;
    let decree = json!({
        "district_code": "63.11.06", "number": "12/CPAR/2026", "title": "IKU Kecamatan Paringin Tahun 2027-2030",
        "issued_on": "2026-02-16", "goal": "Terwujudnya Tata Kelola Pemerintah Kecamatan yang Baik",
        "first_year": 2027, "last_year": 2030,
        "legal_bases": ["Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah"],
        "copy_of": iku::shipped::decree().id,
    });
    let decree = sekretaris.post("/v1/decrees", decree).await.status(201).id();
    let indicators = sekretaris.get(&format!("/v1/decrees/{decree}")).await.status(200);
    assert_eq!(indicators.json["indicators"].as_array().unwrap().len(), 5);
    // The years of the former decree stay.
    let iku4 = sekretaris
        .get("/v1/indicators/paringin-iku-4/realisations/2025")
        .await
        .status(200);
    assert_eq!(iku4.json["value"], 96.43);
}
