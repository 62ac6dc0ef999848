//! PostgreSQL stops under load and starts again: the service replies 503 meanwhile, and recovers by itself.

use rstest::rstest;

use crate::crowd::Crowd;
use crate::site::Site;
use crate::support::cluster::Cluster;
use crate::support::process::folder;
use crate::tools::{Chance, rounds};

#[rstest]
fn service_recovers_from_a_restart_of_postgres_under_load(#[values(1, 2)] instances: usize) {
    let mut chance = Chance::new(&format!("PostgreSQL restarted, {instances} instances"));
    let mut cluster = Cluster::that_may_stop().unwrap_or_else(|error| panic!("{error}"));
    let site = Site::on(&cluster.url, instances, folder(), None);
    let crowd = Crowd::new(&site, &mut chance);
    for _ in 0..rounds().div_ceil(3) {
        crowd.wait_for(1 + chance.below(300));
        cluster.order("stop").unwrap();
        // Every reply is 503 while PostgreSQL is stopped, also to a read. (The crowd fails on any other error.)
        crowd.wait_for_status(503, 50);
        let problem = site.ask(
            "GET",
            &format!("/v1/surveys/{}", site.survey),
            serde_json::Value::Null,
            503,
        );
        assert_eq!(problem["code"], "unavailable");
        cluster.order("start").unwrap();
        crowd.wait_for(100);
        crowd.at_rest(|acknowledged| drop(site.judge(acknowledged)));
    }
    let acknowledged = crowd.finish();
    site.judge_finally(&acknowledged);
    assert!(!site.log().contains("internal error"), "{}", site.log());
    println!("{instances} instances: {} answers", acknowledged.len());
}
