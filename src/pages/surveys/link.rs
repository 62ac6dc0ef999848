//! One link: its poster, its slips, and switching it off.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::links::{NAMES, Words, fields, find, mark, path, qr, shown};
use crate::access::permissions::{SurveysRead, SurveysWrite};
use crate::core::civil;
use crate::facts::surveys::dto::Survey;
use crate::facts::surveys::links::dto::{NewSurveySlips, SurveyLink, SurveyLinkPatch};
use crate::facts::surveys::links::{service, slips};
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, other};
use crate::pages::{answer, counter, files};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::Resource;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::text::Lang;

/// The slips on one page: twelve on each of ten sheets.
const SLIPS: u64 = 120;

#[derive(Template)]
#[template(path = "survey_link.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    /// The texts of the poster: in the language of the page, and in the other one.
    poster: [(&'static str, &'static str); 2],
    survey: Survey,
    link: SurveyLink,
    district: String,
    mark: Mark,
    style: &'static str,
    address: String,
    code: String,
    /// A picture (SVG) in base64.
    qr: String,
    may_print_slips: bool,
    actions: Vec<Action>,
    faults: Faults,
}

/// Shows a link: its poster, and what can be done with it.
pub async fn show(
    reader: Reader,
    req: HttpRequest,
    (db, public_url): (web::Data<Db>, web::Data<PublicUrl>),
    ids: web::Path<(Uuid, Uuid)>,
) -> Result<HttpResponse, Error> {
    reader.require::<SurveysRead>()?;
    let found = find(&reader, &db, *ids).await?;
    page(&reader, &public_url.for_caller(&req), found, None, Faults::default())
}

fn page(
    reader: &Reader,
    server: &str,
    (survey, link): (Survey, SurveyLink),
    posted: Option<&Posted>,
    faults: Faults,
) -> Result<HttpResponse, Error> {
    let t = Words::of(reader.lang);
    let may_change = reader.may::<SurveysWrite>() && reader.actor.ensure_section(survey.section).is_ok();
    let actions = match may_change {
        true => actions(&link, t, Common::of(reader.lang)),
        false => Vec::new(),
    };
    let actions = actions.into_iter().map(|action| action.after(posted, &faults));
    let address = format!("{server}/s/{}", link.code);
    let texts = |lang| {
        let t = counter::Words::of(lang);
        (t.title, t.about)
    };
    let second = other(reader.lang);
    let page = Page {
        shell: reader.shell(link.name.clone()),
        t,
        poster: [texts(reader.lang), texts(second)],
        district: reader
            .district
            .as_ref()
            .map(|(_, name)| name.clone())
            .unwrap_or_default(),
        mark: mark(&link, reader),
        style: files::address("counter.css"),
        qr: qr(&address)?,
        address,
        code: shown(&link.code),
        may_print_slips: may_change,
        actions: actions.collect(),
        survey,
        link,
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

fn actions(link: &SurveyLink, t: &'static Words, common: &'static Common) -> Vec<Action> {
    let reason = || Field::new("reason", common.reason, Kind::Line("off")).longest(300);
    let [name, budget, slips, ends] = fields(t);
    let day = civil::date_of;
    let ends_at = link.expires_at.map(|end| {
        let minutes = (end - civil::start_of_day(day(end))).num_minutes();
        format!("{}T{:02}:{:02}", day(end), minutes / 60, minutes % 60)
    });
    let change = vec![
        name.value(&link.name),
        budget.value(link.hourly_budget.to_string()),
        slips.value(link.slips_required.to_string()),
        ends.value(ends_at.unwrap_or_default()),
        reason(),
    ];
    let count = Field::new("count", t.count, Kind::Number).required().value("12");
    let etag = link.etag();
    let switch = match link.active {
        true => Action::new("mati", t.switch_off, vec![reason()]).danger(),
        false => Action::new("nyala", t.switch_on, vec![reason()]),
    };
    vec![
        Action::new("kupon", t.make_slips, vec![count]),
        Action::new("ubah", t.change, change).of_version(&etag),
        switch.of_version(&etag),
    ]
}

/// Changes a link, switches it, or makes slips of it.
pub async fn change(
    reader: Reader,
    req: HttpRequest,
    (db, public_url): (web::Data<Db>, web::Data<PublicUrl>),
    ids: web::Path<(Uuid, Uuid)>,
    mut posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<SurveysWrite>()?;
    let found = find(&reader, &db, *ids).await?;
    let (id, own) = (found.1.id, path(&found.1));
    let members = match posted.text("aksi") {
        "kupon" => Vec::new(),
        "ubah" => vec![
            Member::Text("name"),
            Member::Number("hourly_budget"),
            Member::Flag("slips_required"),
            match posted.text("expires_at") {
                "" => Member::OrNull("expires_at"),
                _ => Member::Instant("expires_at"),
            },
            Member::Text("reason"),
        ],
        "mati" | "nyala" => {
            posted.set("active", posted.text("aksi") == "nyala");
            vec![Member::Flag("active"), Member::Text("reason")]
        }
        _ => return Err(Error::new(Code::BadRequest)),
    };
    let done = async {
        if members.is_empty() {
            let new: NewSurveySlips = posted.body(&[Member::Number("count")])?;
            db.write(async |tx| slips::create(tx, &reader.actor, id, new).await)
                .await?;
            return Ok(format!("{own}/kupon"));
        }
        let (if_match, patch) = (posted.if_match()?, posted.patch::<SurveyLinkPatch>(&members)?);
        db.write(async |tx| service::patch(tx, &reader.actor, id, &if_match, patch).await)
            .await?;
        Ok(own)
    };
    match done.await {
        Ok(path) => answer::see_other(&path),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &NAMES)?;
            page(&reader, &public_url.for_caller(&req), found, Some(&posted), faults)
        }
    }
}

/// The query of the slips.
#[derive(Debug, Deserialize)]
pub struct Asked {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "survey_slips.html")]
struct Slips {
    shell: Shell,
    t: &'static Words,
    title: &'static str,
    link: SurveyLink,
    back: String,
    style: &'static str,
    /// The code and the picture of each.
    slips: Vec<(String, String)>,
    next: Option<String>,
}

/// Shows the slips of a link, to print and cut.
pub async fn print(
    reader: Reader,
    req: HttpRequest,
    (db, public_url): (web::Data<Db>, web::Data<PublicUrl>),
    ids: web::Path<(Uuid, Uuid)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    reader.require::<SurveysWrite>()?;
    let (_, link) = find(&reader, &db, *ids).await?;
    let paging = reader.paging(SLIPS, asked.into_inner().cursor);
    let page = db
        .read(async |tx| slips::list(tx, &reader.actor, link.id, &paging).await)
        .await?;
    let server = public_url.for_caller(&req);
    let slip = |code: &str| Ok((shown(code), qr(&format!("{server}/s/{}?kupon={code}", link.code))?));
    let slips: Result<Vec<_>, Error> = page.items.iter().map(|one| slip(&one.code)).collect();
    let t = Words::of(reader.lang);
    let shown = Slips {
        shell: reader.shell(format!("{}: {}", t.slips, link.name)),
        t,
        // Citizens read the slips: Indonesian first.
        title: counter::Words::of(Lang::Id).title,
        back: path(&link),
        style: files::address("counter.css"),
        slips: slips?,
        next: page.next_cursor,
        link,
    };
    answer::page(StatusCode::OK, reader.lang, &shown)
}
