//! The schema on both databases: migrations go up and down, and agree with each other and with the entities.

mod cases;
mod described;
mod quotas;
mod recorded_years;
mod versions;

use std::collections::BTreeSet;

use entity::survey_tally;
use iku::facts::responses::verify_tallies;
use migration::{Migrator, MigratorTrait};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, Database, EntityTrait, QueryOrder, Schema, Statement};

use self::described::{CURRENT, Described, Index};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};

macro_rules! for_every_entity {
    ($run:ident) => {
        $run!(
            account,
            agreement,
            bulk_decision,
            case_category,
            case_event,
            closing,
            closing_document,
            credential,
            decree,
            device_quota,
            district,
            enrolment,
            evidence,
            evidence_link,
            former_village,
            held_discard_span,
            held_response,
            indicator,
            indicator_note,
            institution,
            institution_decree,
            institution_kind,
            journal,
            known_network,
            listed_code,
            past_value,
            public_case,
            questionnaire,
            record_start,
            refresh_family,
            refresh_token,
            report,
            report_kind,
            response,
            response_count_span,
            service_key,
            shipped_load,
            signing_key,
            stamp,
            survey,
            survey_link,
            survey_slip,
            survey_tally,
            target,
            village
        )
    };
}

#[apply(both_databases)]
async fn migrations_go_up_and_down_and_up_again(backend: Backend) {
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

/// A tally had eighteen columns before it became one value. Here each column has a different number.
#[apply(both_databases)]
async fn migration_carries_the_tallies_over_in_both_directions(backend: Backend) {
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

    // The entity has the columns of later migrations too.
    let later = u32::try_from(Migrator::migrations().len()).unwrap() - 9;
    Migrator::up(&db, None).await.unwrap();
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

    Migrator::down(&db, Some(later)).await.unwrap();
    assert_eq!(read_columns().await, totals);
    Migrator::up(&db, None).await.unwrap();
    let again = survey_tally::Entity::find().order_by_asc(survey_tally::Column::Respondents);
    assert_eq!(again.all(&db).await.unwrap(), tallies);
}

/// The profile of a tally is counted from the answers that a database has already.
#[apply(both_databases)]
async fn migration_counts_the_profiles(backend: Backend) {
    let world = demonstration(backend).await;
    let db = world.service.db.connection();
    let profiles = async || {
        let tallies = survey_tally::Entity::find().order_by_asc(survey_tally::Column::SurveyId);
        let tallies = tallies.all(db).await.unwrap();
        tallies.into_iter().map(|tally| tally.profile).collect::<Vec<_>>()
    };
    let before = profiles().await;
    assert!(
        before.iter().any(|p| p.starts_with("{\"gender\":{\"laki_laki\":")),
        "{before:?}"
    );
    let later = u32::try_from(Migrator::migrations().len()).unwrap() - 10;
    Migrator::down(db, Some(later)).await.unwrap();
    Migrator::up(db, None).await.unwrap();
    assert_eq!(profiles().await, before);
    let wrong = world.service.db.read(async |tx| verify_tallies(tx).await).await;
    assert_eq!(wrong.unwrap(), []);
}

#[actix_web::test]
async fn both_databases_have_the_same_schema() {
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
async fn entities_match_the_schema(backend: Backend) {
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

/// A unique index of current versions, without any other condition, makes sure that each key has one current version.
#[apply(both_databases)]
async fn every_versioned_table_has_one_current_version(backend: Backend) {
    let test = backend.fresh_migrated().await;
    let schema = Described::read(&Database::connect(&test.url).await.unwrap()).await;
    let versioned: Vec<_> = schema
        .columns
        .keys()
        .filter(|(_, column)| column == "superseded_at")
        .collect();
    assert_eq!(versioned.len(), 16);
    for (table, _) in versioned {
        let key = schema.primary_keys[table].strip_suffix(",version").unwrap();
        let has_rule = |i: &&Index| i.table == *table && i.unique && i.columns == key && i.predicate == CURRENT;
        assert!(schema.indexes.iter().any(|i| has_rule(&i)), "{table}");
    }
    for index in schema.indexes.iter().filter(|i| i.predicate.contains("superseded_at")) {
        assert_eq!(index.predicate, CURRENT, "{}", index.name);
    }
}
