//! The people, the phones and the system of the office, who sign in as they do in life.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::access::{admin, devices, form, sign_in, text};
use crate::support::world::{Client, PARINGIN, World, instant};

const PASSWORD: &str = "kata sandi kantor";

/// User name, role, section.
const PEOPLE: [(&str, &str, &[&str]); 8] = [
    ("camat", "head", &[]),
    ("sekretaris", "secretary", &[]),
    ("kasi.pelayanan", "officer", &["pelayanan-kessos"]),
    ("kasi.pmd", "officer", &["pmd"]),
    ("kasi.trantibum", "officer", &["trantibum"]),
    ("kasi.pemerintahan", "officer", &["pemerintahan"]),
    ("kasi.pembinaan", "officer", &["pembinaan-pengawasan"]),
    ("inspektorat", "auditor", &[]),
];

pub struct Office<'a> {
    world: &'a World,
    /// The client id and the secret of the regency's system, then of two phones.
    clients: Vec<(String, String)>,
    /// Paths of records to which the office comes back.
    remembered: RefCell<BTreeMap<&'static str, String>>,
}

impl<'a> Office<'a> {
    /// The administrator makes eight users, two phones and the system of the regency; the phones enrol.
    pub async fn opened(world: &'a World) -> Self {
        let admin = admin(world).await;
        for (username, role, sections) in PEOPLE {
            let user = json!({
                "username": username, "name": username, "role": role, "district_code": PARINGIN, "sections": sections,
                "password": PASSWORD,
            });
            admin.post("/v1/users", user).await.status(201);
        }
        let new = |kind: &str, name: &str, role: &str| json!({"kind": kind, "name": name, "role": role, "district_code": PARINGIN});
        let system = new("system", "SAKIP Kabupaten Balangan", "integrator");
        let system = admin.post("/v1/clients", system).await.status(201);
        let mut clients = vec![(system.id(), text(&system.json, "secret").to_owned())];
        for n in [1, 2] {
            let phone = new("device", &format!("HP petugas {n}"), "surveyor");
            let phone = admin.post("/v1/clients", phone).await.status(201);
            let code = devices::code(&admin, phone.header("location")).await;
            let secret = devices::secret(n);
            devices::enrol(world, &code, &secret).await.status(200);
            clients.push((phone.id(), secret));
        }
        Self {
            world,
            clients,
            remembered: RefCell::default(),
        }
    }

    /// Moves the clock of the office. It never goes back.
    pub fn at(&self, now: &str) {
        let now = instant(now);
        assert!(now >= self.world.clock.now(), "{now}");
        self.world.clock.set(now);
    }

    /// Moves the clock to nine o'clock of a day.
    pub fn on(&self, day: &str) {
        self.at(&format!("{day}T09:00:00+08:00"));
    }

    /// Signs a person in. Tokens last fifteen minutes, and there are months between two visits.
    pub async fn enter(&self, username: &str) -> Client {
        if username == "admin" {
            return admin(self.world).await;
        }
        let session = sign_in(self.world, username, PASSWORD).await.status(200);
        self.world.bearer(text(&session.json, "access_token"))
    }

    pub async fn system(&self) -> Client {
        self.client(0).await
    }

    pub async fn phones(&self) -> [Client; 2] {
        [self.client(1).await, self.client(2).await]
    }

    async fn client(&self, n: usize) -> Client {
        let (id, secret) = &self.clients[n];
        let members = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
        ];
        let session = self
            .world
            .anonymous()
            .post_form("/v1/auth/token", &form(&members))
            .await
            .status(200);
        self.world.bearer(text(&session.json, "access_token"))
    }

    pub fn remember(&self, name: &'static str, path: String) {
        self.remembered.borrow_mut().insert(name, path);
    }

    pub fn remembered(&self, name: &'static str) -> String {
        self.remembered.borrow()[name].clone()
    }

    pub async fn post(&self, username: &str, path: &str, body: Value) -> Value {
        self.enter(username).await.post(path, body).await.status(201).json
    }
}
