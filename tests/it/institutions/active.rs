//! Who is active when: the filters, the count of IKU 2, and the pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NOW, record, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, World, instant};

#[apply(both_databases)]
async fn the_filters_agree_with_the_core(backend: Backend) {
    use iku::core::civil;
    use iku::core::institution::{Term, active_on, active_until};

    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let between = |starts_on: &str, ends_on: &str, revoked_on: Option<&str>| json!({"number": "1", "issued_on": "2020-01-01", "starts_on": starts_on, "ends_on": ends_on, "revoked_on": revoked_on});
    let registers = [
        json!([]),
        json!([between("2020-07-01", "2025-06-29", None)]),
        json!([between("2020-07-01", "2025-06-30", None)]),
        json!([between("2020-07-01", "2025-07-31", None)]),
        json!([between("2025-07-01", "2030-06-30", None)]),
        json!([between("2020-07-01", "2028-06-30", Some("2025-06-30"))]),
        json!([between("2020-07-01", "2028-06-30", Some("2025-07-01"))]),
        json!([between("2020-07-01", "2025-07-31", Some("2026-01-01"))]),
        // Renewed in time, a day late, and by an overlapping term that was revoked.
        json!([
            between("2020-07-01", "2025-07-31", None),
            between("2025-08-01", "2030-07-31", None)
        ]),
        json!([
            between("2020-07-01", "2025-07-31", None),
            between("2025-08-02", "2030-07-31", None)
        ]),
        json!([
            between("2020-07-01", "2025-07-31", None),
            between("2025-07-01", "2030-07-31", Some("2025-08-15"))
        ]),
    ];
    for (i, decrees) in registers.iter().enumerate() {
        record(&admin, rt(&format!("RT {i:02}"), decrees.clone())).await;
    }
    let day = |value: &Value| value.as_str().map(|text| text.parse().unwrap());
    let facts: Vec<(String, Vec<Term>)> = (0..)
        .zip(&registers)
        .map(|(i, decrees): (usize, _)| {
            let terms = decrees.as_array().unwrap().iter().map(|d| Term {
                starts_on: day(&d["starts_on"]).unwrap(),
                ends_on: day(&d["ends_on"]),
                revoked_on: day(&d["revoked_on"]),
            });
            (format!("RT {i:02}"), terms.collect())
        })
        .collect();
    let listed = async |query: String| -> Vec<String> {
        let rows = admin.all(&format!("/v1/institutions?limit=4&{query}")).await;
        rows.iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
    };
    let today = civil::date_of(instant(NOW));
    for day in [
        "2019-01-01",
        "2025-06-30",
        "2025-07-01",
        "2025-07-31",
        "2025-08-01",
        "2025-08-02",
        "2025-08-15",
        "2025-08-16",
        "2029-01-01",
        "2031-01-01",
    ] {
        let date = day.parse().unwrap();
        let names = |holds: &dyn Fn(&[Term]) -> bool| -> Vec<String> {
            let which = facts.iter().filter(|(_, terms)| holds(terms));
            which.map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(
            listed(format!("active_on={day}")).await,
            names(&|t| active_on(date, t)),
            "{day}"
        );
        assert_eq!(
            listed(format!("expires_before={day}")).await,
            names(&|t| active_until(today, t).is_some_and(|until| until < date)),
            "{day}"
        );
    }
    assert_eq!(
        listed("expires_before=2025-08-16".to_owned()).await,
        ["RT 02", "RT 03", "RT 06", "RT 07", "RT 09", "RT 10"]
    );
}

#[apply(both_databases)]
async fn the_count_of_active_institutions(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    // The first lapses on the last day of 2025, unless renewed; the third has two decrees and is one institution.
    let path = record(&admin, rt("RT 01", json!([term("2021-01-01")]))).await;
    record(&admin, rt("RT 02", json!([]))).await;
    record(&admin, rt("RT 03", json!([term("2020-01-01"), term("2025-01-01")]))).await;
    world.clock.set(instant("2026-02-01T09:00:00+08:00"));
    let value = async |period: &str, as_of: &str| {
        let path = format!("/v1/indicators/paringin-iku-2/realisations/{period}?as_of={as_of}");
        admin.get(&path).await.status(200).json["value"].clone()
    };
    assert_eq!(value("2025", "2026-02-01T01:00:00Z").await, 2);
    assert_eq!(value("2026-01", "2026-02-01T01:00:00Z").await, 1);
    admin
        .post(&format!("{path}/decrees"), term("2026-01-01"))
        .await
        .status(201);
    world.clock.set(instant("2026-02-02T09:00:00+08:00"));
    assert_eq!(value("2026-01", "2026-02-02T01:00:00Z").await, 2);
    admin.delete(&path, "*").await.status(204);
    for (as_of, known) in [
        ("2026-02-01T00:59:59Z", 1),
        ("2026-02-01T01:00:01Z", 2),
        ("2026-02-02T00:59:59Z", 2),
        ("2026-02-02T01:00:00Z", 1),
    ] {
        assert_eq!(value("2026-01", as_of).await, known, "{as_of}");
    }
}

#[apply(both_databases)]
async fn a_walk_through_the_pages_gives_each_row_once(
    backend: Backend,
    #[values("village_code", "name", "-name")] sort: &str,
) {
    let world = World::on(backend).await;
    let admin = world.admin();
    for kind in ["rt", "rw", "posyandu"] {
        for name in ["01", "02", "03"] {
            let mut body = rt(name, json!([term("2023-01-01")]));
            body["kind"] = json!(kind);
            record(&admin, body).await;
        }
    }
    let list = format!("/v1/institutions?limit=2&count=true&sort={sort}&district={PARINGIN}&village={BALANG}");
    let first = admin.get(&list).await.status(200);
    assert_eq!(first.json["total"], 9);
    // Someone writes meanwhile: the walk shows what there was, and as it was.
    record(&admin, rt("00", json!([]))).await;
    let last = admin
        .get(&format!(
            "/v1/institutions?limit=1&sort={}",
            if sort == "-name" { "name" } else { "-name" }
        ))
        .await
        .status(200);
    let victim = last.json["items"][0]["id"].as_str().unwrap();
    admin
        .post(&format!("/v1/institutions/{victim}/decrees"), term("2028-01-01"))
        .await
        .status(201);
    let rows = {
        let mut rows = first.json["items"].as_array().unwrap().clone();
        let mut next = first.json["next_cursor"].as_str().map(str::to_owned);
        while let Some(cursor) = next {
            let page = admin.get(&format!("{list}&cursor={cursor}")).await.status(200).json;
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            next = page["next_cursor"].as_str().map(str::to_owned);
        }
        rows
    };
    assert_eq!(rows.len(), 9);
    let ids: BTreeSet<_> = rows.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 9);
    assert!(rows.iter().all(|r| r["decrees"].as_array().unwrap().len() == 1));
    let mut names: Vec<_> = rows.iter().map(|r| r["name"].as_str().unwrap()).collect();
    if sort == "-name" {
        names.reverse();
    }
    if sort != "village_code" {
        assert!(names.is_sorted());
    }
    assert_eq!(admin.all("/v1/institutions?kind=rw").await.len(), 3);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    admin
        .get(&format!("{list}&kind=rt&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}
