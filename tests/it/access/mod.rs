//! Who may: sign-in, its attacks, users, clients, and every operation against every role.

mod attacks;
mod clients;
mod devices;
mod lost_phones;
mod matrix;
mod rotation;
mod startup;
mod token;
mod users;
mod watch;

use serde_json::Value;

use crate::support::backend::ADMIN_PASSWORD;
use crate::support::world::{Client, Reply, World};

pub const TOKEN: &str = "/v1/auth/token";

/// `application/x-www-form-urlencoded`, for values without special characters.
pub fn form(members: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
        .collect();
    pairs.join("&")
}

pub async fn sign_in(world: &World, username: &str, password: &str) -> Reply {
    let form = form(&[
        ("grant_type", "password"),
        ("username", username),
        ("password", password),
    ]);
    world.anonymous().post_form(TOKEN, &form).await
}

pub async fn refresh(world: &World, token: &str) -> Reply {
    let form = form(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
    world.anonymous().post_form(TOKEN, &form).await
}

/// The first administrator, signed in.
pub async fn admin(world: &World) -> Client {
    let answer = sign_in(world, "admin", ADMIN_PASSWORD).await.status(200);
    world.bearer(text(&answer.json, "access_token"))
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value:#}"))
}
