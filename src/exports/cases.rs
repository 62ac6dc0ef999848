//! The register of public-order cases: a row for each event, and one for a case without an event.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::public_case::{Column as C, Entity as Cases};

use super::dto::CasesFilter;
use super::table::{Cell, Row, Table, word, words};
use super::walk::walk;
use super::{Export, Register, Source};
use crate::core::civil;
use crate::facts::cases::dto::Case;
use crate::facts::cases::event::CaseEvent;
use crate::facts::cases::query::with_events;
use crate::platform::db::ReadTx;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;

const COLUMNS: [&str; 20] = [
    "id",
    "district_code",
    "village_code",
    "village_name",
    "category",
    "occurred_at",
    "occurred_precision",
    "summary",
    "status",
    "flags",
    "event_id",
    "event_kind",
    "event_at",
    "event_note",
    "referred_to",
    "receipt",
    "receipt_missing",
    "withdrawn_by",
    "recorded_at",
    "recorded_by",
];

pub async fn export(source: &Source<'_>, filter: &CasesFilter) -> Result<Export, Error> {
    let Register { district, at, names } = source.register(filter.district_code.as_ref()).await?;
    let query = Cases::find()
        .filter(known_at::<Cases>(Some(at)))
        .filter(C::DistrictCode.eq(district.as_str()))
        .apply_if(filter.year, |q, year| {
            q.filter(C::OccurredOn.between(civil::day(year, 1, 1), civil::day(year, 12, 31)))
        });
    let keyset = Keyset::ascending(vec![C::OccurredOn, C::OccurredAt, C::Id]);
    let parts = walk(source.db.clone(), query, keyset, async move |tx: &ReadTx, rows| {
        let mut lines = Vec::new();
        for (row, events) in with_events(tx, rows).await? {
            let case = Case::new(row, events)?;
            let name = case.village_code.as_ref().and_then(|code| names.get(code.as_str()));
            lines.extend(rows_of(case, name)?);
        }
        Ok(lines)
    });
    let year = filter.year.map(|year| format!("-{year}")).unwrap_or_default();
    Ok(Export {
        name: format!("gangguan-{district}{year}"),
        at,
        tables: vec![Table::new("Gangguan", COLUMNS, parts)],
    })
}

fn rows_of(case: Case, village_name: Option<&String>) -> Result<Vec<Row>, Error> {
    let Case {
        id,
        district_code,
        village_code,
        category,
        occurred_at,
        occurred_precision,
        summary,
        status,
        events,
        flags,
        recorded_at,
        recorded_by,
        deletion: _,
    } = case;
    let start: [Cell; 10] = [
        id.into(),
        district_code.as_str().into(),
        village_code.as_ref().map(|code| code.as_str()).into(),
        village_name.cloned().into(),
        category.as_str().into(),
        occurred_at.into(),
        word(occurred_precision)?,
        summary.into(),
        word(status)?,
        words(flags)?,
    ];
    let row = |event: [Cell; 8]| {
        let end: [Cell; 2] = [recorded_at.into(), recorded_by.as_str().into()];
        start.iter().cloned().chain(event).chain(end).collect()
    };
    if events.is_empty() {
        return Ok(vec![row([const { Cell::Empty }; 8])]);
    }
    events.into_iter().map(|event| Ok(row(cells(event)?))).collect()
}

fn cells(event: CaseEvent) -> Result<[Cell; 8], Error> {
    let CaseEvent {
        id,
        kind,
        at,
        note,
        referred_to,
        receipt,
        receipt_missing,
        withdrawn_by,
        recorded_at: _,
        recorded_by: _,
    } = event;
    Ok([
        id.into(),
        word(kind)?,
        at.into(),
        note.into(),
        referred_to.into(),
        receipt.into(),
        receipt_missing.to_string().into(),
        withdrawn_by.into(),
    ])
}
