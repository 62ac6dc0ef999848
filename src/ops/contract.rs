//! The contract itself, as JSON and YAML: made once, for anybody.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use bytes::Bytes;

use crate::access::Public;
use crate::platform::error::Error;
use crate::platform::fingerprint;
use crate::platform::http::{Contract, ETag, cached_response};

const JSON: &str = "application/json";
const YAML: &str = "application/yaml";

struct Published {
    bytes: Bytes,
    tag: ETag,
}

impl Published {
    fn new(bytes: Bytes) -> Self {
        let tag = ETag::of_digest(fingerprint::of_bytes(&bytes));
        Self { bytes, tag }
    }

    fn answer(&self, req: &HttpRequest, media: &str) -> HttpResponse {
        let mut answer = cached_response::public(req, &self.tag, media, self.bytes.clone());
        let any = [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (
                header::HeaderName::from_static("cross-origin-resource-policy"),
                "cross-origin",
            ),
        ];
        for (name, value) in any {
            answer
                .headers_mut()
                .insert(name, header::HeaderValue::from_static(value));
        }
        answer
    }
}

pub fn as_yaml(document: &serde_json::Value) -> Result<String, Error> {
    yaml_serde::to_string(document).map_err(Error::internal)
}

/// The contract as JSON
///
/// This document. Any origin may read it; answers 304 to the one who has it.
#[utoipa::path(
    tag = "contract", operation_id = "getContractJson", security(()), servers((url = "/")),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/openapi.json")]
pub async fn json(_: Public, req: HttpRequest, contract: web::Data<Contract>) -> HttpResponse {
    static MADE: OnceLock<Published> = OnceLock::new();
    MADE.get_or_init(|| Published::new(contract.text())).answer(&req, JSON)
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
    static MADE: OnceLock<Published> = OnceLock::new();
    let made = match MADE.get() {
        Some(made) => made,
        None => {
            let document = serde_json::from_slice(&contract.text()).map_err(Error::internal)?;
            let text = as_yaml(&document)?;
            MADE.get_or_init(|| Published::new(text.into()))
        }
    };
    Ok(made.answer(&req, YAML))
}
