//! The cases and the accounts of a database of 0.2.

use entity::{account, case_event, public_case};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, EntityTrait, PaginatorTrait, QueryOrder};

use crate::support::backend::{Backend, apply, both_databases};

/// Inserts rows as 0.2 did: a case of 2022 and one of 2025, both recorded in 2025 and corrected in 2028, an event, a Camat.
async fn fill(db: &impl ConnectionTrait, backend: Backend) {
    let id = |n: u128| match backend {
        Backend::Sqlite => format!("x'{n:032x}'"),
        Backend::Postgres => format!("'{}'", sea_orm::prelude::Uuid::from_u128(n)),
    };
    let (first, second) = ("'2025-01-10T01:00:00+00:00'", "'2028-01-10T01:00:00+00:00'");
    let mut statements = vec![
        "INSERT INTO district (code, name) VALUES ('63.11.06', 'Paringin')".to_owned(),
        "INSERT INTO case_category (code) VALUES ('jalan')".to_owned(),
        format!(
            "INSERT INTO case_event (id, case_id, position, kind, at, recorded_at, recorded_by)
             VALUES ({}, {}, 0, 'verified', {first}, {first}, 'kasi')",
            id(9),
            id(1)
        ),
        format!(
            "INSERT INTO account (id, kind, username, name, role, sections, active, generation, changed_at, created_at, created_by)
             VALUES ({}, 'user', 'camat', 'Camat', 'head', '[]', true, 1, {first}, {first}, 'iku')",
            id(8)
        ),
        format!(
            "INSERT INTO credential (id, account_id, kind, hash, created_at) VALUES ({}, {}, 'password', 'x', {first})",
            id(7),
            id(8)
        ),
    ];
    for (n, day) in [(1, "2022-12-31"), (2, "2025-01-09")] {
        for (version, recorded, superseded) in [(1, first, second), (2, second, "NULL")] {
            statements.push(format!(
                "INSERT INTO public_case (id, version, recorded_at, recorded_by, superseded_at, deleted, district_code,
                     village_code, category, occurred_at, occurred_on, summary, status)
                 VALUES ({}, {version}, {recorded}, 'kasi', {superseded}, false, '63.11.06', '63.11.06.2005', 'jalan',
                     '{day}T01:00:00+00:00', '{day}', 'x', 'verified')",
                id(n)
            ));
        }
    }
    for statement in statements {
        db.execute_unprepared(&statement).await.unwrap();
    }
}

#[apply(both_databases)]
async fn cases_keep_their_content_and_take_the_new_events(backend: Backend) {
    let test = backend.fresh_empty().await;
    let db = Database::connect(&test.url).await.unwrap();
    let all = Migrator::migrations();
    let before = all.iter().position(|m| m.name().ends_with("_000018_cases")).unwrap();
    Migrator::up(&db, Some(before.try_into().unwrap())).await.unwrap();
    fill(&db, backend).await;
    let event = |id: u8, kind: &str| {
        let id = match backend {
            Backend::Sqlite => format!("x'{id:032x}'"),
            Backend::Postgres => format!("'{}'", sea_orm::prelude::Uuid::from_u128(id.into())),
        };
        format!(
            "INSERT INTO case_event (id, case_id, position, kind, at, recorded_at, recorded_by)
             SELECT {id}, case_id, {id_position}, '{kind}', at, recorded_at, recorded_by FROM case_event WHERE position = 0",
            id_position = 1
        )
    };
    let secretary = "UPDATE account SET role = 'secretary'";
    for _ in 0..2 {
        // 0.2 refuses the new words.
        assert!(db.execute_unprepared(&event(20, "withdrawn")).await.is_err());
        assert!(db.execute_unprepared(secretary).await.is_err());
        Migrator::up(&db, None).await.unwrap();
        let cases = public_case::Entity::find()
            .order_by_asc(public_case::Column::Id)
            .order_by_asc(public_case::Column::Version);
        let cases = cases.all(&db).await.unwrap();
        // A case was late when it was first recorded, not when it was corrected years later.
        let flags: Vec<_> = cases
            .iter()
            .map(|case| (case.flags.as_str(), case.time_known))
            .collect();
        assert_eq!(
            flags,
            [
                ("occurred_long_ago", true),
                ("occurred_long_ago", true),
                ("", true),
                ("", true)
            ]
        );
        db.execute_unprepared(&event(21, "withdrawn")).await.unwrap();
        assert!(db.execute_unprepared(&event(22, "lost")).await.is_err());
        db.execute_unprepared(secretary).await.unwrap();
        assert!(db.execute_unprepared("UPDATE account SET role = 'king'").await.is_err());
        assert_eq!(case_event::Entity::find().count(&db).await.unwrap(), 2);

        let steps = Migrator::migrations().len() - before;
        Migrator::down(&db, Some(steps.try_into().unwrap())).await.unwrap();
    }
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(case_event::Entity::find().count(&db).await.unwrap(), 1);
    // A secretary of the new version is one who reads in the old.
    assert_eq!(account::Entity::find().one(&db).await.unwrap().unwrap().role, "auditor");
}
