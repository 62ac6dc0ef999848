//! What the script of the form needs: many answers in one request, the service worker, and the manifest.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Intake, Words, find, proven};
use crate::access::auth::origin::ensure_own_page;
use crate::facts::surveys::links::intake::{self, FormAnswer, MOST};
use crate::pages::answer::POLICY;
use crate::pages::files;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::RawItem;
use crate::platform::http::body::read_text;
use crate::platform::http::upload::Bounds;

/// Answers of a phone to one link, each as an item of `POST /v1/responses/batch`, with what the form adds.
#[derive(Debug, Deserialize)]
pub struct Sent {
    /// By the phone's clock.
    sent_at: Option<DateTime<Utc>>,
    items: Vec<SentItem>,
}

/// What a form adds is read leniently: what has another type counts as absent.
#[derive(Debug, Deserialize)]
struct SentItem {
    answer: RawItem,
    #[serde(default)]
    started: Value,
    #[serde(default)]
    seconds: Value,
    #[serde(default)]
    slip: Value,
}

impl FromRequest for Sent {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    /// 403 for the page of another site; 413 for more than 64 KiB; 400 for anything else than 1 to 20 answers.
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let own = ensure_own_page(req);
        let bytes = read_text(req, payload, &["application/json"], Bounds::OF_COUNTER);
        Box::pin(async move {
            own?;
            let sent: Option<Self> = serde_json::from_slice(&bytes.await?).ok();
            let sent = sent.filter(|sent| (1..=MOST).contains(&sent.items.len()));
            sent.ok_or_else(|| Error::new(Code::BadRequest))
        })
    }
}

/// Takes answers of a phone. The results are those of a batch: docs/OFFLINE.md says what they mean.
pub async fn send(
    req: HttpRequest,
    (db, queue, contract, key): Intake,
    code: web::Path<String>,
    asked: web::Query<Asked>,
    sent: Sent,
) -> Result<HttpResponse, Error> {
    let lang = asked.lang(req.headers());
    let opened = match find(&db, &code, lang).await? {
        Ok(opened) => opened,
        Err(page) => return Ok(page),
    };
    let link = &opened.link;
    let answer = |item: SentItem| FormAnswer {
        started: item.started.as_str().and_then(|proof| proven(&key, &link.code, proof)),
        seconds: item.seconds.as_i64(),
        slip: item.slip.as_str().map(str::to_owned),
        item: item.answer,
    };
    let answers = sent.items.into_iter().map(answer).collect();
    let outcome = intake::receive(&db, &queue, &contract, link, (answers, sent.sent_at), lang).await?;
    Ok(HttpResponse::build(StatusCode::MULTI_STATUS).json(outcome))
}

/// Returns the service worker. Its place decides which pages it serves: those of links.
pub async fn worker(req: HttpRequest) -> Result<HttpResponse, Error> {
    files::plain("sw.js", &req)
}

/// Returns the manifest, with which a phone keeps the form as an application.
pub async fn manifest(
    req: HttpRequest,
    db: web::Data<Db>,
    code: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let lang = asked.lang(req.headers());
    let opened = match find(&db, &code, lang).await? {
        Ok(opened) => opened,
        Err(page) => return Ok(page),
    };
    let manifest = json!({
        "name": format!("{} – {}", Words::of(lang).title, opened.survey.title),
        "short_name": "SKM",
        "lang": lang.tag(),
        "start_url": format!("/s/{}?bahasa={}", opened.link.code, lang.tag()),
        "scope": "/s/",
        "display": "standalone",
        "background_color": "#f6f7f4",
        "theme_color": "#14532d",
        "icons": [{"src": files::address("iku.svg"), "sizes": "any", "type": "image/svg+xml"}],
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .insert_header(ContentType(
            "application/manifest+json".parse().map_err(Error::internal)?,
        ))
        .body(manifest.to_string()))
}
