//! Active institutions: the filters, the count of IKU 2, and the pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NOW, recorded, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, World, instant};

#[apply(both_databases)]
async fn filters_by_day_agree_with_the_core(backend: Backend) {
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
        recorded(&admin, rt(&format!("RT {i:02}"), decrees.clone())).await;
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
        let names = |is_listed: &dyn Fn(&[Term]) -> bool| -> Vec<String> {
            let listed = facts.iter().filter(|(_, terms)| is_listed(terms));
            listed.map(|(name, _)| name.clone()).collect()
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
async fn iku_2_counts_institutions_active_on_the_last_day(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    // The first lapses on the last day of 2025, unless renewed; the third has two decrees and is one institution.
    let path = recorded(&admin, rt("RT 01", json!([term("2021-01-01")]))).await;
    recorded(&admin, rt("RT 02", json!([]))).await;
    recorded(&admin, rt("RT 03", json!([term("2020-01-01"), term("2025-01-01")]))).await;
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
async fn a_walk_shows_the_institutions_as_they_were(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    for kind in ["rt", "rw", "posyandu"] {
        for name in ["01", "02", "03"] {
            let mut body = rt(name, json!([term("2023-01-01")]));
            body["kind"] = json!(kind);
            recorded(&admin, body).await;
        }
    }
    assert_eq!(admin.all("/v1/institutions?kind=rw").await.len(), 3);
    let sorts = ["village_code", "name", "-name"];
    let list =
        |sort: &str| format!("/v1/institutions?limit=2&count=true&sort={sort}&district={PARINGIN}&village={BALANG}");
    let mut first_pages = Vec::new();
    for sort in sorts {
        let first = admin.get(&list(sort)).await.status(200);
        assert_eq!(first.json["total"], 9);
        first_pages.push(first);
    }

    // One institution is added, and the last of each list is renewed, between the first page and the next one.
    recorded(&admin, rt("00", json!([]))).await;
    for sort in ["name", "-name"] {
        let end = admin
            .get(&format!("/v1/institutions?limit=1&sort={sort}&kind=posyandu"))
            .await;
        let path = format!(
            "/v1/institutions/{}",
            end.status(200).json["items"][0]["id"].as_str().unwrap()
        );
        let renewal = term("2028-01-01");
        admin.post(&format!("{path}/decrees"), renewal).await.status(201);
    }
    for (sort, first) in sorts.iter().zip(&first_pages) {
        let rows = admin.rest(&list(sort), first).await;
        let ids: BTreeSet<_> = rows.iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert_eq!((rows.len(), ids.len()), (9, 9), "{sort}");
        assert!(
            rows.iter().all(|r| r["decrees"].as_array().unwrap().len() == 1),
            "{sort}"
        );
        let mut names: Vec<_> = rows.iter().map(|r| r["name"].as_str().unwrap()).collect();
        if *sort == "-name" {
            names.reverse();
        }
        assert!(*sort == "village_code" || names.is_sorted(), "{sort}: {names:?}");
        let cursor = first.json["next_cursor"].as_str().unwrap();
        admin
            .get(&format!("{}&kind=rt&cursor={cursor}", list(sort)))
            .await
            .problem(400, "invalid_cursor");
    }
}
