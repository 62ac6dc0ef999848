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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_language_writes_them() {
        for (number, unit, id, en) in [
            ("78.57", "percent", "78,57%", "78.57%"),
            ("100.00", "percent", "100,00%", "100.00%"),
            ("83.45", "index", "83,45", "83.45"),
            ("100.00", "count", "100", "100"),
            ("0.00", "count", "0", "0"),
            ("92.50", "count", "92,5", "92.5"),
        ] {
            assert_eq!(value(number, unit, Lang::Id), id, "{number} {unit}");
            assert_eq!(value(number, unit, Lang::En), en, "{number} {unit}");
        }
    }

    #[test]
    fn times_are_those_of_wita() {
        let at: DateTime<Utc> = "2025-12-31T16:10:59Z".parse().unwrap_or_default();
        assert_eq!(instant(at, Lang::Id), "1 Januari 2026 00.10 WITA");
        assert_eq!(instant(at, Lang::En), "1 January 2026 00:10 WITA");
        assert_eq!(time(at), "00:10");
    }

    #[test]
    fn periods_have_names() {
        for (text, id, en) in [
            ("2025", "Tahun 2025", "Year 2025"),
            ("2025-S2", "Semester II 2025", "Semester II 2025"),
            ("2025-Q4", "Triwulan IV 2025", "Quarter IV 2025"),
            ("2025-06", "Juni 2025", "June 2025"),
        ] {
            let of: Period = text.parse().unwrap_or_else(|_| unreachable!("{text}"));
            assert_eq!(period(of, Lang::Id), id);
            assert_eq!(period(of, Lang::En), en);
        }
    }
}
