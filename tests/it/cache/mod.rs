//! Cached responses: they are never out of date, stay valid after unrelated changes, and are cheap (docs/adr/0008).

mod bodies;
mod changes;
mod dependencies;
mod lists;
mod memory;
mod records;

use actix_web::web;
use iku::platform::db::{Db, Stamps, Stream};
use iku::results::response_cache::ResponseCache;

use crate::support::world::World;

const NOW: &str = "2025-06-30T12:00:00+08:00";
const IKU4: &str = "/v1/indicators/paringin-iku-4/realisations/2025-Q2";

/// Every kind of question about the facts of Paringin; the last one is about the whole regency.
const COMPUTED: [&str; 10] = [
    "/v1/indicators/paringin-iku-1/realisations/2025-Q2",
    "/v1/indicators/paringin-iku-2/realisations/2025-Q2",
    "/v1/indicators/paringin-iku-3/realisations/2025-Q2",
    IKU4,
    "/v1/indicators/paringin-iku-5/realisations/2025",
    "/v1/indicators/paringin-iku-4/realisations/2025-Q2/explanation",
    "/v1/indicators/paringin-iku-4/realisations?from=2025-Q1&to=2025-Q4",
    "/v1/realisations?period=2025-Q2&district_code=63.11.06",
    "/v1/reports/completeness?year=2025&district_code=63.11.06",
    "/v1/realisations?period=2025-Q2",
];

/// Returns whether the response to a question about Paringin depends on a stream of Paringin.
fn is_about(path: &str, stream: Stream) -> bool {
    let surveys = path.contains("iku-1/") || path.ends_with("/index");
    let institutions = path.contains("iku-2/");
    let cases = path.contains("iku-3/");
    let reports = ["iku-4/", "iku-5/", "completeness"]
        .iter()
        .any(|part| path.contains(part));
    let all = path.starts_with("/v1/realisations?");
    match stream {
        Stream::Surveys => surveys || all,
        Stream::Institutions => institutions || all,
        Stream::Cases => cases || all,
        Stream::Reports | Stream::ReportKinds => reports || all,
        Stream::Places => institutions || reports || all,
        // Exports alone show the names of files.
        Stream::CodeLists | Stream::Evidence => false,
        Stream::Decrees | Stream::Indicators | Stream::Targets => path.contains("realisations"),
        Stream::Notes => path.contains("realisations") && !path.ends_with("/explanation"),
        // An explanation is always computed.
        Stream::Closings => path.contains("realisations") && !path.ends_with("/explanation"),
    }
}

/// Returns the same service without caches.
async fn without_caches(world: &World) -> World {
    let db = Db::clone(&world.service.db);
    world
        .adjusted(|service| service.response_cache = web::Data::new(ResponseCache::new(db, 0)))
        .await
}

/// Returns the stamps of the database.
async fn stored(world: &World) -> Stamps {
    let stored = world.service.db.read(async |tx| Stamps::load(tx, None).await);
    stored.await.unwrap()
}
