//! The return types of handlers. The type defines status, headers and body, and the document reads them from it.
//!
//! | type | status and headers |
//! |---|---|
//! | [`Tagged`] | 200 with `ETag`; 304 for a GET whose `If-None-Match` names it |
//! | [`Created`] | 201 with `ETag` and `Location`; 200 with the same for a retry |
//! | [`StoredBody`] | 200 with bytes as they are stored, and their SHA-256 as `ETag`; 304 as [`Tagged`] |
//! | [`Page`] | 200, with a `Link` to the next page |
//! | [`Json`] | 200 or another status, without an `ETag` |
//! | [`NoContent`] | 204 |
//! | [`Deleted`] | 204; 200 with warnings, if there are any |
//! | [`NewSecret`] | 201 with the `Location` of the record that has the secret; never stored by caches |
//! | [`NoStore`] | another response, never stored by caches |
//! | [`Download`](super::Download) | 200 with a file |

use std::collections::BTreeMap;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, HeaderValue, LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Content, Header, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

use super::document::RESPONSE_SCHEMAS;
use super::etag::ETag;
use super::page::{Page, PageBody, next_link};
use super::warning::Warning;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;

/// Caches may store the response, but must ask again before they use it. ETags make that cheap.
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The operations whose responses have personal data begin with these paths.
const PERSONAL: [&str; 10] = [
    "/v1/cases",
    "/v1/clients",
    "/v1/exports/cases",
    "/v1/exports/responses",
    "/v1/held-decisions",
    "/v1/held-responses",
    "/v1/me",
    "/v1/responses",
    "/v1/surveys/{id}/responses",
    "/v1/users",
];

/// Personal data stays out of every cache: the disk of an office computer has many readers.
pub(super) fn cache_control(req: &HttpRequest) -> HeaderValue {
    let operation = req.match_pattern().unwrap_or_default();
    match PERSONAL.iter().any(|path| operation.starts_with(path)) {
        true => NO_STORE,
        false => REVALIDATE,
    }
}

/// A view of a record that has a version and a path.
pub trait Resource: Serialize + ToSchema {
    /// Changes with every version of the record.
    fn etag(&self) -> ETag;

    /// The path of the record.
    fn location(&self) -> String;
}

/// 200 with a body and its ETag; 304 for a GET when the caller has it.
#[derive(Debug)]
pub struct Tagged<T> {
    etag: ETag,
    content: T,
}

impl<T: Resource> Tagged<T> {
    pub fn new(content: T) -> Self {
        let etag = content.etag();
        Self { etag, content }
    }
}

impl<T: Serialize> Tagged<T> {
    /// Tags content without a version with a digest of the content itself.
    pub fn by_content(content: T) -> Result<Self, Error> {
        let etag = ETag::of(&content)?;
        Ok(Self { etag, content })
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let caching = (CACHE_CONTROL, cache_control(req));
        if req.method().is_safe() && self.etag.matches_if_none_match(req.headers(), true) {
            return with_etag(StatusCode::NOT_MODIFIED, &self.etag)
                .insert_header(caching)
                .finish();
        }
        with_etag(StatusCode::OK, &self.etag)
            .insert_header(caching)
            .json(self.content)
    }
}

impl<T: Resource> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let (status, record) = match self {
            Created::New(record) => (StatusCode::CREATED, record),
            Created::Existing(record) => (StatusCode::OK, record),
        };
        with_etag(status, &record.etag())
            .insert_header((CACHE_CONTROL, cache_control(req)))
            .insert_header((LOCATION, record.location()))
            .json(record)
    }
}

/// Bytes that never change, such as a signed document.
#[derive(Debug)]
pub struct StoredBody {
    pub media: &'static str,
    /// SHA-256 of the bytes in hexadecimal.
    pub sha256: String,
    pub bytes: Vec<u8>,
}

impl Responder for StoredBody {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let etag = ETag::of_digest(self.sha256);
        match etag.matches_if_none_match(req.headers(), true) {
            true => with_etag(StatusCode::NOT_MODIFIED, &etag).finish(),
            false => with_etag(StatusCode::OK, &etag)
                .content_type(self.media)
                .body(self.bytes),
        }
    }
}

impl<T: Serialize> Responder for Page<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        page(req, self.next_cursor.as_deref()).json(self)
    }
}

impl<T> Responder for PageBody<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let mut response = page(req, self.next_cursor());
        self.body().send(req, response.content_type(ContentType::json()))
    }
}

fn page(req: &HttpRequest, next_cursor: Option<&str>) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, cache_control(req)));
    if let Some(link) = next_link(req, next_cursor) {
        response.insert_header((LINK, link));
    }
    response
}

/// A body without an ETag.
#[derive(Debug)]
pub struct Json<T, const STATUS: u16 = 200>(pub T);

impl<T: Serialize, const STATUS: u16> Responder for Json<T, STATUS> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponse::build(status).json(self.0)
    }
}

/// 204.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// 204 after a deletion; 200 with the warnings, if it moved values of periods that are over or hides indicators.
#[derive(Debug)]
pub struct Deleted(pub Vec<Warning>);

/// What a change also did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeWarnings {
    #[schema(max_items = 10)]
    pub warnings: Vec<Warning>,
}

impl Responder for Deleted {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match self.0 {
            none if none.is_empty() => HttpResponse::NoContent().finish(),
            warnings => HttpResponse::Ok().json(ChangeWarnings { warnings }),
        }
    }
}

/// 201 with a secret that is shown once. (No `Debug`: it holds the secret.)
pub struct NewSecret<T> {
    /// The path of the record that has the secret.
    pub location: String,
    pub content: T,
}

impl<T: Serialize> Responder for NewSecret<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Created()
            .insert_header((LOCATION, self.location))
            .insert_header((CACHE_CONTROL, NO_STORE))
            .json(self.content)
    }
}

/// A response with a secret: no cache may store it. (No `Debug`: it holds the secret.)
pub struct NoStore<R>(pub R);

impl<R: Responder> Responder for NoStore<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        let mut response = self.0.respond_to(req);
        response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        response
    }
}

pub fn with_etag(status: StatusCode, etag: &ETag) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((ETAG, etag.to_string()))
        .insert_header((CACHE_CONTROL, REVALIDATE));
    response
}

type Responses = BTreeMap<String, RefOr<Response>>;

impl<T: ToSchema> IntoResponses for Tagged<T> {
    fn responses() -> Responses {
        BTreeMap::from([documented::<T>(200, "The current content", &["ETag"])])
    }
}

impl<T: ToSchema> IntoResponses for Created<T> {
    fn responses() -> Responses {
        BTreeMap::from([
            documented::<T>(201, "Created", &["ETag", "Location"]),
            documented::<T>(200, "Already stored by an earlier request", &["ETag"]),
        ])
    }
}

impl<T: ToSchema> IntoResponses for Page<T> {
    fn responses() -> Responses {
        BTreeMap::from([documented::<Page<T>>(200, "One page of the list", &["Link"])])
    }
}

impl<T: ToSchema, const STATUS: u16> IntoResponses for Json<T, STATUS> {
    fn responses() -> Responses {
        BTreeMap::from([documented::<T>(STATUS, "The result", &[])])
    }
}

impl<T: ToSchema> IntoResponses for NewSecret<T> {
    fn responses() -> Responses {
        BTreeMap::from([documented::<T>(
            201,
            "Created; the secret is shown only once",
            &["Location"],
        )])
    }
}

impl IntoResponses for NoContent {
    fn responses() -> Responses {
        let done = ResponseBuilder::new().description("Done").build();
        BTreeMap::from([("204".to_owned(), done.into())])
    }
}

impl IntoResponses for Deleted {
    fn responses() -> Responses {
        let mut responses = NoContent::responses();
        let (status, warned) = documented::<ChangeWarnings>(200, "Done; `warnings` names what else it did", &[]);
        responses.insert(status, warned);
        responses
    }
}

impl<R: IntoResponses> IntoResponses for NoStore<R> {
    fn responses() -> Responses {
        R::responses()
    }
}

/// A response with a JSON body of this type.
fn documented<T: ToSchema>(status: u16, description: &str, headers: &[&str]) -> (String, RefOr<Response>) {
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", Content::new(Some(Ref::from_schema_name(T::name()))))
        .extensions(Some([(RESPONSE_SCHEMAS, schemas_of::<T>())].into_iter().collect()));
    let add = |response: ResponseBuilder, name: &&str| response.header(*name, Header::default());
    (status.to_string(), headers.iter().fold(response, add).build().into())
}

/// The schemas that a body of this type refers to. utoipa collects the schemas of tuples in `responses(...)` only.
fn schemas_of<T: ToSchema>() -> Value {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let json = schemas
        .into_iter()
        .filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)));
    Value::Object(json.collect::<Map<_, _>>())
}
