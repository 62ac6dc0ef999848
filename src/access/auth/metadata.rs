//! Metadata of the authorisation server (RFC 8414), for programs that discover the token endpoint.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Public;
use crate::access::permissions::SCOPES;
use crate::platform::error::Error;
use crate::platform::http::Tagged;
use crate::platform::http::public_url::PublicUrl;

/// The metadata of the authorisation server (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationServer {
    /// `iss` of the tokens: the public address of the service, or else the address that the request was sent to.
    #[schema(format = "uri", max_length = 400, example = "https://iku.example.go.id")]
    pub issuer: String,
    #[schema(
        format = "uri",
        max_length = 400,
        example = "https://iku.example.go.id/v1/auth/token"
    )]
    pub token_endpoint: String,
    #[schema(
        format = "uri",
        max_length = 400,
        example = "https://iku.example.go.id/v1/auth/revoke"
    )]
    pub revocation_endpoint: String,
    #[schema(
        format = "uri",
        max_length = 400,
        example = "https://iku.example.go.id/.well-known/jwks.json"
    )]
    pub jwks_uri: String,
    #[schema(format = "uri", max_length = 400, example = "https://iku.example.go.id/swagger-ui/")]
    pub service_documentation: String,
    #[schema(schema_with = names, example = json!(["password", "refresh_token", "client_credentials"]))]
    pub grant_types_supported: Vec<&'static str>,
    #[schema(schema_with = names, example = json!(["client_secret_basic", "client_secret_post"]))]
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    #[schema(schema_with = names, example = json!(["none"]))]
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// `none`, because there is no authorisation page. Some clients refuse an empty list.
    #[schema(schema_with = names, example = json!(["none"]))]
    pub response_types_supported: Vec<&'static str>,
    #[schema(schema_with = names, example = json!(["reports:read", "reports:write"]))]
    pub scopes_supported: Vec<&'static str>,
    /// Languages of problems.
    #[schema(schema_with = names, example = json!(["id", "en"]))]
    pub ui_locales_supported: Vec<&'static str>,
}

fn names() -> utoipa::openapi::schema::ArrayBuilder {
    crate::platform::http::schema::texts("Names", 0..=100, 100)
}

/// Where to sign in
///
/// The addresses of the token endpoints and the supported grants, by RFC 8414.
#[utoipa::path(
    tag = "auth", operation_id = "getAuthorizationServer", security(()),
    responses((status = 200, description = "How to sign in", body = AuthorizationServer, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/.well-known/oauth-authorization-server")]
pub async fn metadata(
    _public: Public,
    req: HttpRequest,
    public_url: web::Data<PublicUrl>,
) -> Result<HttpResponse, Error> {
    let server = public_url.for_caller(&req);
    let at = |path: &str| format!("{server}{path}");
    let metadata = AuthorizationServer {
        issuer: server.clone(),
        token_endpoint: at("/v1/auth/token"),
        revocation_endpoint: at("/v1/auth/revoke"),
        jwks_uri: at("/.well-known/jwks.json"),
        service_documentation: at("/swagger-ui/"),
        grant_types_supported: vec!["password", "refresh_token", "client_credentials"],
        token_endpoint_auth_methods_supported: vec!["client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: vec!["none"],
        response_types_supported: vec!["none"],
        scopes_supported: SCOPES.iter().map(|(scope, _)| *scope).collect(),
        ui_locales_supported: vec!["id", "en"],
    };
    let mut answer = Tagged::by_content(metadata)?.respond_to(&req);
    // Without a public address, `Host` of the request decides the addresses, so no other caller may get them.
    let caching = match public_url.0 {
        Some(_) => "public, max-age=300",
        None => "no-store",
    };
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    Ok(answer)
}
