//! All indicators in several periods in one list: a puller sends one request where it sent twelve.

use iku::access::Role;
use serde_json::{Value, json};

use super::{NOW, twenty_two_reports};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{PARINGIN, World, instant};

/// Returns the year, the number of the indicator, and the period of each item.
fn places(items: &[Value]) -> Vec<(String, i64)> {
    let place = |item: &Value| {
        let period = item["period"].as_str().unwrap().to_owned();
        (period, item["indicator"]["number"].as_i64().unwrap())
    };
    items.iter().map(place).collect()
}

#[apply(both_databases)]
async fn one_list_has_all_indicators_and_quarters_of_three_years(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    twenty_two_reports(&world.admin()).await;
    let sakip = world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let whole = "/v1/realisations?from=2023-Q1&to=2025-Q4&limit=100&count=true";
    let whole = sakip.get(whole).await.status(200).json;
    assert_eq!((&whole["total"], &whole["next_cursor"]), (&json!(60), &json!(null)));
    assert_eq!((&whole["objectives"], &whole["not_in_force"]), (&json!([]), &json!([])));
    let items = whole["items"].as_array().unwrap();
    let mut expected = Vec::new();
    for year in 2023..=2025 {
        for number in 1..=5 {
            expected.extend((1..=4).map(|quarter| (format!("{year}-Q{quarter}"), number)));
        }
    }
    assert_eq!(places(items), expected);
    // Each item is what the list of its period alone has.
    for period in ["2023-Q1", "2025-Q1", "2025-Q2"] {
        let alone = sakip
            .get(&format!("/v1/realisations?period={period}"))
            .await
            .status(200);
        let of_period: Vec<&Value> = items.iter().filter(|item| item["period"] == period).collect();
        let alone: Vec<&Value> = alone.json["items"].as_array().unwrap().iter().collect();
        assert_eq!(of_period, alone, "{period}");
    }
    let iku4: Vec<&Value> = items
        .iter()
        .filter(|i| i["indicator"]["number"] == 4)
        .map(|i| &i["value"])
        .collect();
    assert_eq!(iku4[8..10], [&json!(50), &json!(78.57)]);
}

#[apply(both_databases)]
async fn its_pages_give_each_row_once_at_the_instant_of_the_first(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let path = "/v1/realisations?from=2024-01&to=2025-12";
    let whole = admin.all(&format!("{path}&limit=100")).await;
    assert_eq!(whole.len(), 2 * 5 * 12);
    let first = admin.get(&format!("{path}&limit=50")).await.status(200);
    assert!(first.header("link").contains("rel=\"next\""));
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    twenty_two_reports(&admin).await;
    let mut walked = first.json["items"].as_array().unwrap().clone();
    let mut cursor = first.json["next_cursor"].as_str().map(str::to_owned);
    while let Some(next) = cursor {
        let page = admin
            .get(&format!("{path}&limit=50&cursor={next}"))
            .await
            .status(200)
            .json;
        walked.extend(page["items"].as_array().unwrap().iter().cloned());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(walked, whole);
    // A cursor belongs to its periods.
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let other = format!("/v1/realisations?from=2024-01&to=2025-11&limit=50&cursor={cursor}");
    admin.get(&other).await.problem(400, "invalid_cursor");
}

/// The number of statements does not grow with the number of periods.
#[apply(both_databases)]
async fn a_page_of_many_periods_takes_as_many_statements_as_a_page_of_one_year(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    twenty_two_reports(&world.admin()).await;
    let mut counts = Vec::new();
    for to in ["2024-Q2", "2025-Q4"] {
        let (world, statements) = listening(&world, 0).await;
        let path = format!("/v1/realisations?from=2024-Q1&to={to}&limit=100");
        world.admin().get(&path).await.status(200);
        counts.push(statements.take().len());
    }
    assert_eq!(counts[0], counts[1]);
}

#[apply(both_databases)]
async fn a_year_without_a_decree_is_named(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let sheet = admin.get("/v1/realisations?from=2022&to=2023").await.status(200).json;
    assert_eq!(sheet["items"].as_array().unwrap().len(), 5);
    let before = json!([{"district_code": PARINGIN, "year": 2022, "last_year": 2026}]);
    assert_eq!(sheet["not_in_force"], before);
}

#[apply(both_databases)]
async fn nothing_named_is_the_current_year(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let unnamed = admin.get("/v1/realisations").await.status(200).json;
    assert_eq!(
        unnamed,
        admin.get("/v1/realisations?period=2025").await.status(200).json
    );
    let earlier = "/v1/realisations?as_of=2024-12-31T16:00:00%2B08:00";
    let earlier = admin.get(earlier).await.status(200).json;
    assert_eq!(earlier["items"][0]["period"], "2024");
}

#[apply(both_databases)]
async fn periods_that_do_not_fit_together_are_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let of_regency = world.holder(Role::Integrator, None, &[]);
    let own = world.holder(Role::Integrator, Some(PARINGIN), &[]);
    let refused = [
        "from=2024-Q1&to=2025",
        "from=2025-Q2&to=2025-Q1",
        "from=2021-01&to=2026-01",
        "from=2025-Q1",
        "to=2025-Q1",
        "period=2025&from=2025-Q1&to=2025-Q2",
        "period=2025&to=2025",
    ];
    for query in refused {
        let path = format!("/v1/realisations?{query}");
        assert_refused(&[(&own, "GET", path.as_str(), NONE, 422, "rule_broken")]).await;
    }
    let reply = own.in_english().get("/v1/realisations?from=2021-01&to=2026-01").await;
    assert_eq!(reply.pointers(), ["to"]);
    own.get("/v1/realisations?from=2022-01&to=2026-12").await.status(200);
    // Of several districts one is named.
    let several = "/v1/realisations?from=2024-Q1&to=2025-Q1";
    let reply = of_regency.get(several).await.problem(422, "rule_broken");
    assert_eq!(reply.pointers(), ["district_code"]);
    of_regency
        .get(&format!("{several}&district_code=63.11.06"))
        .await
        .status(200);
    of_regency
        .get(&format!("{several}&district_code=63.12.01"))
        .await
        .problem(404, "not_found");
}
