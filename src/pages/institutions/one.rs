//! One institution: its decrees, its renewal, corrections, and its history.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{Words as Register, mark, may_write};
use crate::access::permissions::{InstitutionsRead, InstitutionsWrite};
use crate::evidence::record::Record;
use crate::facts::institutions::decree_dto::{InstitutionDecreePatch, NewInstitutionDecree};
use crate::facts::institutions::dto::{Institution, InstitutionPatch, InstitutionVersion};
use crate::facts::institutions::{decree_service, service};
use crate::pages::evidence::Evidence;
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format, names};
use crate::plan::code_lists::CodeList;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::Resource;
use crate::platform::http::deletion::Restoration;
use crate::platform::text::Lang;
use crate::results::response_cache::ResponseCache;

words! {
    pub(super) struct Words {
        number: "Nomor keputusan" / "Number of the decree",
        issued: "Ditetapkan pada" / "Issued on",
        starts: "Mulai berlaku" / "First day in force",
        ends: "Berakhir pada" / "Last day in force",
        ends_hint: "Kosongkan bila keputusan tidak menyebutnya: lima tahun." / "Leave it empty if the decree does not say: five years.",
        decrees: "Keputusan Kepala Desa" / "Village decrees",
        revoked: "Dicabut sejak" / "Revoked since",
        renew: "Perpanjang dengan keputusan baru" / "Renew with a new decree",
        correct: "Perbaiki nama" / "Correct the name",
        revoke: "Cabut keputusan" / "Revoke a decree",
        which: "Keputusan" / "Decree",
        revoked_hint: "Hari pertama keputusan ini tidak berlaku lagi." / "The first day on which the decree is no longer in force.",
        withdraw: "Hapus dari register" / "Remove from the register",
        history: "Riwayat" / "History",
        version: "Versi" / "Version",
        when: "Waktu" / "Time",
        who: "Oleh" / "By",
        what: "Isi" / "Content",
        removed: "dihapus" / "removed",
        recorded: "Dicatat" / "Recorded",
    }
}

/// Returns the fields of a decree.
pub(super) fn decree_fields(lang: Lang) -> Vec<Field> {
    let t = Words::of(lang);
    vec![
        Field::new("number", t.number, Kind::Line("off"))
            .required()
            .longest(200),
        Field::new("issued_on", t.issued, Kind::Date).required(),
        Field::new("starts_on", t.starts, Kind::Date).required(),
        Field::new("ends_on", t.ends, Kind::Date).hint(t.ends_hint),
    ]
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    tersimpan: Option<String>,
}

#[derive(Template)]
#[template(path = "institution.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    register: &'static Register,
    lang: Lang,
    institution: Institution,
    village: String,
    kind: String,
    mark: Mark,
    versions: Vec<InstitutionVersion>,
    /// Of each decree.
    evidence: Vec<Evidence>,
    actions: Vec<Action>,
    faults: Faults,
    is_saved: bool,
}

impl Page {
    fn day(&self, date: &NaiveDate) -> String {
        format::day(*date, self.lang)
    }

    fn instant(&self, at: &DateTime<Utc>) -> String {
        format::instant(*at, self.lang)
    }
}

/// What the page reads.
struct Found {
    institution: Institution,
    versions: Vec<InstitutionVersion>,
    village: String,
    kind: String,
    evidence: Vec<Evidence>,
}

async fn find(reader: &Reader, db: &Db, cache: &ResponseCache, id: &str) -> Result<Found, Error> {
    reader.require::<InstitutionsRead>()?;
    let id: Uuid = id.parse().map_err(|_| Error::not_found())?;
    let paging = reader.paging(100, None);
    let read = db.read(async |tx| {
        let institution = service::get(tx, &reader.actor, id).await?;
        Ok((
            institution,
            service::versions(tx, &reader.actor, id, &paging).await?.items,
        ))
    });
    let (institution, versions) = read.await?;
    let kinds = names::codes(reader, db, CodeList::InstitutionKinds).await?;
    let villages = names::villages(reader, cache).await?;
    let mut evidence = Vec::new();
    for decree in &institution.decrees {
        let record = Record::InstitutionDecree {
            institution: id,
            decree: decree.id,
        };
        let of_decree = Evidence::of(reader, db, &record).await?;
        evidence.extend(of_decree.map(|found| found.about(&decree.number)));
    }
    let code = institution.village_code.as_str();
    Ok(Found {
        evidence,
        village: villages.get(code).cloned().unwrap_or_else(|| code.to_owned()),
        kind: names::of(&kinds, institution.kind.as_str()).to_owned(),
        institution,
        versions,
    })
}

/// Shows an institution.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let found = find(&reader, &db, &cache, &id).await?;
    page(&reader, found, None, Faults::default(), asked.tersimpan.is_some())
}

fn page(
    reader: &Reader,
    found: Found,
    posted: Option<&Posted>,
    faults: Faults,
    is_saved: bool,
) -> Result<HttpResponse, Error> {
    let t = Words::of(reader.lang);
    let actions = actions(reader, &found.institution, t)
        .into_iter()
        .map(|action| action.after(posted, &faults));
    let page = Page {
        shell: reader.shell(format!("{} · {}", found.institution.name, found.village)),
        t,
        register: Register::of(reader.lang),
        lang: reader.lang,
        actions: actions.collect(),
        mark: mark(&found.institution, reader.today(), reader.lang),
        institution: found.institution,
        village: found.village,
        kind: found.kind,
        versions: found.versions,
        evidence: found.evidence,
        faults,
        is_saved,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

fn actions(reader: &Reader, institution: &Institution, t: &'static Words) -> Vec<Action> {
    if !may_write(reader) {
        return Vec::new();
    }
    let register = Register::of(reader.lang);
    let reason = || Field::new("reason", Common::of(reader.lang).reason, Kind::Line("off")).longest(300);
    let name = Field::new("name", register.name, Kind::Line("off")).value(&institution.name);
    let decrees = institution.decrees.iter().filter(|decree| decree.revoked_on.is_none());
    let decrees: Vec<_> = decrees
        .map(|decree| (decree.id.to_string(), decree.number.clone()))
        .collect();
    let needs_renewal = mark(institution, reader.today(), reader.lang).class != "good";
    let renew = Action::new("perpanjang", t.renew, decree_fields(reader.lang));
    let mut actions = vec![if needs_renewal { renew.main() } else { renew }];
    actions.push(Action::new(
        "perbaiki",
        t.correct,
        vec![name.required().longest(200), reason()],
    ));
    if !decrees.is_empty() {
        let which = Field::new("decree_id", t.which, Kind::Choice(decrees)).required();
        let day = Field::new("revoked_on", t.revoked, Kind::Date)
            .hint(t.revoked_hint)
            .required();
        actions.push(Action::new("cabut", t.revoke, vec![which, day, reason()]).danger());
    }
    actions.push(Action::new("hapus", t.withdraw, vec![reason().required()]).danger());
    let etag = institution.etag();
    actions.into_iter().map(|action| action.of_version(&etag)).collect()
}

/// Renews, corrects or removes an institution, or revokes one of its decrees.
pub async fn change(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    id: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<InstitutionsWrite>()?;
    let found = find(&reader, &db, &cache, &id).await?;
    let id = found.institution.id;
    match apply(&reader, &db, id, &posted).await {
        Ok(()) if posted.text("aksi") == "hapus" => answer::see_other("/lembaga?tersimpan=1"),
        Ok(()) => answer::see_other(&format!("/lembaga/{id}?tersimpan=1")),
        Err(error) => {
            let names = [
                "number",
                "issued_on",
                "starts_on",
                "ends_on",
                "name",
                "decree_id",
                "revoked_on",
                "reason",
            ];
            let faults = Faults::of(error, reader.lang, &names)?;
            page(&reader, found, Some(&posted), faults, false)
        }
    }
}

async fn apply(reader: &Reader, db: &Db, id: Uuid, posted: &Posted) -> Result<(), Error> {
    let (actor, text) = (&reader.actor, Member::Text);
    match posted.text("aksi") {
        "perpanjang" => {
            let decree: NewInstitutionDecree =
                posted.body(&[text("number"), text("issued_on"), text("starts_on"), text("ends_on")])?;
            db.write(async |tx| decree_service::renew(tx, actor, id, decree).await)
                .await?;
        }
        "perbaiki" => {
            let (seen, patch) = (
                posted.if_match()?,
                posted.patch::<InstitutionPatch>(&[text("name"), text("reason")])?,
            );
            db.write(async |tx| service::patch(tx, actor, id, &seen, patch).await)
                .await?;
        }
        "cabut" => {
            let decree: Uuid = posted.text("decree_id").parse().map_err(|_| Error::not_found())?;
            let members = [text("revoked_on"), text("reason")];
            let (seen, patch) = (posted.if_match()?, posted.patch::<InstitutionDecreePatch>(&members)?);
            db.write(async |tx| decree_service::patch(tx, actor, (id, decree), &seen, patch).await)
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
