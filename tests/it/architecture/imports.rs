//! Finds what the modules of `src` import, and the circles among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's place below `src`: `["plan", "targets"]`.
pub type ModulePath = Vec<String>;

pub fn segments(path: &str) -> ModulePath {
    path.split('/').map(str::to_owned).collect()
}

/// Returns every module of `src` with its code, without comments and without its unit tests.
pub fn modules() -> BTreeMap<ModulePath, String> {
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
pub fn imported_wings(code: &str) -> BTreeSet<String> {
    let paths = code.match_indices("crate::").flat_map(|(at, _)| use_tree(&code[at..]));
    paths.filter_map(|path| path.into_iter().nth(1)).collect()
}

/// Returns the sets of modules that import each other, directly or through others. A name that a module re-exports counts
/// as imported from where it is defined.
pub fn circles(modules: &BTreeMap<ModulePath, String>) -> BTreeSet<BTreeSet<ModulePath>> {
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
