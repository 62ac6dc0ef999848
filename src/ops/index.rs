//! `GET /v1`: what is there, for a person or a program that has only the address.

use actix_web::http::header::{HeaderValue, LINK};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Public;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Contract;
use crate::platform::http::cached_response::PublicFile;
use crate::platform::http::middleware::methods::SERVICE_DESC;

/// What the service has. Addresses are relative to the service.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceIndex {
    #[schema(max_length = 20, example = "iku")]
    pub name: &'static str,
    /// The version of the contract.
    #[schema(max_length = 20, example = "0.2.0")]
    pub version: &'static str,
    /// The contract as JSON.
    #[schema(format = "uri-reference", max_length = 100, example = "/openapi.json")]
    pub openapi: &'static str,
    /// The interactive page.
    #[schema(format = "uri-reference", max_length = 100, example = "/swagger-ui/")]
    pub documentation: &'static str,
    /// The meaning of the problem codes.
    #[schema(format = "uri-reference", max_length = 100, example = "/problems")]
    pub problems: &'static str,
    /// Where to sign in (RFC 6749).
    #[schema(format = "uri-reference", max_length = 100, example = "/v1/auth/token")]
    pub token_endpoint: &'static str,
    /// How to sign in (RFC 8414).
    #[schema(
        format = "uri-reference",
        max_length = 100,
        example = "/.well-known/oauth-authorization-server"
    )]
    pub authorization_server: &'static str,
    /// The lists.
    #[schema(schema_with = paths, example = json!(["/v1/indicators", "/v1/reports"]))]
    pub collections: Vec<String>,
}

fn paths() -> utoipa::openapi::schema::ArrayBuilder {
    crate::platform::http::schema::texts("Paths", 0..=100, 100)
}

/// See what is there
///
/// The addresses of the contract, the documentation, the token endpoint and the lists.
#[utoipa::path(
    tag = "contract", operation_id = "getIndex", security(()),
    responses((status = 200, description = "What the service has", body = ServiceIndex, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/v1")]
pub async fn index(_: Public, req: HttpRequest, contract: web::Data<Contract>) -> Result<HttpResponse, Error> {
    respond(&req, &contract)
}

/// The same at `/v1/`, which is not in the document.
pub async fn with_slash(req: HttpRequest, contract: web::Data<Contract>) -> Result<HttpResponse, Error> {
    respond(&req, &contract)
}

fn respond(req: &HttpRequest, contract: &Contract) -> Result<HttpResponse, Error> {
    let content = ServiceIndex {
        name: "iku",
        version: env!("CARGO_PKG_VERSION"),
        openapi: "/openapi.json",
        documentation: "/swagger-ui/",
        problems: "/problems",
        token_endpoint: "/v1/auth/token",
        authorization_server: "/.well-known/oauth-authorization-server",
        collections: contract.collections(),
    };
    let body = serde_json::to_vec(&content).or_internal()?;
    let mut response = PublicFile::new("application/json", body).respond(req);
    response
        .headers_mut()
        .insert(LINK, HeaderValue::from_static(SERVICE_DESC));
    Ok(response)
}
