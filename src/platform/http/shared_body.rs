//! Bodies that are sent many times, and their compression.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use actix_web::http::header::{AcceptEncoding, CONTENT_ENCODING, Encoding, Header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::platform::error::{Error, OrInternal};

/// Smaller bodies (in bytes) are not compressed, because compression costs more than it saves.
pub const MIN_SIZE: usize = 1024;
/// A page of 25 records has two thirds of the bytes of level 1, and takes 25 microseconds instead of 10.
const LEVEL: Compression = Compression::new(5);

/// A body that is compressed at most once.
#[derive(Clone, Debug)]
pub struct SharedBody {
    plain: Bytes,
    compressed: Arc<OnceLock<Bytes>>,
}

impl SharedBody {
    pub fn new(plain: impl Into<Bytes>) -> Self {
        Self {
            plain: plain.into(),
            compressed: Arc::default(),
        }
    }

    pub fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// Completes a response: with the compressed body if the caller prefers it.
    pub fn send(&self, req: &HttpRequest, response: &mut HttpResponseBuilder) -> HttpResponse {
        if self.plain.len() < MIN_SIZE || prefers_gzip(req) != Some(true) {
            return response.body(self.plain.clone());
        }
        if self.compressed.get().is_none()
            && let Ok(compressed) = gzip(&self.plain)
        {
            self.compressed.set(compressed).ok();
        }
        match self.compressed.get() {
            Some(compressed) => response
                .insert_header((CONTENT_ENCODING, "gzip"))
                .body(compressed.clone()),
            None => response.body(self.plain.clone()),
        }
    }

    /// Returns the expected memory of both forms in bytes.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.plain.len() + self.plain.len() / 3
    }
}

/// Returns whether a caller prefers gzip to the plain body; `None` if it takes neither.
pub fn prefers_gzip(req: &impl HttpMessage) -> Option<bool> {
    let Ok(accepted) = AcceptEncoding::parse(req) else {
        return Some(false);
    };
    let offered = [Encoding::gzip(), Encoding::identity()];
    accepted
        .negotiate(offered.iter())
        .map(|chosen| chosen == Encoding::gzip())
}

pub fn gzip(body: &[u8]) -> Result<Bytes, Error> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), LEVEL);
    encoder.write_all(body).or_internal()?;
    let compressed = encoder.finish().or_internal()?;
    Ok(compressed.into_boxed_slice().into())
}
