//! The data of a request that every middleware needs: its ids, its time and its origin.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Instant;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::client::{Network, TrustedProxies};
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::platform::trace::TraceContext;

/// The endpoints of RFC 6749 and RFC 7009.
pub const OAUTH_PATHS: [&str; 2] = ["/v1/auth/token", "/v1/auth/revoke"];

/// The operations that systems may also call with HTTP Basic begin with this path.
pub const EXPORTS: &str = "/v1/exports/";

/// What the middleware knows of the pages for browsers. Without it in the application's data every path belongs to the API.
#[derive(Clone, Copy)]
pub struct BrowserPages {
    /// Whether a path, as it is routed, belongs to a page.
    pub has: fn(&str) -> bool,
    /// The language that a browser asks for.
    pub lang: fn(&HeaderMap) -> Lang,
    /// The page that shows an error.
    pub problem: fn(&Error, &RequestContext) -> HttpResponse,
}

impl fmt::Debug for BrowserPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserPages")
    }
}

/// The data of one request. A panic destroys the request, but not these data.
#[derive(Debug)]
pub struct RequestContext {
    pub started: Instant,
    pub trace: TraceContext,
    pub method: Method,
    pub path: String,
    /// Whether the path is an endpoint of OAuth, whose errors have a form of their own (RFC 6749 section 5.2).
    pub is_oauth: bool,
    /// Whether the path is that of an export.
    pub is_export: bool,
    /// `Some`: the path belongs to a page for browsers.
    pub page: Option<BrowserPages>,
    pub lang: Lang,
    /// The caller's network, also behind trusted proxies.
    pub network: Option<Network>,
    /// The account behind a valid token; set by the authentication.
    pub subject: Cell<Option<Uuid>>,
    /// The token is that of a revoked phone; set with the subject.
    pub quarantined: Cell<bool>,
}

impl RequestContext {
    pub fn new(req: &ServiceRequest) -> Self {
        let peer = req.peer_addr().map(|a| a.ip());
        let proxies = req.app_data::<web::Data<TrustedProxies>>();
        if let Some(proxies) = proxies {
            proxies.warn_unnamed(peer, req.headers());
        }
        let address = proxies.map_or(peer, |proxies| proxies.caller_address(peer, req.headers()));
        let path = req.match_info().as_str();
        let page = req
            .app_data::<BrowserPages>()
            .filter(|pages| (pages.has)(path))
            .copied();
        Self {
            started: Instant::now(),
            trace: TraceContext::of(req.headers()),
            method: req.method().clone(),
            path: req.path().to_owned(),
            // The path as it is routed, so that percent-encoding makes no difference.
            is_oauth: OAUTH_PATHS.contains(&path),
            is_export: path.starts_with(EXPORTS),
            page,
            lang: page.map_or(Lang::of as fn(&HeaderMap) -> Lang, |pages| pages.lang)(req.headers()),
            network: address.map(Network::of),
            subject: Cell::new(None),
            quarantined: Cell::new(false),
        }
    }

    /// Returns the context of a request that has passed the middleware of the same name.
    pub fn of(req: &HttpRequest) -> Result<Rc<Self>, Error> {
        let context = req.extensions().get::<Rc<Self>>().cloned();
        context.ok_or_else(|| Error::internal("a request without a context"))
    }
}
