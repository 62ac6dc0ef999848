//! Which caches may store a response: none if it has personal data, all if it is the same for all callers.

use actix_web::web::Data;
use iku::core::element::Element;
use iku::demo::open_survey;
use iku::platform::fingerprint::sha256_hex;
use iku::platform::http::client::TrustedProxies;
use iku::platform::http::public_url::PublicUrl;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::matrix::dummy;
use crate::access::sign_in;
use crate::demo::demonstration;
use crate::evidence::{pdf, place, send};
use crate::support::backend::{ADMIN_PASSWORD, Backend};
use crate::support::world::{Client, World};

const EVIL: &str = "evil.example";

/// The tags of operations whose answers have personal data.
const PERSONAL: [&str; 6] = ["cases", "clients", "held-responses", "me", "responses", "users"];

/// Every GET with an address that leads to a record of the demonstration: (operation id, tag, address).
pub async fn addresses(admin: &Client) -> Vec<(String, String, String)> {
    let document = iku::app::openapi();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get") else { continue };
        let mut address = String::new();
        let mut query = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && parameter["required"] == true {
                let name = parameter["name"].as_str().unwrap();
                let value = match name {
                    "survey_id" => first_key(admin, "/v1/surveys?status=closed").await,
                    _ => dummy(&document, parameter),
                };
                query.push(format!("{name}={value}"));
            }
        }
        for part in path.split('/').skip(1) {
            let value = match part.strip_prefix('{') {
                None => part.replace("{format}", "csv"),
                Some("period}") => "2025".to_owned(),
                Some("year}") => "2022".to_owned(),
                Some(_) if address == "/v1/evidence" => sha256_hex(&receipt()),
                Some(_) if address == "/v1/evidence-links" => LINK.to_owned(),
                Some(_) if address == "/v1/questionnaires" => "skm-9".to_owned(),
                Some("resource}") => "reports".to_owned(),
                Some("list}") => "gender".to_owned(),
                Some(_) if address.starts_with("/v1/profile-values/") => "perempuan".to_owned(),
                // The open survey of the demonstration has no answers.
                Some(_) if address == "/v1/surveys" => first_key(admin, "/v1/surveys?status=closed").await,
                Some(_) => first_key(admin, &address).await,
            };
            address = format!("{address}/{value}");
        }
        if !query.is_empty() {
            address = format!("{address}?{}", query.join("&"));
        }
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        all.push((text(&operation["operationId"]), text(&operation["tags"][0]), address));
    }
    all
}

/// The id or code of the first record of a list.
async fn first_key(admin: &Client, list: &str) -> String {
    let page = admin.get(list).await.status(200).json;
    let first = &page["items"][0];
    let key = ["id", "code"].into_iter().find_map(|name| first[name].as_str());
    key.unwrap_or_else(|| panic!("{list} is empty: {page}")).to_owned()
}

/// The link of the first report.
const LINK: &str = "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4e71";

/// A file of evidence.
pub fn receipt() -> Vec<u8> {
    pdf("Tanda terima")
}

/// Sends a file and links it to a record of each kind: (operation id, address, answer).
pub async fn evidence(admin: &Client) -> Vec<(&'static str, String, Value)> {
    let sent = send(admin, "application/pdf", &receipt()).await.status(201).json;
    let mut made = vec![("replaceEvidence", place(&receipt()), sent)];
    let institution = format!(
        "/v1/institutions/{}/decrees",
        first_key(admin, "/v1/institutions").await
    );
    for (id, record) in [
        (
            "createReportEvidence",
            format!("/v1/reports/{}", first_key(admin, "/v1/reports").await),
        ),
        (
            "createInstitutionDecreeEvidence",
            format!("{institution}/{}", first_key(admin, &institution).await),
        ),
        (
            "createCaseEvidence",
            format!("/v1/cases/{}", first_key(admin, "/v1/cases").await),
        ),
        (
            "createSurveyEvidence",
            format!("/v1/surveys/{}", first_key(admin, "/v1/surveys?status=closed").await),
        ),
        (
            "createTargetEvidence",
            "/v1/indicators/paringin-iku-1/targets/2025".to_owned(),
        ),
    ] {
        let mut link = json!({"sha256": sha256_hex(&receipt()), "file_name": "Tanda terima.pdf"});
        if id == "createReportEvidence" {
            link["id"] = LINK.into();
        }
        let path = format!("{record}/evidence");
        let answer = admin.post(&path, link).await.status(201).json;
        made.push((id, path, answer));
    }
    made
}

/// Makes slips of the link of the demonstration: the address, and the answer.
pub async fn slips(admin: &Client) -> (String, Value) {
    let path = format!("/v1/survey-links/{}/slips", first_key(admin, "/v1/survey-links").await);
    let made = admin.post(&path, json!({"count": 2})).await.status(200).json;
    (path, made)
}

/// Sets a note and a past value beside the first indicator, and records an agreement: (operation id, address, answer).
pub async fn beside(admin: &Client) -> Vec<(&'static str, &'static str, Value)> {
    let agreement = json!({
        "id": "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f01", "district_code": "63.11.06", "fiscal_year": 2025,
        "number": "100.3/01/PK/CPAR/2025", "signed_on": "2025-01-15",
        "first_party": {"name": "H. Ahmad Rifani, S.Sos.", "office": "Camat Paringin"},
        "second_party": {"name": "H. Abdul Hadi", "office": "Bupati Balangan"},
    });
    admin.post("/v1/agreements", agreement).await.status(201);
    let note = json!({"obstacles": "Responden sedikit", "follow_up": "Survei juga di balai desa"});
    let past = json!({"value": 81.25, "source": "LKjIP 2022"});
    let mut set = Vec::new();
    for (id, path, body) in [
        ("replaceNote", "/v1/indicators/paringin-iku-1/notes/2025", note),
        (
            "replacePastValue",
            "/v1/indicators/paringin-iku-1/past-values/2022",
            past,
        ),
    ] {
        set.push((id, path, admin.put(path, body).await.status(201).json));
    }
    set
}

/// Makes what the demonstration lacks: a client, a held response, and decisions on many answers.
async fn fill_empty_lists(world: &World, admin: &Client) {
    let system = json!({"kind": "system", "name": "SAKIP", "role": "integrator"});
    admin.post("/v1/clients", system).await.status(201);
    let closing = json!({"district_code": "63.11.06", "period": "2024"});
    admin.post("/v1/closings", closing).await.status(201);
    beside(admin).await;
    evidence(admin).await;
    slips(admin).await;
    let answers = Element::ALL.map(|element| (element.code().to_owned(), json!(3)));
    let answers = Value::Object(answers.into_iter().collect());
    let phone = Uuid::new_v4();
    for (sender, outcome) in [(world.revoked(phone), "quarantined"), (world.phone(phone), "created")] {
        let item = json!({
            "survey_id": open_survey(), "id": Uuid::new_v4(), "answers": answers,
            "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp",
        });
        let batch = json!({"sent_at": "2025-03-14T10:15:00+08:00", "items": [item]});
        let sent = sender.post("/v1/responses/batch", batch).await.status(207);
        assert_eq!(sent.json["summary"][outcome], 1, "{:#}", sent.json);
    }
    let discard = json!({"decision": "discarded", "client_id": phone, "reason": "Uji"});
    admin.post("/v1/held-responses/decisions", discard).await.status(201);
    let void = json!({"client_id": phone, "reason": "Uji"});
    admin.post("/v1/responses/voids", void).await.status(201);
}

async fn admin(world: &World) -> Client {
    let session = sign_in(world, "admin", ADMIN_PASSWORD).await.status(200).json;
    world.bearer(session["access_token"].as_str().unwrap())
}

#[actix_web::test]
async fn every_get_says_who_may_store_it() {
    let world = demonstration(Backend::Sqlite).await;
    let admin = admin(&world).await;
    fill_empty_lists(&world, &admin).await;
    let mut failures = Vec::new();
    let mut personal = 0;
    for (id, tag, address) in addresses(&admin).await {
        let expected = match (id.as_str(), tag.as_str()) {
            ("getKeys", _) => "public, max-age=300",
            ("getAuthorizationServer", _) | (_, "health") => "no-store",
            ("getContractJson" | "getContractYaml", _) => "private, no-cache",
            (_, "contract") => "public, no-cache",
            (_, tag) if PERSONAL.contains(&tag) => "no-store",
            ("getEvidence", _) => "private, max-age=31536000, immutable",
            ("getCaseExport" | "getResponseExport" | "getValueChanges", _) => "no-store",
            _ => "private, no-cache",
        };
        personal += usize::from(PERSONAL.contains(&tag.as_str()));
        let reply = admin.get(&address).await;
        let cached = reply.header("cache-control").to_owned();
        // Metrics need a token of their own.
        let is_found = reply.status == 200 || id == "getMetrics";
        if !is_found || cached != expected {
            failures.push(format!(
                "{id} {address}: {} `{cached}` instead of `{expected}`",
                reply.status
            ));
        }
        if reply.etag().is_empty() {
            continue;
        }
        let other = admin.with("if-match", "\"x\"").get(&address).await;
        let none_of_both = admin.with("if-match", "\"x\"").with("if-none-match", &reply.etag());
        for refused in [other, none_of_both.get(&address).await] {
            failures.extend(refused.unless_problem(412, "precondition_failed"));
        }
        for coding in ["identity", "gzip"] {
            let client = admin.with("accept-encoding", coding);
            let reply = client.get(&address).await.status(200);
            client.with("if-match", &reply.etag()).get(&address).await.status(200);
            client.with("if-match", "*").get(&address).await.status(200);
            let again = client.with("if-none-match", &reply.etag()).get(&address).await;
            // RFC 9110 section 15.4.5. The link to the next page belongs to the page.
            let same = ["cache-control", "etag", "vary", "content-location", "link"];
            let differs = same.iter().any(|name| again.header(name) != reply.header(name));
            if again.status != 304 || differs || !again.header("vary").contains("Accept-Encoding") {
                failures.push(format!("{id} {address} again: {} {:?}", again.status, again.headers));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(personal >= 12, "{personal}");
}

/// Changes return the record, so they are personal like the record.
#[actix_web::test]
async fn changes_of_personal_data_are_not_stored() {
    let world = demonstration(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let case = json!({"village_code": "63.11.06.2005", "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar"});
    let made = admin.post("/v1/cases", case).await.status(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let path = made.header("location").to_owned();
    let changed = admin
        .patch(&path, &made.etag(), json!({"summary": "Balap"}))
        .await
        .status(200);
    assert_eq!(changed.header("cache-control"), "no-store");
    let village = admin.get("/v1/villages/63.11.06.2005").await.status(200);
    let renamed = json!({"name": "Balang Baru"});
    let renamed = admin
        .patch("/v1/villages/63.11.06.2005", &village.etag(), renamed)
        .await
        .status(200);
    assert_eq!(renamed.header("cache-control"), "private, no-cache");
}

/// A cache that all callers share must not give one of them the address that another one sent as `Host`.
#[actix_web::test]
async fn host_never_reaches_an_answer_that_callers_share() {
    let peer: std::net::IpAddr = "198.51.100.1".parse().unwrap();
    for public_url in [None, Some("https://iku.example.go.id".to_owned())] {
        let set = public_url.clone();
        let world = World::on(Backend::Sqlite).adjust(move |service| {
            service.public_url = Data::new(PublicUrl(set));
            service.trusted_proxies = Data::new(TrustedProxies::new(vec![peer.into()]));
        });
        let world = world.await;
        let misled = |client: Client| client.with("host", EVIL).with("x-forwarded-host", EVIL);
        let (anyone, admin) = (misled(world.anonymous()), misled(admin(&world).await));
        for (id, _, address) in public_addresses() {
            for client in [&anyone, &admin] {
                let reply = client.get(&address).await;
                let shown = String::from_utf8_lossy(&reply.body).contains(EVIL)
                    || reply
                        .headers
                        .iter()
                        .any(|(_, value)| value.to_str().is_ok_and(|v| v.contains(EVIL)));
                let is_shared = reply.header("cache-control").contains("public");
                assert!(!(shown && (is_shared || public_url.is_some())), "{id} {address}");
            }
        }
        let metadata = anyone.get("/.well-known/oauth-authorization-server").await.status(200);
        let endpoint = metadata.json["token_endpoint"].as_str().unwrap();
        match &public_url {
            Some(url) => {
                assert_eq!(metadata.header("cache-control"), "public, max-age=300");
                assert_eq!(endpoint, format!("{url}/v1/auth/token"));
            }
            None => {
                assert_eq!(metadata.header("cache-control"), "no-store");
                assert!(endpoint.contains(EVIL), "{endpoint}");
            }
        }
    }
}

/// Every GET without parameters in its path.
fn public_addresses() -> Vec<(String, String, String)> {
    let document = iku::app::openapi();
    let paths = document["paths"].as_object().unwrap().iter();
    let gets = paths.filter(|(path, item)| !path.contains('{') && item.get("get").is_some());
    gets.map(|(path, item)| {
        let operation = &item["get"];
        let id = operation["operationId"].as_str().unwrap().to_owned();
        (id, String::new(), path.clone())
    })
    .collect()
}
