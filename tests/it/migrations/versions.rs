//! The constraints and indexes of versioned tables, with reports as the example.

use entity::{district, report};
use sea_orm::prelude::{Date, DateTimeUtc, Uuid};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QueryTrait, Set, SqlErr,
};

use crate::support::backend::{Backend, TestDb, apply, both_databases};

/// Returns a database with the schema and the district of Paringin.
async fn with_paringin(backend: Backend) -> (TestDb, DatabaseConnection) {
    let test = backend.fresh_migrated().await;
    let db = Database::connect(&test.url).await.unwrap();
    let paringin = district::ActiveModel {
        code: Set("63.11.06".into()),
        name: Set("Paringin".into()),
    };
    let insert = district::Entity::insert(paringin).exec_without_returning(&db);
    insert.await.unwrap();
    (test, db)
}

#[apply(both_databases)]
async fn rejects_a_second_current_version(backend: Backend) {
    let (_test, db) = with_paringin(backend).await;
    let first = lppd(Uuid::from_u128(1));
    insert(&db, &first).await.unwrap();
    let second = report::Model {
        version: 2,
        recorded_at: at(2),
        ..first.clone()
    };
    assert_unique_violation(insert(&db, &second).await);
    let under_another_id = lppd(Uuid::from_u128(2));
    assert_unique_violation(insert(&db, &under_another_id).await);
    let superseded = report::Model {
        superseded_at: Some(at(1)),
        ..lppd(Uuid::from_u128(3))
    };
    insert(&db, &superseded).await.unwrap();
}

#[apply(both_databases)]
async fn new_version_is_accepted_when_the_former_is_superseded(backend: Backend) {
    let (_test, db) = with_paringin(backend).await;
    let first = lppd(Uuid::from_u128(1));
    insert(&db, &first).await.unwrap();
    supersede(&db, &first, at(2)).await;
    let second = report::Model {
        version: 2,
        recorded_at: at(2),
        ..first
    };
    insert(&db, &second).await.unwrap();
}

/// The version of a deletion begins and ends at the same instant.
#[apply(both_databases)]
async fn deletion_is_never_current_and_frees_the_key(backend: Backend) {
    let (_test, db) = with_paringin(backend).await;
    let first = lppd(Uuid::from_u128(1));
    insert(&db, &first).await.unwrap();
    supersede(&db, &first, at(3)).await;
    let deletion = |superseded_at| report::Model {
        version: 2,
        recorded_at: at(3),
        deleted: true,
        superseded_at,
        ..first.clone()
    };
    insert(&db, &deletion(None))
        .await
        .expect_err("a deletion that is current");
    let valid_for_a_second = deletion(Some(at(4)));
    insert(&db, &valid_for_a_second)
        .await
        .expect_err("a deletion that is valid for a while");
    insert(&db, &deletion(Some(at(3)))).await.unwrap();
    insert(&db, &lppd(Uuid::from_u128(2))).await.unwrap();

    let current = report::Entity::find().filter(report::Column::SupersededAt.is_null());
    let ids = current.all(&db).await.unwrap().into_iter().map(|row| row.id);
    assert_eq!(ids.collect::<Vec<_>>(), [Uuid::from_u128(2)]);
    let of_first = report::Entity::find()
        .filter(report::Column::Id.eq(first.id))
        .order_by_asc(report::Column::Version);
    let versions = of_first.all(&db).await.unwrap().into_iter().map(|row| row.version);
    assert_eq!(versions.collect::<Vec<_>>(), [1, 2]);
}

#[apply(both_databases)]
async fn rejects_a_report_of_an_unknown_district(backend: Backend) {
    let test = backend.fresh_migrated().await;
    let db = Database::connect(&test.url).await.unwrap();
    let orphan = insert(&db, &lppd(Uuid::from_u128(1))).await.unwrap_err();
    assert!(
        matches!(orphan.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_))),
        "{orphan}"
    );
}

#[apply(both_databases)]
async fn rejects_an_unknown_status(backend: Backend) {
    let (_test, db) = with_paringin(backend).await;
    let unknown = report::Model {
        status: "lost".into(),
        ..lppd(Uuid::from_u128(1))
    };
    insert(&db, &unknown).await.unwrap_err();
}

#[actix_web::test]
async fn sqlite_reads_current_versions_by_the_partial_indexes() {
    use report::Column as C;
    let test = Backend::Sqlite.fresh_migrated().await;
    let db = Database::connect(&test.url).await.unwrap();
    let current = || report::Entity::find().filter(C::SupersededAt.is_null());

    let by_id = current().filter(C::Id.eq(Uuid::from_u128(1)));
    assert_plan(&db, by_id, "USING INDEX report_current (id=?)").await;

    let obligation = current()
        .filter(C::VillageCode.eq("63.11.06.2003"))
        .filter(C::Kind.eq("lppd"));
    let obligation = obligation.filter(C::FiscalYear.eq(2024));
    assert_plan(
        &db,
        obligation,
        "USING INDEX report_current_obligation (village_code=? AND kind=? AND fiscal_year=?)",
    )
    .await;

    let delivered = current()
        .filter(C::DistrictCode.eq("63.11.06"))
        .filter(C::DeliveredOn.gte(day()));
    let delivered = delivered.order_by_asc(C::DeliveredOn).order_by_asc(C::Id);
    assert_plan(
        &db,
        delivered,
        "USING INDEX report_current_delivery (district_code=? AND delivered_on>?)",
    )
    .await;
}

async fn assert_plan(db: &DatabaseConnection, query: impl QueryTrait, expected: &str) {
    let mut statement = query.build(DbBackend::Sqlite);
    statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let plan = db.query_all_raw(statement).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    assert_eq!(plan, [format!("SEARCH report {expected}")]);
}

async fn insert(db: &DatabaseConnection, report: &report::Model) -> Result<(), DbErr> {
    report::Entity::insert(report.clone().into_active_model())
        .exec_without_returning(db)
        .await
        .map(|_| ())
}

async fn supersede(db: &DatabaseConnection, report: &report::Model, at: DateTimeUtc) {
    let mut superseded = report.clone().into_active_model();
    superseded.superseded_at = Set(Some(at));
    superseded.update(db).await.unwrap();
}

fn assert_unique_violation(result: Result<(), DbErr>) {
    let error = result.unwrap_err();
    assert!(
        matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))),
        "{error}"
    );
}

fn lppd(id: Uuid) -> report::Model {
    report::Model {
        id,
        version: 1,
        recorded_at: at(1),
        recorded_by: "siti".into(),
        change_reason: None,
        superseded_at: None,
        deleted: false,
        fingerprint: None,
        district_code: "63.11.06".into(),
        village_code: "63.11.06.2003".into(),
        kind: "lppd".into(),
        fiscal_year: 2024,
        delivered_on: day(),
        status: "received".into(),
        note: None,
        flags: String::new(),
    }
}

fn at(second: i64) -> DateTimeUtc {
    DateTimeUtc::from_timestamp(1_740_000_000 + second, 0).unwrap()
}

fn day() -> Date {
    Date::from_ymd_opt(2025, 2, 20).unwrap()
}
