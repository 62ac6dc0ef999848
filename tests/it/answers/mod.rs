//! Computed answers that are given without computing: never a stale one, and cheap (docs/adr/0007).

mod bodies;
mod changes;
mod memory;

use actix_web::web;
use iku::platform::db::{Db, Reached, stamps};
use iku::results::answers::Answers;

use crate::support::world::World;

const NOW: &str = "2025-06-30T12:00:00+08:00";
const IKU4: &str = "/v1/indicators/paringin-iku-4/realisations/2025-Q2";

/// Everything that is computed from the facts of Paringin.
const COMPUTED: [&str; 9] = [
    "/v1/indicators/paringin-iku-1/realisations/2025-Q2",
    "/v1/indicators/paringin-iku-2/realisations/2025-Q2",
    "/v1/indicators/paringin-iku-3/realisations/2025-Q2",
    IKU4,
    "/v1/indicators/paringin-iku-5/realisations/2025",
    "/v1/indicators/paringin-iku-4/realisations/2025-Q2/explanation",
    "/v1/indicators/paringin-iku-4/realisations?from=2025-Q1&to=2025-Q4",
    "/v1/realisations?period=2025-Q2&district=63.11.06",
    "/v1/reports/completeness?year=2025&district=63.11.06",
];

/// The same service, with nothing computed or read before.
async fn forgetful(world: &World) -> World {
    let answers = web::Data::new(Answers::keeping(Db::clone(&world.service.db), 0));
    world.adjusted(|service| service.answers = answers).await
}

/// How far the districts have come, as the database has it.
async fn stored(world: &World) -> Reached {
    let rows = world.service.db.read(async |tx| stamps::list(tx, None).await).await;
    Reached::of(&rows.unwrap())
}
