//! Who may import what: the rights and sections are those of the single operations.

use iku::access::Role;

use super::{apply_all, dry_run, outcomes, send};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

const REPORT: &str = "village_code,kind,fiscal_year,delivered_on\n63.11.06.2005,lppd,2024,2025-03-14\n";
const TARGET: &str = "indicator_code,period,value\nparingin-iku-4,2025,90\n";

#[apply(both_databases)]
async fn a_resource_needs_its_scope(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    for role in Role::ALL {
        let holder = world.holder(role, Some(PARINGIN), &["pemerintahan"]);
        let scopes = role.scopes();
        for (resource, scope, csv) in [
            ("reports", "reports:write", REPORT),
            ("targets", "targets:write", TARGET),
        ] {
            for mode in ["dry_run", "apply"] {
                let reply = send(&holder, resource, mode, csv).await;
                match scopes.contains(&scope) {
                    true => drop(reply.status(200)),
                    false => drop(reply.problem(403, "insufficient_scope")),
                }
            }
        }
        let template = holder.get("/v1/imports/reports/template.csv").await;
        let expected = if scopes.contains(&"references:read") { 200 } else { 403 };
        assert_eq!(template.status, expected, "{role}");
    }
    world
        .anonymous()
        .send(
            "POST",
            "/v1/imports?resource=reports&mode=dry_run",
            "text/csv",
            REPORT.into(),
        )
        .await
        .problem(401, "unauthenticated");
}

#[apply(both_databases)]
async fn sections_and_districts_have_their_limits(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    world.load_regency().await;
    let other_section = world.officer(&["trantibum"]);
    assert_eq!(
        outcomes(&dry_run(&other_section, "reports", REPORT).await),
        ["2 error - wrong_section"]
    );
    let other_district = world.holder(Role::Officer, Some("63.11.01"), &["pemerintahan"]);
    assert_eq!(
        outcomes(&dry_run(&other_district, "reports", REPORT).await),
        ["2 error village_code unknown_reference"]
    );
    // The report of another district is not seen, also not by its id.
    apply_all(&world.officer(&["pemerintahan"]), "reports", REPORT).await;
    let id = world.admin().all("/v1/reports").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let by_id = format!("id,village_code,kind,fiscal_year,delivered_on\n{id},63.11.01.2001,lppd,2024,2025-03-14\n");
    let judged = dry_run(&other_district, "reports", by_id).await;
    assert_eq!(outcomes(&judged), ["2 error id id_conflict"]);
}
