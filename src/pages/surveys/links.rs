//! The links of a survey: their list, and a new one.

use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::access::enrolments::{code, link};
use crate::access::permissions::{SurveysRead, SurveysWrite};
use crate::facts::surveys;
use crate::facts::surveys::dto::Survey;
use crate::facts::surveys::links::dto::{NewSurveyLink, SurveyLink, SurveyLinkFilter};
use crate::facts::surveys::links::service;
use crate::pages::answer;
use crate::pages::field::{Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::words;
use crate::platform::db::versions::Created;
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::Error;

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

pub fn path(link: &SurveyLink) -> String {
    format!("/survei/{}/tautan/{}", link.survey_id, link.id)
}

pub fn shown(code: &str) -> String {
    code::grouped(code, 5)
}

pub fn mark(link: &SurveyLink, reader: &Reader) -> Mark {
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

pub const NAMES: [&str; 6] = [
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

pub fn fields(t: &'static Words) -> [Field; 4] {
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

/// Returns a link of a survey; 404 if it is another survey's.
pub async fn find(reader: &Reader, db: &Db, (survey, id): (Uuid, Uuid)) -> Result<(Survey, SurveyLink), Error> {
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

/// Returns the QR code of an address, as a picture (SVG) in base64.
pub fn qr(address: &str) -> Result<String, Error> {
    Ok(STANDARD.encode(link::qr_svg(address)?))
}
