//! Every operation of the document for every role. Nothing here names a resource, so a new operation is tested as soon as
//! the document has it.

use std::collections::BTreeSet;

use iku::access::Role;
use iku::access::permissions::SCOPES;
use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::world::{Client, PARINGIN, Reply, World};

/// Operations that need no token. An addition here is a decision.
const PUBLIC: &[&str] = &[
    "getIndex",
    "createToken",
    "revokeToken",
    "enrolDevice",
    "getKeys",
    "getClosingKeys",
    "getAuthorizationServer",
    "getLiveness",
    "getReadiness",
    "getMetrics",
    "getContractJson",
    "getContractYaml",
    "getProblemKinds",
    "getProblemKind",
];

/// The one operation that ignores unknown parameters.
const TOLERANT: &str = "createToken";

pub struct Operation {
    pub id: String,
    pub method: String,
    /// The path with dummy values for its parameters.
    pub path: String,
    pub media: Option<String>,
    /// The scopes of which any one is enough. `None`: public.
    pub scopes: Option<Vec<String>>,
}

pub fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut path = path.clone();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "path" {
                    let name = parameter["name"].as_str().unwrap();
                    path = path.replace(&format!("{{{name}}}"), &dummy(document, parameter));
                }
            }
            assert!(!path.contains('{'), "{path}: a parameter is not documented");
            let media = operation["requestBody"]["content"].as_object();
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path,
                media: media.map(|m| m.keys().next().unwrap().clone()),
                scopes: scopes(operation),
            });
        }
    }
    all
}

/// Returns the scopes of which an operation asks for one. A secured operation names at least one.
fn scopes(operation: &Value) -> Option<Vec<String>> {
    let security = operation["security"].as_array();
    let security = security.unwrap_or_else(|| panic!("no security at {operation:#}"));
    let by = |way: &str| -> Vec<&Value> { security.iter().filter_map(|s| s.get(way)).collect() };
    let (people, clients) = (by("oauth2"), by("oauth2_clients"));
    if people.is_empty() && clients.is_empty() {
        return None;
    }
    // Only exports also take HTTP Basic.
    let is_export = operation["tags"][0] == "exports";
    assert_eq!(by("basic").len(), usize::from(is_export), "{operation:#}");
    let others = security.len() - by("basic").len();
    assert_eq!(others, 2 * people.len(), "optional security: {operation:#}");
    assert_eq!(people, clients, "the same scopes, whoever asks: {operation:#}");
    let one = |scopes: &&Value| match scopes.as_array().unwrap().as_slice() {
        [scope] => scope.as_str().unwrap().to_owned(),
        _ => panic!("one scope, no more: {operation:#}"),
    };
    Some(people.iter().map(one).collect())
}

/// Returns a value that a parameter accepts.
pub fn dummy(document: &Value, parameter: &Value) -> String {
    let mut schema = &parameter["schema"];
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        schema = &document["components"]["schemas"][name];
    }
    let examples = [
        &parameter["example"],
        &schema["example"],
        &schema["examples"][0],
        &schema["enum"][0],
    ];
    let plain = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    match examples.into_iter().find(|v| !v.is_null()) {
        Some(value) => plain(value),
        None if schema["format"] == "uuid" => "0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69".to_owned(),
        None if schema["format"] == "date" => "2025-06-30".to_owned(),
        None if schema["type"] == "integer" => "2025".to_owned(),
        None => "x".to_owned(),
    }
}

pub async fn call(client: &Client, operation: &Operation, query: &str) -> Reply {
    let media = operation.media.as_deref().unwrap_or_default();
    let body = if media.ends_with("json") {
        b"{}".to_vec()
    } else {
        Vec::new()
    };
    let path = format!("{}{query}", operation.path);
    client.send(&operation.method, &path, media, body).await
}

#[actix_web::test]
async fn every_operation_but_the_public_ones_is_401_without_token() {
    let world = World::on(Backend::Sqlite).await;
    let document = iku::app::openapi();
    for operation in operations(&document) {
        match operation.scopes {
            Some(_) => {
                // The token is checked before the body, the query and the existence of the record.
                for query in ["", "?tidak-ada=1"] {
                    let reply = call(&world.anonymous(), &operation, query).await;
                    reply.problem(401, "unauthenticated");
                }
                let reply = call(&world.bearer("a.b.c"), &operation, "").await;
                reply.problem(401, "invalid_token");
            }
            None => assert!(PUBLIC.contains(&operation.id.as_str()), "{} is public", operation.id),
        }
    }
}

#[actix_web::test]
async fn role_may_call_what_its_scopes_allow() {
    let world = World::on(Backend::Sqlite).await;
    let operations = operations(&iku::app::openapi());
    for role in Role::ALL {
        let holder = world.holder(role, Some(PARINGIN), &[]);
        let scopes = role.scopes();
        for operation in &operations {
            let Some(any) = &operation.scopes else { continue };
            let reply = call(&holder, operation, "").await;
            let what = format!("{role}: {} -> {} {:#}", operation.id, reply.status, reply.json);
            let refused = reply.status == 403 && reply.json["code"] == "insufficient_scope";
            assert_ne!(reply.status, 401, "{what}");
            let opens = any.iter().any(|scope| scopes.contains(&scope.as_str()));
            assert_eq!(refused, !opens, "{what}");
        }
    }
}

/// A revoked phone may still send its answers to the quarantine.
#[actix_web::test]
async fn revoked_phone_may_call_two_operations() {
    let world = World::on(Backend::Sqlite).await;
    let phone = world.revoked_phone();
    let mut open = BTreeSet::new();
    for operation in operations(&iku::app::openapi()) {
        if operation.scopes.is_some() && call(&phone, &operation, "").await.status != 403 {
            open.insert(operation.id);
        }
    }
    assert_eq!(
        open,
        BTreeSet::from(["createResponses", "getResponseStatus"].map(str::to_owned))
    );
}

#[actix_web::test]
async fn quarantine_scope_is_for_surveyors_only() {
    let world = World::on(Backend::Sqlite).await;
    for role in Role::ALL {
        let holder = world.holder_of(role, Some(PARINGIN), &[], "responses:quarantine");
        let reply = holder.post(
            "/v1/responses/status",
            json!({"ids": ["0198e2f4-7a51-7c44-9a0e-2f1d3c4b5a69"]}),
        );
        let wanted = if role == Role::Surveyor { 200 } else { 403 };
        assert_eq!(reply.await.status, wanted, "{role}");
    }
}

#[actix_web::test]
async fn auditor_and_integrator_have_no_write_scope() {
    let writes = |role: Role| -> Vec<&str> {
        let own = |s: &&str| !s.ends_with(":read") && *s != "me:write";
        role.scopes().into_iter().filter(own).collect()
    };
    assert_eq!(writes(Role::Auditor), Vec::<&str>::new());
    assert_eq!(writes(Role::Integrator), Vec::<&str>::new());
    assert_eq!(
        writes(Role::Head),
        ["districts:write", "targets:write", "notes:write", "closings:write"]
    );
    // The Sekretaris enters and checks; who decides is the Camat.
    let mut secretary = writes(Role::Secretary);
    secretary.sort_unstable();
    assert_eq!(
        secretary,
        ["decrees:write", "notes:write", "reports:check", "targets:write"]
    );
    assert_eq!(writes(Role::Surveyor), ["responses:write"]);
    for scope in [
        "responses:read",
        "held-responses:read",
        "cases:read",
        "users:read",
        "clients:read",
    ] {
        assert!(!Role::Integrator.scopes().contains(&scope), "{scope}");
        assert!(!Role::Surveyor.scopes().contains(&scope), "{scope}");
    }
    // Only the sign-in of a revoked phone gives this scope.
    let quarantine = "responses:quarantine";
    assert!(Role::ALL.iter().all(|role| !role.scopes().contains(&quarantine)));
    assert_eq!(Role::Administrator.scopes().len(), SCOPES.len() - 1);
}

#[actix_web::test]
async fn unknown_query_parameters_are_400() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    for operation in operations(&iku::app::openapi()) {
        if operation.id == TOLERANT || operation.method != "GET" {
            continue;
        }
        let reply = call(&admin, &operation, "?tidak-ada=1").await;
        let what = format!("{}: {:#}", operation.id, reply.json);
        assert_eq!(
            (reply.status, &reply.json["code"]),
            (400, &json!("invalid_query")),
            "{what}"
        );
        assert!(reply.pointers().contains(&"tidak-ada"), "{what}");
    }
}

#[actix_web::test]
async fn every_scope_is_declared_and_used() {
    let document = iku::app::openapi();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let flows = schemes.values().filter_map(|s| s["flows"].as_object());
    let flows: Vec<_> = flows.flatten().collect();
    assert_eq!(flows.len(), 2);
    let known: BTreeSet<&str> = SCOPES.iter().map(|(scope, _)| *scope).collect();
    assert_eq!(known.len(), SCOPES.len(), "a scope twice");
    for (name, flow) in flows {
        let declared: BTreeSet<&str> = flow["scopes"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(declared, known, "{name}");
    }
    let used: BTreeSet<String> = operations(&document)
        .into_iter()
        .filter_map(|o| o.scopes)
        .flatten()
        .collect();
    for scope in &used {
        assert!(known.contains(scope.as_str()), "{scope} is not declared");
    }
    // A scope of a resource that has operations is used by one of them.
    let resources: BTreeSet<&str> = used.iter().filter_map(|s| s.split(':').next()).collect();
    for scope in known {
        let resource = scope.split(':').next().unwrap();
        if resources.contains(resource) {
            assert!(used.contains(scope), "{scope} is declared and opens nothing");
        }
    }
}
