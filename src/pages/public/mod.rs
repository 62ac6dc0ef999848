//! Pages for everybody, if the operator has switched them on: the values of closed periods with what proves them. They know no
//! session, set no cookie, and show nothing of a period that is not closed.

mod period;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::shell::Shell;
use super::words::words;
use super::{answer, format, screen};
use crate::closings::published;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::DistrictCode;
use crate::platform::http::request_context::RequestContext;
use crate::platform::text::Lang;

words! {
    /// The texts of the lists.
    pub struct Words {
        title: "Nilai IKU yang sudah ditutup" / "Closed values of the indicators",
        about: "Nilai Indikator Kinerja Utama kecamatan yang sudah ditutup, dengan dokumen dan tanda tangan digitalnya." /
            "The values of the districts' key performance indicators that are closed, with their documents and digital signatures.",
        districts: "Kecamatan" / "District",
        closed_at: "Ditutup" / "Closed",
        version: "Versi" / "Version",
        nothing: "Belum ada periode yang ditutup." / "No period is closed yet.",
        nothing_in_year: "Tidak ada periode yang ditutup dalam tahun ini." / "No period of this year is closed.",
    }
}

/// Whether everybody may read the closed values.
#[derive(Clone, Copy, Debug, Default)]
pub struct PublicPage {
    pub is_on: bool,
}

impl PublicPage {
    /// Returns how this service is set.
    pub fn of(req: &HttpRequest) -> Self {
        req.app_data::<Self>().copied().unwrap_or_default()
    }
}

/// The paths for everybody.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/publik").get(districts).done())
        .service(screen("/publik/{district}").get(periods).done())
        .service(screen("/publik/{district}/{period}").get(period::show).done())
        .service(screen("/publik/{district}/{period}/{file}").get(period::file).done());
}

/// Somebody whom the service does not know. 404 unless the pages for everybody are switched on.
#[derive(Debug)]
pub struct Visitor {
    pub lang: Lang,
    path: String,
    req: HttpRequest,
}

impl Visitor {
    fn shell(&self, title: impl Into<String>) -> Shell {
        Shell::new(self.lang, title.into(), &self.path)
    }

    fn page(&self, template: &impl Template) -> Result<HttpResponse, Error> {
        answer::public_page(&self.req, self.lang, template)
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        if !PublicPage::of(req).is_on {
            return ready(Err(Error::not_found()));
        }
        let of_context = |context: std::rc::Rc<RequestContext>| Self {
            lang: context.lang,
            path: context.path.clone(),
            req: req.clone(),
        };
        ready(RequestContext::of(req).map(of_context))
    }
}

/// Returns the district of a path; 404 for other texts.
fn district_of(text: &str) -> Result<DistrictCode, Error> {
    text.parse().map_err(|_| Error::not_found())
}

#[derive(Template)]
#[template(path = "public_districts.html")]
struct Districts {
    shell: Shell,
    t: &'static Words,
    /// Path and name.
    districts: Vec<(String, String)>,
}

/// Shows the districts that have closed a period; the only one at once.
pub async fn districts(visitor: Visitor, db: web::Data<Db>) -> Result<HttpResponse, Error> {
    let found = db.read_one(async |tx| published::districts(tx).await).await?;
    let path = |code: &str| format!("/publik/{code}");
    if let [only] = found.as_slice() {
        return answer::see_other(&path(&only.code));
    }
    let t = Words::of(visitor.lang);
    visitor.page(&Districts {
        shell: visitor.shell(t.title),
        t,
        districts: found.into_iter().map(|row| (path(&row.code), row.name)).collect(),
    })
}

/// The query of a district's page.
#[derive(Debug, Deserialize)]
pub struct Asked {
    tahun: Option<i32>,
}

#[derive(Template)]
#[template(path = "public_periods.html")]
struct Periods {
    shell: Shell,
    t: &'static Words,
    district: String,
    /// What the addresses of the years begin with.
    place: String,
    year: i32,
    years: Vec<i32>,
    rows: Vec<Row>,
}

/// The newest closing of a period.
struct Row {
    path: String,
    period: String,
    version: i32,
    at: String,
}

/// Shows the closed periods of a year; without a year those of the newest that has one.
pub async fn periods(
    visitor: Visitor,
    db: web::Data<Db>,
    district: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let code = district_of(&district)?;
    let read = db.read(async |tx| {
        let years = published::years(tx, code.as_str()).await?;
        let (first, last) = years.ok_or_else(Error::not_found)?;
        let year = asked.tahun.unwrap_or(last);
        if !(first..=last).contains(&year) {
            return Err(Error::not_found());
        }
        let closings = published::of_year(tx, code.as_str(), year).await?;
        let district = published::district(tx, code.as_str()).await?.name;
        Ok((first, last, year, closings, district))
    });
    let (first, last, year, closings, district) = read.await?;
    let (lang, t) = (visitor.lang, Words::of(visitor.lang));
    let rows = closings.into_iter().map(|(period, row)| Row {
        path: format!("/publik/{code}/{period}"),
        period: format::period(period, lang),
        version: row.version,
        at: format::instant(row.closed_at, lang),
    });
    visitor.page(&Periods {
        rows: rows.collect(),
        shell: visitor.shell(t.title),
        t,
        district,
        place: format!("/publik/{code}?tahun="),
        year,
        years: (first..=last).filter(|other| (other - year).abs() <= 3).collect(),
    })
}
