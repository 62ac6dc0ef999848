//! Access: sign-in, attacks on it, users, clients, devices, and every operation for every role.

mod attacks;
mod audit;
mod clients;
pub mod devices;
mod guessing;
mod handing_out;
mod lost_phones;
pub mod matrix;
mod oauth;
mod reporters;
mod rotation;
mod secretary;
mod sessions;
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

/// A session: its access token in a client, and its refresh token.
pub struct Session {
    pub client: Client,
    pub refresh_token: String,
}

impl Session {
    pub fn new(world: &World, reply: &Reply) -> Self {
        Self {
            client: world.bearer(text(&reply.json, "access_token")),
            refresh_token: text(&reply.json, "refresh_token").to_owned(),
        }
    }

    pub async fn begin(world: &World, username: &str, password: &str) -> Self {
        Self::new(world, &sign_in(world, username, password).await.status(200))
    }

    /// Checks that neither of the two tokens is accepted any more.
    pub async fn has_ended(&self, world: &World) {
        self.client.get("/v1/me").await.problem(401, "invalid_token");
        refresh(world, &self.refresh_token).await.problem(400, "invalid_grant");
    }
}

/// The first administrator, signed in.
pub async fn admin(world: &World) -> Client {
    let answer = sign_in(world, "admin", ADMIN_PASSWORD).await.status(200);
    world.bearer(text(&answer.json, "access_token"))
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value:#}"))
}
