//! The working year 2025 of Kecamatan Paringin, from the first user to the numbers of the LKjIP, walked by the people who work
//! there. Every value is recomputed here by hand.
//!
//! | | on 31 December | on 31 January |
//! |---|---|---|
//! | IKU 1 | 79.97 | 80.93, because forty answers of 31 December were released in January |
//! | IKU 2 | 93 | 93; in January 2026 it is 92, because a term ended with the year |
//! | IKU 3 | 11/12 = 91.67 | 12/12 = 100, because the last case was resolved on 4 January |
//! | IKU 4 | 27/28 = 96.43 | the same |
//! | IKU 5 | 97/98 = 98.98 | the same |

mod afterwards;
mod cases;
mod desa;
mod eyes;
mod office;
mod surveys;

use serde_json::{Value, json};

use self::office::Office;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::World;

#[apply(both_databases)]
async fn a_working_year_gives_the_five_values(backend: Backend) {
    let world = World::on(backend).at("2025-01-06T09:00:00+08:00").await;
    let office = Office::opened(&world).await;
    agree_on_targets(&office).await;
    desa::register_institutions(&office).await;

    first_quarter(&office).await;
    pulled(&office, "2025-Q1", FIRST_QUARTER).await;
    second_quarter(&office).await;
    pulled(&office, "2025-S1", FIRST_SEMESTER).await;
    third_quarter(&office).await;
    pulled(&office, "2025-Q3", THIRD_QUARTER).await;
    last_quarter(&office).await;
    the_year_turns(&office).await;
    january(&office).await;
    afterwards::write_the_report(&office).await;
    afterwards::inspect(&office).await;
    afterwards::enter_the_next_decree(&office).await;

    let wrong = world
        .service
        .db
        .read(async |tx| iku::facts::responses::verify_tallies(tx).await);
    assert_eq!(wrong.await.unwrap(), []);
}

/// The Perjanjian Kinerja 2025: two targets of the index, four of each other indicator. The Sekretaris enters them, and in July
/// the revised target of IKU 4.
async fn agree_on_targets(office: &Office<'_>) {
    let sekretaris = office.enter("sekretaris").await;
    for (number, values) in [
        (1, &[80, 80][..]),
        (2, &[90; 4]),
        (3, &[75, 80, 85, 90]),
        (4, &[50, 90, 90, 90]),
        (5, &[50, 70, 95, 95]),
    ] {
        let periods = if number == 1 {
            &["2025-S1", "2025"][..]
        } else {
            &["2025-Q1", "2025-S1", "2025-Q3", "2025"]
        };
        for (period, value) in periods.iter().zip(values) {
            let path = format!("/v1/indicators/paringin-iku-{number}/targets/{period}");
            let target = json!({"value": value, "basis": "Perjanjian Kinerja 2025"});
            sekretaris.put(&path, target).await.status(201);
        }
    }
}

/// One survey of 150 answers, 31 of them all fours, the others all threes: (31 x 100 + 119 x 75) / 150 = 80.1667.
/// Three cases, all handled: 3/3. Of the 14 LPPD one was handed back: 13/28. Finance: the four reports due by 31 March,
/// 4 x 14 = 56 of 98.
const FIRST_QUARTER: [(f64, &str); 5] = [
    (80.17, "481/6"),
    (93.0, "93/1"),
    (100.0, "1/1"),
    (46.43, "13/28"),
    (57.14, "4/7"),
];

async fn first_quarter(office: &Office<'_>) {
    cases::resolved(office, "2025-01-15T21:30:00+08:00", "2025-01-20T09:00:00+08:00").await;
    desa::deliver(office, "apbdes-s2", "2025-01-29", None).await;
    // Nobody knows where it happened, and the register has no time.
    cases::without_a_village(office, "2025-02-15", "2025-02-20T09:00:00+08:00").await;
    desa::deliver(office, "dd-tahunan", "2025-02-26", None).await;
    let lppd = desa::deliver(office, "lppd", "2025-03-10", None).await;
    desa::hand_back(office, &lppd[0], "2025-03-20").await;
    let passed_on =
        cases::referred_without_receipt(office, "2025-03-15T08:00:00+08:00", "2025-03-20T09:00:00+08:00").await;
    surveys::survey(office, ["2025-02-03", "2025-03-27"], 150, 31).await;
    desa::deliver(office, "kegiatan-akhir", "2025-03-27", None).await;
    desa::deliver(office, "lpj-apbdes", "2025-03-28", None).await;
    office.at("2025-04-01T09:00:00+08:00");
    let got = office
        .enter("camat")
        .await
        .get("/v1/indicators/paringin-iku-3/realisations/2025-Q1")
        .await;
    let missing = |got: &Value| {
        let information = got["information"].as_array().unwrap();
        information
            .iter()
            .find(|i| i["code"] == "referred_without_receipt")
            .unwrap()["value"]
            .clone()
    };
    assert_eq!(missing(&got.status(200).json), 1);
    // The receipt comes in April; the desa sends its LPPD again, and late.
    cases::add_receipt(office, &passed_on, "2025-04-02T09:00:00+08:00").await;
    let got = office
        .enter("camat")
        .await
        .get("/v1/indicators/paringin-iku-3/realisations/2025-Q1")
        .await;
    assert_eq!(missing(&got.status(200).json), 0);
    desa::deliver_again(office, &lppd[0], "2025-04-07").await;
}

/// The mean of 80.1667 and (33 x 100 + 137 x 75) / 170 = 79.8529 is 80.0098. Six cases; the Polsek handed one back: 5/6.
/// All LPPD, 13 of 14 reports of a BPD: 27/28. Finance: 56 + 13 = 69 of 98.
const FIRST_SEMESTER: [(f64, &str); 5] = [
    (80.01, "16322/204"),
    (93.0, "93/1"),
    (83.33, "5/6"),
    (96.43, "27/28"),
    (70.41, "69/98"),
];

async fn second_quarter(office: &Office<'_>) {
    desa::deliver(office, "bpd-kinerja", "2025-04-25", Some(13)).await;
    cases::closed_too_early(
        office,
        "2025-04-15T10:00:00+08:00",
        ["2025-04-20", "2025-05-05", "2025-05-20"],
    )
    .await;
    cases::handed_back(office, "2025-05-15T10:00:00+08:00", ["2025-06-01", "2025-06-20"]).await;
    cases::resolved_by_a_slip(office, "2025-06-15T10:00:00+08:00", ["2025-06-24", "2025-06-25"]).await;
    surveys::survey(office, ["2025-04-07", "2025-06-26"], 170, 33).await;
    desa::deliver(office, "dd-tahap1", "2025-06-28", Some(13)).await;
    office.at("2025-07-01T09:00:00+08:00");
}

/// The third survey: (38 x 100 + 152 x 75) / 190 = 80; the mean of three is 80.0065. Nine cases, all handled. Finance:
/// 69 + 28 = 97 of 98.
const THIRD_QUARTER: [(f64, &str); 5] = [
    (80.01, "12241/153"),
    (93.0, "93/1"),
    (100.0, "1/1"),
    (96.43, "27/28"),
    (98.98, "97/98"),
];

async fn third_quarter(office: &Office<'_>) {
    // Only then the Polsek's case is solved by the kecamatan.
    cases::finish_handed_back(office, "2025-07-10T09:00:00+08:00").await;
    let sekretaris = office.enter("sekretaris").await;
    let target = "/v1/indicators/paringin-iku-4/targets/2025";
    let etag = sekretaris.get(target).await.status(200).etag();
    let revised = json!({"value": 95, "basis": "PK Perubahan 2025"});
    sekretaris
        .with("if-match", &etag)
        .put(target, revised)
        .await
        .status(200);
    desa::deliver(office, "apbdes-s1", "2025-07-11", None).await;
    desa::deliver(office, "kegiatan-s1", "2025-07-12", None).await;
    cases::rejected_by_mistake(office, "2025-07-15T10:00:00+08:00", "2025-07-25T09:00:00+08:00").await;
    cases::resolved(office, "2025-08-15T10:00:00+08:00", "2025-08-20T09:00:00+08:00").await;
    cases::resolved(office, "2025-09-15T10:00:00+08:00", "2025-09-20T09:00:00+08:00").await;
    surveys::survey(office, ["2025-07-07", "2025-09-25"], 190, 38).await;
    office.at("2025-10-01T09:00:00+08:00");
}

async fn last_quarter(office: &Office<'_>) {
    cases::resolved(office, "2025-10-15T10:00:00+08:00", "2025-10-20T09:00:00+08:00").await;
    cases::resolved(office, "2025-11-15T10:00:00+08:00", "2025-11-20T09:00:00+08:00").await;
    cases::verified(office, "2025-12-15T10:00:00+08:00", "2025-12-16T09:00:00+08:00").await;
    surveys::last_survey(office, ["2025-10-06", "2025-12-31"], 170, 33).await;
}

/// The survey is still open, so IKU 1 is provisional: the mean of 80.1667, 79.8529, 80 and 79.8529 is 79.9681. Of the
/// twelve cases one is not handled: 11/12.
const NEW_YEAR: [(f64, &str); 5] = [
    (79.97, "16313.5/204"),
    (93.0, "93/1"),
    (91.67, "11/12"),
    (96.43, "27/28"),
    (98.98, "97/98"),
];

/// Midnight in WITA is 16:00 UTC.
async fn the_year_turns(office: &Office<'_>) {
    for (now, status, of_january) in [
        ("2025-12-31T15:59:59Z", "provisional", "period_not_started"),
        ("2025-12-31T16:00:00Z", "computed", "no_cases"),
    ] {
        office.at(now);
        let camat = office.enter("camat").await;
        let year = camat
            .get("/v1/indicators/paringin-iku-3/realisations/2025")
            .await
            .status(200);
        assert_eq!(year.json["status"], status, "{now}");
        let january = camat
            .get("/v1/indicators/paringin-iku-3/realisations/2026-01")
            .await
            .status(200);
        assert_eq!(january.json["reason"], of_january, "{now}");
    }
    office.at("2026-01-01T00:30:00+08:00");
    let values = pulled(office, "2025", NEW_YEAR).await;
    assert_eq!(values[0]["status"], "provisional");
    assert_eq!(values[1]["status"], "computed");
    // The LPM whose term ended with the year counted in 2025, and does not in 2026.
    let sakip = office.system().await;
    let january = sakip
        .get("/v1/indicators/paringin-iku-2/realisations/2026-01")
        .await
        .status(200);
    assert_eq!(january.json["value"], 92);
}

/// With forty all-fours more the last survey is (33 x 100 + 137 x 75 + 40 x 100) / 210 = 83.6905, and the mean 80.9275.
const JANUARY: [(f64, &str); 5] = [
    (80.93, ""),
    (93.0, "93/1"),
    (100.0, "1/1"),
    (96.43, "27/28"),
    (98.98, "97/98"),
];

async fn january(office: &Office<'_>) {
    surveys::close_the_last_survey(office).await;
    let before = surveys::late_answers(office, 40).await;
    // They wait for a decision, and do not count until then.
    assert_eq!(before, json!(79.85));
    surveys::release_the_late_answers(office).await;
    cases::resolve_the_last_case(office, "2026-01-04T09:00:00+08:00").await;
    office.at("2026-01-31T15:59:59Z");
    let values = pulled(office, "2025", JANUARY).await;
    assert!(values.iter().all(|v| v["status"] == "computed"));
    // What the regency pulled at New Year can be had again.
    let sakip = office.system().await;
    let then = "/v1/realisations?period=2025&district_code=63.11.06&as_of=2026-01-01T00:30:00%2B08:00";
    let then = sakip.get(then).await.status(200).json;
    let shown: Vec<_> = then["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["value"].as_f64().unwrap())
        .collect();
    assert_eq!(shown, NEW_YEAR.map(|(value, _)| value));
}

/// Other fractions of the same value are the same number.
fn fraction(text: &str) -> f64 {
    let (n, d) = text.split_once('/').unwrap_or((text, "1"));
    n.parse::<f64>().unwrap() / d.parse::<f64>().unwrap()
}

/// Checks the five values that the regency's system pulls, and returns them.
async fn pulled(office: &Office<'_>, period: &str, wanted: [(f64, &str); 5]) -> Vec<Value> {
    let sakip = office.system().await;
    let path = format!("/v1/realisations?period={period}&district_code=63.11.06");
    let items = sakip.get(&path).await.status(200).json["items"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(items.len(), 5);
    for (item, (value, exact)) in items.iter().zip(wanted) {
        let what = format!("{period} {}", item["indicator"]["code"]);
        assert_eq!(item["value"].as_f64(), Some(value), "{what}: {item:#}");
        if !exact.is_empty() {
            let got = fraction(item["exact"].as_str().unwrap());
            assert!((got - fraction(exact)).abs() < 1e-9, "{what}: {item:#}");
        }
    }
    items
}
