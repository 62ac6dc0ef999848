//! Signing in and out, and the language.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::answer;
use super::field::{Field, Kind};
use super::form::{Faults, Posted};
use super::public::PublicPage;
use super::reader::{Reader, cookie};
use super::session;
use super::shell::Shell;
use super::words::{Common, words};
use crate::access::auth::{TokenService, browser_sessions};
use crate::access::me;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::request_context::RequestContext;
use crate::platform::text::Lang;

words! {
    struct Words {
        about: "Untuk petugas kecamatan dan pemeriksa." / "For the officers of the district and for auditors.",
        username: "Nama pengguna" / "User name",
        password: "Kata sandi" / "Password",
        wrong: "Nama pengguna atau kata sandi salah. Periksa Caps Lock. Bila lupa, minta kata sandi baru kepada administrator." /
            "The user name or the password is wrong. Check Caps Lock. If you have forgotten it, ask an administrator for a new one.",
        public: "Nilai yang sudah ditutup, untuk umum" / "Closed values, for everybody",
        only_people: "Isi nama pengguna dan kata sandi." / "Fill in user name and password.",
        plain: "Alamat ini tidak memakai HTTPS, jadi peramban tidak akan menyimpan masuknya. Buka layanan ini dengan https://, atau minta pengelola membaca IKU_PAGES_INSECURE_COOKIE." /
            "This address has no HTTPS, so the browser will not keep the sign-in. Open the service with https://, or ask the operator to read about IKU_PAGES_INSECURE_COOKIE.",
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    fields: Vec<Field>,
    faults: Faults,
    next: String,
    is_plain: bool,
    /// The person followed a link on another site, so the browser held the cookie back. It sends it from this page.
    is_from_afar: bool,
    has_public_page: bool,
}

/// Where to go after signing in or choosing a language.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    ke: Option<String>,
}

impl Next {
    /// Returns the path if it is a page of this service, else the overview.
    fn path(&self) -> &str {
        let path = self.ke.as_deref().filter(|path| is_own(path));
        path.unwrap_or("/")
    }
}

/// Whether a text is the path of a page, without a host: a browser reads `//host` and `/\host` as another site.
fn is_own(path: &str) -> bool {
    let without_query = path.split('?').next().unwrap_or_default();
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_plain && !path.starts_with("//") && super::has(without_query) && !matches!(without_query, "/masuk" | "/keluar")
}

fn page(req: &HttpRequest, lang: Lang, username: &str, faults: Faults, next: &str) -> Result<HttpResponse, Error> {
    let t = Words::of(lang);
    let page = Page {
        shell: Shell::new(lang, Common::of(lang).sign_in.to_owned(), next),
        t,
        fields: vec![
            Field::new("username", t.username, Kind::Line("username"))
                .value(username)
                .required()
                .longest(200),
            Field::new("password", t.password, Kind::Password("current-password"))
                .required()
                .longest(200),
        ],
        next: next.to_owned(),
        is_plain: loses_cookies(req),
        is_from_afar: req.method() == Method::GET && is_from_afar(req),
        has_public_page: PublicPage::of(req).is_on,
        faults,
    };
    answer::page(page.faults.status(), lang, &page)
}

fn is_from_afar(req: &HttpRequest) -> bool {
    let site = req.headers().get("sec-fetch-site");
    site.is_some_and(|site| site.as_bytes() == b"cross-site")
}

/// Returns whether the browser will not keep the cookie: it came over plain HTTP, and not from this machine.
fn loses_cookies(req: &HttpRequest) -> bool {
    let public = req.app_data::<web::Data<PublicUrl>>();
    let address = public.map(|public| public.for_caller(req)).unwrap_or_default();
    let Some(host) = address.strip_prefix("http://").filter(|_| !cookie(req).is_insecure) else {
        return false;
    };
    let is_near = |near: &str| {
        host.strip_prefix(near)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    !["localhost", "127.0.0.1", "[::1]"].into_iter().any(is_near)
}

/// The sign-in page.
pub async fn form(req: HttpRequest, next: web::Query<Next>) -> Result<HttpResponse, Error> {
    let lang = RequestContext::of(&req)?.lang;
    page(&req, lang, "", Faults::default(), next.path())
}

/// Signs in, by the same rules as the token endpoint.
pub async fn enter(
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    let context = RequestContext::of(&req)?;
    let lang = context.lang;
    let next = Next {
        ke: Some(posted.text("ke").to_owned()),
    };
    let (username, password) = (posted.text("username"), posted.raw("password"));
    if [username, password]
        .iter()
        .any(|text| text.is_empty() || text.chars().count() > 200)
    {
        let faults = Faults::about(Words::of(lang).only_people);
        return page(&req, lang, "", faults, next.path());
    }
    let network = context.network.map(|network| network.to_string()).unwrap_or_default();
    let begun =
        browser_sessions::begin_with_password(&db, &token_service, username.to_owned(), password, &network).await;
    match begun {
        Ok(handle) => answer::see_other_with(next.path(), cookie(&req).give(&handle)?),
        Err(error) if error.code == Code::InvalidGrant => {
            page(&req, lang, username, Faults::about(Words::of(lang).wrong), next.path())
        }
        Err(error) => page(&req, lang, username, Faults::of(error, lang, &[])?, next.path()),
    }
}

/// Signs out.
pub async fn leave(
    reader: Reader,
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    _: Posted,
) -> Result<HttpResponse, Error> {
    let session = reader.actor.session.ok_or_else(Error::not_found)?;
    me::service::end_session(&db, &token_service, &reader.actor, &reader.source(), session).await?;
    answer::see_other_with("/masuk", cookie(&req).take()?)
}

/// Chooses a language, and goes back.
pub async fn choose_language(lang: web::Path<String>, next: web::Query<Next>) -> Result<HttpResponse, Error> {
    let lang = match lang.as_str() {
        "id" => Lang::Id,
        "en" => Lang::En,
        _ => return Err(Error::not_found()),
    };
    let path = match next.ke.as_deref() {
        Some("/masuk") => "/masuk",
        _ => next.path(),
    };
    answer::see_other_with(path, session::remember(lang)?)
}
