//! A stored file as a response: an attachment that no browser shows or runs.

use std::collections::BTreeMap;
use std::pin::Pin;

use actix_web::body::{BodyStream, BoxBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, Charset, ContentDisposition, DispositionParam, DispositionType,
    ExtendedValue, HeaderValue,
};
use actix_web::{HttpRequest, HttpResponse, Responder};
use bytes::Bytes;
use futures_util::Stream;
use utoipa::IntoResponses;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Content, Header, KnownFormat, RefOr, SchemaFormat};

use super::etag::ETag;
use super::response::with_etag;

/// The name of a file is its content, so the content never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// What a browser opens nevertheless runs nothing and loads nothing.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// The kinds of files.
pub const MEDIA: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

type Parts = Pin<Box<dyn Stream<Item = Result<Bytes, object_store::Error>>>>;

/// 200 with a file, part by part; 304 for a caller that has it. An error ends the connection, so that no caller takes a part for the
/// whole.
pub struct StoredFile {
    pub file_name: String,
    pub media_type: String,
    /// SHA-256 of the bytes in hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    pub parts: Parts,
}

impl Responder for StoredFile {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let etag = ETag::of_digest(self.sha256);
        let caching = (CACHE_CONTROL, IMMUTABLE);
        if etag.matches_if_none_match(req.headers(), true) {
            return with_etag(StatusCode::NOT_MODIFIED, &etag)
                .insert_header(caching)
                .finish();
        }
        with_etag(StatusCode::OK, &etag)
            .insert_header(caching)
            .insert_header((CONTENT_SECURITY_POLICY, SANDBOX))
            .insert_header(attachment(&self.file_name))
            .content_type(self.media_type)
            // A stream, which the compression passes by.
            .no_chunking(self.bytes)
            .body(BodyStream::new(self.parts))
    }
}

/// Returns the header with the name in ASCII for old browsers, and whole for all others (RFC 6266).
fn attachment(name: &str) -> ContentDisposition {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " .-_()".contains(c);
    let ascii = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(ascii),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: name.as_bytes().to_vec(),
            }),
        ],
    }
}

impl IntoResponses for StoredFile {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let response = ResponseBuilder::new()
            .description("The file")
            .header("Content-Disposition", Header::default())
            .header("ETag", Header::default());
        let response = MEDIA.iter().fold(response, |response, media| {
            let schema = ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::String))
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
            response.content(*media, Content::new(Some(schema)))
        });
        BTreeMap::from([("200".to_owned(), response.build().into())])
    }
}
