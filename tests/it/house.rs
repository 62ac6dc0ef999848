//! Who may know whom: each wing of the house imports those below it and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A wing and the wings that it may import beside itself, from the bottom up.
const WINGS: [(&str, &[&str]); 10] = [
    ("core", &[]),
    ("platform", &["core"]),
    ("shipped", &["core", "platform"]),
    ("access", &["config", "core", "platform"]),
    ("places", &["access", "core", "platform"]),
    ("plan", &["access", "core", "places", "platform", "shipped"]),
    ("facts", &["access", "core", "places", "plan", "platform"]),
    ("results", &["access", "core", "facts", "places", "plan", "platform"]),
    ("ops", &["access", "config", "platform"]),
    ("maintenance", &["facts", "platform"]),
];

#[test]
fn no_wing_imports_one_above_it() {
    let mut faults = Vec::new();
    for (wing, may) in WINGS {
        let files = sources(&root().join("src").join(wing));
        assert!(
            !files.is_empty(),
            "src/{wing} has no sources: this test looks in the wrong place"
        );
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for imported in imports(&text) {
                if imported != wing && !may.contains(&imported.as_str()) {
                    faults.push(format!(
                        "{} imports `{imported}`, which `{wing}` must not know",
                        shown(&file)
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The core is the rules and nothing but: an auditor reads it beside the decree.
#[test]
fn the_core_knows_no_database_no_http_no_clock_and_no_floating_point() {
    let mut faults = Vec::new();
    for file in sources(&root().join("src/core")) {
        let text = fs::read_to_string(&file).unwrap();
        for line in code(&text) {
            for word in line.split(|c: char| !c.is_alphanumeric() && c != '_') {
                if [
                    "sea_orm",
                    "sqlx",
                    "entity",
                    "actix_web",
                    "tokio",
                    "SystemTime",
                    "Instant",
                    "f32",
                    "f64",
                ]
                .contains(&word)
                {
                    faults.push(format!("{}: `{word}` in: {}", shown(&file), line.trim()));
                }
            }
            if line.contains("Utc::now") {
                faults.push(format!("{}: the clock in: {}", shown(&file), line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn imports_are_seen_in_every_form() {
    let text = "use crate::plan::by_year;\n/// crate::results\nuse crate::{\n    app, facts::{cases, reports},\n};\nlet x = crate::core::civil::day();";
    let seen = ["app", "core", "facts", "plan"].map(str::to_owned);
    assert_eq!(imports(text), BTreeSet::from(seen));
}

/// The first names after `crate::`, in paths and in `use crate::{..}`.
fn imports(text: &str) -> BTreeSet<String> {
    let text = code(text).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, marker) in text.match_indices("crate::") {
        let rest = &text[at + marker.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(first_names(group)),
            None => found.extend(name(rest)),
        }
    }
    found
}

/// The names at the top level of a group of imports, up to the brace that closes it.
fn first_names(group: &str) -> Vec<String> {
    let mut names: Vec<String> = name(group.trim_start()).into_iter().collect();
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(name(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names
}

fn name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The lines that are no comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}
