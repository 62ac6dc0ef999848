//! The schema on both databases: migrations go up and down, agree with each other and with the entities, and the
//! indexes that carry the rule of versions do their work.

use std::collections::{BTreeMap, BTreeSet};

use entity::{district, report, survey_tally};
use migration::{Migrator, MigratorTrait};
use sea_orm::prelude::{Date, DateTimeUtc, Uuid};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QueryTrait, Schema, Set, SqlErr, Statement,
};

use crate::support::backend::{Backend, apply, both_databases};

macro_rules! for_every_entity {
    ($run:ident) => {
        $run!(
            account,
            case_category,
            case_event,
            credential,
            decree,
            district,
            enrolment,
            held_response,
            indicator,
            institution,
            institution_decree,
            institution_kind,
            public_case,
            questionnaire,
            refresh_family,
            refresh_token,
            report,
            report_kind,
            response,
            shipped_load,
            signing_key,
            stamp,
            survey,
            survey_tally,
            target,
            village
        )
    };
}

#[apply(both_databases)]
async fn go_up_and_down_and_up_again(backend: Backend) {
    let test = backend.fresh_empty().await;
    let db = Database::connect(&test.url).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    let first = Described::read(&db).await;
    assert_eq!(Migrator::get_pending_migrations(&db).await.unwrap().len(), 0);

    Migrator::down(&db, None).await.unwrap();
    assert_eq!(
        Described::read(&db).await.tables(),
        BTreeSet::from(["seaql_migrations"])
    );

    Migrator::up(&db, None).await.unwrap();
    assert_eq!(Described::read(&db).await, first);
}

/// The columns of a tally before and after it became one value, with other numbers in each.
#[apply(both_databases)]
async fn carry_the_tallies_over_in_both_directions(backend: Backend) {
    let elements = [
        "persyaratan",
        "prosedur",
        "waktu",
        "biaya",
        "produk",
        "kompetensi",
        "perilaku",
        "sarana",
        "pengaduan",
    ];
    let test = backend.fresh_empty().await;
    let db = Database::connect(&test.url).await.unwrap();
    Migrator::up(&db, Some(9)).await.unwrap();
    let columns = elements.map(|e| format!("n_{e}, sum_{e}")).join(", ");
    let id = |n: u128| match backend {
        Backend::Sqlite => format!("x'{:032x}'", n),
        Backend::Postgres => format!("'{}'", Uuid::from_u128(n)),
    };
    let changed_at = "'2025-03-14T02:15:00.000001+00:00'";
    let totals: Vec<i64> = (1..=18).chain([0; 18]).collect();
    for (n, totals) in (1..).zip(totals.chunks(18)) {
        let values = totals.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "INSERT INTO survey_tally (survey_id, changed_at, respondents, {columns}) \
             VALUES ({}, {changed_at}, {n}, {values})",
            id(n)
        );
        db.execute_unprepared(&sql).await.unwrap();
    }
    let read_columns = async || {
        let sql = format!("SELECT {columns} FROM survey_tally ORDER BY respondents");
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql));
        let rows = rows.await.unwrap();
        let all = rows
            .iter()
            .flat_map(|row| (0..18).map(|n| row.try_get_by_index::<i64>(n).unwrap()));
        all.collect::<Vec<_>>()
    };
    assert_eq!(read_columns().await, totals);

    Migrator::up(&db, Some(1)).await.unwrap();
    let tallies = survey_tally::Entity::find().order_by_asc(survey_tally::Column::Respondents);
    let tallies = tallies.all(&db).await.unwrap();
    assert_eq!(
        tallies.iter().map(|t| t.elements.as_str()).collect::<Vec<_>>(),
        [
            "[[1,2],[3,4],[5,6],[7,8],[9,10],[11,12],[13,14],[15,16],[17,18]]",
            "[[0,0],[0,0],[0,0],[0,0],[0,0],[0,0],[0,0],[0,0],[0,0]]"
        ]
    );
    assert_eq!(tallies[0].survey_id, Uuid::from_u128(1));

    Migrator::down(&db, Some(1)).await.unwrap();
    assert_eq!(read_columns().await, totals);
    Migrator::up(&db, None).await.unwrap();
    let again = survey_tally::Entity::find().order_by_asc(survey_tally::Column::Respondents);
    assert_eq!(again.all(&db).await.unwrap(), tallies);
}

#[actix_web::test]
async fn make_the_same_schema_on_both() {
    let (sqlite, postgres) = (
        Backend::Sqlite.fresh_migrated().await,
        Backend::Postgres.fresh_migrated().await,
    );
    let sqlite = Described::read(&Database::connect(&sqlite.url).await.unwrap()).await;
    let postgres = Described::read(&Database::connect(&postgres.url).await.unwrap()).await;
    let without_types = |d: &Described| {
        d.columns
            .iter()
            .map(|(c, (_, null))| (c.clone(), *null))
            .collect::<Vec<_>>()
    };
    assert_eq!(without_types(&sqlite), without_types(&postgres));
    assert_eq!(sqlite.primary_keys, postgres.primary_keys);
    assert_eq!(sqlite.indexes, postgres.indexes);
}

#[apply(both_databases)]
async fn make_what_the_entities_say(backend: Backend) {
    let (migrated, declared) = (backend.fresh_migrated().await, backend.fresh_empty().await);
    let migrated = Database::connect(&migrated.url).await.unwrap();
    let declared = Database::connect(&declared.url).await.unwrap();
    let schema = Schema::new(declared.get_database_backend());
    macro_rules! check {
        ($($entity:ident),*) => {$(
            declared.execute(&schema.create_table_from_entity(entity::$entity::Entity)).await.unwrap();
            entity::$entity::Entity::find().all(&migrated).await.unwrap();
        )*};
    }
    for_every_entity!(check);

    let (mut migrated, declared) = (Described::read(&migrated).await, Described::read(&declared).await);
    migrated.columns.retain(|(table, _), _| table != "seaql_migrations");
    migrated.primary_keys.remove("seaql_migrations");
    assert_eq!(migrated.columns, declared.columns);
    assert_eq!(migrated.primary_keys, declared.primary_keys);
}

/// The rule of versions, for all tables that have it: one current version per key, held by an index without any
/// other term.
#[apply(both_databases)]
async fn give_every_versioned_table_one_current_version(backend: Backend) {
    let test = backend.fresh_migrated().await;
    let schema = Described::read(&Database::connect(&test.url).await.unwrap()).await;
    let versioned: Vec<_> = schema
        .columns
        .keys()
        .filter(|(_, column)| column == "superseded_at")
        .collect();
    assert_eq!(versioned.len(), 9);
    for (table, _) in versioned {
        let key = schema.primary_keys[table].strip_suffix(",version").unwrap();
        let holds = |i: &&Index| i.table == *table && i.unique && i.columns == key && i.predicate == CURRENT;
        assert!(schema.indexes.iter().any(|i| holds(&i)), "{table}");
    }
    for index in schema.indexes.iter().filter(|i| i.predicate.contains("superseded_at")) {
        assert_eq!(index.predicate, CURRENT, "{}", index.name);
    }
}

#[apply(both_databases)]
async fn refuse_a_second_current_version(backend: Backend) {
    let test = backend.fresh_migrated().await;
    let db = Database::connect(&test.url).await.unwrap();
    let paringin = district::ActiveModel {
        code: Set("63.11.06".into()),
        name: Set("Paringin".into()),
    };
    district::Entity::insert(paringin)
        .exec_without_returning(&db)
        .await
        .unwrap();

    let first = lppd(Uuid::from_u128(1));
    insert(&db, &first).await.unwrap();
    // the same report again, under its own id and under another
    let second = report::Model {
        version: 2,
        recorded_at: at(2),
        ..first.clone()
    };
    assert_unique_violation(insert(&db, &second).await);
    assert_unique_violation(insert(&db, &lppd(Uuid::from_u128(2))).await);
    // superseded versions do not stand in the way, whatever their key
    insert(
        &db,
        &report::Model {
            superseded_at: Some(at(1)),
            ..lppd(Uuid::from_u128(3))
        },
    )
    .await
    .unwrap();

    let mut superseded = first.clone().into_active_model();
    superseded.superseded_at = Set(Some(at(2)));
    superseded.update(&db).await.unwrap();
    insert(&db, &second).await.unwrap();

    // a deletion is born superseded, and frees the key
    let mut superseded = second.clone().into_active_model();
    superseded.superseded_at = Set(Some(at(3)));
    superseded.update(&db).await.unwrap();
    let deletion = report::Model {
        version: 3,
        recorded_at: at(3),
        deleted: true,
        ..first.clone()
    };
    assert!(insert(&db, &deletion).await.is_err(), "a deletion that is current");
    let late = report::Model {
        superseded_at: Some(at(4)),
        ..deletion.clone()
    };
    assert!(
        insert(&db, &late).await.is_err(),
        "a deletion that is valid for a while"
    );
    insert(
        &db,
        &report::Model {
            superseded_at: Some(at(3)),
            ..deletion
        },
    )
    .await
    .unwrap();
    insert(&db, &lppd(Uuid::from_u128(2))).await.unwrap();

    let ids: Vec<_> = report::Entity::find()
        .filter(report::Column::SupersededAt.is_null())
        .all(&db)
        .await
        .unwrap();
    assert_eq!(ids.iter().map(|r| r.id).collect::<Vec<_>>(), [Uuid::from_u128(2)]);
    let versions = report::Entity::find()
        .filter(report::Column::Id.eq(first.id))
        .order_by_asc(report::Column::Version);
    assert_eq!(
        versions
            .all(&db)
            .await
            .unwrap()
            .iter()
            .map(|r| r.version)
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[apply(both_databases)]
async fn refuse_a_code_outside_its_list(backend: Backend) {
    let test = backend.fresh_migrated().await;
    let db = Database::connect(&test.url).await.unwrap();
    let orphan = insert(&db, &lppd(Uuid::from_u128(1))).await.unwrap_err();
    assert!(
        matches!(orphan.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_))),
        "{orphan}"
    );

    let paringin = district::ActiveModel {
        code: Set("63.11.06".into()),
        name: Set("Paringin".into()),
    };
    district::Entity::insert(paringin)
        .exec_without_returning(&db)
        .await
        .unwrap();
    let unknown = report::Model {
        status: "lost".into(),
        ..lppd(Uuid::from_u128(1))
    };
    assert!(insert(&db, &unknown).await.is_err());
}

#[actix_web::test]
async fn let_sqlite_read_current_versions_by_the_partial_index() {
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
    }
}

fn at(second: i64) -> DateTimeUtc {
    DateTimeUtc::from_timestamp(1_740_000_000 + second, 0).unwrap()
}

fn day() -> Date {
    Date::from_ymd_opt(2025, 2, 20).unwrap()
}

/// The index predicate that "current" means.
const CURRENT: &str = "superseded_at IS NULL";

/// What a database says about itself, in one form for both.
#[derive(Debug, PartialEq)]
struct Described {
    /// (table, column) -> (type in the database's own words, nullable)
    columns: BTreeMap<(String, String), (String, bool)>,
    primary_keys: BTreeMap<String, String>,
    indexes: BTreeSet<Index>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    table: String,
    name: String,
    unique: bool,
    columns: String,
    predicate: String,
}

impl Described {
    async fn read(db: &DatabaseConnection) -> Described {
        let sqlite = db.get_database_backend() == DbBackend::Sqlite;
        let [columns, primary_keys, indexes] = if sqlite { SQLITE } else { POSTGRES };
        let rows = async |sql| {
            db.query_all_raw(Statement::from_string(db.get_database_backend(), sql))
                .await
                .unwrap()
        };
        let mut described = Described {
            columns: BTreeMap::new(),
            primary_keys: BTreeMap::new(),
            indexes: BTreeSet::new(),
        };
        for row in rows(columns).await {
            let (table, column, kind, null) = row.try_get_many_by_index().unwrap();
            described.columns.insert((table, column), (kind, null));
        }
        for row in rows(primary_keys).await {
            let (table, columns) = row.try_get_many_by_index().unwrap();
            described.primary_keys.insert(table, columns);
        }
        for row in rows(indexes).await {
            let (table, name, unique, columns, predicate): (_, _, _, _, String) = row.try_get_many_by_index().unwrap();
            let predicate = predicate.replace(['"', '(', ')'], "");
            described.indexes.insert(Index {
                table,
                name,
                unique,
                columns,
                predicate,
            });
        }
        described
    }

    fn tables(&self) -> BTreeSet<&str> {
        self.columns.keys().map(|(table, _)| table.as_str()).collect()
    }
}

/// Columns, primary keys, and indexes that are no constraint.
const SQLITE: [&str; 3] = [
    r#"SELECT t.name, c.name, c.type, NOT c."notnull" FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table'"#,
    r#"SELECT t.name, group_concat(c.name, ',' ORDER BY c.pk) FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND c.pk > 0 GROUP BY t.name"#,
    r#"SELECT t.name, i.name, i."unique",
              (SELECT group_concat(c.name, ',' ORDER BY c.seqno) FROM pragma_index_info(i.name) c),
              CASE WHEN i.partial THEN substr(s.sql, instr(s.sql, ' WHERE ') + 7) ELSE '' END
       FROM sqlite_schema t, pragma_index_list(t.name) i, sqlite_schema s
       WHERE t.type = 'table' AND s.name = i.name AND i.origin = 'c'"#,
];

const POSTGRES: [&str; 3] = [
    "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns
     WHERE table_schema = 'public'",
    "SELECT indrelid::regclass::text,
            (SELECT string_agg(attname, ',' ORDER BY n) FROM unnest(indkey) WITH ORDINALITY k (attnum, n)
             JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.attnum)
     FROM pg_index WHERE indisprimary AND indrelid::regclass::text IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')",
    "SELECT indrelid::regclass::text, indexrelid::regclass::text, indisunique,
            (SELECT string_agg(attname, ',' ORDER BY n) FROM unnest(indkey) WITH ORDINALITY k (attnum, n)
             JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.attnum),
            coalesce(pg_get_expr(indpred, indrelid), '')
     FROM pg_index WHERE indrelid::regclass::text IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
     AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)",
];
