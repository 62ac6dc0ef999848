//! The shipped data: the first start loads it, and a second load changes nothing.

use std::collections::BTreeSet;

use iku::shipped::loader::{Extent, load};
use sea_orm::{EntityTrait, ModelTrait, PaginatorTrait};
use serde_json::json;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, World};

/// Returns the number of rows of each shipped table.
async fn counts(world: &World) -> [u64; 11] {
    async fn count<E>(tx: &iku::platform::db::ReadTx) -> Result<u64, iku::platform::Error>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E> + Sync,
    {
        Ok(E::find().count(tx).await?)
    }
    let counted = world.service.db.read(async |tx| {
        Ok([
            count::<entity::district::Entity>(tx).await?,
            count::<entity::stamp::Entity>(tx).await?,
            count::<entity::village::Entity>(tx).await?,
            count::<entity::decree::Entity>(tx).await?,
            count::<entity::indicator::Entity>(tx).await?,
            count::<entity::report_kind::Entity>(tx).await?,
            count::<entity::institution_kind::Entity>(tx).await?,
            count::<entity::case_category::Entity>(tx).await?,
            count::<entity::questionnaire::Entity>(tx).await?,
            count::<entity::target::Entity>(tx).await?,
            count::<entity::listed_code::Entity>(tx).await?,
        ])
    });
    counted.await.unwrap()
}

async fn load_again(world: &World, extent: Extent) {
    let loading = world.service.db.write(async |tx| load(tx, extent).await);
    loading.await.unwrap();
}

#[apply(both_databases)]
async fn first_start_loads_paringin(backend: Backend) {
    let world = World::on(backend).await;
    let shipped = [1, 1, 16, 1, 5, 9, 6, 13, 1, 0, 57];
    assert_eq!(counts(&world).await, shipped);
    let admin = world.admin();
    assert_eq!(admin.all("/v1/villages?kind=desa").await.len(), 14);
    assert_eq!(admin.all("/v1/villages?kind=kelurahan").await.len(), 2);
    let balang = admin.get(&format!("/v1/villages/{BALANG}")).await.status(200).json;
    assert_eq!(balang["recorded_at"], "1970-01-01T00:00:00Z");
    assert_eq!(balang["recorded_by"], "iku");

    load_again(&world, Extent::Paringin).await;
    assert_eq!(counts(&world).await, shipped);
}

#[apply(both_databases)]
async fn regency_can_be_loaded_later(backend: Backend) {
    let world = World::on(backend).await;
    load_again(&world, Extent::Regency).await;
    let shipped = [8, 8, 157, 1, 5, 9, 6, 13, 1, 0, 57];
    assert_eq!(counts(&world).await, shipped);
    let villages = world.admin().all("/v1/villages?limit=100").await;
    let districts: BTreeSet<_> = villages.iter().map(|v| v["district_code"].as_str().unwrap()).collect();
    assert_eq!((villages.len(), districts.len()), (157, 8));

    load_again(&world, Extent::Regency).await;
    load_again(&world, Extent::Paringin).await;
    assert_eq!(counts(&world).await, shipped);
}

#[apply(both_databases)]
async fn second_load_keeps_changes(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let change = [
        (format!("/v1/villages/{BALANG}"), json!({"name": "Balang Hulu"})),
        (
            "/v1/report-kinds/lppd".to_owned(),
            json!({"from_year": 2020, "due_day": 15, "reason": "Uji"}),
        ),
        (
            format!("/v1/decrees/{}", iku::shipped::decree().id),
            json!({"last_year": 2025, "reason": "Uji"}),
        ),
        ("/v1/services/ktp".to_owned(), json!({"name": "KTP-el"})),
    ];
    let mut changed = Vec::new();
    for (path, patch) in change {
        let reply = admin.patch(&path, "*", patch).await.status(200).without_warnings();
        changed.push((path, reply.json.clone(), reply.etag()));
    }
    let before = counts(&world).await;
    load_again(&world, Extent::Paringin).await;
    load_again(&world, Extent::Regency).await;
    for (path, json, etag) in changed {
        let now = admin.get(&path).await.status(200);
        assert_eq!((&now.json, now.etag()), (&json, etag), "{path}");
    }
    assert_eq!(counts(&world).await[3..], before[3..]);
}
