//! The audit log: who did what to which account, from where, with which outcome; and never a secret.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::clients::{CLIENTS, enter, phone};
use super::devices::{enrol, secret};
use super::{Session, TOKEN, form, refresh, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend};
use crate::support::world::World;

const USERS: &str = "/v1/users";
const NETWORK: &str = "198.51.100.1";

/// The lines of the audit log that this thread writes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

struct Audit {
    log: Log,
    seen: String,
    operations: BTreeSet<&'static str>,
    _guard: DefaultGuard,
    /// With one subscriber alone, a test on another thread could switch a log line off for all threads.
    _second: Dispatch,
}

impl Audit {
    fn start() -> Self {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_env_filter(EnvFilter::new("iku::audit=info"))
            .with_writer(log.clone())
            .finish();
        Self {
            log,
            seen: String::new(),
            operations: BTreeSet::new(),
            _second: Dispatch::new(tracing_subscriber::registry()),
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    /// Checks that the operation wrote one line, and returns it.
    #[track_caller]
    fn one(&mut self, operation: &'static str, what: &str, outcome: &str, account: &str) -> Value {
        let text = String::from_utf8(std::mem::take(&mut *self.log.0.lock().unwrap())).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 1, "{operation}: {text}");
        let line = lines[0].clone();
        let found = ["what", "outcome", "account", "network"].map(|name| line[name].as_str().unwrap_or_default());
        assert_eq!(found, [what, outcome, account, NETWORK], "{operation}: {text}");
        self.seen.push_str(&text);
        self.operations.insert(operation);
        line
    }
}

/// Returns the operations that change accounts, sessions or credentials.
fn expected(document: &Value) -> BTreeSet<String> {
    let scopes = ["users:write", "clients:write", "me:write"];
    let mut found = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].to_string();
            let is_sign_in = operation["tags"][0] == "auth" && method == "post";
            if is_sign_in || scopes.iter().any(|scope| security.contains(scope)) {
                found.insert(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
    }
    found
}

#[actix_web::test]
async fn every_operation_on_accounts_writes_one_line_without_secrets() {
    const NEW: &str = "kata sandi baru sekali";
    const TYPED: &str = "rahasia-di-kolom-yang-salah";
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let mut secrets: Vec<String> = [ADMIN_PASSWORD, NEW, TYPED, "rahasia sekali", "bukan ini"]
        .map(str::to_owned)
        .into();
    let mut audit = Audit::start();

    let session = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    audit.one("createToken", "sign-in", "ok", "admin");
    sign_in(&world, "admin", "bukan ini").await.status(400);
    let line = audit.one("createToken", "sign-in", "refused", "admin");
    assert_eq!(line["reason"], "invalid_grant");
    sign_in(&world, TYPED, "bukan ini").await.status(400);
    audit.one("createToken", "sign-in", "refused", "(unknown)");
    for _ in 0..9 {
        let key = ("admin".to_owned(), NETWORK.to_owned());
        world
            .service
            .token_service
            .throttle()
            .password_failed(key, true)
            .unwrap();
    }
    sign_in(&world, "admin", "bukan ini").await.status(429);
    audit.one("createToken", "sign-in", "throttled", "admin");
    let next = Session::new(&world, &refresh(&world, &session.refresh_token).await.status(200));
    refresh(&world, &next.refresh_token).await.status(200);
    refresh(&world, &session.refresh_token).await.status(400);
    audit.one("createToken", "refresh token reused", "refused", "admin");

    let user = json!({
        "username": "kasi", "name": "Kasi", "role": "officer", "district_code": "63.11.06", "sections": ["pmd"],
        "password": "rahasia sekali",
    });
    let made = admin.post(USERS, user).await.status(201);
    let line = audit.one("createUser", "user created", "ok", "kasi");
    assert_eq!(
        [&line["by"], &line["role"], &line["active"]],
        ["test.administrator", "officer", "true"]
    );
    let path = made.header("location").to_owned();
    let change = json!({"role": "head", "sections": [], "active": false, "reason": "Mutasi"});
    admin.patch(&path, "*", change).await.status(200);
    let line = audit.one("updateUser", "user changed", "ok", "kasi");
    let changed = ["role", "sections", "active", "reason"].map(|name| line[name].as_str().unwrap());
    assert_eq!(
        changed,
        ["officer -> head", "[\"pmd\"] -> []", "true -> false", "Mutasi"]
    );
    admin
        .patch(&path, "*", json!({"password": NEW, "active": true}))
        .await
        .status(200);
    audit.one("updateUser", "user changed, with a new password", "ok", "kasi");

    let own = Session::begin(&world, "kasi", NEW).await;
    audit.one("createToken", "sign-in", "ok", "kasi");
    let own_change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    own.client
        .post("/v1/me/password", own_change("bukan ini", "rahasia sekali"))
        .await
        .status(422);
    audit.one("updateMyPassword", "own password changed", "refused", "kasi");
    let changed = own
        .client
        .post("/v1/me/password", own_change(NEW, "rahasia sekali"))
        .await
        .status(200);
    audit.one("updateMyPassword", "own password changed", "ok", "kasi");
    let own = Session::new(&world, &changed);
    let other = Session::begin(&world, "kasi", "rahasia sekali").await;
    audit.one("createToken", "sign-in", "ok", "kasi");
    let end = async |path: &str| own.client.send("DELETE", path, "", Vec::new()).await.status(204);
    let listed = own.client.all("/v1/me/sessions").await;
    end(&format!("/v1/me/sessions/{}", text(&listed[1], "id"))).await;
    audit.one("deleteMySession", "session ended", "ok", "kasi");
    end("/v1/me/sessions").await;
    audit.one("deleteMyOtherSessions", "other sessions ended", "ok", "kasi");
    let token = form(&[("token", &own.refresh_token)]);
    world.anonymous().post_form("/v1/auth/revoke", &token).await.status(200);
    audit.one("revokeToken", "session ended", "ok", "kasi");
    admin.delete(&path, "*").await.status(204);
    audit.one("deleteUser", "user deleted", "ok", "kasi");

    let made = admin.post(CLIENTS, phone()).await.status(201);
    let id = made.id();
    audit.one("createClient", "client created", "ok", &id);
    let path = made.header("location").to_owned();
    admin.patch(&path, "*", json!({"name": "HP loket 2"})).await.status(200);
    let line = audit.one("updateClient", "client changed", "ok", &id);
    assert_eq!(line["name"], "HP loket 1 -> HP loket 2");
    let rotated = admin.post(&format!("{path}/secrets"), Value::Null).await.status(201);
    audit.one("createClientSecret", "client secret made", "ok", &id);
    let own_secret = text(&rotated.json, "secret").to_owned();
    enter(&world, &id, &own_secret).await.status(200);
    audit.one("createToken", "client sign-in", "ok", &id);
    enter(&world, &id, "bukan ini").await.status(401);
    audit.one("createToken", "client sign-in", "refused", &id);
    for nobody in ["bukan-id", "0195934d-2f80-7b1c-8a55-5c0d7e9f1a23"] {
        enter(&world, nobody, "bukan ini").await.status(401);
        audit.one("createToken", "client sign-in", "refused", "(unknown)");
    }
    let code = admin.post(&format!("{path}/enrolments"), Value::Null).await.status(201);
    audit.one("createEnrolment", "enrolment code made", "ok", &id);
    let code = text(&code.json, "code").to_owned();
    enrol(&world, &code, &secret(1)).await.status(200);
    audit.one("enrolDevice", "enrolment code exchanged", "ok", &id);
    for _ in 0..10 {
        enrol(&world, &code, &secret(2)).await.status(400);
        audit.one("enrolDevice", "enrolment code exchanged", "refused", &id);
    }
    enrol(&world, &code, &secret(2)).await.status(429);
    audit.one("enrolDevice", "enrolment code exchanged", "throttled", &id);
    enrol(&world, &code, &"a".repeat(43)).await.status(422);
    let line = audit.one("enrolDevice", "enrolment code exchanged", "refused", &id);
    assert_eq!(line["reason"], "weak_secret");
    enrol(&world, "0123-4567-89AB-CDEF", &secret(2)).await.status(400);
    audit.one("enrolDevice", "enrolment code exchanged", "refused", "(unknown)");
    admin.delete(&path, "*").await.status(204);
    audit.one("deleteClient", "client deleted", "ok", &id);

    let walked: BTreeSet<String> = audit.operations.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(walked, expected(&iku::app::openapi()));
    let made_secret = text(&made.json, "secret").to_owned();
    secrets.extend([own_secret, made_secret, code, secret(1), secret(2)]);
    secrets.extend([
        session.refresh_token,
        next.refresh_token,
        own.refresh_token,
        other.refresh_token,
    ]);
    for secret in secrets {
        assert!(!audit.seen.contains(&secret), "{secret}: {}", audit.seen);
    }
    assert!(!audit.seen.contains("eyJ"), "a token: {}", audit.seen);
    world.anonymous().post_form(TOKEN, "").await.status(400);
}
