//! The program itself: started, asked over real connections, stopped.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

use crate::support::world::BALANG;

const PASSWORD: &str = "rahasia-sekali";

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("iku-live-").tempdir().unwrap()
}

/// The program in a folder of its own, with no setting but the given ones.
fn iku(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iku"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IKU_")) {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .args(arguments)
        .envs(settings.iter().copied());
    command
}

fn run(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    iku(folder, settings, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running `iku serve`; killed when dropped.
struct Running {
    child: Child,
    address: String,
    welcome: String,
    agent: Agent,
}

impl Running {
    fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("log"))
            .unwrap();
        let mut child = iku(folder, settings, &[])
            .env("IKU_HTTP_ADDR", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut welcome = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !welcome.contains("Ctrl-C") {
            let read = lines.read_line(&mut welcome).unwrap();
            assert!(
                read > 0,
                "{welcome}\n{}",
                fs::read_to_string(folder.join("log")).unwrap()
            );
        }
        let listens = welcome.lines().find(|l| l.contains("listening on")).unwrap();
        let address = listens.rsplit("http://").next().unwrap().to_owned();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        Self {
            child,
            address,
            welcome,
            agent,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn get(&self, path: &str) -> (u16, String) {
        let mut reply = self.agent.get(self.url(path)).call().unwrap();
        (reply.status().as_u16(), reply.body_mut().read_to_string().unwrap())
    }

    fn sign_in(&self, password: &str) -> (u16, Value) {
        let form = format!("grant_type=password&username=admin&password={password}");
        let request = self.agent.post(self.url("/v1/auth/token"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let mut reply = request.send(form).unwrap();
        let body = reply.body_mut().read_to_string().unwrap();
        (reply.status().as_u16(), serde_json::from_str(&body).unwrap())
    }

    fn token(&self) -> String {
        let (status, answer) = self.sign_in(PASSWORD);
        assert_eq!(status, 200, "{answer:#}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    /// Sends bytes as they are and reads to the end of the connection.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        // A server that hangs up on rubbish may reset the connection.
        stream.read_to_end(&mut answer).ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    /// SIGTERM, and a good end.
    fn stop(mut self) {
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_first_start_needs_nothing() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    assert_eq!(service.get("/health/live").0, 200);
    assert_eq!(service.get("/health/ready").0, 200);
    let (status, page) = service.get("/swagger-ui/");
    assert!(status == 200 && page.contains("swagger-ui"), "{page}");
    let (status, document) = service.get("/openapi.json");
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document, iku::app::openapi());
    assert_eq!(service.get("/metrics").0, 200, "this machine may read them");

    // The password is printed, once.
    let line = service.welcome.lines().find(|l| l.contains("admin / ")).unwrap();
    let password = line.rsplit("admin / ").next().unwrap().to_owned();
    assert_eq!(service.sign_in(&password).0, 200);
    assert_eq!(service.sign_in("salah-sekali").0, 400);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.contains(&password), "a password in the log");
    service.stop();
    let again = Running::start(folder.path(), &[]);
    assert!(
        !again.welcome.contains(&password) && !again.welcome.contains("admin /"),
        "{}",
        again.welcome
    );
    again.stop();
    // One file is the database when nobody has it open.
    assert!(!folder.path().join("iku.db-wal").exists());
}

#[test]
fn a_restart_keeps_everything() {
    let folder = folder();
    let settings = [("IKU_ADMIN_PASSWORD", PASSWORD)];
    let service = Running::start(folder.path(), &settings);
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let token = format!("Bearer {}", service.token());
    let request = service.agent.post(service.url("/v1/reports"));
    let request = request
        .header("authorization", &token)
        .header("content-type", "application/json");
    let mut made = request.send(report.to_string()).unwrap();
    let place = made.headers()["location"].to_str().unwrap().to_owned();
    let made = made.body_mut().read_to_string().unwrap();
    service.stop();

    let service = Running::start(folder.path(), &settings);
    // Tokens outlive a restart too: the keys are in the database.
    let mut got = service
        .agent
        .get(service.url(&place))
        .header("authorization", &token)
        .call()
        .unwrap();
    assert_eq!(got.status(), 200);
    assert_eq!(got.body_mut().read_to_string().unwrap(), made);
    service.stop();
}

#[test]
fn one_process_owns_the_file() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    for command in [&["serve"][..], &["migrate"], &["load-regency"], &["user", "list"]] {
        let second = run(folder.path(), &[], command);
        assert_eq!(second.status.code(), Some(1), "{command:?}");
        let said = text(&second.stderr);
        assert!(said.contains("in use by another iku process"), "{command:?}: {said}");
    }
    service.stop();
    assert_eq!(run(folder.path(), &[], &["migrate"]).status.code(), Some(0));
}

#[test]
fn requests_in_flight_are_answered_before_the_end() {
    let folder = folder();
    let mut service = Running::start(folder.path(), &[("IKU_ADMIN_PASSWORD", PASSWORD)]);
    // A connection that only waits must not hold up the end.
    let mut idle = service.connect();
    idle.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(idle.read(&mut [0; 512]).unwrap() > 0);

    let mut stream = service.connect();
    let form = format!("grant_type=password&username=admin&password={PASSWORD}");
    let (first, rest) = form.split_at(10);
    let head = format!(
        "POST /v1/auth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        form.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).unwrap();

    service.signal("-TERM");
    // Nobody new is let in.
    while TcpStream::connect(&service.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("access_token"),
        "{answer}"
    );
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn ctrl_c_is_a_good_end_too() {
    let folder = folder();
    let mut service = Running::start(folder.path(), &[]);
    service.signal("-INT");
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn healthcheck_says_whether_it_is_ready() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let address = service.address.clone();
    let settings = [("IKU_HTTP_ADDR", address.as_str())];
    assert_eq!(run(folder.path(), &settings, &["healthcheck"]).status.code(), Some(0));
    service.stop();
    let away = run(folder.path(), &settings, &["healthcheck"]);
    assert_eq!(away.status.code(), Some(1));
    assert!(
        text(&away.stderr).starts_with("iku: No answer from"),
        "{}",
        text(&away.stderr)
    );
}

#[test]
fn a_setting_that_is_wrong_is_named() {
    let folder = folder();
    let wrong = run(folder.path(), &[("IKU_WORKERS", "many")], &["serve"]);
    assert_eq!(wrong.status.code(), Some(1));
    let said = text(&wrong.stderr);
    assert_eq!(
        said,
        "iku: IKU_WORKERS must be a number from 1 to 1024, not \"many\".\n"
    );
    assert!(!folder.path().join("iku.db").exists());

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = run(folder.path(), &[("IKU_HTTP_ADDR", &address)], &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("iku: Cannot listen on"),
        "{}",
        text(&refused.stderr)
    );

    let nowhere = [("IKU_DATABASE_URL", "sqlite://none/iku.db?mode=rwc")];
    let refused = run(folder.path(), &nowhere, &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("none/iku.db.lock cannot be opened"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(run(folder.path(), &[], &["no-such-command"]).status.code(), Some(2));
}

#[test]
fn a_setting_that_is_not_known_is_warned_about() {
    let folder = folder();
    let service = Running::start(folder.path(), &[("IKU_DATABASE_URI", "x"), ("IKU_LOG_FORMAT", "text")]);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(
        log.contains("IKU_DATABASE_URI is not a setting") && log.contains("IKU_DATABASE_URL?"),
        "{log}"
    );
    service.stop();
}

#[test]
fn the_log_has_a_line_for_each_request() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = service
        .agent
        .get(service.url("/health/live"))
        .header("x-request-id", "permintaan-1");
    request
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .call()
        .unwrap();
    service.stop();
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let line = log
        .lines()
        .find(|l| l.contains("permintaan-1"))
        .unwrap_or_else(|| panic!("{log}"));
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["path"], &line["status"]), (&json!("/health/live"), &json!(200)));
    assert_eq!(line["trace_id"], trace);

    let quiet = Running::start(folder.path(), &[("IKU_ACCESS_LOG", "off")]);
    let request = quiet
        .agent
        .get(quiet.url("/health/live"))
        .header("x-request-id", "permintaan-2");
    request.call().unwrap();
    quiet.stop();
    assert!(
        !fs::read_to_string(folder.path().join("log"))
            .unwrap()
            .contains("permintaan-2")
    );
}

#[test]
fn head_has_no_body() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    for path in [
        "/health/live",
        "/openapi.json",
        "/swagger-ui/",
        "/v1/reports",
        "/unknown",
    ] {
        let head = |method| format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let (get, head) = (
            service.raw(head("GET").as_bytes()),
            service.raw(head("HEAD").as_bytes()),
        );
        let (get_head, get_body) = get.split_once("\r\n\r\n").unwrap();
        let (head_head, head_body) = head.split_once("\r\n\r\n").unwrap();
        assert_eq!(head_body, "", "HEAD {path}");
        assert!(!get_body.is_empty());
        assert_eq!(get_head.lines().next(), head_head.lines().next(), "{path}");
        let length = |head: &str| {
            head.lines()
                .find(|l| l.starts_with("content-length"))
                .map(str::to_owned)
        };
        assert_eq!(length(get_head), length(head_head), "{path}");
    }
    service.stop();
}

#[test]
fn rubbish_does_not_harm() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(200_000));
    for rubbish in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /v1/reports?limit=%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer \xff\r\n\r\n",
        b"POST /v1/auth/token HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/auth/token HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        long.as_bytes(),
    ] {
        let mut stream = service.connect();
        // It may hang up before all has been sent.
        stream.write_all(rubbish).ok();
        stream.shutdown(std::net::Shutdown::Write).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            !answer.starts_with("HTTP/1.1 5"),
            "{}: {answer}",
            String::from_utf8_lossy(rubbish)
        );
        assert_eq!(service.get("/health/ready").0, 200);
    }
    service.stop();
}

#[test]
fn users_by_hand() {
    let folder = folder();
    let add = [
        "user",
        "add",
        "kasi.pemerintahan",
        "--role",
        "officer",
        "--district",
        "63.11.06",
    ];
    let made = run(folder.path(), &[], &[&add[..], &["--section", "pemerintahan"]].concat());
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(
        text(&made.stdout).contains("kasi.pemerintahan / "),
        "{}",
        text(&made.stdout)
    );
    let twice = run(folder.path(), &[], &[&add[..], &["--section", "pemerintahan"]].concat());
    assert_eq!(twice.status.code(), Some(1));
    let listed = text(&run(folder.path(), &[], &["user", "list"]).stdout);
    assert!(
        listed.contains("admin") && listed.contains("kasi.pemerintahan"),
        "{listed}"
    );

    let mut change = iku(folder.path(), &[], &["user", "password", "admin", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(change.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(change.wait().unwrap().success());
    let service = Running::start(folder.path(), &[]);
    service.token();
    service.stop();
}

#[test]
fn the_document_needs_no_database() {
    let folder = folder();
    let settings = [("IKU_DATABASE_URL", "nonsense")];
    let printed = run(folder.path(), &settings, &["openapi"]);
    let document: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(document, iku::app::openapi());
    let yaml = text(&run(folder.path(), &settings, &["openapi", "--yaml"]).stdout);
    assert!(yaml.contains("openapi: 3.1.0"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn migrations_go_both_ways() {
    let folder = folder();
    for arguments in [
        &["migrate"][..],
        &["migrate", "--down", "1"],
        &["migrate"],
        &["load-regency"],
    ] {
        let done = run(folder.path(), &[], arguments);
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
    }
}
