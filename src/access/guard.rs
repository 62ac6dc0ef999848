//! The guard: first argument of every handler, synchronous, so that 401, 429 and 403 come before 400.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use super::actor::Actor;
use super::auth::TokenService;
use super::permissions::Permission;
use crate::platform::error::{Code, Error};
use crate::platform::http::{limits, query};

/// The caller holds a valid token with the scope `P`, and the query keeps to the contract.
#[derive(Debug)]
pub struct Requires<P> {
    actor: Arc<Actor>,
    permission: PhantomData<P>,
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
        let permission = PhantomData;
        ready(admit(req, &[P::SCOPE]).map(|actor| Requires { actor, permission }))
    }
}

/// The caller holds a valid token with the scope `P`, the scope `Q`, or both, and the query keeps to the contract.
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
        ready(admit(req, &[P::SCOPE, Q::SCOPE]).map(|actor| RequiresAny { actor, permissions }))
    }
}

/// The actor, who holds one of these scopes at least.
fn admit(req: &HttpRequest, scopes: &[&str]) -> Result<Arc<Actor>, Error> {
    let authority = req
        .app_data::<web::Data<TokenService>>()
        .ok_or_else(|| Error::internal("no authority in the app"))?;
    let actor = authority.verify(bearer(req)?)?;
    limits::count_subject(req, actor.id)?;
    if !scopes.iter().any(|scope| actor.scopes.contains(scope)) {
        return Err(Error::new(Code::InsufficientScope).detail(
            format!("Diperlukan cakupan {}.", scopes.join(" / ")),
            format!("Scope {} is needed.", scopes.join(" or ")),
        ));
    }
    query::admit(req)?;
    Ok(actor)
}

/// The token of `Authorization: Bearer ...` (the scheme in any case). A second header is refused: which of them a proxy
/// or a log believed could not be told (RFC 6750 section 2).
fn bearer(req: &HttpRequest) -> Result<&str, Error> {
    let mut headers = req.headers().get_all(AUTHORIZATION);
    let header = headers.next().ok_or_else(|| Error::new(Code::Unauthenticated))?;
    if headers.next().is_some() {
        return Err(Error::new(Code::InvalidHeader)
            .detail("Header ini hanya boleh ada satu.", "This header may come once.")
            .at("header:Authorization"));
    }
    let text = header.to_str().map_err(|_| Error::new(Code::InvalidToken))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Error::new(Code::Unauthenticated)),
    }
}

/// An operation anybody may call; the query keeps to the contract all the same.
#[derive(Debug)]
pub struct Public;

impl FromRequest for Public {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(query::admit(req).map(|()| Public))
    }
}
