//! Killed at any moment: every acknowledged answer is stored, once.

use rstest::rstest;

use crate::crowd::Crowd;
use crate::site::{Kind, Site};
use crate::tools::{Chance, rounds};

#[rstest]
fn kill_9_loses_nothing_and_doubles_nothing(#[values(Kind::Sqlite, Kind::Postgres, Kind::Twins)] kind: Kind) {
    let mut chance = Chance::new(&format!("kill -9, {kind:?}"));
    let mut site = Site::new(kind);
    let crowd = Crowd::new(&site, &mut chance);
    for _ in 0..rounds() {
        crowd.wait_for(1 + chance.below(400));
        let victim = chance.below(kind.instances());
        site.kill(victim);
        // The service acknowledged these answers before the kill, or the other instance did.
        crowd.at_rest(|acknowledged| drop(site.judge(acknowledged)));
        site.start(victim);
        site.renew_token();
    }
    crowd.wait_for(50);
    let acknowledged = crowd.finish();
    site.judge_finally(&acknowledged);
    println!("{kind:?}: {} kills, {} answers", rounds(), acknowledged.len());
}
