//! One owed report: what is recorded of it, and the forms that record, correct, accept, return and withdraw it.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{back_to, id_of, mark_of, may_record};
use crate::access::permissions::{ReportsCheck, ReportsRead, ReportsWrite};
use crate::core::obligation::{ReportFlag, ReportStatus};
use crate::evidence::record::Record;
use crate::facts::reports;
use crate::facts::reports::dto::{NewReport, Report, ReportPatch, ReportVersion};
use crate::pages::evidence::Evidence;
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format};
use crate::plan::report_kinds;
use crate::plan::report_kinds::dto::ReportKind;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::deletion::Restoration;
use crate::platform::http::{Resource, Slug, VillageCode};
use crate::platform::text::Lang;
use crate::results::completeness;
use crate::results::completeness::dto::{CompletenessCell, CompletenessFilter};
use crate::results::facts::FactReader;
use crate::results::response_cache::ResponseCache;

words! {
    struct Words {
        all: "Semua laporan" / "All reports",
        fiscal_year: "Tahun anggaran" / "Fiscal year",
        due: "Tenggat" / "Due",
        delivered: "Diterima kecamatan" / "Received by the district",
        delivered_hint: "Tanggal laporan ini sampai di kecamatan." / "The day on which the report reached the district.",
        status: "Status" / "Status",
        note: "Catatan" / "Note",
        doubt: "Perlu dilihat lagi" / "Worth another look",
        recorded: "Dicatat" / "Recorded",
        received: "Diterima" / "Received",
        accepted: "Diperiksa dan lengkap" / "Checked and complete",
        returned: "Dikembalikan ke desa" / "Returned to the village",
        record: "Catat laporan" / "Record the report",
        again: "Catat diterima kembali" / "Record that it came back",
        accept: "Nyatakan lengkap" / "Accept as complete",
        give_back: "Kembalikan ke desa" / "Return to the village",
        correct: "Perbaiki catatan" / "Correct the record",
        withdraw: "Cabut catatan" / "Withdraw the record",
        early: "Disampaikan sebelum tahun anggarannya berakhir." / "Delivered before its fiscal year had ended.",
        far: "Tahun anggarannya jauh dari tanggal penyampaian." / "Its fiscal year is far from the day of delivery.",
        history: "Riwayat" / "History",
        version: "Versi" / "Version",
        when: "Waktu" / "Time",
        who: "Oleh" / "By",
        what: "Isi" / "Content",
        withdrawn: "dicabut" / "withdrawn",
        legal_basis: "Dasar" / "Legal basis",
        unconfirmed: "Jenis laporan ini belum dipastikan kecamatan." / "The office has not confirmed this kind of report.",
    }
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    lang: Lang,
    village: String,
    kind: ReportKind,
    cell: CompletenessCell,
    year: i32,
    mark: Mark,
    report: Option<Report>,
    versions: Vec<ReportVersion>,
    evidence: Option<Evidence>,
    faults: Faults,
    actions: Vec<Action>,
}

impl Page {
    fn status(&self, status: &ReportStatus) -> &'static str {
        match status {
            ReportStatus::Received => self.t.received,
            ReportStatus::Accepted => self.t.accepted,
            ReportStatus::Returned => self.t.returned,
        }
    }

    fn flag(&self, flag: &ReportFlag) -> &'static str {
        match flag {
            ReportFlag::BeforeFiscalYearEnd => self.t.early,
            ReportFlag::FiscalYearFar => self.t.far,
        }
    }

    fn day(&self, date: &NaiveDate) -> String {
        format::day(*date, self.lang)
    }

    fn instant(&self, at: &DateTime<Utc>) -> String {
        format::instant(*at, self.lang)
    }
}

/// The path of a cell.
type Key = (String, String, i32);

/// An owed report.
struct Owed {
    village_code: VillageCode,
    village: String,
    kind: ReportKind,
    cell: CompletenessCell,
    /// The year in which it falls due.
    year: i32,
    report: Option<Report>,
    versions: Vec<ReportVersion>,
    evidence: Option<Evidence>,
}

/// Reads an owed report; 404 if nobody owes it.
async fn find(reader: &Reader, db: &Db, cache: &ResponseCache, key: &Key) -> Result<Owed, Error> {
    let code: VillageCode = key.0.parse().map_err(|_| Error::not_found())?;
    let kind: Slug = key.1.parse().map_err(|_| Error::not_found())?;
    let fiscal_year = key.2;
    reader.actor.ensure_can_see(code.district())?;
    // It falls due in its fiscal year, or in the next one.
    for year in [fiscal_year, fiscal_year.saturating_add(1)] {
        let filter = CompletenessFilter {
            district_code: None,
            village_code: Some(code.clone()),
            year: Some(year),
            group: None,
        };
        let query = reader.query();
        let read = async |facts: FactReader<'_>| completeness::service::get(facts, &query, &filter).await;
        let of_village = cache.compute_for_page(&query, read).await?.villages.into_iter().next();
        let Some(of_village) = of_village else { continue };
        let mut cells = of_village.cells.into_iter();
        let Some(cell) = cells.find(|cell| cell.kind == kind && cell.fiscal_year == fiscal_year) else {
            continue;
        };
        let paging = reader.paging(100, None);
        let read = db.read(async |tx| {
            let kind = report_kinds::service::get(tx, &kind, Some(year), year).await?;
            let Some(id) = cell.report_id else {
                return Ok((kind, None, Vec::new()));
            };
            let report = reports::service::get(tx, &reader.actor, id).await?;
            let versions = reports::service::versions(tx, &reader.actor, id, &paging).await?;
            Ok((kind, Some(report), versions.items))
        });
        let (kind, report, versions) = read.await?;
        let evidence = match &report {
            Some(report) => Evidence::of(reader, db, &Record::Report(report.id)).await?,
            None => None,
        };
        return Ok(Owed {
            village_code: code,
            village: of_village.name,
            kind,
            cell,
            year,
            report,
            versions,
            evidence,
        });
    }
    Err(Error::not_found())
}

/// Shows an owed report.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    key: web::Path<Key>,
) -> Result<HttpResponse, Error> {
    reader.require::<ReportsRead>()?;
    let owed = find(&reader, &db, &cache, &key).await?;
    page(&reader, owed, None, Faults::default())
}

fn page(reader: &Reader, owed: Owed, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let t = Words::of(reader.lang);
    let actions = actions(reader, &owed, t)
        .into_iter()
        .map(|action| action.after(posted, &faults));
    let actions = actions.collect();
    let page = Page {
        shell: reader.shell(format!("{} · {}", owed.village, owed.kind.code)),
        t,
        lang: reader.lang,
        mark: mark_of(&owed.cell, reader.lang),
        village: owed.village,
        kind: owed.kind,
        cell: owed.cell,
        year: owed.year,
        report: owed.report,
        versions: owed.versions,
        evidence: owed.evidence,
        actions,
        faults,
    };
    answer::page(page.faults.status(), reader.lang, &page)
}

/// Returns the forms that are open to the person, the next step first.
fn actions(reader: &Reader, owed: &Owed, t: &'static Words) -> Vec<Action> {
    let (may_write, may_check) = (may_record(reader, owed.kind.group), reader.may::<ReportsCheck>());
    let today = reader.today().to_string();
    let day = |value: &str| {
        Field::new("delivered_on", t.delivered, Kind::Date)
            .value(value)
            .required()
    };
    let note = |value: Option<&str>| {
        Field::new("note", t.note, Kind::Lines)
            .value(value.unwrap_or_default())
            .longest(2000)
    };
    let reason = || Field::new("reason", Common::of(reader.lang).reason, Kind::Line("off")).longest(300);
    let Some(report) = &owed.report else {
        let fields = vec![day(&today).hint(t.delivered_hint), note(None)];
        return match may_write {
            true => vec![Action::new("catat", t.record, fields).main()],
            false => Vec::new(),
        };
    };
    let etag = report.etag();
    let mut actions = Vec::new();
    if may_write && report.status == ReportStatus::Returned {
        let fields = vec![day(&today).hint(t.delivered_hint), note(report.note.as_deref())];
        actions.push(Action::new("lagi", t.again, fields).main());
    }
    if (may_write || may_check) && report.status == ReportStatus::Received {
        actions.push(Action::new("terima", t.accept, Vec::new()).main());
    }
    if (may_write || may_check) && report.status != ReportStatus::Returned {
        actions.push(Action::new("kembalikan", t.give_back, vec![reason().required()]));
    }
    if may_write {
        let delivered = report.delivered_on.to_string();
        let fields = vec![day(&delivered), note(report.note.as_deref()), reason()];
        actions.push(Action::new("perbaiki", t.correct, fields));
        actions.push(Action::new("cabut", t.withdraw, vec![reason().required()]).danger());
    }
    actions.into_iter().map(|action| action.of_version(&etag)).collect()
}

/// Records, corrects, accepts, returns or withdraws a report.
pub async fn change(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    key: web::Path<Key>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<ReportsRead>()?;
    let owed = find(&reader, &db, &cache, &key).await?;
    match apply(&reader, &db, &owed, posted.clone()).await {
        Ok(()) => {
            let id = id_of(
                owed.village_code.as_str(),
                owed.kind.code.as_str(),
                owed.cell.fiscal_year,
            );
            answer::see_other(&back_to(owed.year, &id))
        }
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &["delivered_on", "note", "reason"])?;
            page(&reader, owed, Some(&posted), faults)
        }
    }
}

async fn apply(reader: &Reader, db: &Db, owed: &Owed, mut posted: Posted) -> Result<(), Error> {
    const REASON: Member = Member::Text("reason");
    let (day, note) = (Member::Text("delivered_on"), Member::OrNull("note"));
    let action = posted.text("aksi").to_owned();
    let Some(report) = owed.report.as_ref() else {
        reader.require::<ReportsWrite>()?;
        if action != "catat" {
            return Err(Error::new(Code::BadRequest));
        }
        posted.set("village_code", &owed.village_code);
        posted.set("kind", &owed.kind.code);
        posted.set("fiscal_year", owed.cell.fiscal_year);
        let (village, kind, year) = (
            Member::Text("village_code"),
            Member::Text("kind"),
            Member::Number("fiscal_year"),
        );
        let new: NewReport = posted.body(&[village, kind, year, day, Member::Text("note")])?;
        db.write(async |tx| reports::service::create(tx, &reader.actor, new).await)
            .await?;
        return Ok(());
    };
    if !reader.may::<ReportsCheck>() {
        reader.require::<ReportsWrite>()?;
    }
    let status = match action.as_str() {
        "cabut" => return withdraw(reader, db, report.id, &posted).await,
        "lagi" => Some(ReportStatus::Received),
        "terima" => Some(ReportStatus::Accepted),
        "kembalikan" => Some(ReportStatus::Returned),
        "perbaiki" => None,
        _ => return Err(Error::new(Code::BadRequest)),
    };
    let mut members = vec![REASON];
    if matches!(action.as_str(), "lagi" | "perbaiki") {
        members.extend([day, note]);
    }
    if let Some(status) = status {
        posted.set("status", status);
        members.push(Member::Text("status"));
    }
    if action == "kembalikan" {
        // Why a report goes back is what the village asks first.
        posted.body::<Restoration>(&[REASON])?;
    }
    let (if_match, patch) = (posted.if_match()?, posted.patch::<ReportPatch>(&members)?);
    db.write(async |tx| reports::service::patch(tx, &reader.actor, report.id, &if_match, patch).await)
        .await?;
    Ok(())
}

async fn withdraw(reader: &Reader, db: &Db, id: Uuid, posted: &Posted) -> Result<(), Error> {
    reader.require::<ReportsWrite>()?;
    let reason = posted.body::<Restoration>(&[Member::Text("reason")])?.reason;
    let if_match = posted.if_match()?;
    db.write(async |tx| reports::service::delete(tx, &reader.actor, id, &if_match, reason).await)
        .await
}
