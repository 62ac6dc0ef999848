//! Authentication and authorisation. A middleware verifies the token, so that the rate limiter knows the caller. The guard
//! is the first argument of every handler and synchronous, so that 401 and 403 come before 400.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::actor::Actor;
use super::audit::Source;
use super::auth::{TokenService, grant};
use super::permissions::{Permission, Permissions, ResponsesQuarantine};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::client::Network;
use crate::platform::http::query;
use crate::platform::http::request_context::RequestContext;

/// The actor of a request, or the reason why its token is refused.
#[derive(Clone, Debug)]
struct Authentication(Result<Arc<Actor>, Error>);

/// Verifies the token of a request. An invalid one is an error only where an operation requires a token.
pub async fn authenticate(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let tokens = req.app_data::<web::Data<TokenService>>();
    let tokens = tokens.ok_or_else(|| Error::internal("no token service in the app"))?;
    let actor = bearer(req.headers()).and_then(|token| tokens.verify(token));
    let context = RequestContext::of(req.request())?;
    context.subject.set(actor.as_ref().ok().map(|actor| actor.id));
    let only_quarantine = |actor: &Arc<Actor>| actor.scopes == [ResponsesQuarantine::SCOPE];
    context.quarantined.set(actor.as_ref().is_ok_and(only_quarantine));
    req.extensions_mut().insert(Authentication(actor));
    next.call(req).await
}

/// Reads who sends an export request with HTTP Basic: Excel, Power Query and LibreOffice know no OAuth. Only systems have such
/// an id and secret. It runs after the rate limit, so guesses are counted by address, as those at the token endpoint are.
pub async fn authenticate_system(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let context = RequestContext::of(req.request())?;
    let may_be_basic = context.is_export && req.headers().get_all(AUTHORIZATION).count() == 1;
    if may_be_basic && let Some(basic) = grant::basic(req.headers()) {
        let data = req
            .app_data::<web::Data<TokenService>>()
            .zip(req.app_data::<web::Data<Db>>());
        let (tokens, db) = data.ok_or_else(|| Error::internal("no token service in the app"))?;
        let network = context.network.map(|network| network.to_string()).unwrap_or_default();
        let actor = grant::client::by_basic(db, tokens, basic, &network).await.map(Arc::new);
        context.subject.set(actor.as_ref().ok().map(|actor| actor.id));
        req.extensions_mut().insert(Authentication(actor));
    }
    next.call(req).await
}

/// The caller has a valid token with the scope `P`, and the path and the query are valid.
#[derive(Debug)]
pub struct Requires<P> {
    actor: Arc<Actor>,
    network: Option<Network>,
    permission: PhantomData<P>,
}

impl<P> Requires<P> {
    /// The network of the request, as text; empty if it is not known.
    pub fn network(&self) -> String {
        self.network.map(|network| network.to_string()).unwrap_or_default()
    }

    /// Returns who sends this request, and from where, for the audit log.
    pub fn source(&self) -> Source<'_> {
        Source {
            by: &self.actor.username,
            network: self.network(),
        }
    }
}

impl<P> Deref for Requires<P> {
    type Target = Actor;
    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl<P: Permission> FromRequest for Requires<P> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let requires = |actor| {
            Ok(Requires {
                actor,
                network: RequestContext::of(req)?.network,
                permission: PhantomData,
            })
        };
        ready(authorize(req, &[P::SCOPE]).and_then(requires))
    }
}

/// The caller has a valid token with the scope `P`, the scope `Q`, or both, and the path and the query are valid.
#[derive(Debug)]
pub struct RequiresAny<P, Q> {
    actor: Arc<Actor>,
    permissions: PhantomData<(P, Q)>,
}

impl<P, Q> Deref for RequiresAny<P, Q> {
    type Target = Actor;
    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl<P: Permission, Q: Permission> FromRequest for RequiresAny<P, Q> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permissions = PhantomData;
        ready(authorize(req, &[P::SCOPE, Q::SCOPE]).map(|actor| RequiresAny { actor, permissions }))
    }
}

/// The caller has a valid token with one of the scopes of `L`, and the path and the query are valid.
#[derive(Debug)]
pub struct RequiresOneOf<L> {
    actor: Arc<Actor>,
    permissions: PhantomData<L>,
}

impl<L> Deref for RequiresOneOf<L> {
    type Target = Actor;
    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl<L: Permissions> FromRequest for RequiresOneOf<L> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permissions = PhantomData;
        ready(authorize(req, L::SCOPES).map(|actor| RequiresOneOf { actor, permissions }))
    }
}

/// 403 unless the actor has a scope.
pub fn ensure_scope(actor: &Actor, scope: &str) -> Result<(), Error> {
    ensure_one_of(actor, &[scope])
}

fn ensure_one_of(actor: &Actor, scopes: &[&str]) -> Result<(), Error> {
    if scopes.iter().any(|scope| actor.scopes.contains(scope)) {
        return Ok(());
    }
    Err(Error::new(Code::InsufficientScope).detail(
        format!("Diperlukan cakupan {}.", scopes.join(" / ")),
        format!("Scope {} is needed.", scopes.join(" or ")),
    ))
}

/// Returns the actor if it has one of these scopes.
fn authorize(req: &HttpRequest, scopes: &[&str]) -> Result<Arc<Actor>, Error> {
    let authentication = req.extensions().get::<Authentication>().cloned();
    let authentication = authentication.ok_or_else(|| Error::internal("a request without an authentication"))?;
    let actor = authentication.0?;
    ensure_one_of(&actor, scopes)?;
    query::validate_parameters(req)?;
    Ok(actor)
}

/// The token of `Authorization: Bearer ...` (the scheme in any case). A second header is refused: a proxy or a log may
/// have believed either of them (RFC 6750 section 2).
fn bearer(headers: &HeaderMap) -> Result<&str, Error> {
    let mut headers = headers.get_all(AUTHORIZATION);
    let header = headers.next().ok_or_else(|| Error::new(Code::Unauthenticated))?;
    if headers.next().is_some() {
        return Err(Error::new(Code::InvalidHeader)
            .detail("Header ini hanya boleh ada satu.", "Send this header only once.")
            .at("header:Authorization"));
    }
    let text = header.to_str().map_err(|_| Error::new(Code::InvalidToken))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Error::new(Code::Unauthenticated)),
    }
}

/// Everyone may call the operation; the path and the query are valid.
#[derive(Debug)]
pub struct Public;

impl FromRequest for Public {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(query::validate_parameters(req).map(|()| Public))
    }
}
