//! Values as people read them: decimals with a comma in Indonesian, days in words, times in WITA.

use std::fmt::Display;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::core::civil;
use crate::core::formula::Unit;
use crate::core::period::{Period, PeriodKind};
use crate::platform::text::Lang;

const MONTHS_ID: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Returns a decimal as it is written in the language: `78,57` or `78.57`.
pub fn decimal(number: impl Display, lang: Lang) -> String {
    match lang {
        Lang::Id => number.to_string().replace('.', ","),
        Lang::En => number.to_string(),
    }
}

/// Returns a value of an indicator with its unit: `78,57%`, `83,45`, `95`.
pub fn value(number: impl Display, unit: &str, lang: Lang) -> String {
    let text = decimal(number, lang);
    match unit {
        _ if unit == Unit::Percent.as_str() => format!("{text}%"),
        _ if unit == Unit::Count.as_str() => text.trim_end_matches('0').trim_end_matches([',', '.']).to_owned(),
        _ => text,
    }
}

fn month(number: u32, lang: Lang) -> &'static str {
    let names = match lang {
        Lang::Id => MONTHS_ID,
        Lang::En => MONTHS_EN,
    };
    let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    names.get(index).copied().unwrap_or_default()
}

/// Returns a day in words: `27 November 2026`.
pub fn day(date: NaiveDate, lang: Lang) -> String {
    format!("{} {} {}", date.day(), month(date.month(), lang), date.year())
}

/// Returns a day without its year: `14 Juli`.
pub fn day_of_year(date: NaiveDate, lang: Lang) -> String {
    format!("{} {}", date.day(), month(date.month(), lang))
}

/// Returns an instant in WITA: `27 November 2026 14.05 WITA`.
pub fn instant(at: DateTime<Utc>, lang: Lang) -> String {
    let date = civil::date_of(at);
    let minutes = at.signed_duration_since(civil::start_of_day(date)).num_minutes();
    let separator = match lang {
        Lang::Id => '.',
        Lang::En => ':',
    };
    format!(
        "{} {:02}{separator}{:02} WITA",
        day(date, lang),
        minutes / 60,
        minutes % 60
    )
}

/// Returns the time of day in WITA, as a field of a form has it: `14:05`.
pub fn time(at: DateTime<Utc>) -> String {
    let minutes = at
        .signed_duration_since(civil::start_of_day(civil::date_of(at)))
        .num_minutes();
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Returns a period in words: `Triwulan II 2025`.
pub fn period(period: Period, lang: Lang) -> String {
    const ROMAN: [&str; 4] = ["I", "II", "III", "IV"];
    let year = period.year();
    let index = usize::try_from(period.number()).unwrap_or(1).saturating_sub(1);
    let roman = ROMAN.get(index).copied().unwrap_or_default();
    match (period.kind(), lang) {
        (PeriodKind::Year, Lang::Id) => format!("Tahun {year}"),
        (PeriodKind::Year, Lang::En) => format!("Year {year}"),
        (PeriodKind::Semester, _) => format!("Semester {roman} {year}"),
        (PeriodKind::Quarter, Lang::Id) => format!("Triwulan {roman} {year}"),
        (PeriodKind::Quarter, Lang::En) => format!("Quarter {roman} {year}"),
        (PeriodKind::Month, _) => format!("{} {year}", month(period.number(), lang)),
    }
}
