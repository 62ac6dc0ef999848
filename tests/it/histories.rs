//! A page of a history costs a page, however long the history is.

use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::{BALANG, Client, World};

/// Lists of the records that [`amend`] makes longer.
struct Histories {
    report: String,
    institution: String,
    case: String,
    survey: String,
}

const INDICATOR: &str = "/v1/indicators/paringin-iku-4";
const TARGET: &str = "/v1/indicators/paringin-iku-4/targets/2025";
const REPORT_KIND: &str = "/v1/report-kinds/lppd";
const VILLAGE: &str = "/v1/villages/63.11.06.2005";

fn decree() -> String {
    format!("/v1/decrees/{}", iku::shipped::decree().id)
}

async fn recorded(admin: &Client) -> Histories {
    let post = async |path: &str, body: Value| {
        let made = admin.post(path, body).await.status(201);
        made.header("location").to_owned()
    };
    let decree = json!({"number": "1", "issued_on": "2024-01-01", "starts_on": "2024-01-01"});
    admin.put(TARGET, json!({"value": 100})).await.status(201);
    Histories {
        report: post(
            "/v1/reports",
            json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"}),
        )
        .await,
        institution: post(
            "/v1/institutions",
            json!({"village_code": BALANG, "kind": "rt", "name": "RT", "decrees": vec![decree; 50]}),
        )
        .await,
        case: post(
            "/v1/cases",
            json!({"village_code": BALANG, "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar"}),
        )
        .await,
        survey: post(
            "/v1/surveys",
            json!({"district_code": "63.11.06", "title": "SKM", "section": "pelayanan-kessos", "starts_on": "2025-01-06", "ends_on": "2025-06-30"}),
        )
        .await,
    }
}

/// Makes one more version of each record.
async fn amend(admin: &Client, histories: &Histories, n: usize) {
    for (path, change) in [
        (histories.report.as_str(), json!({"note": format!("catatan {n}")})),
        (&histories.institution, json!({"name": format!("RT {n}")})),
        (&histories.case, json!({"summary": format!("Balap liar {n}")})),
        (&histories.survey, json!({"title": format!("SKM {n}")})),
        (VILLAGE, json!({"valid_to": format!("2090-01-{:02}", 1 + n % 28)})),
        (
            INDICATOR,
            json!({"from_year": 2025, "source": format!("sumber {n}"), "reason": "Uji"}),
        ),
        (
            REPORT_KIND,
            json!({"from_year": 2025, "legal_basis": format!("dasar {n}"), "reason": "Uji"}),
        ),
        (&decree(), json!({"title": format!("IKU {n}")})),
    ] {
        admin.patch(path, "*", change).await.status(200);
    }
    let target = admin
        .with("if-match", "*")
        .put(TARGET, json!({"value": n, "reason": "Uji"}))
        .await;
    target.status(200);
}

fn lists(histories: &Histories) -> Vec<String> {
    let decree = decree();
    let versions = [
        histories.report.as_str(),
        &histories.institution,
        &histories.case,
        &histories.survey,
        INDICATOR,
        REPORT_KIND,
        TARGET,
        &decree,
        VILLAGE,
    ];
    let mut lists: Vec<String> = versions.iter().map(|path| format!("{path}/versions?limit=1")).collect();
    lists.push(format!("{}/decrees?limit=1", histories.institution));
    lists.push(format!("{}/events?limit=1", histories.case));
    lists.push("/v1/decrees?limit=1".to_owned());
    lists
}

/// Returns the statements of each list, without numbers of parameters.
async fn statements(world: &World, histories: &Histories) -> Vec<(String, Vec<String>)> {
    let (world, heard) = listening(world, 0).await;
    let mut all = Vec::new();
    for list in lists(histories) {
        heard.take();
        world.admin().get(&list).await.status(200);
        all.push((list, heard.take()));
    }
    all
}

#[apply(both_databases)]
async fn page_of_a_history_takes_the_same_statements_however_long_it_is(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let histories = recorded(&admin).await;
    amend(&admin, &histories, 0).await;
    let short = statements(&world, &histories).await;
    for n in 1..12 {
        amend(&admin, &histories, n).await;
    }
    let long = statements(&world, &histories).await;
    // The same words: no statement names more versions than before.
    for ((list, few), (_, many)) in short.iter().zip(&long) {
        assert_eq!(few, many, "{list}");
        assert!((1..=5).contains(&few.len()), "{list}: {few:#?}");
    }
    for (list, statements) in long.iter().filter(|(list, _)| list.contains("/versions")) {
        // Whatever reads versions is limited. Parts are read for the versions on the page.
        let parts = ["\"institution_decree\"", "\"case_event\""];
        let of_versions = statements
            .iter()
            .filter(|sql| !parts.iter().any(|part| sql.contains(part)));
        for sql in of_versions {
            assert!(sql.contains(" LIMIT "), "{list}: {sql}");
        }
    }
}

#[apply(both_databases)]
async fn pages_of_a_history_show_each_version_once_in_order(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let histories = recorded(&admin).await;
    for n in 0..5 {
        amend(&admin, &histories, n).await;
    }
    for list in lists(&histories).iter().filter(|list| list.contains("/versions")) {
        let all = admin.all(&list.replace("limit=1", "limit=100")).await;
        for limit in [1, 2, 4] {
            assert_eq!(
                admin.all(&list.replace("limit=1", &format!("limit={limit}"))).await,
                all,
                "{list}"
            );
        }
        let instants: Vec<&str> = all.iter().map(|v| v["recorded_at"].as_str().unwrap()).collect();
        assert!(all.len() > 5 && instants.is_sorted(), "{list}: {instants:?}");
        let counted = admin.get(&format!("{list}&count=true")).await.status(200).json;
        assert_eq!(counted["total"], all.len(), "{list}");
    }
    // A version that is made during the walk comes at its end.
    let list = format!("{}/versions?limit=4", histories.report);
    let first = admin.get(&list).await.status(200);
    amend(&admin, &histories, 9).await;
    assert_eq!(admin.rest(&list, &first).await.len(), 7);
}

#[actix_web::test]
async fn decrees_of_an_institution_are_paged_as_of_the_first_page() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let histories = recorded(&admin).await;
    let list = format!("{}/decrees?limit=20&count=true", histories.institution);
    let first = admin.get(&list).await.status(200);
    assert_eq!(first.json["total"], 50);
    admin
        .patch(&histories.institution, "*", json!({"decrees": []}))
        .await
        .status(200);
    assert_eq!(admin.rest(&list, &first).await.len(), 50);
    assert_eq!(admin.all(&list).await.len(), 0);
}
