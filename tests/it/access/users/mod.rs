//! Users: creation, changes and the sessions they end, deletion, passwords.

mod changes;
mod passwords;
mod rules;

use serde_json::{Value, json};

use crate::support::world::{Client, PARINGIN, Reply};

const USERS: &str = "/v1/users";
const PASSWORD: &str = "rahasia sekali";

fn kasi() -> Value {
    json!({
        "username": "kasi.pemerintahan", "name": "Kasi Pemerintahan", "role": "officer", "district_code": PARINGIN,
        "sections": ["pemerintahan"], "password": PASSWORD,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut user = kasi();
    user[name] = value;
    user
}

/// Creates `kasi()`; returns the path and the reply.
async fn created(admin: &Client) -> (String, Reply) {
    let reply = admin.post(USERS, kasi()).await.status(201);
    (reply.header("location").to_owned(), reply)
}
