//! The audit trail: who changed what, when and why.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::field::{Field, Kind};
use super::reader::Reader;
use super::shell::{Shell, encoded};
use super::words::words;
use super::{answer, format, screen};
use crate::access::permissions::AuditRead;
use crate::audit::dto::{AuditEvent, AuditEventFilter};
use crate::audit::service;
use crate::platform::db::Db;
use crate::platform::db::journal::{Action, Resource};
use crate::platform::error::Error;
use crate::platform::text::Lang;

words! {
    struct Words {
        title: "Jejak audit" / "Audit trail",
        about: "Setiap perubahan, dengan pelaku, waktu dan alasannya. Tidak ada yang dapat diubah atau dihapus." /
            "Every change, with its author, time and reason. Nothing here can be changed or deleted.",
        who: "Pelaku" / "Author",
        what: "Perubahan" / "Change",
        record: "Catatan" / "Record",
        when: "Waktu" / "Time",
        number: "Nomor" / "Number",
        everything: "semua" / "all",
        filter: "Saring" / "Filter",
        none: "Tidak ada perubahan yang cocok." / "No change matches.",
        intake: "penerimaan jawaban" / "receipt of answers",
        answers: "jawaban" / "answers",
        version: "versi" / "version",
    }
}

/// The path of the audit trail.
pub fn configure(c: &mut web::ServiceConfig) {
    c.service(screen("/jejak").get(show).done());
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    pelaku: Option<String>,
    catatan: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "journal.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    fields: Vec<Field>,
    rows: Vec<Row>,
    next: Option<String>,
    is_first: bool,
    query: String,
}

struct Row {
    number: String,
    when: String,
    who: String,
    what: String,
    record: String,
    reason: Option<String>,
}

/// Shows the newest changes first.
pub async fn show(reader: Reader, db: web::Data<Db>, asked: web::Query<Asked>) -> Result<HttpResponse, Error> {
    reader.require::<AuditRead>()?;
    let (lang, t, asked) = (reader.lang, Words::of(reader.lang), asked.into_inner());
    let given = |text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let (actor, resource) = (given(&asked.pelaku), given(&asked.catatan));
    let filter = AuditEventFilter {
        district_code: None,
        actor: actor.clone(),
        action: None,
        resource: resource
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|_| Error::not_found())?,
        key: None,
        recorded_from: None,
        recorded_to: None,
    };
    let is_first = asked.cursor.is_none();
    let paging = reader.paging(50, asked.cursor);
    let page = db
        .read(async |tx| service::list(tx, &reader.actor, &filter, &paging).await)
        .await?;
    let choices = [(String::new(), t.everything.to_owned())].into_iter();
    let choices = choices.chain(
        Resource::ALL
            .into_iter()
            .map(|one| (one.as_str().to_owned(), name(one, lang).to_owned())),
    );
    let (actor, resource) = (actor.unwrap_or_default(), resource.unwrap_or_default());
    let page = Page {
        shell: reader.shell(t.title),
        t,
        query: format!("pelaku={}&catatan={}", encoded(&actor), encoded(&resource)),
        fields: vec![
            Field::new("pelaku", t.who, Kind::Line("off")).value(actor).longest(100),
            Field::new("catatan", t.record, Kind::Choice(choices.collect())).value(resource),
        ],
        rows: page.items.into_iter().map(|event| row(event, t, lang)).collect(),
        next: page.next_cursor,
        is_first,
    };
    answer::page(StatusCode::OK, lang, &page)
}

fn row(event: AuditEvent, t: &Words, lang: Lang) -> Row {
    let version = event.version.map(|version| format!(", {} {version}", t.version));
    let count = event.count.map(|count| format!(", {count} {}", t.answers));
    Row {
        number: format!("{}/{}", event.chain, event.seq),
        when: format::instant(event.at, lang),
        who: match event.actor.as_str() {
            "intake" => t.intake.to_owned(),
            _ => event.actor,
        },
        what: format!(
            "{}{}{}",
            done(event.action, lang),
            version.unwrap_or_default(),
            count.unwrap_or_default()
        ),
        record: format!("{} {}", name(event.resource, lang), event.key),
        reason: event.reason,
    }
}

/// Returns an action in words.
fn done(action: Action, lang: Lang) -> &'static str {
    let (id, en) = match action {
        Action::Created => ("dibuat", "created"),
        Action::Changed => ("diubah", "changed"),
        Action::Deleted => ("dicabut", "withdrawn"),
        Action::Restored => ("dipulihkan", "restored"),
        Action::Received => ("diterima", "received"),
        Action::Voided => ("dibatalkan", "voided"),
        Action::Released => ("dinyatakan dihitung", "released"),
        Action::Discarded => ("dinyatakan tidak dihitung", "discarded"),
        Action::SecretReplaced => ("rahasianya diganti", "secret replaced"),
        Action::Closed => ("ditutup", "closed"),
        Action::Loaded => ("dimuat", "loaded"),
        Action::Recorded => ("dicatat", "recorded"),
    };
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}

/// Returns what was changed in words.
fn name(resource: Resource, lang: Lang) -> &'static str {
    let (id, en) = match resource {
        Resource::Village => ("desa", "village"),
        Resource::RecordStart => ("awal pencatatan", "start of recording"),
        Resource::Decree => ("keputusan", "decree"),
        Resource::Indicator => ("indikator", "indicator"),
        Resource::Target => ("target", "target"),
        Resource::Agreement => ("perjanjian kinerja", "agreement"),
        Resource::Evidence => ("berkas bukti", "file of evidence"),
        Resource::EvidenceLink => ("bukti dukung", "evidence"),
        Resource::Note => ("kendala dan tindak lanjut", "note"),
        Resource::PastValue => ("nilai lampau", "past value"),
        Resource::ReportKind => ("jenis laporan", "report kind"),
        Resource::Report => ("laporan", "report"),
        Resource::Institution => ("lembaga", "institution"),
        Resource::Case => ("kasus", "case"),
        Resource::Survey => ("survei", "survey"),
        Resource::SurveyLink => ("tautan survei", "survey link"),
        Resource::SurveySlip => ("kupon survei", "survey slips"),
        Resource::Closing => ("penutupan", "closing"),
        Resource::ListedCode => ("daftar kode", "code list"),
        Resource::Response => ("jawaban survei", "survey answers"),
        Resource::HeldResponse => ("jawaban yang ditahan", "held answers"),
        Resource::User => ("pengguna", "user"),
        Resource::Client => ("klien", "client"),
        Resource::Enrolment => ("pendaftaran gawai", "enrolment"),
        Resource::Key => ("kunci", "key"),
        Resource::Database => ("basis data", "database"),
    };
    match lang {
        Lang::Id => id,
        Lang::En => en,
    }
}
