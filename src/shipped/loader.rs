//! Writes the shipped data into the database, once. Existing rows do not change.
//!
//! Shipped rows carry 1970-01-01 as their instant, so they count as always known.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter,
};

use ::entity::{
    case_category, decree, district, indicator, institution_kind, listed_code, questionnaire, record_start,
    report_kind, village,
};

use crate::platform::db::journal::{Action, Author, Event, content};
use crate::platform::db::{Versioned, WriteTx, stamps};
use crate::platform::error::Error;

const LOADED_BY: &str = "iku";
const ALWAYS: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// The part of Kabupaten Balangan that an installation serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Kecamatan Paringin, whose decree ships.
    Paringin,
    /// All 8 districts and 157 villages.
    Regency,
}

/// Inserts the missing rows. Every start calls it.
pub async fn load(tx: &WriteTx, extent: Extent) -> Result<(), Error> {
    let served = |code: &str| extent == Extent::Regency || code == super::decree().district_code;
    let districts: Vec<_> = super::districts().iter().filter(|d| served(&d.code)).collect();
    let served_districts = districts.iter().map(|d| district::Model {
        code: d.code.clone(),
        name: d.name.clone(),
    });
    missing::<district::Entity>(tx, served_districts).await?;
    stamps::initialise(tx, districts.iter().map(|d| d.code.as_str())).await?;
    records::<record_start::Entity>(tx, districts.iter().map(|d| record_start_row(&d.code))).await?;
    let villages = super::villages().iter().filter(|v| served(&v.district_code));
    records::<village::Entity>(tx, villages.map(village_row)).await?;
    records::<decree::Entity>(tx, [decree_row()?]).await?;
    records::<indicator::Entity>(tx, super::indicators().iter().map(indicator_row)).await?;
    records::<report_kind::Entity>(tx, super::report_kinds().iter().map(report_kind_row)).await?;
    let codes = |named: &'static [super::NamedCode]| named.iter().map(|named| named.code.clone());
    let kinds = codes(super::institution_kinds()).map(|code| institution_kind::Model { code });
    missing::<institution_kind::Entity>(tx, kinds).await?;
    let categories = codes(super::case_categories()).map(|code| case_category::Model { code });
    missing::<case_category::Entity>(tx, categories).await?;
    let lists = code_lists();
    let listed = lists.iter().flat_map(|(list, codes)| {
        let positions = 1..;
        positions
            .zip(codes.iter())
            .map(|(position, named)| listed_code_row(list, position, named))
    });
    records::<listed_code::Entity>(tx, listed).await?;
    let forms = super::questionnaires()
        .iter()
        .map(questionnaire_row)
        .collect::<Result<Vec<_>, _>>()?;
    missing::<questionnaire::Entity>(tx, forms).await
}

/// Inserts the records whose first version does not exist yet, and notes each in the journal.
async fn records<E: Versioned>(tx: &WriteTx, rows: impl IntoIterator<Item = E::Model>) -> Result<(), Error> {
    let rows: Vec<E::Model> = rows.into_iter().collect();
    let first = E::find().filter(E::VERSION.eq(1));
    let stored = first.filter(E::KEY[0].is_in(rows.iter().map(|row| row.get(E::KEY[0]))));
    let key = |row: &E::Model| content::key_text(row, E::KEY);
    let stored: HashSet<String> = stored.all(tx).await?.iter().map(key).collect();
    let new: Vec<E::Model> = rows.into_iter().filter(|row| !stored.contains(&key(row))).collect();
    let operator = Author::service(LOADED_BY);
    for row in &new {
        let event = Event::new(
            E::district(row),
            tx.clock().now(),
            Action::Loaded,
            E::RESOURCE,
            key(row),
        );
        tx.note(
            &operator,
            Event {
                version: Some(1),
                years: E::years(row),
                content: vec![content::row_text(row)],
                ..event
            },
        );
    }
    insert(tx, new).await
}

/// Inserts the rows whose key does not exist yet.
async fn missing<E>(tx: &WriteTx, rows: impl IntoIterator<Item = E::Model>) -> Result<(), Error>
where
    E: EntityTrait<Model: IntoActiveModel<E::ActiveModel> + Sync, ActiveModel: Send>,
{
    let keys: Vec<E::Column> = E::PrimaryKey::iter().map(|key| key.into_column()).collect();
    let key = |row: &E::Model| content::key_text(row, &keys);
    let stored: HashSet<String> = E::find().all(tx).await?.iter().map(key).collect();
    let new = rows.into_iter().filter(|row| !stored.contains(&key(row)));
    insert(tx, new.collect()).await
}

/// Another instance may insert the same rows at the same time: then its rows stay.
async fn insert<M, A>(tx: &WriteTx, rows: Vec<M>) -> Result<(), Error>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
    A::Entity: EntityTrait<ActiveModel = A>,
{
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    <A::Entity as EntityTrait>::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The code lists with their names in the database.
fn code_lists() -> Vec<(&'static str, &'static [super::NamedCode])> {
    let mut lists = vec![
        ("institution-kinds", super::institution_kinds()),
        ("case-categories", super::case_categories()),
        ("services", super::services()),
    ];
    for form in super::questionnaires() {
        let super::Profile {
            gender,
            education,
            occupation,
        } = &form.profile;
        lists.extend([
            ("gender", &gender[..]),
            ("education", education),
            ("occupation", occupation),
        ]);
    }
    lists
}

fn listed_code_row(list: &str, position: i32, named: &super::NamedCode) -> listed_code::Model {
    listed_code::Model {
        list: list.to_owned(),
        code: named.code.clone(),
        version: 1,
        recorded_at: ALWAYS,
        recorded_by: LOADED_BY.to_owned(),
        position,
        name: named.name.clone(),
        shipped: true,
        ..Default::default()
    }
}

/// The office has not said yet from which year it records.
fn record_start_row(district: &str) -> record_start::Model {
    record_start::Model {
        district_code: district.to_owned(),
        version: 1,
        recorded_at: ALWAYS,
        recorded_by: LOADED_BY.to_owned(),
        ..Default::default()
    }
}

fn village_row(v: &super::Village) -> village::Model {
    village::Model {
        code: v.code.clone(),
        version: 1,
        recorded_at: ALWAYS,
        recorded_by: LOADED_BY.to_owned(),
        district_code: v.district_code.clone(),
        kind: v.kind.as_str().to_owned(),
        name: v.name.clone(),
        ..Default::default()
    }
}

fn decree_row() -> Result<decree::Model, Error> {
    let d = super::decree();
    Ok(decree::Model {
        id: d.id,
        version: 1,
        recorded_at: ALWAYS,
        recorded_by: LOADED_BY.to_owned(),
        district_code: d.district_code.clone(),
        number: d.number.clone(),
        title: d.title.clone(),
        issued_on: d.issued_on,
        goal: d.goal.clone(),
        first_year: d.first_year,
        last_year: d.last_year,
        legal_bases: serde_json::to_string(&d.legal_bases).map_err(Error::internal)?,
        ..Default::default()
    })
}

fn indicator_row(i: &super::Indicator) -> indicator::Model {
    indicator::Model {
        code: i.code.clone(),
        from_year: i.from_year,
        version: 1,
        recorded_at: ALWAYS,
        recorded_by: LOADED_BY.to_owned(),
        decree_id: super::decree().id,
        district_code: super::decree().district_code.clone(),
        number: i.number,
        objective: i.objective.clone(),
        name: i.name.clone(),
        meaning: i.meaning.clone(),
        selection_reason: i.selection_reason.clone(),
        formula_text: i.formula_text.clone(),
        reference: i.reference.clone(),
        responsible: i.responsible.clone(),
        source: i.source.clone(),
        unit: i.unit.as_str().to_owned(),
        polarity: i.polarity.as_str().to_owned(),
        formula_kind: i.formula.kind().to_owned(),
        formula_section: i.formula.section_code().map(str::to_owned),
        formula_group: i.formula.group_code().map(str::to_owned),
        formula_per_village: i.formula.per_village().and_then(|n| i32::try_from(n).ok()),
        ..Default::default()
    }
}

fn report_kind_row(k: &super::ReportKind) -> report_kind::Model {
    report_kind::Model {
        code: k.code.clone(),
        from_year: k.from_year,
        version: 1,
        recorded_at: ALWAYS,
        recorded_by: LOADED_BY.to_owned(),
        group_code: k.group.as_str().to_owned(),
        name: k.name.clone(),
        due_month: i32::try_from(k.due_month).unwrap_or(12),
        due_day: i32::try_from(k.due_day).unwrap_or(31),
        fiscal_year_offset: k.fiscal_year_offset,
        legal_basis: k.legal_basis.clone(),
        confirmed: k.confirmed,
        ..Default::default()
    }
}

fn questionnaire_row(q: &super::Questionnaire) -> Result<questionnaire::Model, Error> {
    Ok(questionnaire::Model {
        code: q.code.clone(),
        version: q.version,
        title: q.title.clone(),
        source: q.source.clone(),
        document: serde_json::to_string(q).map_err(Error::internal)?,
        recorded_at: ALWAYS,
    })
}
