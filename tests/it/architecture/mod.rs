//! Which module may import which. A wing (a folder of `src`) imports only the wings below it, and no modules import each
//! other in a circle.

mod imports;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use imports::{circles, imported_wings, modules};

/// A wing and the wings that it may import beside itself, from the bottom up.
const WINGS: [(&str, &[&str]); 16] = [
    ("core", &[]),
    ("platform", &["core"]),
    ("shipped", &["core", "platform"]),
    ("access", &["core", "platform"]),
    ("places", &["access", "core", "platform"]),
    ("plan", &["access", "core", "places", "platform", "shipped"]),
    ("facts", &["access", "core", "places", "plan", "platform"]),
    ("results", &["access", "core", "facts", "places", "plan", "platform"]),
    ("evidence", &["access", "core", "facts", "plan", "platform", "results"]),
    (
        "closings",
        &["access", "core", "evidence", "facts", "places", "platform", "results"],
    ),
    ("audit", &["access", "platform"]),
    (
        "exports",
        &[
            "access", "core", "evidence", "facts", "places", "plan", "platform", "results",
        ],
    ),
    (
        "imports",
        &["access", "core", "exports", "facts", "places", "plan", "platform"],
    ),
    ("ops", &["access", "platform"]),
    ("maintenance", &["closings", "evidence", "facts", "platform"]),
    // Nobody below imports the pages; the application mounts them.
    (
        "pages",
        &[
            "access", "audit", "closings", "core", "evidence", "exports", "facts", "imports", "places", "plan",
            "platform", "results",
        ],
    ),
];

/// Words that the core must not contain: an auditor reads it beside the decree.
const FORBIDDEN_IN_CORE: [&str; 9] = [
    "sea_orm",
    "sqlx",
    "entity",
    "actix_web",
    "tokio",
    "SystemTime",
    "Instant",
    "f32",
    "f64",
];

/// Services that page a list in memory, and why the list cannot grow. All others page in SQL.
const PAGED_IN_MEMORY: [(&str, &str); 6] = [
    ("closings/revisions", "the indicators of a district in one year"),
    ("plan/code_lists/service", "the sections are part of the program"),
    (
        "plan/targets/service",
        "an indicator has at most seven targets in each of 101 years",
    ),
    (
        "results/realisations/difference",
        "more than 5,000 recordings are refused",
    ),
    (
        "results/realisations/service",
        "a series has at most twelve periods in each of 101 years; the records of a value are judged together",
    ),
    (
        "results/realisations/sheet",
        "the rows on a page are decided before anything is read for them, and several periods span at most five years",
    ),
];

/// Tables of versions whose operations have another name than the table.
const CALLED_OTHERWISE: [(&str, &str); 7] = [
    ("survey", "surveys"),
    ("public_case", "cases"),
    ("target", "indicators/{code}/targets"),
    ("indicator_note", "indicators/{code}/notes"),
    ("past_value", "indicators/{code}/past-values"),
    ("listed_code", "institution-kinds"),
    ("record_start", "districts"),
];

/// Tables that say who did something and have no versions, with the lists that show it.
const DECISIONS: [(&str, &[&str]); 7] = [
    ("bulk_decision", &["/v1/held-decisions", "/v1/responses/voids"]),
    ("case_event", &["/v1/cases/{id}/events"]),
    ("closing", &["/v1/closings"]),
    ("held_discard_span", &["/v1/held-responses/{id}/versions"]),
    ("held_response", &["/v1/held-responses/{id}/versions"]),
    ("response", &["/v1/surveys/{id}/responses/{response_id}/versions"]),
    (
        "response_count_span",
        &["/v1/surveys/{id}/responses/{response_id}/versions"],
    ),
];

/// Tables whose rows are no records of the office: who made an account or a code is in the log.
const NO_RECORDS: [&str; 2] = ["account", "enrolment"];

/// The tables of the macro `versioned!`.
fn versioned_tables() -> Vec<String> {
    let source = &modules()[&["platform", "db", "versions"].map(str::to_owned).to_vec()];
    let declared = source
        .split("\nversioned! {")
        .nth(1)
        .and_then(|rest| rest.split("\n}").next());
    let lines = declared.unwrap().lines();
    let tables = lines.filter_map(|line| Some(line.trim().split_once(" by ")?.0.to_owned()));
    tables.collect()
}

/// What was recorded before can be read, with who, when and why.
#[test]
fn every_versioned_table_has_its_versions() {
    let tables = versioned_tables();
    assert!(tables.len() >= 9, "{tables:?}");
    let document = iku::app::openapi();
    let paths = document["paths"].as_object().unwrap();
    let has_versions = |table: &&String| {
        let other = CALLED_OTHERWISE.iter().find(|(name, _)| name == *table);
        let collection = other.map_or_else(|| plural(table), |(_, collection)| (*collection).to_owned());
        let start = format!("/v1/{collection}/{{");
        paths.iter().any(|(path, item)| {
            let versions = path
                .strip_prefix(&start)
                .and_then(|rest| rest.strip_suffix("}/versions"));
            versions.is_some_and(|key| !key.contains('/')) && item.get("get").is_some()
        })
    };
    let missing: Vec<&String> = tables.iter().filter(|table| !has_versions(table)).collect();
    assert_eq!(missing, [""; 0]);
}

/// A decision that no list shows is lost for an inspection, also when a later one took it back.
#[test]
fn every_table_that_says_who_can_be_read() {
    let mut tables = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("entity/src")).unwrap() {
        let file = entry.unwrap().path();
        let source = fs::read_to_string(&file).unwrap();
        let is_who = |line: &str| {
            let column = line.trim().strip_prefix("pub ").and_then(|rest| rest.split_once(": "));
            column.is_some_and(|(name, _)| name.ends_with("_by"))
        };
        if source.lines().any(is_who) {
            tables.insert(file.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    let versioned = BTreeSet::from_iter(versioned_tables());
    let others = DECISIONS.iter().map(|(table, _)| *table).chain(NO_RECORDS);
    let known: BTreeSet<String> = others.map(str::to_owned).collect();
    assert_eq!(tables.difference(&versioned).cloned().collect::<BTreeSet<_>>(), known);
    let document = iku::app::openapi();
    for (table, lists) in DECISIONS {
        for list in lists {
            let page = &document["paths"][list]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
            let page = document.pointer(&page["$ref"].as_str().unwrap_or_else(|| panic!("{table}: no {list}"))[1..]);
            let item = &page.unwrap()["properties"]["items"]["items"];
            assert!(says_who(&document, item), "{table}: {list} says not who");
        }
    }
}

/// Returns whether a schema, or the schema of a member, has a member that names a person.
fn says_who(document: &Value, schema: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        return says_who(document, document.pointer(&reference[1..]).unwrap());
    }
    let members = schema["properties"].as_object().into_iter().flatten();
    let either = ["oneOf", "anyOf", "allOf"]
        .into_iter()
        .filter_map(|name| schema[name].as_array());
    members
        .into_iter()
        .any(|(name, member)| name == "by" || name.ends_with("_by") || says_who(document, member))
        || either.flatten().any(|one| says_who(document, one))
}

/// `report_kind` is `report-kinds`, `case_category` is `case-categories`.
fn plural(table: &str) -> String {
    let name = table.replace('_', "-");
    match name.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{name}s"),
    }
}

/// Writes that change no record of the office: an own session, an own password, a file whose name is its content.
const WITHOUT_REASON: [&str; 3] = ["deleteMyOtherSessions", "deleteMySession", "replaceEvidence"];

/// Every change can say why.
#[test]
fn every_put_patch_and_delete_takes_a_reason() {
    let document = iku::app::openapi();
    let mut without = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for (verb, operation) in item.as_object().unwrap() {
            let takes_reason = match verb.as_str() {
                "delete" => operation["parameters"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|p| p["in"] == "query" && p["name"] == "reason")),
                "put" | "patch" => operation["requestBody"]["content"]
                    .as_object()
                    .unwrap()
                    .values()
                    .all(|media| {
                        let name = media["schema"]["$ref"].as_str();
                        let schema = name.map(|name| document.pointer(&name[1..]).unwrap());
                        schema.is_some_and(|schema| schema["properties"]["reason"]["writeOnly"] == true)
                    }),
                _ => continue,
            };
            if !takes_reason {
                without.push(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
    }
    without.sort();
    assert_eq!(without, WITHOUT_REASON);
}

#[test]
fn lists_that_grow_are_paged_in_sql() {
    let modules = modules();
    let callers = modules.iter().filter(|(_, code)| code.contains(".paginate_in_memory("));
    let callers: BTreeSet<String> = callers.map(|(path, _)| path.join("/")).collect();
    let allowed = PAGED_IN_MEMORY.map(|(path, _)| path.to_owned());
    assert_eq!(callers, BTreeSet::from(allowed));
}

#[test]
fn wing_imports_only_wings_below_it() {
    let modules = modules();
    let mut failures = Vec::new();
    for (wing, allowed) in WINGS {
        assert!(modules.keys().any(|path| path[0] == wing), "src/{wing} has no sources");
        for (path, code) in modules.iter().filter(|(path, _)| path[0] == wing) {
            for imported in imported_wings(code) {
                if imported != wing && !allowed.contains(&imported.as_str()) {
                    failures.push(format!("{} imports `{imported}`", path.join("/")));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn config_is_imported_only_at_the_top() {
    let importers: BTreeSet<String> = modules()
        .into_iter()
        .filter(|(_, code)| imported_wings(code).contains("config"))
        .map(|(path, _)| path[0].clone())
        .filter(|wing| !["cli", "config", "server"].contains(&wing.as_str()))
        .collect();
    assert!(importers.is_empty(), "{importers:?} must not import `config`");
}

#[test]
fn modules_do_not_import_each_other_in_a_circle() {
    let failures: Vec<String> = circles(&modules())
        .into_iter()
        .map(|circle| circle.iter().map(|path| path.join("/")).collect::<Vec<_>>().join(", "))
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn core_knows_no_database_no_http_no_clock_and_no_floating_point() {
    let mut failures = Vec::new();
    for (path, code) in modules().iter().filter(|(path, _)| path[0] == "core") {
        for line in code.lines() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let forbidden = words.filter(|word| FORBIDDEN_IN_CORE.contains(word));
            let clock = line.contains("Utc::now").then_some("Utc::now");
            failures.extend(
                forbidden
                    .chain(clock)
                    .map(|word| format!("{}: `{word}` in: {}", path.join("/"), line.trim())),
            );
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn only_the_clock_reads_the_time() {
    // These measure how long something takes: a request, a body, a statement, the age of a probe. That is no time of day.
    let allowed = [
        "ops/health",
        "platform/clock",
        "platform/db/connection",
        "platform/db/pool",
        "platform/http/request_context",
        "platform/http/upload",
    ];
    let mut failures = Vec::new();
    for (path, code) in modules() {
        let path = path.join("/");
        let reads = ["Utc::now", "Instant::now", "SystemTime::now", "Local::now"];
        if reads.iter().any(|read| code.contains(read)) && !allowed.contains(&path.as_str()) {
            failures.push(path);
        }
    }
    assert!(failures.is_empty(), "{failures:#?} read the machine's clock");
}
