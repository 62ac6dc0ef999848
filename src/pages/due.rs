//! What an office does next for an indicator, in sentences.

use chrono::NaiveDate;

use ::entity::survey;

use super::format;
use crate::core::formula::survey_index::SurveyStatus;
use crate::core::formula::{Formula, InformationCode, Unit};
use crate::core::obligation::{Punctuality, ReportGroup};
use crate::core::period::Period;
use crate::platform::text::{Lang, Text};
use crate::results::completeness::dto::Completeness;
use crate::results::realisations::dto::Realisation;

/// The most surveys that are named.
const MOST_SURVEYS: usize = 3;

/// Returns the sentences for one value. `owed`: the reports of IKU 4 and of IKU 5 in the same year. `surveys`: those that are open,
/// or that end in the quarter of the value.
pub fn lines(
    value: &Realisation,
    formula: Option<&Formula>,
    owed: Option<&[Completeness; 2]>,
    surveys: Option<&[survey::Model]>,
    (today, lang): (NaiveDate, Lang),
) -> Vec<String> {
    let counted = value.information.iter().filter_map(|item| {
        let number = format::value(item.value, Unit::Count.as_str(), lang);
        (number != "0").then(|| information(item.code, &number)).flatten()
    });
    let mut lines: Vec<String> = counted.map(|text| text.in_lang(lang).to_owned()).collect();
    let group = match formula {
        Some(Formula::ReportDelivery { group, .. }) => Some(*group),
        _ => None,
    };
    if let (Some([administration, finance]), Some(group)) = (owed, group) {
        let owed = match group {
            ReportGroup::Administration => administration,
            ReportGroup::Finance => finance,
        };
        lines.extend(reports(owed, today, lang));
    }
    if let (Some(surveys), Some(Formula::SurveyIndex { .. })) = (surveys, formula) {
        let texts = survey_texts(surveys, value.period, today);
        lines.extend(texts.into_iter().map(|text| text.in_lang(lang).to_owned()));
    }
    lines
}

/// Returns which surveys end next or should be closed, and that the running quarter has none.
fn survey_texts(surveys: &[survey::Model], quarter: Period, today: NaiveDate) -> Vec<Text> {
    let open = surveys
        .iter()
        .filter(|survey| survey.status == SurveyStatus::Open.as_str());
    let mut texts: Vec<Text> = open
        .take(MOST_SURVEYS)
        .map(|survey| {
            let (title, day) = (&survey.title, |lang| format::day(survey.ends_on, lang));
            match survey.ends_on < today {
                true => Text::new(
                    format!("Survei \"{title}\" berakhir {} dan masih dibuka", day(Lang::Id)),
                    format!("The survey \"{title}\" ended on {} and is still open", day(Lang::En)),
                ),
                false => Text::new(
                    format!("Survei \"{title}\" berakhir {}", day(Lang::Id)),
                    format!("The survey \"{title}\" ends on {}", day(Lang::En)),
                ),
            }
        })
        .collect();
    let days = quarter.first_day()..=quarter.last_day();
    if days.contains(&today) && !surveys.iter().any(|survey| days.contains(&survey.ends_on)) {
        texts.push(Text::new(
            format!(
                "Belum ada survei yang berakhir dalam {}",
                format::period(quarter, Lang::Id)
            ),
            format!("No survey ends in {} yet", format::period(quarter, Lang::En)),
        ));
    }
    texts
}

/// Returns the sentence of a figure that asks for work; `None`: it does not.
fn information(code: InformationCode, number: &str) -> Option<Text> {
    Some(match code {
        InformationCode::ExpiringWithin90Days => Text::new(
            format!("{number} lembaga berakhir masanya dalam 90 hari"),
            format!("The terms of {number} institutions end within 90 days"),
        ),
        InformationCode::InProgress => Text::new(
            format!("{number} gangguan belum ditangani"),
            format!("{number} cases not handled yet"),
        ),
        InformationCode::ReferredWithoutReceipt => Text::new(
            format!("{number} pelimpahan belum ada tanda terimanya"),
            format!("{number} referrals without a receipt"),
        ),
        InformationCode::UnconfirmedKinds => Text::new(
            format!("{number} jenis laporan belum dipastikan kecamatan"),
            format!("{number} report kinds not confirmed by the office"),
        ),
        InformationCode::Surveys => Text::new(format!("{number} survei dihitung"), format!("{number} surveys count")),
        InformationCode::VillagesComplete => Text::new(
            format!("{number} desa sudah lengkap"),
            format!("{number} villages are complete"),
        ),
        InformationCode::Pooled
        | InformationCode::OnTime
        | InformationCode::Late
        | InformationCode::KindsListed
        | InformationCode::KindsInDecree
        | InformationCode::NotDue => return None,
    })
}

/// Returns how many reports are missing, and what falls due next.
fn reports(owed: &Completeness, today: NaiveDate, lang: Lang) -> Vec<String> {
    let missing = owed.counts.missing;
    let late = (missing > 0).then(|| {
        Text::new(
            format!("{missing} laporan lewat tenggat dan belum masuk"),
            format!("{missing} reports are past their due day and missing"),
        )
    });
    let cells = owed.villages.iter().flat_map(|village| &village.cells);
    let open = cells.filter(|cell| cell.state == Punctuality::NotDue && cell.due_on >= today);
    let open: Vec<_> = open.collect();
    let next = open.iter().map(|cell| cell.due_on).min().map(|first| {
        let count = open.iter().filter(|cell| cell.due_on == first).count();
        Text::new(
            format!("{count} laporan jatuh tempo {}", format::day(first, Lang::Id)),
            format!("{count} reports are due on {}", format::day(first, Lang::En)),
        )
    });
    let all = late.into_iter().chain(next);
    all.map(|text| text.in_lang(lang).to_owned()).collect()
}
