//! The pages for the office, in a browser: HTML that the server makes, over the same services as the API.
//!
//! Pages call services with the [`Actor`](crate::access::Actor) of the person, never HTTP, and compute no value. They are mounted
//! outside the OpenAPI document. They work without JavaScript.
//!
//! # How a screen is made
//!
//! [`home`] shows values and [`reports`] has forms; copy the one that is nearer.
//!
//! 1. A module with the handlers, its `words!`, and a struct that derives `askama::Template`. The struct has a field
//!    `shell: Shell` (`reader.shell(title)`), and usually `t: &'static Words`.
//! 2. A template in `templates/` that begins with `{% extends "layout.html" %}`. Templates are well-formed XML: close every
//!    element (`<br/>`), write attributes in full (`required="required"`), no `style=` and no `<script>`.
//! 3. A handler takes a [`Reader`](reader::Reader) first, and begins with `reader.require::<SomeScope>()?`. Show a button only
//!    if `reader.may::<..>()`. It ends with `answer::page(status, lang, &page)`.
//! 4. A handler of a POST takes a [`Posted`](form::Posted) last. It makes the request of the API from the form
//!    (`posted.body::<NewReport>(&[..])`), calls the service in `db.write(..)`, and answers with `answer::see_other(path)`.
//!    If the service refuses, `Faults::of(error, lang, &names)?` gives the sentences beside the fields; show the form again
//!    with `faults.status()`. All other errors are returned: the middleware shows them as a page.
//! 5. A line in [`configure`] by `screen`, the first part of the path in `PATHS`, and a line in the menu (`shell.rs`).
//! 6. Tests in `tests/it/pages`; `matrix.rs` there has a row for each screen.
//!
//! Values go through [`mod@format`], words with a sign and a colour through [`marks`], charts through [`charts`].

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, Resource, web};

use crate::platform::error::Error;
use crate::platform::http::middleware::methods::options;
use crate::platform::http::request_context::BrowserPages;

pub mod account;
pub mod answer;
pub mod cases;
pub mod charts;
pub mod closings;
pub mod counter;
pub mod due;
pub mod evidence;
pub mod field;
pub mod files;
pub mod form;
pub mod format;
pub mod home;
pub mod indicator;
pub mod institutions;
pub mod journal;
pub mod marks;
pub mod names;
pub mod people;
pub mod print;
mod problem;
pub mod public;
pub mod reader;
pub mod reports;
pub mod session;
pub mod sheets;
pub mod shell;
pub mod sign_in;
pub mod surveys;
pub mod targets;
pub mod users;
mod words;
pub mod years;

/// The first parts of the paths of pages.
const PATHS: [&str; 22] = [
    "", "akun", "aset", "bahasa", "berkas", "bukti", "cetak", "gawai", "iku", "jejak", "kasus", "keluar", "laporan",
    "lembaga", "lembar", "masuk", "pengguna", "publik", "s", "survei", "target", "tutup",
];

/// What the middleware knows of the pages.
pub const PAGES: BrowserPages = BrowserPages {
    has,
    lang: session::language,
    problem: problem::show,
};

/// Returns whether a path belongs to a page.
pub fn has(path: &str) -> bool {
    let first = path.strip_prefix('/').and_then(|rest| rest.split('/').next());
    first.is_some_and(|first| PATHS.contains(&first))
}

/// Mounts the pages.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/").get(home::show).done())
        .service(screen("/aset/{name}").get(files::file).done())
        .service(screen("/bahasa/{lang}").get(sign_in::choose_language).done())
        .service(screen("/masuk").get(sign_in::form).post(sign_in::enter).done())
        .configure(indicator::configure)
        .configure(account::configure)
        .configure(cases::configure)
        .configure(institutions::configure)
        .configure(reports::configure)
        .configure(surveys::configure)
        .configure(counter::configure)
        .configure(evidence::configure)
        .configure(targets::configure)
        .configure(closings::configure)
        .configure(sheets::configure)
        .configure(print::configure)
        .configure(journal::configure)
        .configure(users::configure)
        .configure(public::configure)
        .service(screen("/keluar").post(sign_in::leave).done());
}

/// A path with its handlers.
struct Screen {
    resource: Resource,
    allow: &'static str,
}

/// Begins a path. Every other method than those that follow is a 405.
fn screen(path: &str) -> Screen {
    Screen {
        resource: web::resource(path),
        allow: "OPTIONS",
    }
}

impl Screen {
    fn get<F, Args>(self, handler: F) -> Self
    where
        F: actix_web::Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        Self {
            resource: self.resource.route(web::get().to(handler)),
            allow: "GET, HEAD, OPTIONS",
        }
    }

    fn post<F, Args>(self, handler: F) -> Self
    where
        F: actix_web::Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        let allow = match self.allow {
            "OPTIONS" => "POST, OPTIONS",
            _ => "GET, HEAD, POST, OPTIONS",
        };
        Self {
            resource: self.resource.route(web::post().to(handler)),
            allow,
        }
    }

    fn done(self) -> Resource {
        let allow = self.allow;
        let refuse = async move |req: HttpRequest| other_method(&req, allow);
        self.resource.default_service(web::to(refuse))
    }
}

fn other_method(req: &HttpRequest, allow: &'static str) -> Result<HttpResponse, Error> {
    match *req.method() {
        Method::OPTIONS => Ok(options(allow, &[])),
        _ => Err(Error::method_not_allowed(allow)),
    }
}
