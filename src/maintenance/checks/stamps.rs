//! Checks that no record is newer than the stamp of its stream. Otherwise ETags would confirm outdated responses.

use std::collections::HashMap;

use ::entity as tables;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QuerySelect};

use super::Findings;
use crate::platform::db::{ReadTx, Stream, Versioned, stamps};
use crate::platform::error::Error;
use crate::platform::text::quantity;

type Stamps = HashMap<String, tables::stamp::Model>;

pub async fn check(tx: &ReadTx, findings: &mut Findings) -> Result<(), Error> {
    let all: Stamps = stamps::list(tx, None)
        .await?
        .into_iter()
        .map(|row| (row.district_code.clone(), row))
        .collect();
    macro_rules! streams {
        ($($table:ident $stream:ident;)*) => { $({
            let district = tables::$table::Column::DistrictCode;
            let newest = newest_of::<tables::$table::Entity>(tx, district).await?;
            judge(findings, &all, Stream::$stream, stringify!($table), newest);
        })* };
    }
    streams! {
        village Places;
        decree Decrees;
        indicator Indicators;
        agreement Targets;
        target Targets;
        indicator_note Notes;
        past_value Notes;
        report Reports;
        institution Institutions;
        public_case Cases;
        survey Surveys;
        survey_link Surveys;
        evidence_link Evidence;
    }
    let everywhere = |newest: Option<DateTime<Utc>>| -> Vec<_> {
        let districts = all.keys().filter_map(|code| Some((code.clone(), newest?)));
        districts.collect()
    };
    let kinds = everywhere(newest::<tables::report_kind::Entity>(tx).await?);
    judge(findings, &all, Stream::ReportKinds, "report_kind", kinds);
    let codes = everywhere(newest::<tables::listed_code::Entity>(tx).await?);
    judge(findings, &all, Stream::CodeLists, "listed_code", codes);
    judge(
        findings,
        &all,
        Stream::Surveys,
        "survey_tally",
        newest_tallies(tx).await?,
    );
    findings
        .checked
        .push(format!("stamps: {}", quantity(all.len(), "district")));
    Ok(())
}

/// Returns the newest record in a table that all districts share.
async fn newest<E: Versioned>(tx: &ReadTx) -> Result<Option<DateTime<Utc>>, Error> {
    let newest: Option<Option<DateTime<Utc>>> = E::find()
        .select_only()
        .column_as(E::RECORDED_AT.max(), "newest")
        .into_tuple()
        .one(tx)
        .await?;
    Ok(newest.flatten())
}

/// Returns the newest record of each district in a table.
async fn newest_of<E: Versioned>(tx: &ReadTx, district: E::Column) -> Result<Vec<(String, DateTime<Utc>)>, Error> {
    let rows = E::find()
        .select_only()
        .column(district)
        .column_as(E::RECORDED_AT.max(), "newest")
        .group_by(district)
        .into_tuple();
    Ok(rows.all(tx).await?)
}

/// Returns when an answer was last counted or voided, by district.
async fn newest_tallies(tx: &ReadTx) -> Result<Vec<(String, DateTime<Utc>)>, Error> {
    let districts: Vec<(uuid::Uuid, String)> = tables::survey::Entity::find()
        .select_only()
        .column(tables::survey::Column::Id)
        .column(tables::survey::Column::DistrictCode)
        .distinct()
        .into_tuple()
        .all(tx)
        .await?;
    let districts: HashMap<_, _> = districts.into_iter().collect();
    let tallies = tables::survey_tally::Entity::find().all(tx).await?;
    let of_district = |t: tables::survey_tally::Model| Some((districts.get(&t.survey_id)?.clone(), t.changed_at));
    Ok(tallies.into_iter().filter_map(of_district).collect())
}

fn judge(findings: &mut Findings, all: &Stamps, stream: Stream, table: &str, newest: Vec<(String, DateTime<Utc>)>) {
    for (district, newest) in newest {
        let Some(row) = all.get(&district) else {
            findings.errors.push(format!(
                "stamps: district {district} has records in {table}, but no stamp"
            ));
            continue;
        };
        let recorded = newest.timestamp_micros();
        for (stamp, what) in [
            (stream.changed_at(row), format!("{stream:?}")),
            (row.recorded_at, "last".to_owned()),
        ] {
            if recorded > stamp {
                let what = what.to_lowercase();
                findings.errors.push(format!(
                    "stamps: district {district}: a record in {table} is of {newest:?}, later than the stamp {what}"
                ));
            }
        }
    }
}
