//! The column `bukti`: the names of the files that are linked to the targets of an indicator and to the records that contribute to its
//! value.

use std::collections::BTreeSet;

use uuid::Uuid;

use ::entity::evidence_link::Model;

use super::table::Cell;
use crate::core::formula::Formula;
use crate::core::period::Period;
use crate::evidence::behind_values::{Records, links};
use crate::evidence::record::RecordType;
use crate::platform::db::Stream;
use crate::platform::error::Error;
use crate::results::facts::{FactReader, PlannedIndicator};
use crate::results::query::Query;

/// The most names in a cell.
const MOST_NAMES: usize = 20;

/// The links of the records behind some values.
pub struct Files(Vec<Model>);

impl Files {
    /// Reads the links of the indicators' records and targets. A district that never linked a file costs no statement.
    pub async fn load<'a>(
        reader: &FactReader<'_>,
        query: &Query<'_>,
        district: &str,
        values: impl IntoIterator<Item = (&'a PlannedIndicator, &'a [Uuid])>,
        periods: &[Period],
    ) -> Result<Self, Error> {
        if reader.depends_on(district, &[Stream::Evidence]).await? == 0 {
            return Ok(Self(Vec::new()));
        }
        let mut records = Records::default();
        for (indicator, contributing) in values {
            records.add_targets(&indicator.row.code);
            let record_type = behind(indicator.formula);
            contributing.iter().for_each(|id| records.add(record_type, *id));
        }
        let periods: Vec<Period> = periods.iter().filter_map(|period| period.target_period()).collect();
        let links = links(&reader.tx(), &records, &periods, query.known_at()).await?;
        Ok(Self(links))
    }

    /// Returns the names of the files of an indicator's targets and of records, each once.
    pub fn cell(&self, indicator: &PlannedIndicator, contributing: &[Uuid], periods: &[Period]) -> Cell {
        let record_type = behind(indicator.formula).as_str();
        let ids: BTreeSet<String> = contributing.iter().map(Uuid::to_string).collect();
        let periods = periods.iter().filter_map(|period| period.target_period());
        let periods: BTreeSet<String> = periods.map(|period| period.to_string()).collect();
        let is_target = |link: &Model| {
            link.record_type == RecordType::Target.as_str()
                && link.record_key == indicator.row.code
                && periods.contains(&link.part_key)
        };
        let is_of_record = |link: &Model| link.record_type == record_type && ids.contains(&link.record_key);
        let mut seen = BTreeSet::new();
        let own = self.0.iter().filter(|link| is_target(link) || is_of_record(link));
        let own = own.filter(|link| seen.insert((link.sha256.as_str(), link.file_name.as_str())));
        let names: Vec<&str> = own.map(|link| link.file_name.as_str()).collect();
        let Some((shown, more)) = names.split_at_checked(MOST_NAMES) else {
            return (!names.is_empty()).then(|| names.join("; ")).into();
        };
        match more.len() {
            0 => shown.join("; ").into(),
            more => format!("{}; dan {more} berkas lain", shown.join("; ")).into(),
        }
    }
}

/// Returns the kind of the records that a formula reads.
fn behind(formula: Formula) -> RecordType {
    match formula {
        Formula::SurveyIndex { .. } => RecordType::Survey,
        Formula::InstitutionCount {} => RecordType::InstitutionDecree,
        Formula::CaseHandling {} => RecordType::Case,
        Formula::ReportDelivery { .. } => RecordType::Report,
    }
}
