//! One agreement: who signed it, what it revises, corrections and its history.

use actix_web::{HttpResponse, web};
use askama::Template;
use uuid::Uuid;

use super::{AGREEMENT, PARTIES, Words as List, agreement_fields};
use crate::access::permissions::{TargetsRead, TargetsWrite};
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format};
use crate::plan::agreements::dto::{Agreement, AgreementKind, AgreementPatch, AgreementVersion};
use crate::plan::agreements::{query, service};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::Resource;
use crate::platform::http::deletion::Restoration;
use crate::platform::text::Lang;

words! {
    struct Words {
        correct: "Perbaiki catatan" / "Correct the record",
        delete: "Hapus perjanjian" / "Delete the agreement",
        history: "Riwayat" / "History",
        version: "Versi" / "Version",
        when: "Waktu" / "Time",
        who: "Oleh" / "By",
        what: "Isi" / "Content",
        removed: "dihapus" / "removed",
    }
}

#[derive(Template)]
#[template(path = "agreement.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    lang: Lang,
    agreement: Agreement,
    kind: &'static str,
    /// Path and number of the agreement that it revises.
    revises: Option<(String, String)>,
    versions: Vec<AgreementVersion>,
    actions: Vec<Action>,
    faults: Faults,
}

impl Page {
    fn day(&self, date: &chrono::NaiveDate) -> String {
        format::day(*date, self.lang)
    }

    fn instant(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        format::instant(*at, self.lang)
    }
}

/// An agreement with what its page shows.
struct Found {
    agreement: Agreement,
    revises: Option<(String, String)>,
    versions: Vec<AgreementVersion>,
}

async fn find(reader: &Reader, db: &Db, id: &str) -> Result<Found, Error> {
    let id: Uuid = id.parse().map_err(|_| Error::not_found())?;
    let paging = reader.paging(100, None);
    db.read(async |tx| {
        let agreement = service::get(tx, &reader.actor, id).await?;
        let revises = match agreement.revises {
            Some(other) => query::of_year(tx, other, agreement.district_code.as_str(), agreement.fiscal_year).await?,
            None => None,
        };
        Ok(Found {
            versions: service::versions(tx, &reader.actor, id, &paging).await?.items,
            revises: revises.map(|other| (format!("/target/perjanjian/{}", other.id), other.number)),
            agreement,
        })
    })
    .await
}

/// Shows an agreement.
pub async fn show(reader: Reader, db: web::Data<Db>, id: web::Path<String>) -> Result<HttpResponse, Error> {
    reader.require::<TargetsRead>()?;
    let found = find(&reader, &db, &id).await?;
    page(&reader, found, None, Faults::default())
}

fn page(reader: &Reader, found: Found, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let (t, list) = (Words::of(reader.lang), List::of(reader.lang));
    let actions = actions(reader, &found.agreement, t).into_iter();
    let page = Page {
        actions: actions.map(|action| action.after(posted, &faults)).collect(),
        shell: reader.shell(format!("{} {}", list.agreements, found.agreement.number)),
        t,
        list,
        lang: reader.lang,
        kind: match found.agreement.kind {
            AgreementKind::Murni => list.original,
            AgreementKind::Perubahan => list.revision,
        },
        agreement: found.agreement,
        revises: found.revises,
        versions: found.versions,
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

fn actions(reader: &Reader, agreement: &Agreement, t: &'static Words) -> Vec<Action> {
    if !reader.may::<TargetsWrite>() {
        return Vec::new();
    }
    let reason = || Field::new("reason", Common::of(reader.lang).reason, Kind::Line("off")).longest(300);
    // What it revises is fixed.
    let fields = agreement_fields(&[], reader.lang);
    let fields = fields.into_iter().filter(|field| field.name != "revises").map(|field| {
        let value = match field.name {
            "number" => agreement.number.clone(),
            "signed_on" => agreement.signed_on.to_string(),
            "first_party" => agreement.first_party.name.clone(),
            "first_party_office" => agreement.first_party.office.clone(),
            "second_party" => agreement.second_party.name.clone(),
            _ => agreement.second_party.office.clone(),
        };
        field.value(value)
    });
    let etag = agreement.etag();
    let correct = Action::new("perbaiki", t.correct, fields.chain([reason()]).collect());
    let delete = Action::new("hapus", t.delete, vec![reason().required()]).danger();
    vec![correct.of_version(&etag), delete.of_version(&etag)]
}

/// Corrects or deletes an agreement.
pub async fn change(
    reader: Reader,
    db: web::Data<Db>,
    id: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<TargetsWrite>()?;
    let found = find(&reader, &db, &id).await?;
    let back = format!("/target?tahun={}&tersimpan=1", found.agreement.fiscal_year);
    match apply(&reader, &db, found.agreement.id, &posted).await {
        Ok(()) => answer::see_other(&back),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &AGREEMENT)?;
            page(&reader, found, Some(&posted), faults)
        }
    }
}

async fn apply(reader: &Reader, db: &Db, id: Uuid, posted: &Posted) -> Result<(), Error> {
    let (actor, text) = (&reader.actor, Member::Text);
    match posted.text("aksi") {
        "perbaiki" => {
            let [first, second] = PARTIES;
            let members = [text("number"), text("signed_on"), first, second, text("reason")];
            let (seen, patch) = (posted.if_match()?, posted.patch::<AgreementPatch>(&members)?);
            db.write(async |tx| service::patch(tx, actor, id, &seen, patch).await)
                .await?;
        }
        "hapus" => {
            let reason = posted.body::<Restoration>(&[text("reason")])?.reason;
            let seen = posted.if_match()?;
            db.write(async |tx| service::delete(tx, actor, id, &seen, reason).await)
                .await?;
        }
        _ => return Err(Error::new(Code::BadRequest)),
    }
    Ok(())
}
