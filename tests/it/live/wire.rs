//! Malformed and hostile requests over real connections: the reply is a problem document, or a plain 400 if the bytes are not
//! a request, and the next caller is served.

use std::io::{Read, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::process::{PASSWORD, Running, folder};

const MIB: usize = 1024 * 1024;

/// Returns status, headers and body of the only reply on a connection.
fn reply_to(service: &Running, request: &[u8]) -> (u16, String, String) {
    let mut stream = service.connect();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // The service may close the connection before it has read the whole request.
    stream.write_all(request).ok();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).ok();
    let text = String::from_utf8_lossy(&reply).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
    (status, head.to_lowercase(), body.to_owned())
}

/// Returns the bytes of a request with `connection: close`.
fn request(method: &str, target: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = if body.is_empty() && method != "POST" {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    let mut bytes =
        format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}{length}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn start(folder: &std::path::Path) -> (Running, String) {
    let service = Running::start(folder, &[("IKU_ADMIN_PASSWORD", PASSWORD)]);
    let authorization = format!("authorization: Bearer {}\r\n", service.token());
    (service, authorization)
}

/// Checks that the reply is a problem with this code.
#[track_caller]
fn check_problem(reply: &(u16, String, String), status: u16, code: &str, what: &str) {
    let (got, head, body) = reply;
    assert_eq!(*got, status, "{what}: {head}\n{body}");
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{what}: {e}: {body}"));
    // Errors of OAuth are plain JSON.
    let media = if problem.get("error").is_some() {
        "json"
    } else {
        "problem+json"
    };
    let media = format!("content-type: application/{media}");
    assert!(head.lines().any(|line| line == media), "{what}: {head}");
    assert_eq!(problem["code"], code, "{what}");
}

#[test]
fn unusual_targets_and_methods_are_problems() {
    let folder = folder();
    let (service, token) = start(folder.path());
    let long = "a".repeat(5000);
    for (method, target, status, code) in [
        ("GET", "/v1/reports/%00", 400, "invalid_path"),
        ("GET", "/v1/reports/%2F", 400, "invalid_path"),
        ("GET", "/v1/villages/63.11.06%2F2005", 400, "invalid_path"),
        ("GET", "/v1/reports/%ff%fe", 400, "invalid_path"),
        ("GET", "/v1/reports/%ED%A0%80", 400, "invalid_path"),
        ("GET", "/v1/reports/%zz", 400, "invalid_path"),
        ("GET", &format!("/v1/reports/{long}"), 400, "invalid_path"),
        ("GET", &format!("/v1/{long}"), 404, "not_found"),
        ("GET", "/v1//reports", 404, "not_found"),
        ("GET", "/v1/reports//", 404, "not_found"),
        ("GET", "/v1/reports/", 404, "not_found"),
        ("GET", "/v1/./reports", 404, "not_found"),
        ("GET", "/v1/x/../reports", 404, "not_found"),
        ("GET", "/V1/Reports", 404, "not_found"),
        ("GET", "*", 404, "not_found"),
        ("GET", "/v1/reports?limit=1&limit=2", 400, "invalid_query"),
        ("GET", "/v1/reports?limit[]=1", 400, "invalid_query"),
        ("GET", "/v1/reports?limit=1e400", 400, "invalid_query"),
        (
            "GET",
            "/v1/reports?limit=99999999999999999999999999",
            400,
            "invalid_query",
        ),
        ("GET", "/v1/reports?village_code=%ff", 400, "invalid_query"),
        ("GET", "/v1/reports?village_code=%00", 400, "invalid_query"),
        ("GET", "/v1/reports?%ff=1", 400, "invalid_query"),
        ("GET", "/v1/reports?cursor=%00", 400, "invalid_query"),
        ("GET", "/v1/reports?cursor=%F0%9F%92%A9", 400, "invalid_cursor"),
        ("GET", "/v1/reports?&&&=&=", 400, "invalid_query"),
        ("GET", &format!("/v1/reports?village_code={long}"), 400, "invalid_query"),
        ("GET", &format!("/v1/reports?{long}=1"), 400, "invalid_query"),
        ("TRACE", "/v1/reports", 405, "method_not_allowed"),
        ("PROPFIND", "/v1/reports", 501, "not_implemented"),
        ("get", "/v1/reports", 501, "not_implemented"),
        ("GET", &format!("/v1/{long}{long}"), 414, "uri_too_long"),
        ("PUT", "/v1/reports", 405, "method_not_allowed"),
    ] {
        let what = format!("{method} {}", &target[..target.len().min(60)]);
        check_problem(
            &reply_to(&service, &request(method, target, &token, b"")),
            status,
            code,
            &what,
        );
    }
    for (target, allow) in [
        ("/v1/reports", "get, head, post, options"),
        ("*", "get, head, post, put, patch, delete, options"),
    ] {
        let (status, head, body) = reply_to(&service, &request("OPTIONS", target, "", b""));
        assert_eq!((status, body.as_str()), (204, ""), "{head}");
        assert!(head.contains(&format!("\r\nallow: {allow}\r\n")), "{head}");
    }
    // Proxies send the absolute form of the target.
    let (status, ..) = reply_to(&service, &request("GET", "http://x/v1/reports", &token, b""));
    assert_eq!(status, 200);
    let (status, head, body) = reply_to(&service, &request("HEAD", "/v1/reports", &token, b""));
    assert_eq!((status, body.as_str()), (200, ""), "{head}");
    service.stop();
}

#[test]
fn malformed_json_is_a_problem() {
    let folder = folder();
    let (service, token) = start(folder.path());
    let json = format!("{token}content-type: application/json\r\n");
    let post = |body: &[u8]| reply_to(&service, &request("POST", "/v1/reports", &json, body));
    for (what, body) in [
        ("invalid UTF-8", &b"{\"kind\": \"\xff\"}"[..]),
        ("a lone surrogate", br#"{"kind": "\ud800"}"#),
        ("1e400", br#"{"fiscal_year": 1e400}"#),
        ("nothing", b""),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("two values", b"{}{}"),
        ("NaN", br#"{"fiscal_year": NaN}"#),
        ("UTF-16", b"\xff\xfe{\0}\0"),
    ] {
        check_problem(&post(body), 400, "invalid_json", what);
    }
    let deep = [b"[".repeat(MIB / 2), b"]".repeat(MIB / 2)].concat();
    check_problem(&post(&deep), 400, "invalid_json", "deep");
    let deep = "{\"a\":".repeat(100) + "1" + &"}".repeat(100);
    check_problem(&post(deep.as_bytes()), 400, "invalid_body", "the deepest allowed body");
    let name = format!("{{\"\\u0000{}\": 1}}", "n".repeat(5000));
    let (status, _, body) = post(name.as_bytes());
    assert!(status == 400 && !body.contains("\\u0000"), "{status} {body}");
    let huge = format!("{{\"fiscal_year\": {}}}", "9".repeat(100_000));
    assert_eq!(post(huge.as_bytes()).0, 400);
    check_problem(&post(&vec![b' '; MIB + 1]), 413, "body_too_large", "one byte too long");

    service.stop();
}

#[test]
fn truncated_and_endless_bodies_do_not_harm_the_service() {
    let folder = folder();
    let (service, token) = start(folder.path());
    let json = format!("{token}content-type: application/json\r\n");
    // The connection ends before the announced length has arrived.
    let mut short = request("POST", "/v1/reports", &json, b"{}");
    let at = short.windows(17).position(|w| w == b"content-length: 2").unwrap();
    short[at + 16] = b'9';
    let mut stream = service.connect();
    stream.write_all(&short).unwrap();
    drop(stream);

    // The service refuses endless chunks as soon as the body is too large.
    let mut stream = service.connect();
    let head = format!("POST /v1/reports HTTP/1.1\r\nhost: x\r\n{json}transfer-encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
    for _ in 0..64 {
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut start = [0; 12];
    // The service may have closed the connection before its reply was read.
    if stream.read_exact(&mut start).is_ok() {
        assert_eq!(&start, b"HTTP/1.1 413", "{}", String::from_utf8_lossy(&start));
    }
    drop(stream);
    assert_eq!(service.get("/health/ready").0, 200);
    service.stop();
}

#[test]
fn decompression_bombs_are_refused_at_every_operation() {
    let folder = folder();
    let (service, token) = start(folder.path());
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..100 {
        packer.write_all(&vec![b' '; MIB]).unwrap();
    }
    let bomb = packer.finish().unwrap();
    let document = iku::app::openapi();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(content) = operation["requestBody"]["content"].as_object() else {
                continue;
            };
            let media = content.keys().next().unwrap();
            // Each path gets a value that it accepts, because an invalid path is refused before the body is read.
            let path = path
                .replace("{id}", "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69")
                .replace("{decree_id}", "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69")
                .replace("{response_id}", "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69")
                .replace(
                    "{code}",
                    match path.split('/').nth(2) {
                        Some("villages") => "63.11.06.2005",
                        Some("districts") => "63.11.06",
                        Some("profile-values") => "perempuan",
                        _ => "paringin-iku-1",
                    },
                )
                .replace("{list}", "gender")
                .replace("{period}", "2025")
                .replace("{year}", "2022")
                .replace("{sha256}", &"0".repeat(64))
                .replace("/v1/imports", "/v1/imports?resource=reports&mode=dry_run");
            let headers = format!("{token}content-type: {media}\r\ncontent-encoding: gzip\r\nif-match: *\r\n");
            let method = method.to_uppercase();
            let what = format!("{method} {path}");
            let reply = reply_to(&service, &request(&method, &path, &headers, &bomb));
            // Operations that need no token decompress nothing, nor do those that take sheets and files.
            let as_it_is = ["/v1/auth/", "/v1/imports", "/v1/evidence/"];
            match as_it_is.iter().any(|start| path.starts_with(start)) {
                true => check_problem(&reply, 415, "unsupported_content_encoding", &what),
                false => check_problem(&reply, 413, "body_too_large", &what),
            }
            tried += 1;
        }
    }
    assert!(tried > 25, "{tried}");
    service.stop();
}

#[test]
fn malformed_requests_are_client_errors() {
    let folder = folder();
    let (service, _) = start(folder.path());
    let long = "a".repeat(200_000);
    for (what, bytes) in [
        (
            "rubbish",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        ),
        (
            "a header without a name",
            b"GET / HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n".to_vec(),
        ),
        (
            "NUL in a header",
            b"GET / HTTP/1.1\r\nhost: x\r\nx-a: \0\r\n\r\n".to_vec(),
        ),
        (
            "a blank in the target",
            b"GET /v1/a b HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        ),
        (
            "two lengths",
            b"POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_vec(),
        ),
        (
            "a negative length",
            b"POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_vec(),
        ),
        (
            "an endless length",
            b"POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n".to_vec(),
        ),
        (
            "length and chunks",
            b"POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
                .to_vec(),
        ),
        (
            "an overlong header",
            format!("GET /v1/reports HTTP/1.1\r\nhost: x\r\nx-a: {long}\r\n\r\n").into_bytes(),
        ),
        (
            "an overlong target",
            format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes(),
        ),
        ("HTTP/3.0", b"GET /health/live HTTP/3.0\r\nhost: x\r\n\r\n".to_vec()),
        (
            "CONNECT",
            b"CONNECT example.org:443 HTTP/1.1\r\nhost: example.org:443\r\nconnection: close\r\n\r\n".to_vec(),
        ),
    ] {
        let (status, head, _) = reply_to(&service, &bytes);
        assert!((400..500).contains(&status), "{what}: {status} {head}");
    }
    assert_eq!(service.get("/health/ready").0, 200);
    service.stop();
}

#[test]
fn unusual_headers_are_accepted() {
    let folder = folder();
    let (service, token) = start(folder.path());
    let (status, head, _) = reply_to(&service, format!("GET /v1/reports HTTP/1.0\r\n{token}\r\n").as_bytes());
    assert_eq!(status, 200, "{head}");
    for (header, status) in [
        ("accept-language: \u{e9}\u{0301}", 200),
        ("x-request-id: \u{1f4a9}", 200),
        ("if-none-match: \u{1f4a9}", 200),
        ("if-none-match: \"", 200),
        ("traceparent: ----", 200),
        ("accept: nonsense", 200),
        ("accept-encoding: gzip;q=nan, *;q=9999", 200),
        ("range: bytes=0-0", 200),
    ] {
        let (got, head, body) = reply_to(
            &service,
            &request("GET", "/v1/districts", &format!("{token}{header}\r\n"), b""),
        );
        assert_eq!(got, status, "{header}: {head}\n{body}");
    }
    service.stop();
}

#[test]
fn malformed_authorization_is_401() {
    let folder = folder();
    let (service, _) = start(folder.path());
    for header in [
        "authorization: Bearer \u{1f4a9}",
        "authorization: \u{ff}",
        "authorization: Bearer",
        "authorization:",
    ] {
        let (got, head, _) = reply_to(
            &service,
            &request("GET", "/v1/districts", &format!("{header}\r\n"), b""),
        );
        assert!(got == 401 && head.contains("www-authenticate"), "{header}: {head}");
    }
    assert_eq!(service.get("/health/ready").0, 200);
    service.stop();
}
