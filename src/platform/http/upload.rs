//! Reads the bytes of a body. The limit applies before and after decompression.

use std::cell::RefCell;
use std::io::Read as _;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::web::{self, Bytes, BytesMut};
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

    /// Of operations that need no token.
    pub const OF_ANYBODY: Self = Self {
        largest: 16 * 1024,
        is_gzip_accepted: false,
    };

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
        if encoding == BodyEncoding::Gzip && !bounds.is_gzip_accepted {
            return Err(
                Error::new(Code::UnsupportedContentEncoding).detail("Kirim tanpa kompresi.", "Send it uncompressed.")
            );
        }
        if announced.is_some_and(|length| length > bounds.largest) {
            return Err(bounds.too_large());
        }
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

/// Receives the body. A sender that stops or is too slow would keep its connection for ever.
async fn receive(
    mut payload: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    patience: BodyPatience,
    bounds: Bounds,
) -> Result<Bytes, Error> {
    let started = Instant::now();
    let mut body = BytesMut::new();
    loop {
        let received = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1) * received / patience.bytes_a_second.max(1);
        let deadline = (started + earned).min(Instant::now()) + patience.pause;
        match timeout_at(deadline, payload.next()).await {
            Ok(Some(Ok(chunk))) if body.len() + chunk.len() > bounds.largest => return Err(bounds.too_large()),
            Ok(Some(Ok(chunk))) => body.extend_from_slice(&chunk),
            Ok(Some(Err(_))) => return Err(Error::new(Code::BadRequest)),
            Ok(None) => return Ok(body.freeze()),
            Err(_) => return Err(Error::new(Code::RequestTimeout)),
        }
    }
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
