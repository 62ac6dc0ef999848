//! Which module may import which. A wing (a folder of `src`) imports only the wings below it, and no modules import each
//! other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

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

#[test]
fn imports_are_found_in_every_form() {
    let code = "use crate::plan::by_year;\nuse crate::{\n    app, facts::{cases, reports},\n};\nlet x = crate::core::civil::day();";
    let wings = ["app", "core", "facts", "plan"].map(str::to_owned);
    assert_eq!(imported_wings(code), BTreeSet::from(wings));
}

#[test]
fn circle_is_found_behind_a_group_and_a_re_export() {
    let module = |path: &str, code: &str| (segments(path), code.to_owned());
    let mut modules = BTreeMap::from([
        module("plan", ""),
        module(
            "plan/reports",
            "mod query;\npub use query::Page;\nuse self::query::list;",
        ),
        module("plan/reports/query", "use crate::{core, plan::{targets::Target as T}};"),
        module("plan/targets", "use super::reports::Page;"),
    ]);
    let circle = ["plan/reports/query", "plan/targets"].map(segments);
    assert_eq!(circles(&modules), BTreeSet::from([BTreeSet::from(circle)]));
    modules.insert(segments("plan/targets"), "use super::reports::Other;".to_owned());
    assert_eq!(circles(&modules).pop_first().unwrap().len(), 3);
    modules.insert(segments("plan/targets"), String::new());
    assert_eq!(circles(&modules), BTreeSet::new());
}

/// A module's place below `src`: `["plan", "targets"]`.
type ModulePath = Vec<String>;

fn segments(path: &str) -> ModulePath {
    path.split('/').map(str::to_owned).collect()
}

/// Returns every module of `src` with its code, without comments and without its unit tests.
fn modules() -> BTreeMap<ModulePath, String> {
    let mut found = BTreeMap::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &Vec::new(),
        &mut found,
    );
    found
}

fn collect(folder: &Path, module: &ModulePath, found: &mut BTreeMap<ModulePath, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let child = [module.as_slice(), &[name]].concat();
        if file.is_dir() {
            collect(&file, &child, found);
        } else if file.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let path = if file.ends_with("mod.rs") {
                module.clone()
            } else {
                child
            };
            found.insert(path, lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// Returns the first names after `crate::`.
fn imported_wings(code: &str) -> BTreeSet<String> {
    let paths = code.match_indices("crate::").flat_map(|(at, _)| use_tree(&code[at..]));
    paths.filter_map(|path| path.into_iter().nth(1)).collect()
}

/// Returns the sets of modules that import each other, directly or through others. A name that a module re-exports counts
/// as imported from where it is defined.
fn circles(modules: &BTreeMap<ModulePath, String>) -> BTreeSet<BTreeSet<ModulePath>> {
    let mut re_exports = BTreeMap::new();
    let mut imports = BTreeMap::new();
    for (module, code) in modules {
        let (public, private): (Vec<&str>, Vec<&str>) =
            code.split_inclusive(';').partition(|statement| is_re_export(statement));
        for path in public.iter().flat_map(|statement| paths(statement, module, modules)) {
            let name = path.last().unwrap().clone();
            re_exports.insert([module.as_slice(), &[name]].concat(), path);
        }
        imports.insert(module, paths(&private.concat(), module, modules));
    }
    let direct = |module: &ModulePath| -> Vec<ModulePath> {
        let targets = imports[module]
            .iter()
            .map(|path| defining_module(path, modules, &re_exports));
        targets
            .filter(|target| target != module && modules.contains_key(target))
            .collect()
    };
    let reachable: BTreeMap<&ModulePath, BTreeSet<ModulePath>> = modules
        .keys()
        .map(|module| {
            let (mut seen, mut open) = (BTreeSet::new(), direct(module));
            while let Some(next) = open.pop() {
                if seen.insert(next.clone()) {
                    open.extend(direct(&next));
                }
            }
            (module, seen)
        })
        .collect();
    let in_a_circle = reachable.iter().filter(|(module, seen)| seen.contains(**module));
    in_a_circle
        .map(|(module, seen)| {
            seen.iter()
                .filter(|other| reachable[other].contains(*module))
                .cloned()
                .collect()
        })
        .collect()
}

fn is_re_export(statement: &str) -> bool {
    statement
        .lines()
        .any(|line| line.starts_with("pub use ") || line.starts_with("pub(crate) use "))
}

/// Returns the absolute paths that the code names with `crate::`, `self::`, `super::` or, in a `use`, a child module.
fn paths(code: &str, module: &ModulePath, modules: &BTreeMap<ModulePath, String>) -> Vec<ModulePath> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let start = code[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1);
        let is_child = code[..start].ends_with("use ")
            && modules.contains_key(&[module.as_slice(), &[code[start..at].to_owned()]].concat());
        if !code[..start].ends_with("::") && (is_child || ["crate", "self", "super"].contains(&&code[start..at])) {
            found.extend(use_tree(&code[start..]).into_iter().map(|path| absolute(&path, module)));
        }
    }
    found
}

fn absolute(path: &[String], module: &ModulePath) -> ModulePath {
    let mut base = module.clone();
    for (at, segment) in path.iter().enumerate() {
        match segment.as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => drop(base.pop()),
            _ => return [base.as_slice(), &path[at..]].concat(),
        }
    }
    base
}

fn defining_module(
    path: &ModulePath,
    modules: &BTreeMap<ModulePath, String>,
    re_exports: &BTreeMap<ModulePath, ModulePath>,
) -> ModulePath {
    let end = (1..=path.len()).find(|end| !modules.contains_key(&path[..*end]));
    match end {
        Some(end) => match re_exports.get(&path[..end]) {
            Some(original) => defining_module(original, modules, re_exports),
            None => path[..end - 1].to_vec(),
        },
        None => path.clone(),
    }
}

/// Returns the paths of a tree of imports: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn use_tree(text: &str) -> Vec<ModulePath> {
    let mut found = Vec::new();
    branch(text, &[], &mut found);
    found
}

/// Adds the paths of one branch and returns the text behind it.
fn branch<'a>(text: &'a str, prefix: &[String], found: &mut Vec<ModulePath>) -> &'a str {
    if let Some(mut group) = text.strip_prefix('{') {
        loop {
            group = group.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            match group.strip_prefix('}') {
                Some(behind) => return behind,
                None if group.is_empty() => return group,
                None => group = branch(group, prefix, found),
            }
        }
    }
    let name = &text[..text.find(|c| !is_name(c)).unwrap_or(text.len())];
    let path = [prefix, &[name.to_owned()]].concat();
    let behind = &text[name.len()..];
    match behind.strip_prefix("::") {
        Some(children) => branch(children, &path, found),
        None => {
            found.push(path);
            let renamed = behind.strip_prefix(" as ").unwrap_or(behind);
            renamed.trim_start_matches(|c| !matches!(c, ',' | '}' | ';'))
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
