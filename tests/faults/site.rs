//! A running service with an open survey, and the checks of its database.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use entity::response;
use iku::maintenance::checks::{self, Findings};
use iku::platform::db::Db;
use iku_phone::enrol::{Invitation, enrol};
use iku_phone::server::Patience;
use iku_phone::{Identity, Server};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;
use uuid::Uuid;

use crate::support::backend::{Backend, TestDb};
use crate::support::process::{PASSWORD, Running, folder};

/// Where the service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
    /// Two instances on one PostgreSQL.
    Twins,
}

impl Kind {
    pub fn instances(self) -> usize {
        if self == Kind::Twins { 2 } else { 1 }
    }
}

/// The current addresses of the instances. A restarted instance has another address.
pub type Addresses = Arc<RwLock<Vec<String>>>;

pub struct Site {
    pub url: String,
    pub folder: TempDir,
    /// By instance; `None`: the instance is stopped.
    pub running: Vec<Option<Running>>,
    pub addresses: Addresses,
    /// Of an administrator, for 15 minutes.
    pub token: Arc<RwLock<String>>,
    pub survey: Uuid,
    /// Dropped after the instances.
    _database: Option<TestDb>,
}

impl Site {
    pub fn new(kind: Kind) -> Self {
        let backend = if kind == Kind::Sqlite {
            Backend::Sqlite
        } else {
            Backend::Postgres
        };
        let database = block_on(backend.fresh_empty());
        let url = database.url.clone();
        Self::on(&url, kind.instances(), folder(), Some(database))
    }

    /// Starts a service on a given database.
    pub fn on(url: &str, instances: usize, folder: TempDir, database: Option<TestDb>) -> Self {
        let mut site = Self {
            url: url.to_owned(),
            folder,
            running: (0..instances).map(|_| None).collect(),
            addresses: Arc::new(RwLock::new(vec![String::new(); instances])),
            token: Arc::default(),
            survey: Uuid::new_v4(),
            _database: database,
        };
        for n in 0..instances {
            site.start(n);
        }
        site.renew_token();
        site.open_survey();
        site
    }

    /// Starts an instance and publishes its address.
    pub fn start(&mut self, n: usize) {
        let settings = [
            ("IKU_DATABASE_URL", self.url.as_str()),
            ("IKU_ADMIN_PASSWORD", PASSWORD),
        ];
        self.put(n, Running::start(self.folder.path(), &settings));
    }

    pub fn put(&mut self, n: usize, running: Running) {
        self.addresses.write().unwrap()[n].clone_from(&running.address);
        self.running[n] = Some(running);
    }

    /// Kills an instance with SIGKILL.
    pub fn kill(&mut self, n: usize) {
        self.running[n].take().unwrap().kill();
    }

    fn open_survey(&self) {
        let survey = json!({
            "id": self.survey, "district_code": "63.11.06", "title": "SKM", "section": "pelayanan-kessos",
            "starts_on": "2025-01-01", "ends_on": "2025-12-31",
        });
        self.ask("POST", "/v1/surveys", survey, 201);
        self.set_survey("open");
    }

    pub fn set_survey(&self, status: &str) {
        self.ask(
            "PATCH",
            &format!("/v1/surveys/{}", self.survey),
            json!({ "status": status }),
            200,
        );
    }

    /// Sends a request to the first instance as the administrator.
    pub fn ask(&self, method: &str, path: &str, body: Value, expected: u16) -> Value {
        let url = format!("http://{}{path}", self.addresses.read().unwrap()[0]);
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {}", self.token.read().unwrap()))
            .header("content-type", "application/json")
            .header("if-match", "*");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut reply = agent().run(request.body(body).unwrap()).unwrap();
        let text = reply.body_mut().read_to_string().unwrap();
        assert_eq!(reply.status(), expected, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Enrols a phone in a folder, with the steps of the office and of the phone.
    pub fn enrol(&self, folder: &Path) -> Identity {
        let made = json!({"kind": "device", "name": "Ponsel Kader", "role": "surveyor", "district_code": "63.11.06"});
        let made = self.ask("POST", "/v1/clients", made, 201);
        let id = made["id"].as_str().unwrap();
        let code = self.ask("POST", &format!("/v1/clients/{id}/enrolments"), Value::Null, 201);
        let server = format!("http://{}", self.addresses.read().unwrap()[0]);
        let invitation = Invitation::typed(&server, code["code"].as_str().unwrap()).unwrap();
        enrol(folder, &invitation, &Server::new(&server, Patience::default())).unwrap()
    }

    /// Signs in again, as everyone does whose token is about to expire.
    pub fn renew_token(&self) {
        *self.token.write().unwrap() = self.running[0].as_ref().unwrap().token();
    }

    /// Checks the database, also during writes: every acknowledged answer is stored, the tallies are the sums of the rows,
    /// every change has its event, every chain is whole, and the file is intact. Returns the stored ids.
    pub fn judge(&self, acknowledged: &BTreeSet<Uuid>) -> BTreeSet<Uuid> {
        block_on(async {
            let db = Db::open(&self.url).await.unwrap();
            let find = response::Entity::find().select_only().column(response::Column::Id);
            let rows: Vec<Uuid> = find.into_tuple().all(db.connection()).await.unwrap();
            let stored: BTreeSet<Uuid> = rows.iter().copied().collect();
            assert_eq!(rows.len(), stored.len(), "an id is stored twice");
            let lost: Vec<&Uuid> = acknowledged.difference(&stored).collect();
            assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
            let mut findings = Findings::default();
            let checked = db.snapshot(async |tx| checks::records(tx, &mut findings).await);
            checked.await.unwrap();
            assert_eq!(
                findings.errors, [""; 0],
                "tallies, versions or the journal differ from the rows"
            );
            if self.url.starts_with("sqlite:") {
                let check = Statement::from_string(db.backend(), "PRAGMA integrity_check");
                let row = db.connection().query_one_raw(check).await.unwrap().unwrap();
                assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "ok");
            }
            db.close().await.unwrap();
            stored
        })
    }

    /// Checks the database after all writes: it has the acknowledged answers and no others.
    pub fn judge_finally(&self, acknowledged: &BTreeSet<Uuid>) {
        let stored = self.judge(acknowledged);
        let more: Vec<&Uuid> = stored.difference(acknowledged).collect();
        assert!(more.is_empty(), "stored and never acknowledged: {more:?}");
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

pub fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .into()
}

/// Returns a valid answer. It depends only on the id.
pub fn answer(survey: Uuid, id: Uuid) -> Value {
    let score = id.as_bytes()[15] % 4 + 1;
    json!({
        "id": id, "survey_id": survey, "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp",
        "answers": {"persyaratan": score, "prosedur": 3, "waktu": score, "biaya": 4, "produk": 3, "perilaku": 4},
    })
}
