//! Which web pages may sign in. A page of another site could otherwise guess passwords from its visitor's network, and use
//! up what that network may try.

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::http::uri::Authority;
use actix_web::{HttpRequest, web};

use crate::platform::error::{Code, Error};
use crate::platform::http::public_url::PublicUrl;

/// The origins of other sites whose pages may use the service.
#[derive(Clone, Debug, Default)]
pub struct AllowedOrigins(pub Vec<String>);

/// 403 for a request that a browser sends from a page of another site, unless the settings name its origin. Programs send
/// neither `Origin` nor `Sec-Fetch-Site`.
pub fn ensure_own_page(req: &HttpRequest) -> Result<(), Error> {
    let text = |name: &str| req.headers().get(name).and_then(|v| v.to_str().ok());
    let is_allowed = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some("same-origin" | "none"), _) => true,
        (_, Some(origin)) => is_listed(req, origin) || is_own(req, origin),
        (site, None) => site != Some("cross-site"),
    };
    if is_allowed {
        return Ok(());
    }
    Err(Error::new(Code::CrossSite))
}

/// 403 unless a browser sends the request from a page of this service: its `Sec-Fetch-Site` says so, or, where a browser
/// sends none (over plain HTTP), its `Origin`. For requests that carry a cookie.
pub fn ensure_same_origin(req: &HttpRequest) -> Result<(), Error> {
    let text = |name: &str| req.headers().get(name).map(|v| v.to_str().unwrap_or_default());
    let is_own_page = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => is_own(req, origin),
        (None, None) => false,
    };
    is_own_page.then_some(()).ok_or_else(|| Error::new(Code::CrossSite))
}

fn is_listed(req: &HttpRequest, origin: &str) -> bool {
    let allowed = req.app_data::<web::Data<AllowedOrigins>>();
    allowed.is_some_and(|allowed| allowed.0.iter().any(|listed| listed == origin))
}

/// Returns whether an origin is this service: the public address, or the host that the request was sent to. The scheme is
/// not compared, because a proxy that is not named may have ended TLS.
fn is_own(req: &HttpRequest, origin: &str) -> bool {
    let Some(origin) = authority_of(origin) else {
        return false;
    };
    let public = req.app_data::<web::Data<PublicUrl>>();
    let public = public.and_then(|public| authority_of(&public.for_caller(req)));
    [public, host(req.headers())]
        .into_iter()
        .flatten()
        .any(|own| own == origin)
}

fn host(headers: &HeaderMap) -> Option<Authority> {
    headers.get(HOST)?.to_str().ok()?.parse().ok()
}

/// The host and the port of `https://host:port/path`.
fn authority_of(url: &str) -> Option<Authority> {
    url.split_once("://")?.1.split('/').next()?.parse().ok()
}
