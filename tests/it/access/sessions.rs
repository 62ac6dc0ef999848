//! Sessions: how long they live, how often a refresh token is good, and how people see and end theirs.

use std::time::Duration;

use serde_json::json;

use super::{Session, refresh, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::{Client, Reply, World};

const SESSIONS: &str = "/v1/me/sessions";
const HOUR: Duration = Duration::from_secs(3600);

async fn end(client: &Client, path: &str) -> Reply {
    client.send("DELETE", path, "", Vec::new()).await
}

#[apply(both_databases)]
async fn used_refresh_token_is_good_for_five_more_uses(backend: Backend) {
    let world = World::on(backend).await;
    let first = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let mut last = None;
    for _ in 0..6 {
        last = Some(refresh(&world, &first.refresh_token).await.status(200));
    }
    refresh(&world, &first.refresh_token)
        .await
        .problem(400, "invalid_grant");
    // Its refusal does not end the session: the latest successor goes on.
    let last = Session::new(&world, &last.unwrap());
    refresh(&world, &last.refresh_token).await.status(200);
    // A use after that of a successor does.
    refresh(&world, &first.refresh_token)
        .await
        .problem(400, "invalid_grant");
    last.has_ended(&world).await;
}

#[apply(both_databases)]
async fn used_refresh_token_is_good_for_a_day(backend: Backend) {
    let world = World::on(backend).at("2025-03-03T08:00:00+08:00").await;
    let first = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    refresh(&world, &first.refresh_token).await.status(200);
    world.clock.advance(23 * HOUR);
    let successor = refresh(&world, &first.refresh_token).await.status(200);
    world.clock.advance(HOUR);
    refresh(&world, &first.refresh_token)
        .await
        .problem(400, "invalid_grant");
    refresh(&world, text(&successor.json, "refresh_token"))
        .await
        .status(200);
}

#[apply(both_databases)]
async fn session_ends_ninety_days_after_its_sign_in(backend: Backend) {
    let world = World::on(backend).at("2025-03-03T08:00:00+08:00").await;
    let mut session = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    for _ in 0..4 {
        world.clock.advance(22 * 24 * HOUR);
        session = Session::new(&world, &refresh(&world, &session.refresh_token).await.status(200));
    }
    let listed = session.client.get(SESSIONS).await.status(200);
    assert_eq!(listed.json["items"][0]["expires_at"], "2025-06-01T00:00:00Z");
    world.clock.advance(2 * 24 * HOUR);
    refresh(&world, &session.refresh_token)
        .await
        .problem(400, "invalid_grant");
}

#[apply(both_databases)]
async fn people_see_and_end_their_sessions(backend: Backend) {
    let world = World::on(backend).await;
    let own = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let other = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let third = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let listed = own.client.all(&format!("{SESSIONS}?limit=2")).await;
    let current: Vec<bool> = listed.iter().map(|s| s["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [true, false, false]);
    assert!(listed.iter().all(|s| s["network"] == "198.51.100.1"), "{listed:#?}");
    let path = format!("{SESSIONS}/{}", text(&listed[1], "id"));
    end(&own.client, &path).await.status(204);
    other.has_ended(&world).await;
    end(&own.client, &path).await.problem(404, "not_found");
    end(&own.client, SESSIONS).await.status(204);
    third.has_ended(&world).await;
    assert_eq!(own.client.all(SESSIONS).await.len(), 1);
    refresh(&world, &own.refresh_token).await.status(200);
}

#[actix_web::test]
async fn session_of_another_person_cannot_be_ended() {
    let world = World::on(Backend::Sqlite).await;
    let own = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let path = format!("{SESSIONS}/{}", text(&own.client.all(SESSIONS).await[0], "id"));
    end(&world.officer(&["pmd"]), &path).await.problem(404, "not_found");
    own.client.get("/v1/me").await.status(200);
}

/// A thief who has the refresh token of this very sign-in is out, too.
#[actix_web::test]
async fn new_password_ends_the_refresh_tokens_of_the_same_session_and_keeps_its_scopes() {
    const NEW: &str = "kata sandi baru sekali";
    let world = World::on(Backend::Sqlite).await;
    let scopes = "grant_type=password&username=admin&password=kata+sandi+admin&scope=me:read+me:write";
    let signed_in = world.anonymous().post_form(super::TOKEN, scopes).await.status(200);
    let own = Session::new(&world, &signed_in);
    let stolen = own.refresh_token.clone();
    let change = json!({"current_password": ADMIN_PASSWORD, "new_password": NEW});
    let changed = own.client.post("/v1/me/password", change).await.status(200);
    assert_eq!(changed.json["scope"], "me:read me:write");
    refresh(&world, &stolen).await.problem(400, "invalid_grant");
    let next = refresh(&world, text(&changed.json, "refresh_token")).await.status(200);
    assert_eq!(next.json["scope"], "me:read me:write");
    sign_in(&world, "admin", NEW).await.status(200);
}
