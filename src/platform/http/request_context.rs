//! What every middleware needs to know about a request: its ids, when it came, and from where.

use std::cell::Cell;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Instant;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage, HttpRequest, web};
use uuid::Uuid;

use super::client::TrustedProxies;
use crate::platform::error::Error;
use crate::platform::text::Lang;
use crate::platform::trace::TraceContext;

/// Facts about one request. They outlive the request itself, which a panic destroys.
#[derive(Debug)]
pub struct RequestContext {
    pub started: Instant,
    pub trace: TraceContext,
    pub method: Method,
    pub path: String,
    pub lang: Lang,
    /// The caller's address, also behind trusted proxies.
    pub address: Option<IpAddr>,
    /// The account behind a valid token; set by the authentication.
    pub subject: Cell<Option<Uuid>>,
}

impl RequestContext {
    pub fn new(req: &ServiceRequest) -> Self {
        let peer = req.peer_addr().map(|a| a.ip());
        let proxies = req.app_data::<web::Data<TrustedProxies>>();
        Self {
            started: Instant::now(),
            trace: TraceContext::of(req.headers()),
            method: req.method().clone(),
            path: req.path().to_owned(),
            lang: Lang::of(req.headers()),
            address: proxies.map_or(peer, |proxies| proxies.caller_address(peer, req.headers())),
            subject: Cell::new(None),
        }
    }

    /// The context of a request that has passed the middleware of the same name.
    pub fn of(req: &HttpRequest) -> Result<Rc<Self>, Error> {
        let context = req.extensions().get::<Rc<Self>>().cloned();
        context.ok_or_else(|| Error::internal("a request without a context"))
    }
}
