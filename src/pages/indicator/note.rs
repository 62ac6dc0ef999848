//! Kendala and tindak lanjut of a quarter: the form.

use actix_web::{HttpResponse, web};
use chrono::Datelike;

use super::{Subject, Words, page};
use crate::access::Role;
use crate::access::permissions::{NotesWrite, RealisationsRead};
use crate::core::formula::Formula;
use crate::core::period::Period;
use crate::pages::answer;
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::reader::Reader;
use crate::pages::words::Common;
use crate::plan::notes;
use crate::plan::notes::dto::NewNote;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::deletion::Restoration;
use crate::platform::http::{ETag, IfMatch, PutConditions};
use crate::results::realisations::dto::PeriodNote;
use crate::results::response_cache::ResponseCache;

/// Returns the forms of the note that are open to the person: an officer writes for the indicators of the own section.
pub fn actions(
    reader: &Reader,
    formula: Formula,
    period: Period,
    note: Option<&PeriodNote>,
    t: &'static Words,
) -> Vec<Action> {
    let is_own = reader.actor.role != Role::Officer || reader.actor.ensure_section(formula.section()).is_ok();
    let has_begun = period.first_day() <= reader.today();
    if !(reader.may::<NotesWrite>() && is_own && has_begun) {
        return Vec::new();
    }
    let text = |name, label, value: Option<&String>| {
        let field = Field::new(name, label, Kind::Lines).longest(2000);
        field.value(value.cloned().unwrap_or_default())
    };
    let common = Common::of(reader.lang);
    let reason = Field::new("reason", common.reason, Kind::Line("off")).longest(300);
    let mut fields = vec![
        text("obstacles", t.obstacles, note.and_then(|note| note.obstacles.as_ref())),
        text("follow_up", t.follow_up, note.and_then(|note| note.follow_up.as_ref())),
    ];
    let is_over = period.year() < reader.today().year();
    if note.is_some() || is_over {
        fields.push(reason.clone());
    }
    let title = if note.is_some() { t.change } else { t.write };
    let write = Action::new("catat", title, fields);
    let Some(note) = note else { return vec![write] };
    let etag = ETag::at(note.recorded_at);
    let withdraw = Action::new("cabut", t.withdraw, vec![reason.required()]).danger();
    vec![write.of_version(&etag), withdraw.of_version(&etag)]
}

/// Sets the note, or withdraws it.
pub async fn change(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    path: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<RealisationsRead>()?;
    reader.require::<NotesWrite>()?;
    let subject = Subject::of(path.into_inner())?;
    match apply(&reader, &db, &subject, &posted).await {
        Ok(()) => answer::see_other(&format!("{}?tersimpan=1#catatan", subject.path())),
        Err(error) => {
            let faults = Faults::of(error, reader.lang, &["obstacles", "follow_up", "reason"])?;
            let shown = faults.clone();
            page(
                &reader,
                &cache,
                &subject,
                |action| action.after(Some(&posted), &shown),
                faults,
                false,
            )
            .await
        }
    }
}

async fn apply(reader: &Reader, db: &Db, subject: &Subject, posted: &Posted) -> Result<(), Error> {
    let (code, period) = (subject.code.as_str(), subject.period);
    if posted.text("aksi") == "cabut" {
        let reason = posted.body::<Restoration>(&[Member::Text("reason")])?.reason;
        let if_match = posted.if_match()?;
        let delete = async |tx: &_| notes::service::delete(tx, &reader.actor, code, period, &if_match, reason).await;
        return db.write(delete).await;
    }
    let members = ["obstacles", "follow_up", "reason"].map(Member::Text);
    let new: NewNote = posted.body(&members)?;
    let conditions = match IfMatch::of(posted.text("etag")) {
        Some(seen) => PutConditions::replacing(seen),
        None => PutConditions::default(),
    };
    db.write(async |tx| notes::service::put(tx, &reader.actor, code, period, conditions, new).await)
        .await?;
    Ok(())
}
