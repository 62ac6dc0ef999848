//! The counts of held answers of a database of 0.1.

use entity::{device_quota, district};
use migration::{Migrator, MigratorTrait};
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Database, EntityTrait, IntoActiveModel, QueryOrder};

use crate::support::backend::{Backend, apply, both_databases};

/// Returns the INSERT of a held answer, with the columns of 0.1.
fn held(backend: Backend, n: u8, device: Option<u128>, decided: bool) -> String {
    let id = |n: u128| match backend {
        Backend::Sqlite => format!("x'{n:032x}'"),
        Backend::Postgres => format!("'{}'", Uuid::from_u128(n)),
    };
    let digest = format!("{n:02x}").repeat(32);
    let digest = match backend {
        Backend::Sqlite => format!("x'{digest}'"),
        Backend::Postgres => format!("'\\x{digest}'"),
    };
    let (own, epoch) = (id(n.into()), "'1970-01-01T00:00:00+00:00'");
    let device = device.map_or("NULL".to_owned(), id);
    let decision = match decided {
        true => format!("'discarded', {epoch}"),
        false => "NULL, NULL".to_owned(),
    };
    format!(
        "INSERT INTO held_response (id, reason, district_code, survey_id, response_id, fingerprint, received_at, clock_flag, \
         device_id, recorded_by, decision, decided_at) VALUES ({own}, 'device_revoked', '63.11.06', {}, {own}, {digest}, {epoch}, \
         FALSE, {device}, 'hp-1', {decision})",
        id(1)
    )
}

#[apply(both_databases)]
async fn answers_that_wait_are_counted_for_their_phones(backend: Backend) {
    let test = backend.fresh_empty().await;
    let db = Database::connect(&test.url).await.unwrap();
    let all = Migrator::migrations();
    let before = all.iter().position(|m| m.name().ends_with("_000013_quotas")).unwrap();
    Migrator::up(&db, Some(before.try_into().unwrap())).await.unwrap();
    let paringin = district::Model {
        code: "63.11.06".to_owned(),
        name: "Paringin".to_owned(),
    };
    let paringin = paringin.into_active_model().reset_all();
    district::Entity::insert(paringin)
        .exec_without_returning(&db)
        .await
        .unwrap();
    for (n, device, decided) in [
        (1, Some(7), false),
        (2, Some(7), false),
        (3, Some(7), true),
        (4, Some(8), false),
        (5, Some(9), true),
        (6, None, false),
    ] {
        db.execute_unprepared(&held(backend, n, device, decided)).await.unwrap();
    }
    for _ in 0..2 {
        Migrator::up(&db, None).await.unwrap();
        let counted = device_quota::Entity::find().order_by_asc(device_quota::Column::DeviceId);
        let counted = counted.all(&db).await.unwrap();
        let counted: Vec<_> = counted
            .iter()
            .map(|row| (row.device_id.as_u128(), row.held, row.counted))
            .collect();
        assert_eq!(counted, [(7, 2, 0), (8, 1, 0)]);
        let steps = Migrator::migrations().len() - before;
        Migrator::down(&db, Some(steps.try_into().unwrap())).await.unwrap();
    }
}
