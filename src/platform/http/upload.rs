//! Reads the bytes of a body. The limit applies before and after decompression.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::io::Read as _;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use flate2::read::MultiGzDecoder;
use futures_util::future::LocalBoxFuture;
use futures_util::{Stream, StreamExt as _};
use tokio::time::{Instant, timeout_at};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::platform::error::{Code, Error};

/// The largest body, in bytes.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// A body of at most so many bytes is read to its end also when the request is refused.
const SMALL_BODY: usize = 64 * 1024;

/// How long the service waits for a body.
#[derive(Clone, Copy, Debug)]
pub struct BodyPatience {
    /// The longest pause, and the time before the rate counts.
    pub pause: Duration,
    /// The slowest sender, on average.
    pub bytes_a_second: u32,
}

/// Slower than the slowest mobile network that delivers a batch at all: 1 MiB at 4 KB/s takes more than four minutes.
impl Default for BodyPatience {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(20),
            bytes_a_second: 500,
        }
    }
}

/// What a body may be.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// In bytes, also after decompression.
    pub largest: usize,
    is_gzip_accepted: bool,
}

impl Bounds {
    /// Of operations that need a token.
    pub const OF_MEMBERS: Self = Self {
        largest: LARGEST_BODY,
        is_gzip_accepted: true,
    };

    /// Of sheets: workbooks are compressed already.
    pub const OF_SHEETS: Self = Self {
        largest: 2 * LARGEST_BODY,
        is_gzip_accepted: false,
    };

    /// Of forms with a sheet, which is in base64 when it is sent again.
    pub const OF_SHEET_FORMS: Self = Self {
        largest: 3 * LARGEST_BODY,
        is_gzip_accepted: false,
    };

    /// Of files, which are stored as they arrive.
    pub const OF_FILES: Self = Self {
        largest: 10 * LARGEST_BODY,
        is_gzip_accepted: false,
    };

    /// Of many answers under a survey link, which needs no token.
    pub const OF_COUNTER: Self = Self {
        largest: 64 * 1024,
        is_gzip_accepted: false,
    };

    /// Of forms with a file.
    pub const OF_FILE_FORMS: Self = Self {
        largest: 10 * LARGEST_BODY + SMALL_BODY,
        is_gzip_accepted: false,
    };

    /// Of operations that need no token.
    pub const OF_ANYBODY: Self = Self {
        largest: 16 * 1024,
        is_gzip_accepted: false,
    };

    /// Refuses an encoding that is not accepted, and a length that was announced and is too large.
    fn check(self, encoding: BodyEncoding, announced: Option<usize>) -> Result<(), Error> {
        if encoding == BodyEncoding::Gzip && !self.is_gzip_accepted {
            return Err(
                Error::new(Code::UnsupportedContentEncoding).detail("Kirim tanpa kompresi.", "Send it uncompressed.")
            );
        }
        match announced.is_some_and(|length| length > self.largest) {
            true => Err(self.too_large()),
            false => Ok(()),
        }
    }

    fn too_large(self) -> Error {
        let most = self.largest / 1024;
        Error::new(Code::BodyTooLarge).detail(format!("Paling banyak {most} KiB."), format!("At most {most} KiB."))
    }
}

/// The content encodings that this service accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyEncoding {
    Plain,
    Gzip,
}

/// `Content-Encoding` of operations with large bodies.
#[derive(Debug)]
pub struct ContentEncoding;

impl IntoParams for ContentEncoding {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "`gzip` when the body is compressed. The limit of 1 MiB applies to the decompressed body too. Any \
                     other encoding: 415.";
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["gzip"]));
        let parameter = ParameterBuilder::new()
            .name("Content-Encoding")
            .parameter_in(ParameterIn::Header)
            .description(Some(about))
            .schema(Some(schema));
        vec![parameter.example(Some("gzip".into())).build()]
    }
}

/// Reads a whole body. 413 if it is too large, before or after decompression; 415 if its encoding is not accepted; 408 if it
/// arrives too slowly.
///
/// The bytes come from the raw payload: actix's own decompression checks the limit only after each chunk, and one chunk can
/// expand a thousandfold.
pub fn read_bytes(
    req: &HttpRequest,
    payload: &mut Payload,
    bounds: Bounds,
) -> LocalBoxFuture<'static, Result<Bytes, Error>> {
    let encoding = encoding(req.headers());
    let announced = announced(req.headers());
    let patience = req.app_data::<web::Data<BodyPatience>>().map(|p| *p.get_ref());
    let payload = web::Payload::from_request(req, payload).into_inner();
    Box::pin(async move {
        let encoding = encoding?;
        bounds.check(encoding, announced)?;
        let payload = payload.map_err(|_| Error::new(Code::BadRequest))?;
        let bytes = receive(payload, patience.unwrap_or_default(), bounds).await?;
        match encoding {
            BodyEncoding::Plain => Ok(bytes),
            BodyEncoding::Gzip => unpack(&bytes).map(Bytes::from),
        }
    })
}

/// A body that the handler and the middleware share.
#[derive(Clone)]
struct SharedBody(Rc<RefCell<Payload>>);

impl Stream for SharedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// What a handler leaves of a small body. If nobody reads it, the HTTP layer closes the connection after the response, and a
/// phone with an expired token must open another one.
pub struct SmallBody {
    body: SharedBody,
    patience: BodyPatience,
}

impl SmallBody {
    /// Takes part in the body of a request, if it is small.
    pub fn of(req: &mut ServiceRequest) -> Option<Self> {
        announced(req.headers()).filter(|length| (1..=SMALL_BODY).contains(length))?;
        let patience = req.app_data::<web::Data<BodyPatience>>().map(|p| *p.get_ref());
        let body = SharedBody(Rc::new(RefCell::new(req.take_payload())));
        let payload = Box::pin(body.clone());
        req.set_payload(Payload::Stream { payload });
        Some(Self {
            body,
            patience: patience.unwrap_or_default(),
        })
    }

    /// Reads the rest, if it arrives in time.
    pub async fn discard(self) {
        let bounds = Bounds {
            largest: SMALL_BODY,
            is_gzip_accepted: false,
        };
        receive(self.body, self.patience, bounds).await.ok();
    }
}

/// Receives the whole body.
async fn receive(
    payload: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    patience: BodyPatience,
    bounds: Bounds,
) -> Result<Bytes, Error> {
    let mut arriving = Arriving::new(payload, patience, bounds);
    let mut body = Vec::new();
    while let Some(part) = arriving.next().await? {
        body.extend_from_slice(&part);
    }
    // Without the room that it could still grow into: it may wait long.
    Ok(body.into_boxed_slice().into())
}

/// A body that arrives part by part. A sender that stops or is too slow would keep its connection for ever.
pub struct Arriving<S> {
    payload: S,
    patience: BodyPatience,
    bounds: Bounds,
    started: Instant,
    received: usize,
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Arriving<S> {
    fn new(payload: S, patience: BodyPatience, bounds: Bounds) -> Self {
        Self {
            payload,
            patience,
            bounds,
            started: Instant::now(),
            received: 0,
        }
    }

    /// Returns the next part; `None` at the end. 413 if the body becomes too large, 408 if it arrives too slowly.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let received = u32::try_from(self.received).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1) * received / self.patience.bytes_a_second.max(1);
        let deadline = (self.started + earned).min(Instant::now()) + self.patience.pause;
        match timeout_at(deadline, self.payload.next()).await {
            Ok(Some(Ok(part))) => {
                self.received += part.len();
                match self.received > self.bounds.largest {
                    true => Err(self.bounds.too_large()),
                    false => Ok(Some(part)),
                }
            }
            Ok(Some(Err(_))) => Err(Error::new(Code::BadRequest)),
            Ok(None) => Ok(None),
            Err(_) => Err(Error::new(Code::RequestTimeout)),
        }
    }
}

/// Begins to wait for a body. 413 if one was announced that is too large.
pub fn arriving(req: &HttpRequest, payload: web::Payload, bounds: Bounds) -> Result<Arriving<web::Payload>, Error> {
    bounds.check(encoding(req.headers())?, announced(req.headers()))?;
    let patience = req.app_data::<web::Data<BodyPatience>>().map(|p| *p.get_ref());
    Ok(Arriving::new(payload, patience.unwrap_or_default(), bounds))
}

/// A file that is sent as a body and not read yet.
pub struct IncomingFile {
    /// Without parameters, in lower case.
    pub media_type: String,
    /// The length that the sender announced, in bytes.
    pub announced: Option<usize>,
    payload: web::Payload,
    patience: BodyPatience,
}

impl IncomingFile {
    /// Begins to wait for the file.
    pub fn arrive(self) -> Arriving<web::Payload> {
        Arriving::new(self.payload, self.patience, Bounds::OF_FILES)
    }
}

impl FromRequest for IncomingFile {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let announced = announced(req.headers());
        let checked = encoding(req.headers()).and_then(|encoding| Bounds::OF_FILES.check(encoding, announced));
        let patience = req.app_data::<web::Data<BodyPatience>>().map(|p| *p.get_ref());
        let payload = web::Payload::from_request(req, payload).into_inner();
        ready(checked.and_then(|()| {
            Ok(Self {
                media_type: media_type(req).to_ascii_lowercase(),
                announced,
                payload: payload.map_err(|_| Error::new(Code::BadRequest))?,
                patience: patience.unwrap_or_default(),
            })
        }))
    }
}

/// Returns the media type of a request without its parameters.
pub fn media_type(req: &HttpRequest) -> String {
    let header = req.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let header = header.unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_owned()
}

fn encoding(headers: &HeaderMap) -> Result<BodyEncoding, Error> {
    let mut found = BodyEncoding::Plain;
    for value in headers.get_all(CONTENT_ENCODING) {
        for coding in value.to_str().unwrap_or("?").split(',').map(str::trim) {
            found = match (found, coding.to_ascii_lowercase().as_str()) {
                (found, "" | "identity") => found,
                (BodyEncoding::Plain, "gzip" | "x-gzip") => BodyEncoding::Gzip,
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
        return Err(Bounds::OF_MEMBERS.too_large());
    }
    Ok(plain)
}
