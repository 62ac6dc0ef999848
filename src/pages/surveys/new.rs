//! A new survey, as a draft.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Words as List;
use crate::access::permissions::SurveysWrite;
use crate::access::{Role, Section};
use crate::facts::surveys;
use crate::facts::surveys::dto::NewSurvey;
use crate::pages::field::{Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, people};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;

words! {
    /// The fields of a survey.
    pub struct Words {
        about: "Survei dimulai sebagai rancangan. Jawaban diterima setelah survei dibuka." /
            "A survey begins as a draft. It takes answers once it is open.",
        name: "Judul" / "Title",
        section: "Seksi yang pelayanannya diukur" / "Section whose service is measured",
        first: "Hari pertama" / "First day",
        last: "Hari terakhir" / "Last day",
        last_hint: "Survei dihitung dalam tahun hari ini." / "The survey counts in the year of this day.",
        population: "Jumlah penerima layanan" / "Number of people served",
        population_hint: "Dari sini dihitung sampel yang diperlukan (Krejcie dan Morgan)." /
            "The required sample follows from it (Krejcie and Morgan).",
    }
}

pub const NAMES: [&str; 5] = ["title", "section", "starts_on", "ends_on", "population"];

#[derive(Template)]
#[template(path = "form.html")]
struct Page {
    shell: Shell,
    back: (&'static str, &'static str),
    about: &'static str,
    button: &'static str,
    fields: Vec<Field>,
    faults: Faults,
}

/// Shows the form.
pub async fn form(reader: Reader) -> Result<HttpResponse, Error> {
    reader.require::<SurveysWrite>()?;
    page(&reader, None, Faults::default())
}

/// Returns the fields of a survey.
pub fn fields(reader: &Reader) -> Vec<Field> {
    let (t, common) = (Words::of(reader.lang), Common::of(reader.lang));
    let own = Section::ALL
        .into_iter()
        .filter(|section| reader.actor.role != Role::Officer || reader.actor.ensure_section(*section).is_ok());
    let mut choices: Vec<_> = own
        .map(|section| (section.as_str().to_owned(), people::section(section).to_owned()))
        .collect();
    // Who works for one section has nothing to choose.
    if choices.len() > 1 {
        choices.insert(0, (String::new(), common.choose.to_owned()));
    }
    vec![
        Field::new("title", t.name, Kind::Line("off")).required().longest(200),
        Field::new("section", t.section, Kind::Choice(choices)).required(),
        Field::new("starts_on", t.first, Kind::Date).required(),
        Field::new("ends_on", t.last, Kind::Date).required().hint(t.last_hint),
        Field::new("population", t.population, Kind::Number).hint(t.population_hint),
    ]
}

fn page(reader: &Reader, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let t = List::of(reader.lang);
    let fields = fields(reader).into_iter().map(|field| field.after(posted, &faults));
    let page = Page {
        shell: reader.shell(t.add),
        back: ("/survei", t.title),
        about: Words::of(reader.lang).about,
        button: t.add,
        fields: fields.collect(),
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Records the survey.
pub async fn create(reader: Reader, db: web::Data<Db>, posted: Posted) -> Result<HttpResponse, Error> {
    reader.require::<SurveysWrite>()?;
    match apply(&reader, &db, posted.clone()).await {
        Ok(id) => answer::see_other(&format!("/survei/{id}")),
        Err(error) => page(&reader, Some(&posted), Faults::of(error, reader.lang, &NAMES)?),
    }
}

async fn apply(reader: &Reader, db: &Db, mut posted: Posted) -> Result<uuid::Uuid, Error> {
    posted.set("district_code", reader.district()?);
    let members = ["district_code", "title", "section", "starts_on", "ends_on"].map(Member::Text);
    let members: Vec<Member> = members.into_iter().chain([Member::Number("population")]).collect();
    let new: NewSurvey = posted.body(&members)?;
    let created = db.write(async |tx| surveys::service::create(tx, &reader.actor, new).await);
    let (Created::New(made) | Created::Existing(made)) = created.await?;
    Ok(made.id)
}
