//! The notes that stand beside values: what hindered an indicator in a period, and what is done about it. They are of now, or
//! of the requested instant, also beside a closed value.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use ::entity::indicator_note::{Column as N, Entity as IndicatorNotes};

use super::dto::PeriodNote;
use crate::core::period::Period;
use crate::platform::db::Stream;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::results::facts::FactReader;
use crate::results::query::Query;

/// By the code of the indicator and the canonical period.
#[derive(Default)]
pub struct Notes(HashMap<(String, String), PeriodNote>);

impl Notes {
    /// Reads the notes of some canonical periods. A district that never had a note costs no statement.
    pub async fn load(
        reader: &FactReader<'_>,
        query: &Query<'_>,
        districts: impl IntoIterator<Item = &str>,
        periods: &BTreeSet<String>,
    ) -> Result<Self, Error> {
        let mut writers = BTreeSet::new();
        for district in districts {
            if reader.depends_on(district, &[Stream::Notes]).await? > 0 {
                writers.insert(district.to_owned());
            }
        }
        if writers.is_empty() || periods.is_empty() {
            return Ok(Self::default());
        }
        let rows = IndicatorNotes::find()
            .filter(N::DistrictCode.is_in(writers))
            .filter(N::Period.is_in(periods))
            .filter(known_at::<IndicatorNotes>(query.known_at()))
            .all(&reader.tx())
            .await?;
        let notes = rows.into_iter().map(|row| {
            let note = PeriodNote {
                obstacles: row.obstacles,
                follow_up: row.follow_up,
                recorded_at: row.recorded_at,
                recorded_by: row.recorded_by,
            };
            ((row.indicator_code, row.period), note)
        });
        Ok(Self(notes.collect()))
    }

    /// Returns the note of the period's last day.
    pub fn of(&self, code: &str, period: Period) -> Option<&PeriodNote> {
        self.0.get(&(code.to_owned(), period.target_period()?.to_string()))
    }
}
