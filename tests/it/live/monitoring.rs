//! What the running program tells its operators: metrics, and lines of its log.

use serde_json::Value;

use crate::support::process::{PASSWORD, Running, folder, iku};

#[test]
fn metrics_have_an_address_of_their_own() {
    let folder = folder();
    let service = Running::start(
        folder.path(),
        &[("IKU_OPS_ADDR", "127.0.0.1:0"), ("IKU_METRICS_TOKEN", "rahasia")],
    );
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let line = log.lines().find(|l| l.contains("metrics without a token")).unwrap();
    let address: Value = serde_json::from_str(line).unwrap();
    let own = |path: &str| {
        let url = format!("http://{}{path}", address["address"].as_str().unwrap());
        let mut reply = service.agent.get(url).call().unwrap();
        (reply.status().as_u16(), reply.body_mut().read_to_string().unwrap())
    };
    let (status, text) = own("/metrics");
    assert!(status == 200 && text.contains("iku_build_info"), "{text}");
    assert_eq!(own("/v1/me").0, 404);
    // The service itself asks for the token, whatever the request looks like.
    for headers in ["", "x-forwarded-for: 10.0.0.1\r\n", "via: proxy\r\n"] {
        let request = format!("GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        assert!(service.raw(request.as_bytes()).starts_with("HTTP/1.1 401"), "{headers}");
    }
    let with_token = "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer rahasia\r\n\r\n";
    assert!(service.raw(with_token.as_bytes()).starts_with("HTTP/1.1 200"));
    service.stop();
}

#[test]
fn log_counts_refusals_and_names_callers() {
    let folder = folder();
    let settings = [
        ("IKU_ADMIN_PASSWORD", PASSWORD),
        ("IKU_LIMIT_ANONYMOUS", "1/3600"),
        ("IKU_CORS_ORIGINS", "https://a.example"),
    ];
    let service = Running::start(folder.path(), &settings);
    let authorization = format!("Bearer {}", service.token());
    let me = service.agent.get(service.url("/v1/me"));
    let mut me = me.header("authorization", &authorization).call().unwrap();
    let me: Value = serde_json::from_str(&me.body_mut().read_to_string().unwrap()).unwrap();
    for _ in 0..8 {
        service.get("/problems");
        service.get("/health/live");
        service.raw(b"no request\r\n\r\n");
        // A preflight is never limited either.
        service.raw(
            b"OPTIONS /v1/villages HTTP/1.1\r\nhost: x\r\norigin: https://a.example\r\n\
              access-control-request-method: GET\r\nconnection: close\r\n\r\n",
        );
    }
    let forwarded = || {
        let request = service.agent.get(service.url("/health/live"));
        request.header("x-forwarded-for", "192.0.2.7").call().unwrap();
    };
    forwarded();
    forwarded();
    service.stop();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<Value> = log.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    // A slow machine may need more than ten seconds, so there may be two lines.
    let count = |message: &str| {
        let lines = lines
            .iter()
            .filter(|l| l["message"] == message && l["network"] == "127.0.0.1");
        lines.map(|l| l["count"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(count("refused: too many requests"), 7, "{log}");
    assert_eq!(count("refused: bytes that are no request"), 8, "{log}");
    for silent in ["stream error", "/health/live", "/v1/villages"] {
        assert!(!log.contains(silent), "{silent}: {log}");
    }
    let access: Vec<&Value> = lines.iter().filter(|l| l["path"] == "/v1/me").collect();
    let [line] = access.as_slice() else { panic!("{log}") };
    assert_eq!(
        (&line["subject"], &line["network"]),
        (&me["id"], &Value::from("127.0.0.1"))
    );
    assert_eq!(lines.iter().filter(|l| l["path"] == "/problems").count(), 1, "{log}");
    let warnings = log.lines().filter(|l| l.contains("IKU_TRUSTED_PROXIES")).count();
    assert_eq!(warnings, 1, "{log}");
}

#[test]
fn open_listener_without_proxy_or_public_url_is_warned_about() {
    let warns = |settings: &[(&str, &str)]| {
        let folder = folder();
        let command = iku(folder.path(), settings, &["serve", "--http-addr", "0.0.0.0:0"]);
        Running::launch(command, folder.path()).stop();
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        log.contains("other machines reach this service")
    };
    assert!(warns(&[]));
    assert!(!warns(&[("IKU_TRUSTED_PROXIES", "10.0.0.1")]));
    assert!(!warns(&[("IKU_PUBLIC_URL", "https://iku.example.go.id")]));
}
