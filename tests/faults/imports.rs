//! Killed while it applies a sheet: all rows are recorded, or none.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use entity::institution;
use iku::platform::db::Db;
use rstest::rstest;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::site::{Kind, Site, agent, block_on};
use crate::tools::{Chance, rounds, until};

const ROWS: usize = 200;

/// A sheet of institutions that no other round has.
fn sheet(round: usize) -> String {
    let mut csv = "village_code,kind,name,decree_number,issued_on,starts_on\n".to_owned();
    for row in 0..ROWS {
        let (village, number) = (2005 + row % 5, round * ROWS + row + 1);
        csv += &format!("63.11.06.{village},rt,RT {number},141/{number},2023-06-20,2023-07-01\n");
    }
    csv
}

/// Sends a sheet in a thread of its own. `true`: the service said that all is recorded.
fn apply(site: &Site, csv: String) -> thread::JoinHandle<bool> {
    let address = site.addresses.read().unwrap()[0].clone();
    let token = site.token.read().unwrap().clone();
    thread::spawn(move || {
        let request = ureq::http::Request::builder()
            .method("POST")
            .uri(format!("http://{address}/v1/imports?resource=institutions&mode=apply"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "text/csv");
        let sent = agent().run(request.body(csv).unwrap());
        sent.is_ok_and(|reply| reply.status() == 200)
    })
}

fn recorded(site: &Site) -> usize {
    block_on(async {
        let db = Db::open(&site.url).await.unwrap();
        let count = institution::Entity::find().count(db.connection()).await.unwrap();
        db.close().await.unwrap();
        usize::try_from(count).unwrap()
    })
}

#[rstest]
fn kill_9_leaves_no_sheet_half_recorded(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut chance = Chance::new(&format!("kill -9 of an import, {kind:?}"));
    let mut site = Site::new(kind);
    let mut cut = 0;
    for round in 0..rounds() {
        let before = round * ROWS;
        let import = apply(&site, sheet(round));
        // From before the first row to after the last one.
        thread::sleep(Duration::from_millis(20 + chance.below(600) as u64));
        site.kill(0);
        let is_acknowledged = import.join().unwrap();
        site.start(0);
        site.renew_token();
        match recorded(&site) - before {
            0 => {
                assert!(!is_acknowledged, "acknowledged and lost");
                cut += 1;
            }
            ROWS => {}
            part => panic!("{part} of {ROWS} rows are recorded"),
        }
        // Sent again, it is recorded once.
        until("the sheet is recorded", 120, || {
            apply(&site, sheet(round)).join().unwrap()
        });
        assert_eq!(recorded(&site), before + ROWS);
        site.judge(&BTreeSet::new());
    }
    println!("{kind:?}: {} kills, {cut} of them left nothing", rounds());
}
