//! Active institutions: the filters, the count of IKU 2, and the pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NOW, recorded, rt, term};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, World, instant};

#[apply(both_databases)]
async fn filters_by_day_agree_with_the_core(backend: Backend) {
    use iku::core::civil;
    use iku::core::institution::{Term, active_until, is_active_on};

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
            names(&|t| is_active_on(date, t)),
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
    // The first institution lapses after the last day of 2025 unless it is renewed. The third has two decrees and counts once.
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

/// A register of lembaga: terms that end by law, renewals that come late or overlap, a revocation, a start in the future.
#[apply(both_databases)]
async fn the_stock_follows_the_decree_in_force(backend: Backend) {
    let world = World::on(backend).at("2025-07-31T09:00:00+08:00").await;
    let kasi = world.officer(&["pmd"]);
    let stock = async |period: &str| {
        let path = format!("/v1/indicators/paringin-iku-2/realisations/{period}");
        kasi.get(&path).await.status(200).json["value"].clone()
    };
    let first = recorded(&kasi, rt("RT 01", json!([term("2020-06-15")]))).await;
    let ends = async |path: &str| kasi.get(path).await.status(200).json["decrees"][0]["ends_on"].clone();
    assert_eq!(ends(&first).await, "2025-06-14");
    let leap = recorded(&kasi, rt("RT 02", json!([term("2024-02-29")]))).await;
    assert_eq!(ends(&leap).await, "2029-02-28");
    recorded(&kasi, rt("RT 03", json!([term("2027-01-01")]))).await;
    assert_eq!((stock("2025-05").await, stock("2025-06").await), (json!(2), json!(1)));
    let soon = kasi.all("/v1/institutions?expires_before=2029-03-01").await;
    assert_eq!(soon.len(), 1);

    // The renewal comes late and is dated back; another one overlaps it, and counts once.
    let decrees = format!("{first}/decrees");
    let renewed = kasi.post(&decrees, term("2025-06-15")).await.status(201);
    kasi.post(&decrees, term("2025-07-01")).await.status(201);
    assert_eq!((stock("2025-05").await, stock("2025-06").await), (json!(2), json!(2)));
    // The overlapping one carries on when the renewal is revoked.
    let renewal = renewed.json["decrees"][1]["id"].as_str().unwrap();
    let revoked = json!({"revoked_on": "2025-06-20", "reason": "Dicabut"});
    kasi.patch(&format!("{decrees}/{renewal}"), "*", revoked)
        .await
        .status(200);
    assert_eq!((stock("2025-06").await, stock("2025-07").await), (json!(1), json!(2)));
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
    let list = |sort: &str| {
        format!("/v1/institutions?limit=2&count=true&sort={sort}&district_code={PARINGIN}&village_code={BALANG}")
    };
    let mut first_pages = Vec::new();
    for sort in sorts {
        let first = admin.get(&list(sort)).await.status(200);
        assert_eq!(first.json["total"], 9);
        first_pages.push(first);
    }

    // Add one institution and renew the last of each list between the first page and the next page.
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
