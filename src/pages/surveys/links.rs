//! The links of a survey: a new one, its poster, its slips, and switching it off.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use uuid::Uuid;

use crate::access::enrolments::{code, link};
use crate::access::permissions::{SurveysRead, SurveysWrite};
use crate::facts::surveys;
use crate::facts::surveys::dto::Survey;
use crate::facts::surveys::links::dto::{NewSurveyLink, NewSurveySlips, SurveyLink, SurveyLinkFilter, SurveyLinkPatch};
use crate::facts::surveys::links::{service, slips};
use crate::pages::answer;
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::platform::db::versions::Created;
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::Resource;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::text::Lang;

words! {
    /// The texts of links.
    pub struct Words {
        title: "Tautan dan poster" / "Links and posters",
        about: "Warga memindai poster dan menjawab di ponselnya sendiri, tanpa nama." /
            "Citizens scan the poster and answer on their own phones, without a name.",
        add: "Tautan baru" / "New link",
        new_about: "Satu tautan untuk setiap tempat, agar terlihat dari mana jawaban datang dan tautan yang disalahgunakan dapat dimatikan sendiri." /
            "One link for each place, so that you see where answers come from and can switch off one that is misused.",
        name: "Tempatnya" / "Where it hangs",
        name_hint: "Misalnya: Loket KTP" / "For example: counter for identity cards",
        budget: "Jawaban per jam" / "Answers an hour",
        budget_hint: "Jawaban di atas jumlah ini ditahan sampai petugas memutuskan." / "Answers above this number are held until an officer decides.",
        slips_required: "Kupon" / "Slips",
        slips_free: "tidak perlu" / "not needed",
        slips_needed: "jawaban tanpa kupon ditahan" / "answers without a slip are held",
        ends: "Berlaku sampai" / "Valid until",
        place: "Tempat" / "Place",
        code: "Kode" / "Code",
        state: "Keadaan" / "State",
        on: "Aktif" / "Active",
        off: "Dimatikan" / "Switched off",
        none: "Belum ada tautan." / "There is no link yet.",
        more: "Masih ada lagi." / "There are more.",
        change: "Ubah tautan" / "Change the link",
        switch_off: "Matikan tautan" / "Switch the link off",
        switch_on: "Aktifkan tautan" / "Switch the link on",
        make_slips: "Buat kupon" / "Make slips",
        count: "Jumlah kupon (1–500)" / "Number of slips (1–500)",
        slips: "Kupon" / "Slips",
        slips_about: "Gunting dan bagikan. Satu kupon untuk satu jawaban." / "Cut and hand out. One slip gives one answer.",
        no_slips: "Belum ada kupon." / "There are no slips yet.",
        print: "Cetak halaman ini (A4 atau A5)." / "Print this page (A4 or A5).",
        scan: "Kode QR alamat survei" / "QR code of the survey's address",
        slips_to_print: "Kupon untuk dicetak" / "Slips to print",
        older: "Kupon yang lebih lama" / "Older slips",
    }
}

/// The slips on one page: twelve on each of ten sheets.
const SLIPS: u64 = 120;

/// A link in the list on the page of its survey.
pub struct Row {
    pub path: String,
    pub name: String,
    pub code: String,
    pub mark: Mark,
}

/// Returns the links of a survey, and whether there are more.
pub async fn of_survey(tx: &ReadTx, reader: &Reader, survey: Uuid) -> Result<(Vec<Row>, bool), Error> {
    if !reader.may::<SurveysRead>() {
        return Ok((Vec::new(), false));
    }
    let filter = SurveyLinkFilter {
        district_code: None,
        survey_id: Some(survey),
        active: None,
    };
    let page = service::list(tx, &reader.actor, &filter, &reader.paging(50, None)).await?;
    let row = |link: SurveyLink| Row {
        path: path(&link),
        name: link.name.clone(),
        code: shown(&link.code),
        mark: mark(&link, reader),
    };
    Ok((page.items.into_iter().map(row).collect(), page.next_cursor.is_some()))
}

fn path(link: &SurveyLink) -> String {
    format!("/survei/{}/tautan/{}", link.survey_id, link.id)
}

fn shown(code: &str) -> String {
    code::grouped(code, 5)
}

fn mark(link: &SurveyLink, reader: &Reader) -> Mark {
    let t = Words::of(reader.lang);
    match link.active && link.expires_at.is_none_or(|end| reader.now < end) {
        true => Mark {
            class: "good",
            sign: "●",
            word: t.on,
        },
        false => Mark {
            class: "closed",
            sign: "■",
            word: t.off,
        },
    }
}

#[derive(Template)]
#[template(path = "form.html")]
struct NewPage {
    shell: Shell,
    back: (String, String),
    about: &'static str,
    button: &'static str,
    fields: Vec<Field>,
    faults: Faults,
}

const NAMES: [&str; 6] = [
    "name",
    "hourly_budget",
    "slips_required",
    "expires_at",
    "count",
    "reason",
];

/// Shows the form of a new link.
pub async fn form(reader: Reader, db: web::Data<Db>, id: web::Path<Uuid>) -> Result<HttpResponse, Error> {
    reader.require::<SurveysWrite>()?;
    let survey = survey(&reader, &db, *id).await?;
    new_page(&reader, &survey, None, Faults::default())
}

async fn survey(reader: &Reader, db: &Db, id: Uuid) -> Result<Survey, Error> {
    db.read_one(async |tx| surveys::service::get(tx, &reader.actor, id).await)
        .await
}

fn fields(t: &'static Words) -> [Field; 4] {
    let choices = [("false", t.slips_free), ("true", t.slips_needed)];
    let choices = choices.map(|(value, name)| (value.to_owned(), name.to_owned()));
    [
        Field::new("name", t.name, Kind::Line("off"))
            .required()
            .longest(100)
            .hint(t.name_hint),
        Field::new("hourly_budget", t.budget, Kind::Number)
            .required()
            .hint(t.budget_hint),
        Field::new("slips_required", t.slips_required, Kind::Choice(choices.to_vec())).required(),
        Field::new("expires_at", t.ends, Kind::Instant),
    ]
}

fn new_page(reader: &Reader, survey: &Survey, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let t = Words::of(reader.lang);
    let [name, budget, slips, ends] = fields(t);
    let fields = [name, budget.value("120"), slips.value("false"), ends];
    let fields = fields.map(|field| field.after(posted, &faults));
    let page = NewPage {
        shell: reader.shell(t.add),
        back: (format!("/survei/{}", survey.id), survey.title.clone()),
        about: t.new_about,
        button: t.add,
        fields: fields.to_vec(),
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Makes a link.
pub async fn create(
    reader: Reader,
    db: web::Data<Db>,
    id: web::Path<Uuid>,
    mut posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<SurveysWrite>()?;
    let survey = survey(&reader, &db, *id).await?;
    posted.set("survey_id", survey.id);
    let made = async {
        let members = [
            Member::Text("survey_id"),
            Member::Text("name"),
            Member::Number("hourly_budget"),
            Member::Flag("slips_required"),
            Member::Instant("expires_at"),
        ];
        let new: NewSurveyLink = posted.body(&members)?;
        db.write(async |tx| service::create(tx, &reader.actor, new).await).await
    };
    match made.await {
        Ok(Created::New(link) | Created::Existing(link)) => answer::see_other(&path(&link)),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &NAMES)?;
            new_page(&reader, &survey, Some(&posted), faults)
        }
    }
}

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

/// Returns a link of a survey; 404 if it is another survey's.
async fn find(reader: &Reader, db: &Db, (survey, id): (Uuid, Uuid)) -> Result<(Survey, SurveyLink), Error> {
    let read = db.read(async |tx| {
        let link = service::get(tx, &reader.actor, id).await?;
        let survey = surveys::service::get(tx, &reader.actor, link.survey_id).await?;
        Ok((survey, link))
    });
    let found = read.await?;
    match found.0.id == survey {
        true => Ok(found),
        false => Err(Error::not_found()),
    }
}

fn qr(address: &str) -> Result<String, Error> {
    Ok(STANDARD.encode(link::qr_svg(address)?))
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
        let t = crate::pages::counter::Words::of(lang);
        (t.title, t.about)
    };
    let other = crate::pages::words::other(reader.lang);
    let page = Page {
        shell: reader.shell(link.name.clone()),
        t,
        poster: [texts(reader.lang), texts(other)],
        district: reader
            .district
            .as_ref()
            .map(|(_, name)| name.clone())
            .unwrap_or_default(),
        mark: mark(&link, reader),
        style: crate::pages::files::address("counter.css"),
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
    let day = crate::core::civil::date_of;
    let ends_at = link.expires_at.map(|end| {
        let minutes = (end - crate::core::civil::start_of_day(day(end))).num_minutes();
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
        title: crate::pages::counter::Words::of(Lang::Id).title,
        back: path(&link),
        style: crate::pages::files::address("counter.css"),
        slips: slips?,
        next: page.next_cursor,
        link,
    };
    answer::page(StatusCode::OK, reader.lang, &shown)
}
