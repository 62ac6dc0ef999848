//! A new case.

use actix_web::{HttpResponse, web};
use askama::Template;
use uuid::Uuid;

use super::Words as Cases;
use super::parts::{NAMES, fields, in_form, join_time, villages};
use crate::access::Section;
use crate::access::permissions::CasesWrite;
use crate::facts::cases;
use crate::facts::cases::dto::NewCase;
use crate::pages::answer;
use crate::pages::field::{Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::names;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::plan::code_lists::CodeList;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::results::response_cache::ResponseCache;

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

fn ensure_may(reader: &Reader) -> Result<(), Error> {
    reader.require::<CasesWrite>()?;
    reader.actor.ensure_section(Section::Trantibum)
}

/// Shows the form.
pub async fn show(reader: Reader, db: web::Data<Db>, cache: web::Data<ResponseCache>) -> Result<HttpResponse, Error> {
    ensure_may(&reader)?;
    page(&reader, &db, &cache, None, Faults::default()).await
}

async fn page(
    reader: &Reader,
    db: &Db,
    cache: &ResponseCache,
    posted: Option<&Posted>,
    faults: Faults,
) -> Result<HttpResponse, Error> {
    let t = Cases::of(reader.lang);
    let (villages, categories) = (
        villages(reader, cache).await?,
        names::codes(reader, db, CodeList::CaseCategories).await?,
    );
    let today = reader.today().to_string();
    let fields = fields(villages, categories, reader.lang)
        .into_iter()
        .map(|field| match posted {
            Some(_) => field.after(posted, &faults),
            None if field.name == "occurred_on" => field.value(today.as_str()),
            None => field,
        });
    let page = Page {
        fields: fields.collect(),
        shell: reader.shell(t.new),
        back: ("/kasus", t.title),
        about: t.about,
        button: t.new,
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Records the case.
pub async fn record(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    ensure_may(&reader)?;
    match apply(&reader, &db, posted.clone()).await {
        Ok(id) => answer::see_other(&format!("/kasus/{id}?tersimpan=1")),
        Err(error) => {
            let faults = Faults::of(in_form(error), reader.lang, &NAMES)?;
            page(&reader, &db, &cache, Some(&posted), faults).await
        }
    }
}

async fn apply(reader: &Reader, db: &Db, mut posted: Posted) -> Result<Uuid, Error> {
    join_time(&mut posted);
    if posted.text("village_code").is_empty() {
        posted.set("district_code", reader.district()?);
    }
    let members = ["village_code", "district_code", "category", "occurred_at", "summary"].map(Member::Text);
    let new: NewCase = posted.body(&members)?;
    let created = db.write(async |tx| cases::service::create(tx, &reader.actor, new).await);
    let (Created::New(made) | Created::Existing(made)) = created.await?;
    Ok(made.id)
}
