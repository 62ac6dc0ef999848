//! The periods of a year that can be closed, and one closing.

mod one;

pub use one::download;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;

use super::field::{Action, Field, Kind};
use super::form::{Faults, Member, Posted};
use super::marks::Mark;
use super::reader::Reader;
use super::shell::Shell;
use super::words::{Common, words};
use super::{answer, format, screen, years};
use crate::access::permissions::{ClosingsWrite, RealisationsRead};
use crate::closings::dto::{Closing, NewClosing};
use crate::closings::query::last_of;
use crate::closings::{FourEyes, service};
use crate::core::period::Period;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::{Code, Error};
use crate::platform::http::public_url::PublicUrl;

words! {
    /// The texts of the list, and of a closing.
    pub struct Words {
        title: "Tutup periode" / "Close a period",
        about: "Menutup membekukan semua nilai kecamatan dalam satu periode, dengan catatan di baliknya dan tanda tangan digital." /
            "Closing freezes all values of the district in a period, with the records behind them and a digital signature.",
        period: "Periode" / "Period",
        state: "Keadaan" / "State",
        closed: "Ditutup" / "Closed",
        open: "Belum ditutup" / "Not closed",
        running: "Masih berjalan" / "Still running",
        version: "versi" / "version",
        by: "Oleh" / "By",
        at: "Waktu" / "Time",
        same_hand: "Penutup juga mencatat data periode ini" / "Who closed also recorded facts of it",
        close: "Tutup" / "Close",
        again: "Tutup lagi" / "Close again",
        again_about: "Periode ini sudah ditutup. Tulis alasan; versi lama tetap tersimpan." /
            "This period is closed. Give a reason; the earlier version stays.",
        reason_hint: "Hanya perlu bila periode ini sudah ditutup." / "Only needed if the period is closed already.",
    }
}

/// The paths of closings.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/tutup").get(show).post(close).done())
        .service(screen("/tutup/{id}").get(one::show).done())
        .service(screen("/tutup/{id}/dokumen.json").get(one::document).done())
        .service(screen("/tutup/{id}/pernyataan.jwt").get(one::statement).done());
}

/// The query of the list.
#[derive(Debug, Deserialize)]
pub struct Asked {
    tahun: Option<i32>,
}

#[derive(Template)]
#[template(path = "closings.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    year: i32,
    years: Vec<i32>,
    rows: Vec<Row>,
    actions: Vec<Action>,
    faults: Faults,
}

struct Row {
    period: String,
    mark: Mark,
    /// The newest closing: path, version, who and when.
    closing: Option<(String, i32, String, String)>,
    is_same_hand: bool,
}

/// Shows the periods of a year.
pub async fn show(reader: Reader, db: web::Data<Db>, asked: web::Query<Asked>) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    let year = years::asked(asked.tahun, usual_year(&reader))?;
    page(&reader, &db, year, None, Faults::default()).await
}

/// The year whose last period ended last.
fn usual_year(reader: &Reader) -> i32 {
    let today = reader.today();
    if today.month() > 3 {
        today.year()
    } else {
        today.year() - 1
    }
}

async fn page(
    reader: &Reader,
    db: &Db,
    year: i32,
    posted: Option<&Posted>,
    faults: Faults,
) -> Result<HttpResponse, Error> {
    let (t, lang, today) = (Words::of(reader.lang), reader.lang, reader.today());
    let mut rows = Vec::new();
    let mut open = Vec::new();
    for (period, last) in periods(reader, db, year).await? {
        let is_over = period.last_day() < today;
        let (class, sign, word) = match &last {
            Some(_) => ("closed", "■", t.closed),
            None if is_over => ("warn", "□", t.open),
            None => ("idle", "◌", t.running),
        };
        if is_over {
            open.push((period.to_string(), format::period(period, lang)));
        }
        rows.push(Row {
            period: format::period(period, lang),
            mark: Mark { class, sign, word },
            is_same_hand: last.as_ref().is_some_and(|closing| closing.same_hand),
            closing: last.map(|closing| {
                let at = format::instant(closing.closed_at, lang);
                (format!("/tutup/{}", closing.id), closing.version, closing.closed_by, at)
            }),
        });
    }
    let mut actions = Vec::new();
    if reader.may::<ClosingsWrite>() && !open.is_empty() {
        let first = rows
            .iter()
            .position(|row| row.closing.is_none())
            .and_then(|at| open.get(at));
        let first = first.map(|(name, _)| name.clone()).unwrap_or_default();
        let reason = Field::new("reason", Common::of(lang).reason, Kind::Line("off"));
        let fields = vec![
            Field::new("period", t.period, Kind::Choice(open))
                .required()
                .value(first),
            reason.longest(300).hint(t.reason_hint),
        ];
        let action = Action::new("tutup", t.close, fields).main();
        actions.push(action.after(posted, &faults));
    }
    let page = Page {
        shell: reader.shell(t.title),
        t,
        year,
        years: years::around(year, today.year()),
        rows,
        actions,
        faults,
    };
    answer::page(page.faults.status(), lang, &page)
}

/// Returns the periods of a year that can be closed, each with its newest closing.
async fn periods(reader: &Reader, db: &Db, year: i32) -> Result<Vec<(Period, Option<Closing>)>, Error> {
    let district = reader.district()?.as_str();
    db.read(async |tx| {
        let mut found = Vec::new();
        for period in Period::target_periods(year) {
            let row = last_of(tx, district, &period.to_string()).await?;
            found.push((period, row.map(Closing::try_from).transpose()?));
        }
        Ok(found)
    })
    .await
}

/// Closes a period.
pub async fn close(
    reader: Reader,
    req: HttpRequest,
    db: web::Data<Db>,
    (four_eyes, public_url): (web::Data<FourEyes>, web::Data<PublicUrl>),
    mut posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<ClosingsWrite>()?;
    let period: Option<Period> = posted.text("period").parse().ok();
    let year = period.map_or_else(|| usual_year(&reader), Period::year);
    posted.set("district_code", reader.district()?);
    let made = async {
        let new: NewClosing = posted.body(&["district_code", "period", "reason"].map(Member::Text))?;
        let (query, issuer) = (reader.query(), public_url.for_caller(&req));
        db.write(async |tx| service::create(tx, &query, new, &issuer, **four_eyes).await)
            .await
    };
    match made.await {
        Ok(Created::New(made) | Created::Existing(made)) => answer::see_other(&format!("/tutup/{}", made.id)),
        Err(error) => {
            let error = match error.code {
                // The one screen where the person can do something about it.
                Code::FourEyes => Error::new(Code::RuleBroken).detail(
                    "Anda mencatat data periode ini, jadi orang lain yang harus menutupnya.",
                    "You recorded facts of this period, so somebody else has to close it.",
                ),
                _ => error,
            };
            let faults = Faults::of(error, reader.lang, &["period", "reason"])?;
            page(&reader, &db, year, Some(&posted), faults).await
        }
    }
}
