//! Reads the bytes of a body. The limit applies before and after decompression.

use std::io::Read as _;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest};
use flate2::read::MultiGzDecoder;
use futures_util::future::LocalBoxFuture;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::platform::error::{Code, Error};

/// The largest body, in bytes.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// The content encodings that this service accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
}

/// `Content-Encoding` of operations with large bodies.
#[derive(Debug)]
pub struct ContentEncoding;

impl IntoParams for ContentEncoding {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "`gzip` when the body is compressed. Its limit of 1 MiB holds for the decompressed body too. Any \
                     other encoding: 415.";
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["gzip"]));
        let parameter = ParameterBuilder::new()
            .name("Content-Encoding")
            .parameter_in(ParameterIn::Header)
            .description(Some(about))
            .schema(Some(schema));
        vec![parameter.build()]
    }
}

/// Reads a whole body. 413 if it is too large, before or after decompression; 415 if its encoding is not gzip.
///
/// The bytes come from the raw payload: actix's own decompression checks the limit only after each chunk, and one chunk can
/// expand a thousandfold.
pub fn read_bytes(req: &HttpRequest, payload: &mut Payload) -> LocalBoxFuture<'static, Result<Bytes, Error>> {
    let packing = packing(req.headers());
    let announced = announced(req.headers());
    let payload = web::Payload::from_request(req, payload).into_inner();
    Box::pin(async move {
        let packing = packing?;
        if announced.is_some_and(|length| length > LARGEST_BODY) {
            return Err(Error::new(Code::BodyTooLarge));
        }
        let broken = |_| Error::new(Code::BadRequest);
        let bytes = payload.map_err(broken)?.to_bytes_limited(LARGEST_BODY).await;
        let bytes = bytes.map_err(|_| Error::new(Code::BodyTooLarge))?.map_err(broken)?;
        match packing {
            Packing::Plain => Ok(bytes),
            Packing::Gzip => unpack(&bytes).map(Bytes::from),
        }
    })
}

fn packing(headers: &HeaderMap) -> Result<Packing, Error> {
    let mut found = Packing::Plain;
    for value in headers.get_all(CONTENT_ENCODING) {
        for coding in value.to_str().unwrap_or("?").split(',').map(str::trim) {
            found = match (found, coding.to_ascii_lowercase().as_str()) {
                (found, "" | "identity") => found,
                (Packing::Plain, "gzip" | "x-gzip") => Packing::Gzip,
                _ => return Err(Error::new(Code::UnsupportedContentEncoding)),
            };
        }
    }
    Ok(found)
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Decompresses up to the limit, so that a gzip bomb takes no memory.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, Error> {
    let limit = u64::try_from(LARGEST_BODY).unwrap_or(u64::MAX);
    let mut plain = Vec::new();
    let mut unpacked = MultiGzDecoder::new(packed).take(limit + 1);
    unpacked.read_to_end(&mut plain).map_err(|_| {
        Error::new(Code::BadRequest).detail("Isi permintaan bukan gzip yang sah.", "The body is not valid gzip.")
    })?;
    if plain.len() > LARGEST_BODY {
        return Err(Error::new(Code::BodyTooLarge));
    }
    Ok(plain)
}
