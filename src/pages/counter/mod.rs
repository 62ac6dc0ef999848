//! The form at the counter: a citizen opens a survey link on a phone and answers. No sign-in, no cookie, no name.
//!
//! It works without JavaScript. `counter.js` and the service worker keep answers on the phone until the service has them, by the
//! rules of docs/OFFLINE.md. Nothing that a citizen sends is refused because of its address; see
//! [`intake`](crate::facts::surveys::links::intake).

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::words::{other, words};
use super::{answer, files, screen};
use crate::core::formula::survey_index::SurveyStatus;
use crate::facts::responses::WriteQueue;
use crate::facts::surveys::links::form::Opened;
use crate::facts::surveys::links::{form as links, query};
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Contract;
use crate::platform::http::cursor::CursorKey;
use crate::platform::text::Lang;

mod english;
mod form;
mod question;
mod script;

words! {
    /// The texts of every page of a link.
    pub struct Words {
        title: "Bagaimana pelayanan kami?" / "How was our service?",
        about: "Dua menit. Nama tidak ditanyakan dan tidak disimpan." / "Two minutes. Your name is not asked and not stored.",
        other_language: "English" / "Bahasa Indonesia",
        few: "Masih ada pertanyaan yang belum dijawab." / "Some questions have no answer yet.",
        few_here: "Belum dijawab. Pilih satu." / "Not answered yet. Choose one.",
        more: "Tentang kunjungan Anda (boleh kosong)" / "About your visit (optional)",
        service: "Layanan" / "Service",
        village: "Desa atau kelurahan" / "Village",
        gender: "Jenis kelamin" / "Gender",
        age: "Umur (tahun)" / "Age (years)",
        education: "Pendidikan terakhir" / "Education",
        occupation: "Pekerjaan" / "Occupation",
        comment: "Saran atau keluhan (boleh kosong)" / "Suggestion or complaint (optional)",
        comment_hint: "Jangan tulis nama, NIK, atau nomor telepon." / "Write no names, ID numbers or phone numbers.",
        not_stated: "Tidak diisi" / "Not stated",
        slip: "Kode kupon" / "Code of the slip",
        slip_hint: "Ada di kupon dari petugas. Tanpa kupon jawaban Anda tetap diterima, lalu diperiksa petugas." /
            "It is on the slip from the officer. Without a slip your answer is taken all the same, and an officer looks at it.",
        send: "Kirim jawaban" / "Send my answers",
        busy: "Layanan sedang sibuk. Jawaban Anda belum tersimpan dan masih ada di halaman ini. Tekan kirim lagi sebentar lagi." /
            "The service is busy. Your answers are not saved yet and still on this page. Press send again in a moment.",
        thanks: "Terima kasih" / "Thank you",
        thanks_about: "Jawaban Anda sudah diterima." / "Your answers have been received.",
        thanks_twice: "Kupon atau formulir ini sudah dipakai untuk jawaban lain. Jawaban Anda disimpan dan diperiksa petugas." /
            "This slip or form was used for another answer before. Your answer is stored, and an officer looks at it.",
        kept: "Jawaban Anda tersimpan di ponsel ini dan dikirim begitu ada sinyal." /
            "Your answers are stored on this phone, and are sent as soon as there is a signal.",
        again: "Isi lagi untuk orang lain" / "Fill in again for somebody else",
        waiting: "Belum terkirim" / "Not sent yet",
        lost: "Tidak dapat diterima" / "Could not be taken",
        unknown: "Tautan ini tidak ada" / "There is no such link",
        unknown_about: "Periksa lagi kode di poster, atau tanyakan kepada petugas." / "Check the code on the poster, or ask an officer.",
        ended: "Tautan ini sudah berakhir" / "This link has ended",
        closed: "Survei ini sudah selesai" / "This survey is over",
        ended_about: "Terima kasih atas perhatian Anda. Tanyakan tautan yang baru kepada petugas." /
            "Thank you for your interest. Ask an officer for the new link.",
        draft: "Survei ini belum dibuka" / "This survey is not open yet",
        draft_about: "Silakan datang lagi sebentar lagi." / "Please come back in a while.",
    }
}

/// The paths of links.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/s/sw.js").get(script::worker).done())
        .service(screen("/s/{code}").get(form::show).post(form::send).done())
        .service(screen("/s/{code}/jawaban").post(script::send).done())
        .service(screen("/s/{code}/terima-kasih").get(thank).done())
        .service(screen("/s/{code}/manifest.webmanifest").get(script::manifest).done());
}

/// The query of a form: the language, and the code of a slip.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    bahasa: Option<String>,
    kupon: Option<String>,
    ganda: Option<String>,
}

impl Asked {
    /// Returns the chosen language, else that of the browser. Nothing remembers it: a shared phone has many readers.
    fn lang(&self, headers: &HeaderMap) -> Lang {
        match self.bahasa.as_deref() {
            Some("id") => Lang::Id,
            Some("en") => Lang::En,
            _ => Lang::of(headers),
        }
    }
}

/// What takes answers.
type Intake = (
    web::Data<Db>,
    web::Data<WriteQueue>,
    web::Data<Contract>,
    web::Data<CursorKey>,
);

/// What surrounds every page of a link.
struct Frame {
    t: &'static Words,
    lang: Lang,
    title: &'static str,
    district: String,
    code: String,
    style: &'static str,
    own_style: &'static str,
    script: &'static str,
    icon: &'static str,
}

impl Frame {
    fn new(lang: Lang, title: &'static str, code: &str, district: &str) -> Self {
        Self {
            t: Words::of(lang),
            lang,
            title,
            district: district.to_owned(),
            code: code.to_owned(),
            style: files::address("iku.css"),
            own_style: files::address("counter.css"),
            script: files::address("counter.js"),
            icon: files::address("iku.svg"),
        }
    }

    fn of(lang: Lang, title: &'static str, opened: &Opened) -> Self {
        Self::new(lang, title, &opened.link.code, &opened.district)
    }

    fn other_lang(&self) -> &'static str {
        other(self.lang).tag()
    }
}

#[derive(Template)]
#[template(path = "counter_note.html")]
struct Note {
    frame: Frame,
    heading: &'static str,
    about: &'static str,
    /// Whether another person may fill in the form.
    is_open: bool,
}

/// Requests that read the database at the same time. The others wait in turn, so that two hundred phones at once leave connections
/// for the office.
static READING: Semaphore = Semaphore::const_new(4);

/// Reads one state of the database, in turn.
async fn read<T>(db: &Db, f: impl AsyncFn(&ReadTx) -> Result<T, Error>) -> Result<T, Error> {
    let _turn = READING.acquire().await.or_internal()?;
    db.read(f).await
}

/// Returns a link, or the page that there is none.
async fn find(db: &Db, code: &str, lang: Lang) -> Result<Result<Opened, HttpResponse>, Error> {
    if let Some(opened) = read(db, async |tx| links::open(tx, code).await).await? {
        return Ok(Ok(opened));
    }
    let t = Words::of(lang);
    let page = Note {
        frame: Frame::new(lang, t.unknown, "", ""),
        heading: t.unknown,
        about: t.unknown_about,
        is_open: false,
    };
    answer::page(StatusCode::NOT_FOUND, lang, &page).map(Err)
}

/// Returns the page of a link that shows no form: it has ended, or its survey is not open.
fn without_form(opened: &Opened, now: DateTime<Utc>, lang: Lang) -> Result<Option<HttpResponse>, Error> {
    let t = Words::of(lang);
    let (status, heading, about) = match opened.survey.status.parse()? {
        SurveyStatus::Closed => (StatusCode::GONE, t.closed, t.ended_about),
        SurveyStatus::Draft => (StatusCode::NOT_FOUND, t.draft, t.draft_about),
        SurveyStatus::Open if !query::is_open(&opened.link, now) => (StatusCode::GONE, t.ended, t.ended_about),
        SurveyStatus::Open => return Ok(None),
    };
    let page = Note {
        frame: Frame::of(lang, heading, opened),
        heading,
        about,
        is_open: false,
    };
    answer::page(status, lang, &page).map(Some)
}

/// Shows the thanks.
pub async fn thank(
    req: actix_web::HttpRequest,
    db: web::Data<Db>,
    code: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let lang = asked.lang(req.headers());
    let opened = match find(&db, &code, lang).await? {
        Ok(opened) => opened,
        Err(page) => return Ok(page),
    };
    let t = Words::of(lang);
    let page = Note {
        frame: Frame::of(lang, t.thanks, &opened),
        heading: t.thanks,
        about: if asked.ganda.is_some() {
            t.thanks_twice
        } else {
            t.thanks_about
        },
        is_open: true,
    };
    answer::page(StatusCode::OK, lang, &page)
}

/// Returns the proof of when a form of a link was made.
fn proof(key: &CursorKey, code: &str, at: DateTime<Utc>) -> String {
    let micros = at.timestamp_micros().to_be_bytes();
    let mac = key.code_for(&purpose(code), &micros);
    URL_SAFE_NO_PAD.encode([micros.as_slice(), &mac].concat())
}

/// Returns when a form was made, if the proof is one of this service for this link.
fn proven(key: &CursorKey, code: &str, proof: &str) -> Option<DateTime<Utc>> {
    // A proof has 32 characters.
    let bytes = URL_SAFE_NO_PAD.decode(proof.get(..32)?).ok()?;
    let (micros, mac) = bytes.split_first_chunk::<8>()?;
    let is_own = proof.len() == 32 && key.is_code_for(&purpose(code), micros, mac);
    is_own.then(|| DateTime::from_timestamp_micros(i64::from_be_bytes(*micros)))?
}

fn purpose(code: &str) -> String {
    format!("form of {code}")
}
