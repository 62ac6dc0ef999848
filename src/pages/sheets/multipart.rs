//! A form with a file, as browsers send it (`multipart/form-data`).

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::stream;

use crate::pages::reader::Reader;
use crate::platform::error::{Code, Error};
use crate::platform::http::body::read_text;
use crate::platform::http::upload::Bounds;

/// The most parts of a form.
const MOST_PARTS: usize = 16;

/// A form of a person who is signed in: nobody else's file is read.
#[derive(Debug)]
pub struct SheetForm {
    pub reader: Reader,
    /// By name.
    parts: BTreeMap<String, Bytes>,
}

impl SheetForm {
    /// Returns a part; empty if there is none.
    pub fn bytes(&self, name: &str) -> Bytes {
        self.parts.get(name).cloned().unwrap_or_default()
    }

    /// Returns a part as text without blanks around it; empty if it is none.
    pub fn text(&self, name: &str) -> &str {
        let text = self.parts.get(name).and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.unwrap_or_default().trim()
    }
}

impl FromRequest for SheetForm {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reader = Reader::from_request(req, &mut Payload::None);
        let media = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = media.and_then(|media| multer::parse_boundary(media).ok());
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let reader = reader.await?;
            let bytes = read_text(&req, &mut payload, &["multipart/form-data"], Bounds::OF_SHEET_FORMS);
            let (bytes, broken) = (bytes.await?, || Error::new(Code::BadRequest));
            let once = stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
            let mut form = multer::Multipart::new(Box::pin(once), boundary.ok_or_else(broken)?);
            let mut parts = BTreeMap::new();
            while let Some(part) = form.next_field().await.map_err(|_| broken())? {
                let name = part.name().unwrap_or_default().to_owned();
                parts.insert(name, part.bytes().await.map_err(|_| broken())?);
                if parts.len() > MOST_PARTS {
                    return Err(broken());
                }
            }
            Ok(Self { reader, parts })
        })
    }
}
