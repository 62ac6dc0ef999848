//! The contract itself, as JSON and YAML: made once, for everyone.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::access::Public;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Contract;
use crate::platform::http::cached_response::PublicFile;

/// Any origin may read the contract.
fn respond(file: &PublicFile, req: &HttpRequest) -> HttpResponse {
    let mut response = file.respond(req);
    let any = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    for (name, value) in any {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    response
}

pub fn as_yaml(document: &serde_json::Value) -> Result<String, Error> {
    yaml_serde::to_string(document).or_internal()
}

/// The contract as JSON
///
/// This document. Any origin may read it; answers 304 to a caller who has it.
#[utoipa::path(
    tag = "contract", operation_id = "getContractJson", security(()), servers((url = "/")),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/openapi.json")]
pub async fn json(_: Public, req: HttpRequest, contract: web::Data<Contract>) -> HttpResponse {
    static FILE: OnceLock<PublicFile> = OnceLock::new();
    let file = FILE.get_or_init(|| PublicFile::new("application/json", contract.text()));
    respond(file, &req)
}

/// The contract as YAML
///
/// The same document in YAML.
#[utoipa::path(
    tag = "contract", operation_id = "getContractYaml", security(()), servers((url = "/")),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/yaml", body = Object, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/openapi.yaml")]
pub async fn yaml(_: Public, req: HttpRequest, contract: web::Data<Contract>) -> Result<HttpResponse, Error> {
    static FILE: OnceLock<PublicFile> = OnceLock::new();
    let file = match FILE.get() {
        Some(file) => file,
        None => {
            let document = serde_json::from_slice(&contract.text()).or_internal()?;
            let text = as_yaml(&document)?;
            FILE.get_or_init(|| PublicFile::new("application/yaml", text))
        }
    };
    Ok(respond(file, &req))
}
