//! The contract as JSON and YAML. Each text is made once; only the address of the service differs between callers.

use std::convert::Infallible;
use std::sync::OnceLock;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use bytes::Bytes;
use futures_util::stream::{self, Stream};

use crate::access::Public;
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint;
use crate::platform::http::cached_response::not_modified;
use crate::platform::http::document::ADDRESS;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::response::with_etag;
use crate::platform::http::{Contract, ETag};

const YAML: &str = "application/yaml";

/// A text in the parts between its addresses.
struct Template {
    media: &'static str,
    parts: Vec<Bytes>,
    digest: String,
}

impl Template {
    fn new(media: &'static str, text: &str) -> Self {
        Self {
            media,
            parts: text
                .split(ADDRESS)
                .map(|part| Bytes::copy_from_slice(part.as_bytes()))
                .collect(),
            digest: fingerprint::sha256_hex(text.as_bytes()),
        }
    }

    /// Returns the template in a cell, which `make` makes at the first request.
    fn once(cell: &OnceLock<Self>, make: impl FnOnce() -> Result<Self, Error>) -> Result<&Self, Error> {
        match cell.get() {
            Some(template) => Ok(template),
            None => make().map(|template| cell.get_or_init(|| template)),
        }
    }

    /// Returns 200 with the text, or 304 if the caller has it. Any origin may read it.
    fn respond(&self, req: &HttpRequest, public_url: &PublicUrl) -> HttpResponse {
        let address = public_url.for_caller(req);
        let tag = ETag::of_digest(fingerprint::sha256_hex(format!("{} {address}", self.digest).as_bytes()));
        let mut response = match tag.matches_if_none_match(req.headers(), true) {
            true => not_modified(&tag, false, None),
            false => with_etag(StatusCode::OK, &tag)
                .content_type(self.media)
                .body(self.body(&address)),
        };
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (
                header::HeaderName::from_static("cross-origin-resource-policy"),
                "cross-origin",
            ),
            // Without a public address, `Host` of the request decides the address, so no other caller may get it.
            (
                header::CACHE_CONTROL,
                if public_url.0.is_some() {
                    "public, no-cache"
                } else {
                    "private, no-cache"
                },
            ),
        ];
        for (name, value) in headers {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn body(&self, address: &str) -> SizedStream<impl Stream<Item = Result<Bytes, Infallible>> + 'static> {
        // YAML has the addresses in single quotes, and a host may have such a quote. JSON has none to escape.
        let address = Bytes::from(match self.media {
            YAML => address.replace('\'', "''"),
            _ => address.to_owned(),
        });
        let mut chunks: Vec<Bytes> = Vec::with_capacity(2 * self.parts.len());
        for part in &self.parts {
            if !chunks.is_empty() {
                chunks.push(address.clone());
            }
            chunks.push(part.clone());
        }
        let size = chunks.iter().map(Bytes::len).sum::<usize>();
        SizedStream::new(
            u64::try_from(size).unwrap_or(u64::MAX),
            stream::iter(chunks.into_iter().map(Ok)),
        )
    }
}

pub fn as_yaml(document: &serde_json::Value) -> Result<String, Error> {
    yaml_serde::to_string(document).or_internal()
}

/// The contract as JSON
///
/// This document. Any origin may read it. A caller with the current ETag gets a 304. `servers` has the public address of
/// the service, or else the address that the request was sent to.
#[utoipa::path(
    tag = "contract", operation_id = "getContractJson", security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/openapi.json")]
pub async fn json(
    _: Public,
    req: HttpRequest,
    contract: web::Data<Contract>,
    public_url: web::Data<PublicUrl>,
) -> Result<HttpResponse, Error> {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = Template::once(&TEMPLATE, || {
        let text = contract.text();
        Ok(Template::new(
            "application/json",
            std::str::from_utf8(&text).or_internal()?,
        ))
    });
    Ok(template?.respond(&req, &public_url))
}

/// The contract as YAML
///
/// The same document in YAML.
#[utoipa::path(
    tag = "contract", operation_id = "getContractYaml", security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/yaml", body = Object, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/openapi.yaml")]
pub async fn yaml(
    _: Public,
    req: HttpRequest,
    contract: web::Data<Contract>,
    public_url: web::Data<PublicUrl>,
) -> Result<HttpResponse, Error> {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = Template::once(&TEMPLATE, || {
        let document = serde_json::from_slice(&contract.text()).or_internal()?;
        Ok(Template::new(YAML, &as_yaml(&document)?))
    });
    Ok(template?.respond(&req, &public_url))
}
