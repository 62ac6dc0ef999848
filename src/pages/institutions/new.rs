//! A new institution with the decree that establishes it.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Words;
use super::one::decree_fields;
use crate::access::Section;
use crate::access::permissions::InstitutionsWrite;
use crate::facts::institutions;
use crate::facts::institutions::decree_dto::NewInstitutionDecree;
use crate::facts::institutions::dto::NewInstitution;
use crate::pages::field::{Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::Common;
use crate::pages::{answer, names};
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

/// Shows the form.
pub async fn show(reader: Reader, db: web::Data<Db>, cache: web::Data<ResponseCache>) -> Result<HttpResponse, Error> {
    ensure_may(&reader)?;
    page(&reader, &db, &cache, None, Faults::default()).await
}

fn ensure_may(reader: &Reader) -> Result<(), Error> {
    reader.require::<InstitutionsWrite>()?;
    reader.actor.ensure_section(Section::Pmd)?;
    Ok(())
}

async fn page(
    reader: &Reader,
    db: &Db,
    cache: &ResponseCache,
    posted: Option<&Posted>,
    faults: Faults,
) -> Result<HttpResponse, Error> {
    let (t, common) = (Words::of(reader.lang), Common::of(reader.lang));
    let desa = names::choices(common.choose, names::desa(reader, cache).await?);
    let kinds = names::choices(
        common.choose,
        names::codes(reader, db, CodeList::InstitutionKinds).await?,
    );
    let mut fields = vec![
        Field::new("village_code", t.village, Kind::Choice(desa)).required(),
        Field::new("kind", t.kind, Kind::Choice(kinds)).required(),
        Field::new("name", t.name, Kind::Line("off")).required().longest(200),
    ];
    fields.extend(decree_fields(reader.lang));
    let fields = fields.into_iter().map(|field| field.after(posted, &faults));
    let page = Page {
        shell: reader.shell(t.new),
        back: ("/lembaga", t.title),
        about: t.about,
        button: t.new,
        fields: fields.collect(),
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Records the institution.
pub async fn record(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    ensure_may(&reader)?;
    match apply(&reader, &db, &posted).await {
        Ok(id) => answer::see_other(&format!("/lembaga/{id}?tersimpan=1")),
        Err(error) => {
            let names = [
                "village_code",
                "kind",
                "name",
                "number",
                "issued_on",
                "starts_on",
                "ends_on",
            ];
            let faults = Faults::of(innermost(error), reader.lang, &names)?;
            page(&reader, &db, &cache, Some(&posted), faults).await
        }
    }
}

async fn apply(reader: &Reader, db: &Db, posted: &Posted) -> Result<uuid::Uuid, Error> {
    let members = ["village_code", "kind", "name"].map(Member::Text);
    let mut new: NewInstitution = posted.body(&members)?;
    let decree: NewInstitutionDecree =
        posted.body(&["number", "issued_on", "starts_on", "ends_on"].map(Member::Text))?;
    new.decrees = vec![decree];
    let created = db.write(async |tx| institutions::service::create(tx, &reader.actor, new).await);
    let (Created::New(made) | Created::Existing(made)) = created.await?;
    Ok(made.id)
}

/// Names the fields of the first decree as the form does: `#/decrees/0/starts_on` is `#/starts_on`.
fn innermost(mut error: Error) -> Error {
    for field in &mut error.errors {
        if let Some(rest) = field.pointer.strip_prefix("#/decrees/0/") {
            field.pointer = format!("#/{rest}");
        }
    }
    error
}
