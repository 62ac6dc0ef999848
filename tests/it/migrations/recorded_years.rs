//! Databases of before get the marks of their reports, the numbers of the decree, and districts that have said nothing.

use entity::{indicator, record_start, report};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::BALANG;

#[apply(both_databases)]
async fn migration_marks_reports_and_knows_the_decree(backend: Backend) {
    let world = demonstration(backend).await;
    for (fiscal_year, kind, on) in [
        (2030, "lppd", "2025-12-31"),
        (2024, "bpd-kinerja", "2024-12-31"),
        (2022, "dd-tahap1", "2025-06-01"),
        (2023, "dd-tahap1", "2025-06-01"),
    ] {
        let body = json!({"village_code": BALANG, "kind": kind, "fiscal_year": fiscal_year, "delivered_on": on});
        let reply = world.admin().post("/v1/reports", body).await;
        assert!([201, 409].contains(&reply.status), "{:#}", reply.json);
    }
    let db = world.service.db.connection();
    let marks = async || {
        let reports = report::Entity::find()
            .order_by_asc(report::Column::Id)
            .all(db)
            .await
            .unwrap();
        reports
            .into_iter()
            .map(|r| (r.id, r.version, r.flags))
            .collect::<Vec<_>>()
    };
    let numbers = async || {
        let rows = indicator::Entity::find().filter(indicator::Column::FormulaKind.eq("report_delivery"));
        let rows = rows.order_by_asc(indicator::Column::Code).all(db).await.unwrap();
        rows.into_iter().map(|r| r.formula_per_village).collect::<Vec<_>>()
    };
    let before = marks().await;
    assert!(
        before.iter().filter(|(_, _, flags)| !flags.is_empty()).count() >= 2,
        "{before:?}"
    );
    assert_eq!(numbers().await, [Some(2), Some(7)]);

    let all = Migrator::migrations();
    let place = all.iter().position(|m| m.name().ends_with("recorded_years")).unwrap();
    let later = u32::try_from(all.len() - place).unwrap();
    Migrator::down(db, Some(later)).await.unwrap();
    Migrator::up(db, None).await.unwrap();
    assert_eq!(marks().await, before);
    assert_eq!(numbers().await, [Some(2), Some(7)]);
    let starts = record_start::Entity::find().all(db).await.unwrap();
    assert!(
        starts
            .iter()
            .all(|s| (s.version, s.administration, s.finance) == (1, None, None))
    );
    assert!(starts.iter().any(|s| s.district_code == "63.11.06"));
    assert_eq!(world.admin().get("/v1/districts/63.11.06").await.status, 200);
}
