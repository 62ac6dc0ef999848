//! Links from created records to the operations on them, found by path: POST `/v1/reports` leads to GET, PATCH and
//! DELETE `/v1/reports/{id}`.

use serde_json::{Map, Value, json};

use super::{VERBS, resolved};

/// Adds `links` to the 201 of every POST to a collection.
pub fn add(document: &mut Value) {
    let Some(paths) = document["paths"].as_object() else {
        return;
    };
    let schemas = document["components"]["schemas"].as_object();
    let collections: Vec<(String, Map<String, Value>)> = paths
        .keys()
        .filter_map(|path| Some((path.clone(), links_of(path, paths, schemas?)?)))
        .collect();
    for (path, links) in collections {
        document["paths"][&path]["post"]["responses"]["201"]["links"] = Value::Object(links);
    }
}

/// Returns the links of a collection whose records have a path of their own.
fn links_of(path: &str, paths: &Map<String, Value>, schemas: &Map<String, Value>) -> Option<Map<String, Value>> {
    let created = paths[path].get("post")?["responses"].get("201")?;
    let (item_path, parameter) = paths.keys().find_map(|p| {
        let rest = p.strip_prefix(path)?.strip_prefix("/{")?.strip_suffix('}')?;
        (!rest.contains('/')).then_some((p, rest))
    })?;
    let record = resolved(schemas, &created["content"]["application/json"]["schema"]);
    // `/v1/surveys/{id}/responses/{response_id}` holds the `id` of the response.
    let member = [parameter, "id"]
        .into_iter()
        .find(|m| record["properties"].get(m).is_some())?;
    let mut known = Map::new();
    for outer in path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    {
        known.insert(outer.to_owned(), json!(format!("$request.path.{outer}")));
    }
    known.insert(parameter.to_owned(), json!(format!("$response.body#/{member}")));
    let mut links = Map::new();
    for operation in VERBS.iter().filter_map(|verb| paths[item_path].get(*verb)) {
        let Some(id) = operation["operationId"].as_str() else {
            continue;
        };
        let mut parameters = known.clone();
        let conditional = operation["parameters"]
            .as_array()?
            .iter()
            .any(|p| p["name"] == "If-Match");
        if conditional && created["headers"].get("ETag").is_some() {
            parameters.insert("If-Match".to_owned(), json!("$response.header.ETag"));
        }
        links.insert(id.to_owned(), json!({"operationId": id, "parameters": parameters}));
    }
    Some(links)
}
