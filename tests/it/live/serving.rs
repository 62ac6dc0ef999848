//! The service starts, replies over real connections, and ends cleanly.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use iku::platform::http::document::set_address;
use serde_json::{Value, json};

use crate::support::process::{PASSWORD, Running, folder, run, text};
use crate::support::world::BALANG;

#[test]
fn first_start_needs_no_settings() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    assert_eq!(service.get("/health/live").0, 200);
    assert_eq!(service.get("/health/ready").0, 200);
    let (status, page) = service.get("/swagger-ui/");
    assert!(status == 200 && page.contains("swagger-ui"), "{page}");
    let (status, document) = service.get("/openapi.json");
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut expected = iku::app::published();
    set_address(&mut expected, &service.url(""));
    assert_eq!(document, expected);
    assert_eq!(
        service.get("/metrics").0,
        401,
        "a proxy on this machine would be this machine"
    );

    service.stop();
    // When no process has the database open, it is a single file.
    assert!(!folder.path().join("iku.db-wal").exists());
}

#[test]
fn first_start_prints_the_password_once_and_never_logs_it() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
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
}

#[test]
fn start_warns_when_the_last_decree_ends() {
    let folder = folder();
    let settings = [("IKU_ADMIN_PASSWORD", PASSWORD)];
    let service = Running::start(folder.path(), &settings);
    let decree = service.url(&format!("/v1/decrees/{}", iku::shipped::decree().id));
    let ended = json!({"last_year": 2024, "reason": "Dicabut"});
    let request = service.agent.patch(decree).header("if-match", "*");
    let request = request.header("content-type", "application/json");
    let token = format!("Bearer {}", service.token());
    let ended = request.header("authorization", token).send(ended.to_string()).unwrap();
    assert_eq!(ended.status(), 200);
    service.stop();
    fs::remove_file(folder.path().join("log")).unwrap();
    Running::start(folder.path(), &settings).stop();
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let warning = log.lines().find(|line| line.contains("the last decree ends")).unwrap();
    for word in ["WARN", "63.11.06", "2024", "copy_of"] {
        assert!(warning.contains(word), "{warning}");
    }
}

#[test]
fn restart_keeps_records_and_tokens() {
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
    // The token is still valid, because the keys are in the database.
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
fn database_file_in_use_is_refused_to_other_commands() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    for command in [&["serve"][..], &["migrate"], &["load-regency"], &["user", "list"]] {
        let second = run(folder.path(), &[], command);
        assert_eq!(second.status.code(), Some(1), "{command:?}");
        let error = text(&second.stderr);
        assert!(error.contains("in use by another iku process"), "{command:?}: {error}");
    }
    service.stop();
    assert_eq!(run(folder.path(), &[], &["migrate"]).status.code(), Some(0));
}

#[test]
fn sigterm_waits_for_requests_in_flight() {
    let folder = folder();
    let mut service = Running::start(folder.path(), &[("IKU_ADMIN_PASSWORD", PASSWORD)]);
    // An idle connection must not delay the end.
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
    // New connections are refused.
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
fn sigint_ends_the_service_cleanly() {
    let folder = folder();
    let mut service = Running::start(folder.path(), &[]);
    service.signal("-INT");
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn log_has_a_line_for_each_request_unless_it_is_switched_off() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = service
        .agent
        .get(service.url("/problems"))
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
    assert_eq!((&line["path"], &line["status"]), (&json!("/problems"), &json!(200)));
    assert_eq!(line["span"]["trace_id"], trace);

    let quiet = Running::start(folder.path(), &[("IKU_ACCESS_LOG", "off")]);
    let request = quiet
        .agent
        .get(quiet.url("/problems"))
        .header("x-request-id", "permintaan-2");
    request.call().unwrap();
    quiet.stop();
    assert!(
        !fs::read_to_string(folder.path().join("log"))
            .unwrap()
            .contains("permintaan-2")
    );
}

/// An operator finds the log lines of a reply by its ids.
#[test]
fn every_log_line_of_a_request_has_its_ids() {
    let folder = folder();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (format, id) in [("json", "permintaan-json"), ("text", "permintaan-text")] {
        let settings = [("IKU_ADMIN_PASSWORD", PASSWORD), ("IKU_LOG_FORMAT", format)];
        let service = Running::start(folder.path(), &settings);
        let token = format!("Bearer {}", service.token());
        // A missing table makes an internal error.
        let file = format!("sqlite://{}", folder.path().join("iku.db").display());
        let rename = |from: &str, to: &str| on_file(&file, &format!("ALTER TABLE {from} RENAME TO {to}"));
        rename("report", "gone");
        let request = service.agent.get(service.url("/v1/reports"));
        let answer = request
            .header("authorization", &token)
            .header("x-request-id", id)
            .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
            .call()
            .unwrap();
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers()["x-request-id"], id);
        let traceparent = answer.headers()["traceparent"].to_str().unwrap();
        assert!(traceparent.starts_with(&format!("00-{trace}-")), "{traceparent}");
        rename("gone", "report");
        service.stop();

        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        let lines: Vec<&str> = log.lines().filter(|l| l.contains(id)).collect();
        let [error, access] = lines.as_slice() else {
            panic!("{log}");
        };
        assert!(
            error.contains("internal error") && access.contains("iku::access"),
            "{log}"
        );
        for line in lines {
            match format {
                "json" => {
                    let line: Value = serde_json::from_str(line).unwrap();
                    let span = json!({"name": "request", "request_id": id, "trace_id": trace});
                    assert_eq!(line["span"], span);
                }
                _ => assert!(
                    line.contains(&format!(" request{{request_id=\"{id}\" trace_id=\"{trace}\"}}")),
                    "{line}"
                ),
            }
            assert!(!line.contains('\u{1b}'), "colours in a file");
        }
    }
}

fn on_file(url: &str, statement: &str) {
    use sea_orm::ConnectionTrait;
    let run = async {
        let db = sea_orm::Database::connect(url).await.unwrap();
        db.execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    };
    actix_web::rt::System::new().block_on(run);
}

#[test]
fn settings_set_limits_and_public_url() {
    let folder = folder();
    let settings = [
        ("IKU_LIMIT_ANONYMOUS", "2/3600"),
        ("IKU_PUBLIC_URL", "https://iku.example.go.id"),
    ];
    let service = Running::start(folder.path(), &settings);
    let ask = || service.agent.get(service.url("/problems")).call().unwrap();
    let first = ask();
    assert_eq!(first.headers()["ratelimit-policy"], "\"anonymous\";q=2;w=3600");
    assert_eq!(first.headers()["strict-transport-security"], "max-age=31536000");
    assert_eq!((ask().status().as_u16(), ask().status().as_u16()), (200, 429));
    assert_eq!(ask().headers()["ratelimit"], "\"anonymous\";r=0;t=3600");
    assert_eq!(service.get("/health/ready").0, 200);
    service.stop();

    let off = Running::start(folder.path(), &[("IKU_LIMIT_ANONYMOUS", "off")]);
    let answer = off.agent.get(off.url("/problems")).call().unwrap();
    assert!(!answer.headers().contains_key("ratelimit"));
    off.stop();
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
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
fn service_survives_malformed_bytes() {
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
        // The service may close the connection early.
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
