//! The target of one indicator and period: its agreement, its revision, its evidence and its history.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;

use ::entity::agreement as row;

use super::{Words as List, kind};
use crate::access::permissions::{TargetsRead, TargetsWrite};
use crate::core::period::Period;
use crate::evidence::record::Record;
use crate::pages::evidence::Evidence;
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format};
use crate::plan::agreements::query;
use crate::plan::indicators;
use crate::plan::indicators::dto::Indicator;
use crate::plan::targets::dto::{NewTarget, Target, TargetVersion};
use crate::plan::targets::service;
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::deletion::Restoration;
use crate::platform::http::etag::IfMatch;
use crate::platform::http::{PutConditions, Resource};
use crate::platform::text::Lang;

words! {
    struct Words {
        value: "Target" / "Target",
        value_hint: "Angka dalam satuan indikator, paling banyak dua desimal." / "A number in the unit of the indicator, with at most two decimals.",
        agreement: "Perjanjian" / "Agreement",
        no_agreement: "tanpa perjanjian" / "no agreement",
        basis: "Dasar lain" / "Another basis",
        set: "Tetapkan target" / "Set the target",
        revise: "Ubah target" / "Revise the target",
        withdraw: "Cabut target" / "Withdraw the target",
        history: "Riwayat" / "History",
        version: "Versi" / "Version",
        when: "Waktu" / "Time",
        who: "Oleh" / "By",
        removed: "dicabut" / "withdrawn",
    }
}

/// The fields of a target.
const NAMES: [&str; 4] = ["value", "agreement_id", "basis", "reason"];

#[derive(Template)]
#[template(path = "target.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    year: i32,
    name: String,
    period: String,
    /// The value with its unit.
    value: Option<String>,
    /// Path, number and kind of the agreement.
    agreement: Option<(String, String, &'static str)>,
    basis: Option<String>,
    versions: Vec<Version>,
    evidence: Option<Evidence>,
    actions: Vec<Action>,
    faults: Faults,
}

struct Version {
    version: i32,
    at: String,
    by: String,
    /// `None`: withdrawn.
    value: Option<String>,
    agreement: String,
    reason: String,
}

/// A target with what its page shows.
struct Found {
    indicator: Indicator,
    period: Period,
    target: Option<Target>,
    versions: Vec<TargetVersion>,
    agreements: Vec<row::Model>,
    evidence: Option<Evidence>,
}

async fn find(reader: &Reader, db: &Db, path: &(String, String)) -> Result<Found, Error> {
    let period = path.1.parse().ok().and_then(Period::target_period);
    let period = period.ok_or_else(Error::not_found)?;
    let (code, paging) = (path.0.as_str(), reader.paging(100, None));
    let read = db.read(async |tx| {
        let this_year = reader.today().year();
        let indicator = indicators::service::get(tx, &reader.actor, code, Some(period.year()), this_year).await?;
        let target = match service::get(tx, &reader.actor, code, period).await {
            Ok(target) => Some(target),
            Err(error) if error.code.status().as_u16() == 404 => None,
            Err(error) => return Err(error),
        };
        let versions = match service::versions(tx, &reader.actor, code, period, &paging).await {
            Ok(versions) => versions.items,
            // None was ever set.
            Err(error) if error.code.status().as_u16() == 404 => Vec::new(),
            Err(error) => return Err(error),
        };
        let agreements = query::all_of_year(tx, indicator.district_code.as_str(), period.year()).await?;
        Ok((indicator, target, versions, agreements))
    });
    let (indicator, target, versions, agreements) = read.await?;
    let record = Record::Target {
        indicator: indicator.code.to_string(),
        period,
    };
    let evidence = match target {
        Some(_) => Evidence::of(reader, db, &record).await?,
        None => None,
    };
    Ok(Found {
        indicator,
        period,
        target,
        versions,
        agreements,
        evidence,
    })
}

/// Shows a target, or that none is set.
pub async fn show(reader: Reader, db: web::Data<Db>, path: web::Path<(String, String)>) -> Result<HttpResponse, Error> {
    reader.require::<TargetsRead>()?;
    let found = find(&reader, &db, &path).await?;
    page(&reader, found, None, Faults::default())
}

fn page(reader: &Reader, found: Found, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let (lang, t, list) = (reader.lang, Words::of(reader.lang), List::of(reader.lang));
    let actions = actions(reader, &found, t).into_iter();
    let of_id: HashMap<_, _> = found.agreements.iter().map(|one| (one.id, one)).collect();
    let (unit, target) = (found.indicator.unit.as_str(), found.target.as_ref());
    let versions = found
        .versions
        .iter()
        .map(|version| version_row(version, &of_id, unit, lang));
    let agreement = target.and_then(|target| of_id.get(&target.agreement_id?));
    let name = format!("IKU {} · {}", found.indicator.number, found.indicator.name);
    let shown = Page {
        actions: actions.map(|action| action.after(posted, &faults)).collect(),
        shell: reader.shell(format!("{} {}", t.value, format::period(found.period, lang))),
        t,
        list,
        year: found.period.year(),
        name,
        period: format::period(found.period, lang),
        value: target.map(|target| format::value(target.value, unit, lang)),
        agreement: agreement.map(|one| {
            let path = format!("/target/perjanjian/{}", one.id);
            (path, one.number.clone(), kind(one, list))
        }),
        basis: target.and_then(|target| target.basis.clone()),
        versions: versions.collect(),
        evidence: found.evidence,
        faults,
    };
    answer::page(shown.faults.status(), lang, &shown)
}

fn version_row(
    version: &TargetVersion,
    agreements: &HashMap<uuid::Uuid, &row::Model>,
    unit: &str,
    lang: Lang,
) -> Version {
    let content = &version.content;
    let agreement = content.agreement_id.and_then(|id| agreements.get(&id));
    Version {
        version: version.version,
        at: format::instant(version.recorded_at, lang),
        by: version.recorded_by.clone(),
        value: (!version.deleted).then(|| format::value(content.value, unit, lang)),
        agreement: agreement
            .map(|one| one.number.clone())
            .or_else(|| content.basis.clone())
            .unwrap_or_default(),
        reason: version.reason.clone().unwrap_or_default(),
    }
}

fn actions(reader: &Reader, found: &Found, t: &'static Words) -> Vec<Action> {
    if !reader.may::<TargetsWrite>() {
        return Vec::new();
    }
    let target = found.target.as_ref();
    let reason = Field::new("reason", Common::of(reader.lang).reason, Kind::Line("off")).longest(300);
    let none = (String::new(), t.no_agreement.to_owned());
    let of_year = found
        .agreements
        .iter()
        .map(|one| (one.id.to_string(), one.number.clone()));
    let of_year = std::iter::once(none).chain(of_year).collect();
    let value = target.map(|target| format::decimal(target.value, reader.lang));
    // A new target most likely belongs to the newest agreement.
    let agreement = match target {
        Some(target) => target.agreement_id,
        None => found.agreements.last().map(|one| one.id),
    };
    let fields = vec![
        Field::new("value", t.value, Kind::Line("off"))
            .value(value.unwrap_or_default())
            .required()
            .hint(t.value_hint),
        Field::new("agreement_id", t.agreement, Kind::Choice(of_year))
            .value(agreement.map(|id| id.to_string()).unwrap_or_default()),
        Field::new("basis", t.basis, Kind::Line("off"))
            .value(target.and_then(|target| target.basis.as_deref()).unwrap_or_default())
            .longest(2000),
        reason.clone(),
    ];
    let Some(target) = target else {
        return vec![Action::new("tetapkan", t.set, fields).main()];
    };
    let etag = target.etag();
    let withdraw = Action::new("cabut", t.withdraw, vec![reason.required()]).danger();
    vec![
        Action::new("tetapkan", t.revise, fields).of_version(&etag),
        withdraw.of_version(&etag),
    ]
}

/// Sets, revises or withdraws a target.
pub async fn change(
    reader: Reader,
    db: web::Data<Db>,
    path: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<TargetsWrite>()?;
    let found = find(&reader, &db, &path).await?;
    match apply(&reader, &db, &found, &posted).await {
        Ok(()) => answer::see_other(&format!("/target?tahun={}&tersimpan=1", found.period.year())),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &NAMES)?;
            page(&reader, found, Some(&posted), faults)
        }
    }
}

async fn apply(reader: &Reader, db: &Db, found: &Found, posted: &Posted) -> Result<(), Error> {
    let (actor, code, period) = (&reader.actor, found.indicator.code.as_str(), found.period);
    match posted.text("aksi") {
        "tetapkan" => {
            let members = [
                Member::Decimal("value"),
                Member::Text("agreement_id"),
                Member::Text("basis"),
                Member::Text("reason"),
            ];
            let new: NewTarget = posted.body(&members)?;
            let conditions = match IfMatch::of(posted.text("etag")) {
                Some(seen) => PutConditions::replacing(seen),
                None => PutConditions::default(),
            };
            db.write(async |tx| service::put(tx, actor, code, period, conditions, new).await)
                .await?;
        }
        "cabut" => {
            let reason = posted.body::<Restoration>(&[Member::Text("reason")])?.reason;
            let seen = posted.if_match()?;
            db.write(async |tx| service::delete(tx, actor, code, period, &seen, reason).await)
                .await?;
        }
        _ => return Err(Error::new(Code::BadRequest)),
    }
    Ok(())
}
