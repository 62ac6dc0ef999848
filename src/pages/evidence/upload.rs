//! The file of a form (`multipart/form-data`), part by part as it arrives.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use bytes::Bytes;
use futures_util::stream;
use multer::{Field, Multipart};
use tokio::sync::mpsc;

use crate::platform::error::{Code, Error};
use crate::platform::http::upload::{self, Arriving, Bounds};

/// The most parts before the file.
const MOST_PARTS: usize = 8;

/// The longest name that a link takes, in characters, and in bytes.
const LONGEST_NAME: (usize, usize) = (100, 200);

/// The file of a form that is being sent.
pub struct SentFile {
    /// As a link can have it.
    pub name: String,
    field: Field<'static>,
}

impl SentFile {
    /// Returns the next part of the file; `None` at its end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        self.field.chunk().await.map_err(of_form)
    }
}

/// Returns the file of a form; `None` if no file was chosen.
pub async fn first_file(req: &HttpRequest, payload: web::Payload) -> Result<Option<SentFile>, Error> {
    let media = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = media.and_then(|media| multer::parse_boundary(media).ok());
    let boundary = boundary.ok_or_else(|| Error::new(Code::BadRequest))?;
    let arriving = upload::arriving(req, payload, Bounds::OF_FILE_FORMS)?;
    let mut form = Multipart::new(parts(arriving), boundary);
    for _ in 0..MOST_PARTS {
        let Some(field) = form.next_field().await.map_err(of_form)? else {
            return Ok(None);
        };
        if field.name() != Some("berkas") {
            continue;
        }
        let name = field.file_name().map(clean).unwrap_or_default();
        return Ok(Some(SentFile { name, field }).filter(|file| !file.name.is_empty()));
    }
    Err(Error::new(Code::BadRequest))
}

/// Returns the parts of a body as a stream that may move between threads, as `multer` wants it; the body itself may not.
fn parts(mut arriving: Arriving<web::Payload>) -> impl stream::Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(1);
    actix_web::rt::spawn(async move {
        while let Some(part) = arriving.next().await.transpose() {
            let is_last = part.is_err();
            // Nobody waits for it any more.
            if sender.send(part).await.is_err() || is_last {
                break;
            }
        }
    });
    stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|part| (part, receiver))
    })
}

/// Returns our own error if the body was refused, else 400.
fn of_form(error: multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Error>() {
            Ok(own) => *own,
            Err(_) => Error::new(Code::BadRequest),
        },
        _ => Error::new(Code::BadRequest),
    }
}

/// Returns the name of a file as a link can have it: without a folder, and not too long. Its ending stays.
fn clean(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = |c: &char| !c.is_control();
    let replaced = |c: char| if ":*?\"<>|".contains(c) { '_' } else { c };
    let name: String = name.chars().filter(is_plain).map(replaced).collect();
    let name = name.trim().trim_start_matches('.').trim_start();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_short = |text: &str| text.chars().count() <= LONGEST_NAME.0 && text.len() <= LONGEST_NAME.1;
    let mut stem = stem.to_owned();
    while !is_short(&format!("{stem}.{ending}")) && stem.pop().is_some() {}
    match ending {
        "" => stem,
        ending => format!("{}.{ending}", stem.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_names_of_links() {
        let long = format!("{}.pdf", "a".repeat(300));
        let wide = format!("{}.PDF", "界".repeat(99));
        for (name, cleaned) in [
            ("Tanda terima.pdf", "Tanda terima.pdf".to_owned()),
            ("C:\\Dokumen\\SK 12/2024.pdf", "2024.pdf".to_owned()),
            ("../../etc/passwd", "passwd".to_owned()),
            ("..pdf", "pdf".to_owned()),
            ("a:b?.pdf", "a_b_.pdf".to_owned()),
            ("a\u{0}b\n.pdf", "ab.pdf".to_owned()),
            ("", String::new()),
            ("...", String::new()),
            (&long, format!("{}.pdf", "a".repeat(96))),
            (&wide, format!("{}.PDF", "界".repeat(65))),
        ] {
            assert_eq!(clean(name), cleaned, "{name}");
        }
    }
}
