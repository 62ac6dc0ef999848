//! Every stream against every question, in the question's district and in another district.

use iku::platform::db::{Stream, stamps};
use serde_json::json;

use super::{COMPUTED, NOW, is_about, without_caches};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::{PARINGIN, World};

const ELSEWHERE: &str = "63.11.01";

#[apply(both_databases)]
async fn only_related_changes_change_the_etag_and_drop_the_body(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-01-06", "ends_on": "2025-06-15",
    });
    let survey = world.admin().post("/v1/surveys", survey).await.status(201);
    let index = format!("{}/index", survey.header("location"));
    let questions: Vec<&str> = COMPUTED.into_iter().chain([index.as_str()]).collect();

    let (world, statements) = listening(&world, 4 << 20).await;
    let admin = world.admin();
    let mut known = Vec::new();
    for path in &questions {
        known.push(admin.get(path).await.status(200).etag());
    }
    let mut failures = Vec::new();
    for district in [PARINGIN, ELSEWHERE] {
        for stream in Stream::ALL {
            let stamped = world
                .service
                .db
                .write(async |tx| stamps::stamp(tx, &[district], *stream).await);
            stamped.await.unwrap();
            let computing = without_caches(&world).await.admin();
            for (path, tag) in questions.iter().zip(&mut known) {
                // The other district has no indicators. A list of all districts depends on its plan, because a new
                // indicator would appear there.
                let is_plan = matches!(stream, Stream::Decrees | Stream::Indicators);
                let related = match district {
                    PARINGIN => is_about(path, *stream),
                    _ => *path == COMPUTED[9] && is_plan,
                };
                statements.take();
                let reply = admin.get(path).await.status(200);
                let read = statements.take();
                let is_cached = reply.etag() == *tag && read.is_empty();
                if is_cached == related || reply.etag() != computing.get(path).await.status(200).etag() {
                    failures.push(format!("{path} after {stream:?} of {district}: {read:?}"));
                }
                *tag = reply.etag();
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
