//! The target and the method of a request, before it is routed; the methods of each path come from the contract.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, LINK};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::platform::error::{Code, Error};
use crate::platform::http::Contract;

/// `Link` to the contract (RFC 8631), for callers who do not know it.
pub const SERVICE_DESC: &str = "</openapi.json>; rel=\"service-desc\"; type=\"application/json\"";

/// The longest path with its query, in bytes. The longest cursor has 2,000.
const LONGEST_TARGET: usize = 8192;

/// The methods of RFC 9110 and PATCH. Any other is 501.
const KNOWN: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
    Method::CONNECT,
];

/// The methods that some path has.
const ALL: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Handles HEAD like GET; the HTTP layer leaves the body out. Responds to OPTIONS. Refuses a method that a path without
/// parameters does not have, because `/reports/{id}` would read the end of the path as an id.
pub async fn methods<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if req.method() == Method::HEAD {
        req.head_mut().method = Method::GET;
    }
    match without_routing(&req) {
        Some(Ok(response)) => Ok(req.into_response(response).map_into_right_body()),
        Some(Err(error)) => Ok(req.error_response(error).map_into_right_body()),
        None => Ok(next.call(req).await?.map_into_left_body()),
    }
}

fn without_routing(req: &ServiceRequest) -> Option<Result<HttpResponse, Error>> {
    let (method, path) = (req.method(), req.match_info().as_str());
    if req
        .uri()
        .path_and_query()
        .is_some_and(|target| target.as_str().len() > LONGEST_TARGET)
    {
        let most = LONGEST_TARGET / 1024;
        let error = Error::new(Code::UriTooLong);
        return Some(Err(
            error.detail(format!("Paling banyak {most} KiB."), format!("At most {most} KiB."))
        ));
    }
    if !KNOWN.contains(method) {
        return Some(Err(Error::new(Code::NotImplemented)));
    }
    let contract = req.app_data::<web::Data<Contract>>()?;
    if method == Method::OPTIONS {
        return match req.uri().path() {
            "*" => Some(Ok(options(ALL, &[]))),
            // Pages that the document leaves out respond themselves.
            _ => contract.methods_of(path).map(|of| Ok(options(&of.allow, &of.accepted))),
        };
    }
    contract.method_not_allowed(method.as_str(), path).map(Err)
}

/// 204 with `Allow`, and with the media types that the methods take. `accepted`: a header and its value.
pub fn options(allow: &str, accepted: &[(HeaderName, String)]) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((ALLOW, allow));
    for (name, media) in accepted {
        response.insert_header((name.clone(), media.as_str()));
    }
    response.finish()
}

/// 404 for an unknown path, with a link to the contract; 405 with `Allow` for a known one.
pub async fn fallback(req: HttpRequest, contract: web::Data<Contract>) -> Result<HttpResponse, Error> {
    if let Some(of) = contract.methods_of(req.path()) {
        return Err(Error::method_not_allowed(of.allow.as_str()));
    }
    let mut response = HttpResponse::from_error(unknown(&contract, req.path()));
    let link = HeaderValue::from_static(SERVICE_DESC);
    response.headers_mut().insert(LINK, link);
    Ok(response)
}

/// 404 that names the path that is meant, if only `/v1` is missing or stands there twice.
fn unknown(contract: &Contract, path: &str) -> Error {
    let near = [path.strip_prefix("/v1").map(str::to_owned), Some(format!("/v1{path}"))];
    let near = near
        .into_iter()
        .flatten()
        .find(|near| contract.methods_of(near).is_some());
    match near {
        Some(near) => Error::not_found().detail(
            format!("Alamat ini tidak ada; mungkin maksudnya {near}."),
            format!("There is no such address; perhaps {near} is meant."),
        ),
        None => Error::not_found(),
    }
}
